"""Where a page ends, opaque to clients: bound to the mode and the account that it was written for."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from social.feed_errors import CursorRefused

Mode = Literal["for_you", "following", "friends"]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LENGTH_MOST: Final = 200  # characters


class Place(msgspec.Struct, frozen=True):
    """The last clip that was looked at in a list by time: newest first, by (published_at, clip)."""

    published_at: datetime
    clip: UUID


class Position(msgspec.Struct, frozen=True):
    """In a list that was ranked and kept: how many of its clips were looked at."""

    list: UUID
    taken: int


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    mode: Mode
    account: UUID
    at: int  # microseconds since 1970, or how many
    of: UUID


def write(mode: Mode, account: UUID, where: Place | Position) -> str:
    match where:
        case Place(published_at, clip):
            cursor = _Cursor(mode, account, (published_at - EPOCH) // timedelta(microseconds=1), clip)
        case Position(kept, taken):
            cursor = _Cursor(mode, account, taken, kept)
    return urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


def read_place(mode: Mode, account: UUID, text: str) -> Place:
    """Raises CursorRefused."""
    cursor = _read(mode, account, text)
    try:
        return Place(EPOCH + timedelta(microseconds=cursor.at), cursor.of)
    except OverflowError:
        raise CursorRefused(mode) from None


def read_position(mode: Mode, account: UUID, text: str) -> Position:
    """Raises CursorRefused."""
    cursor = _read(mode, account, text)
    if not 0 <= cursor.at < 2**31:
        raise CursorRefused(mode)
    return Position(cursor.of, cursor.at)


def _read(mode: Mode, account: UUID, text: str) -> _Cursor:
    if len(text) > LENGTH_MOST:
        raise CursorRefused(mode)
    try:
        found = msgspec.msgpack.decode(urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)), type=_Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise CursorRefused(mode) from None
    if (found.mode, found.account) != (mode, account):
        raise CursorRefused(mode)
    return found
