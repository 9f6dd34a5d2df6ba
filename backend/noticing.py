"""THE FLOW of a notice from outside: which clips it means, their copies, and one report for each in the queue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, get_args
from uuid import UUID

import asyncpg
import msgspec

from backend import ids, mail, moderating
from social import outside_notices, shorts
from social.errors import InvalidValue
from social.moderation import cases
from social.outside_notices import CLIPS_MOST, DUE, REASON, Kind, Signed
from social.safety import known

WORDS: Final = (20, 5000)  # characters
SIGNATURE: Final = (3, 200)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LAST: Final = re.compile(r"(?:^|/)([A-Za-z0-9_]+)(?:/(?:embed|content|clip\.mp4|poster\.webp))?/?(?:[?#].*)?$")
CONTENT: Final = "the link or the id of a video here, such as https://…/v/AbCdEfGhJk or video_…"


class SignedNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As it is sent. `content`: links or ids of clips. `sworn`: in good faith, under penalty of perjury."""

    kind: str
    content: tuple[str, ...]
    words: str
    signature: str
    email: str
    sworn: bool


def checked(notice: SignedNotice, address: str) -> Signed:
    """Raises InvalidValue. `address`: a keyed hash."""
    kind = next((one for one in KINDS if one == notice.kind), None)
    if kind is None:
        raise InvalidValue("kind", notice.kind, ", ".join(KINDS))
    if not 1 <= len(notice.content) <= CLIPS_MOST:
        raise InvalidValue("content", f"{len(notice.content)} entries", f"1 to {CLIPS_MOST} links or ids of videos")
    for param, text, (least, most) in (("words", notice.words, WORDS), ("signature", notice.signature, SIGNATURE)):
        if not least <= len(text.strip()) <= most:
            raise InvalidValue(param, f"{len(text.strip())} characters", f"{least} to {most} characters")
    if len(notice.email) > mail.ADDRESS_MAX or not mail.ADDRESS.fullmatch(notice.email):
        raise InvalidValue("email", notice.email, "an address at which you can be reached")
    if not notice.sworn:
        raise InvalidValue("sworn", notice.sworn, "true: a notice counts only with this statement")
    return Signed(kind, notice.words.strip(), notice.signature.strip(), notice.email, address)


async def take_in(pool: asyncpg.Pool, notice: SignedNotice, address: str) -> tuple[str, datetime]:
    """The secret of the receipt, and when it is due. Raises InvalidValue; then nothing is kept."""
    signed = checked(notice, address)
    due_at = datetime.now(UTC) + DUE
    async with pool.acquire() as conn, conn.transaction():
        named = await _clips(conn, notice.content)
        copies: set[UUID] = set()
        for clip in named:
            copies.update(await cases.copies(conn, clip), await known.lookalikes(conn, clip))
        row, secret = await outside_notices.keep(conn, signed, due_at)
        for clip in sorted({*named, *copies}):  # in one order, so that two notices do not deadlock
            report = await moderating.open_report(
                conn,
                None,
                "clip",
                clip,
                reason=REASON[signed.kind],
                comment=signed.words[:500],
                source="notice",
                due_at=due_at,
            )
            await outside_notices.attach(conn, row, clip, report.id, named=clip in named)
    return secret, due_at


async def _clips(conn: asyncpg.Connection, content: Sequence[str]) -> list[UUID]:
    """Each once. Raises InvalidValue naming the first that leads nowhere."""
    found: dict[UUID, None] = {}
    for number, given in enumerate(content):
        named = LAST.search(given.strip()[:2000])
        last = "" if named is None else named[1]
        key = ids.parse("video", last)
        if key is None and shorts.is_one(last):
            key = await outside_notices.led_to(conn, last)
        if key is None or not await outside_notices.is_clip(conn, key):
            raise InvalidValue(f"content[{number}]", given[:200], CONTENT)
        found[key] = None
    return list(found)
