"""Whose sound a clip has, and who uses it."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import msgspec

from social import clips
from social.clips import Clip
from social.errors import ClipImported, ClipNotReady, ClipUnknown
from social.remix_errors import SoundOff


async def usable(conn: asyncpg.Connection, viewer: UUID, clip: UUID, public_id: str) -> Clip:
    """A finished clip whose sound the viewer may take: both it and remixing are on, or it is their own.

    Raises ClipUnknown, ClipImported, SoundOff or ClipNotReady.
    """
    found = await clips.visible(conn, viewer, clip)
    if found is None:
        raise ClipUnknown(public_id)
    if found.imported_from is not None:
        raise ClipImported(public_id)
    allowed = await conn.fetchval(
        "select allow_sound and allow_remix and not blocked_between(account, $2) from clip where id = $1", clip, viewer
    )
    if found.account != viewer and not allowed:
        raise SoundOff(public_id)
    if found.status != "completed":
        raise ClipNotReady(public_id, found.status)
    return found


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
