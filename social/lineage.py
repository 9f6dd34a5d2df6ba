"""The tree that a clip stands in: what it came from and what came from it, deleted and unseen ones as tombstones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from social.clips import Clip


class Node(msgspec.Struct, frozen=True):
    """`maker` is None for a tombstone: deleted, removed, or not for this viewer."""

    clip: UUID
    parent: UUID | None
    depth: int
    maker: str | None
    published_at: datetime | None


async def root_of(conn: asyncpg.Connection, clip: UUID) -> UUID:
    """Of a clip that there is."""
    root: UUID = await conn.fetchval("select root from lineage where clip = $1", clip)
    return root


async def in_tree(conn: asyncpg.Connection, root: UUID, clip: UUID) -> bool:
    return bool(await conn.fetchval("select exists (select from lineage where clip = $2 and root = $1)", root, clip))


async def whole(conn: asyncpg.Connection, viewer: UUID, root: UUID, *, after: UUID | None, limit: int) -> list[Node]:
    """By depth, then age; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        with page as (
            select l.clip, l.parent, l.depth from lineage l
            where l.root = $2 and ($3::uuid is null or (l.depth, l.clip) > (
                (select a.depth from lineage a where a.clip = $3), $3::uuid
            ))
            order by l.depth, l.clip limit $4
        )
        select p.clip, p.parent, p.depth, seen.maker, seen.published_at
        from page p left join lateral (
            select a.handle::text as maker, c.published_at
            from visible_clip($1) c join account a on a.id = c.account where c.id = p.clip
        ) seen on true
        order by p.depth, p.clip
        """,
        viewer,
        root,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Node) for row in rows]


async def below(conn: asyncpg.Connection, viewer: UUID, clip: UUID, *, after: UUID | None, limit: int) -> list[Node]:
    """The clip itself and what came from it, in the same order."""
    rows = await conn.fetch(
        """
        with recursive tree as (
            select l.clip, l.parent, l.depth from lineage l where l.clip = $2
            union all
            select l.clip, l.parent, l.depth from lineage l join tree t on l.parent = t.clip
        ), page as (
            select clip, parent, depth from tree
            where $3::uuid is null or (depth, clip) > ((select a.depth from lineage a where a.clip = $3), $3::uuid)
            order by depth, clip limit $4
        )
        select p.clip, p.parent, p.depth, seen.maker, seen.published_at
        from page p left join lateral (
            select a.handle::text as maker, c.published_at
            from visible_clip($1) c join account a on a.id = c.account where c.id = p.clip
        ) seen on true
        order by p.depth, p.clip
        """,
        viewer,
        clip,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Node) for row in rows]


async def ancestors(conn: asyncpg.Connection, viewer: UUID, clip: UUID) -> list[Node]:
    """What it came from, the nearest first."""
    rows = await conn.fetch(
        """
        with recursive up as (
            select l.clip, l.parent, l.depth from lineage l where l.clip = $2
            union all
            select l.clip, l.parent, l.depth from lineage l join up u on l.clip = u.parent
        )
        select u.clip, u.parent, u.depth, seen.maker, seen.published_at
        from up u left join lateral (
            select a.handle::text as maker, c.published_at
            from visible_clip($1) c join account a on a.id = c.account where c.id = u.clip
        ) seen on true
        where u.clip <> $2 order by u.depth desc
        """,
        viewer,
        clip,
    )
    return [msgspec.convert(dict(row), Node) for row in rows]


async def remixes(
    conn: asyncpg.Connection, viewer: UUID, clip: UUID, *, after: UUID | None, limit: int, liked: bool
) -> list[Clip]:
    """Made from it directly and published, as far as the viewer sees them; newest, or most liked, first.

    One more than `limit` where there are more.
    """
    if liked:
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker
            from lineage l join unmuted_clip($1) c on c.id = l.clip join clip_tally t on t.clip = c.id
            join account a on a.id = c.account
            where l.parent = $2 and c.published_at is not null and ($3::uuid is null or (t.likes, c.id) < (
                (select b.likes from clip_tally b where b.clip = $3), $3::uuid
            ))
            order by t.likes desc, c.id desc limit $4
            """,
            viewer,
            clip,
            after,
            limit + 1,
        )
    else:
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker
            from lineage l join unmuted_clip($1) c on c.id = l.clip join account a on a.id = c.account
            where l.parent = $2 and c.published_at is not null and ($3::uuid is null or l.clip < $3)
            order by l.clip desc limit $4
            """,
            viewer,
            clip,
            after,
            limit + 1,
        )
    return [msgspec.convert(dict(row), Clip) for row in rows]


async def of_clips(conn: asyncpg.Connection, viewer: UUID, clips: Sequence[UUID]) -> dict[UUID, str]:
    """Makers of those of the clips that the viewer may see."""
    rows = await conn.fetch(
        """
        select c.id, a.handle::text as maker from visible_clip($1) c join account a on a.id = c.account
        where c.id = any($2)
        """,
        viewer,
        list(clips),
    )
    return {row["id"]: row["maker"] for row in rows}
