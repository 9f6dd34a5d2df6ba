"""Whose sound a clip has, and who uses it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social import blocks, clips
from social.clips import Clip
from social.errors import ClipImported, ClipNotReady, ClipUnknown
from social.remix_errors import SoundMissing, SoundOff

NOT_ITS_OWN: Final = "the video that it is from is gone, or its maker does not let you use it"


async def usable(conn: asyncpg.Connection, viewer: UUID, clip: UUID, public_id: str) -> Clip:
    """The finished clip whose sound the viewer may take: both it and remixing are on, or it is their own.

    For a clip that has another's sound, that other one: it is still its maker's to switch off. Raises ClipUnknown,
    ClipImported, SoundOff, SoundMissing or ClipNotReady.
    """
    found = await clips.visible(conn, viewer, clip)
    if found is None:
        raise ClipUnknown(public_id)
    if found.imported_from is not None:
        raise ClipImported(public_id)
    if not await _lets_take(conn, viewer, found):
        raise SoundOff(public_id)
    if found.status != "completed":
        raise ClipNotReady(public_id, found.status)
    if found.sound_of is None:
        return found
    first = await clips.visible(conn, viewer, found.sound_of)
    if first is None or not await _lets_take(conn, viewer, first):
        raise SoundMissing(public_id, NOT_ITS_OWN)
    return first


async def _lets_take(conn: asyncpg.Connection, viewer: UUID, clip: Clip) -> bool:
    return clip.account == viewer or (
        clip.allow_sound and clip.allow_remix and not await blocks.between(conn, clip.account, viewer)
    )


async def note(conn: asyncpg.Connection, clip: UUID, source: Clip) -> None:
    """The clip says whose sound it has, also when that clip is gone."""
    await conn.execute("update clip set sound_of = $2, sound_by = $3 where id = $1", clip, source.id, source.account)


async def still_there(conn: asyncpg.Connection, source: UUID, maker: UUID) -> Clip | None:
    """For the worker: the clip, unless it or its sound was taken away since."""
    row = await conn.fetchrow(
        """
        select c.*, a.handle::text as maker from clip c join account a on a.id = c.account
        where c.id = $1 and c.status = 'completed' and c.removed_at is null
            and (c.account = $2 or (c.allow_sound and not blocked_between(c.account, $2)))
        """,
        source,
        maker,
    )
    return None if row is None else msgspec.convert(dict(row), Clip)


async def used_by(
    conn: asyncpg.Connection, viewer: UUID, source: UUID, *, after: UUID | None, limit: int
) -> list[Clip]:
    """Published clips with that sound, newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker from unmuted_clip($1) c join account a on a.id = c.account
        where c.sound_of = $2 and c.published_at is not null and ($3::uuid is null or c.id < $3)
        order by c.id desc limit $4
        """,
        viewer,
        source,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Clip) for row in rows]
