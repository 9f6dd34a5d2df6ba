"""Clips that go: deleted by their maker with the row, or taken down for a person shown and kept as an empty row."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec


class TakenDown(msgspec.Struct, frozen=True):
    clip: UUID
    maker: UUID
    media: tuple[str, ...]  # keys


async def take_down(conn: asyncpg.Connection, gone: Sequence[UUID], by: UUID | None, because: str) -> list[TakenDown]:
    """Gone for everybody; the rows stay for those who were shown. Only clips that are not in the making any more.

    What a moderator removed, and could give back, goes for good.
    """
    await conn.execute("select from clip where id = any($1) order by id for update", list(gone))
    rows = await conn.fetch(
        """
        update clip set removed_at = now(), removed_by = $2, removed_because = $3, blurhash = null,
            media = case when status = 'completed' then '{}'::jsonb end
        where id = any($1) and (removed_at is null or removed_because = 'moderation')
            and status in ('completed', 'failed')
        returning id, account, old.media as had
        """,
        list(gone),
        by,
        because,
    )
    return [
        TakenDown(row["id"], row["account"], tuple(str(one["key"]) for one in (row["had"] or {}).values()))
        for row in rows
    ]


async def delete(conn: asyncpg.Connection, account: UUID, clip: UUID) -> list[str]:
    """Remove the maker's clip; the keys of its media.

    What was made from it hangs on its parent from now on: a removal reaches everything below, with no gap to stop at.
    """
    await conn.execute(
        """
        update clip c set remixed_from = gone.remixed_from from clip gone
        where gone.id = $2 and gone.account = $1 and c.remixed_from = gone.id
        """,
        account,
        clip,
    )
    row = await conn.fetchrow("delete from clip where id = $2 and account = $1 returning media", account, clip)
    return [] if row is None or row["media"] is None else [str(stored["key"]) for stored in row["media"].values()]


async def unheld(conn: asyncpg.Connection, keys: Sequence[str]) -> list[str]:
    """Those of the media keys that neither a clip nor evidence holds: equal content is stored once."""
    kept = await conn.fetch(
        """
        select m.value ->> 'key' as key from clip, jsonb_each(media) m
        where media is not null and media_keys(media) && $1 and m.value ->> 'key' = any($1)
        union
        select key from evidence_media where key = any($1)
        """,
        list(keys),
    )
    return sorted(set(keys) - {held["key"] for held in kept})
