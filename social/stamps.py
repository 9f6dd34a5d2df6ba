"""Files of clips with the visible mark on them: wished for by a download, made by a worker, kept beside the others."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social.clips import StoredMedia

VARIANT: Final = "stamped"
ATTEMPTS_MAX: Final = 3


class Wish(msgspec.Struct, frozen=True):
    """`attempts`: times that a worker has begun."""

    clip: UUID
    handle: str
    attempts: int


async def ask(conn: asyncpg.Connection, clip: UUID, handle: str) -> None:
    """Once for whoever asks meanwhile; again for another name, and an hour after it failed."""
    await conn.execute(
        """
        insert into clip_stamp (clip, handle) values ($1, $2)
        on conflict (clip) do update set handle = $2, attempts = 0, failed_at = null, asked_at = now()
        where clip_stamp.handle <> $2 or clip_stamp.failed_at < now() - interval '1 hour'
        """,
        clip,
        handle,
    )


async def begin(conn: asyncpg.Connection, clip: UUID) -> Wish | None:
    """For a worker; None: nobody wants it any more, or it failed."""
    row = await conn.fetchrow(
        """
        update clip_stamp set attempts = attempts + 1 where clip = $1 and failed_at is null
        returning clip, handle, attempts
        """,
        clip,
    )
    return None if row is None else msgspec.convert(dict(row), Wish)


async def drop(conn: asyncpg.Connection, clip: UUID) -> None:
    """There is nothing left to make it from."""
    await conn.execute("delete from clip_stamp where clip = $1", clip)


async def fail(conn: asyncpg.Connection, clip: UUID) -> None:
    await conn.execute("update clip_stamp set failed_at = now() where clip = $1", clip)


async def failed(conn: asyncpg.Connection, clip: UUID) -> bool:
    found: bool = await conn.fetchval(
        "select exists (select from clip_stamp where clip = $1 and failed_at is not null)", clip
    )
    return found


async def keep(conn: asyncpg.Connection, clip: UUID, made_from: str, stored: StoredMedia) -> tuple[bool, str | None]:
    """Whether it is the clip's now, and the key of the one before it. Needs an open transaction.

    Not for a clip whose file, told by its key, has changed meanwhile, or that is gone.
    """
    row = await conn.fetchrow(
        """
        update clip set media = media || jsonb_build_object('stamped', $3::jsonb)
        where id = $1 and removed_at is null and media #>> '{video,key}' = $2
        returning old.media #>> '{stamped,key}' as had
        """,
        clip,
        made_from,
        stored,
    )
    if row is None:
        return False, None
    await conn.execute("delete from clip_stamp where clip = $1 and handle = $2", clip, stored.marked_for)
    return True, row["had"]
