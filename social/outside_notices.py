"""Notices from outside: signed by somebody without an account, due within 48 hours, followed by a secret link."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import SocialError
from social.moderation.reasons import Reason

Kind = Literal["intimate", "likeness", "copyright", "illegal"]
REASON: Final[dict[Kind, Reason]] = {
    "intimate": "non_consensual_intimate",
    "likeness": "likeness_without_consent",
    "copyright": "copyright",
    "illegal": "other",
}
DUE: Final = timedelta(hours=48)  # TAKE IT DOWN Act, sec. 3(a)(3); held for every kind
CLIPS_MOST: Final = 10  # in one notice


class OutsideNoticeUnknown(SocialError):
    def __init__(self) -> None:
        super().__init__("there is no notice with this receipt")


class Signed(msgspec.Struct, frozen=True):
    """Checked; `address` is a keyed hash."""

    kind: Kind
    words: str
    signature: str
    email: str
    address: str


class Place(msgspec.Struct, frozen=True):
    """One clip of a notice. `copies`: further clips with the same file, which share its fate."""

    clip: UUID
    copies: int  # of all clips of the notice
    hidden: bool
    decided: bool
    outcome: Literal["upheld", "dismissed"] | None


class Standing(msgspec.Struct, frozen=True):
    """What the receipt opens; nothing of who signed."""

    kind: Kind
    created_at: datetime
    due_at: datetime
    clips: tuple[Place, ...]


async def keep(conn: asyncpg.Connection, signed: Signed, due_at: datetime) -> tuple[UUID, str]:
    """The row, and the secret of its receipt, which is kept nowhere."""
    secret = secrets.token_urlsafe(24)
    notice: UUID = await conn.fetchval(
        """
        insert into outside_notice (receipt, kind, words, signature, email, address, due_at)
        values ($1, $2, $3, $4, $5, $6, $7) returning id
        """,
        _digest(secret),
        signed.kind,
        signed.words,
        signed.signature,
        signed.email,
        signed.address,
        due_at,
    )
    return notice, secret


async def attach(conn: asyncpg.Connection, notice: UUID, clip: UUID, report: UUID, *, named: bool) -> None:
    await conn.execute(
        """
        insert into outside_notice_clip (notice, clip, report, named) values ($1, $2, $3, $4) on conflict do nothing
        """,
        notice,
        clip,
        report,
        named,
    )


async def led_to(conn: asyncpg.Connection, short: str) -> UUID | None:
    """The clip of a share link, whoever may follow it."""
    found: UUID | None = await conn.fetchval("select clip from share_link where short = $1", short)
    return found


async def is_clip(conn: asyncpg.Connection, clip: UUID) -> bool:
    return bool(await conn.fetchval("select exists (select from clip where id = $1)", clip))


async def find(conn: asyncpg.Connection, secret: str) -> Standing:
    """Raises OutsideNoticeUnknown."""
    row = await conn.fetchrow(
        "select id, kind, created_at, due_at from outside_notice where receipt = $1", _digest(secret)
    )
    if row is None:
        raise OutsideNoticeUnknown
    places = await conn.fetch(
        """
        select n.clip, coalesce(c.hidden_at is not null or c.removed_at is not null, true) as hidden,
            r.outcome is not null as decided, r.outcome,
            (select count(*) from outside_notice_clip o where o.notice = n.notice and not o.named)::integer as copies
        from outside_notice_clip n join report r on r.id = n.report left join clip c on c.id = n.clip
        where n.notice = $1 and n.named order by n.clip
        """,
        row["id"],
    )
    return Standing(
        row["kind"],
        row["created_at"],
        row["due_at"],
        tuple(msgspec.convert(dict(place), Place) for place in places),
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
