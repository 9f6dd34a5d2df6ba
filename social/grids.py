"""Pages of clips as grids show them: what an account published, and what it liked."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from social.clips import Clip
from social.errors import InvalidValue


class Counts(msgspec.Struct, frozen=True):
    likes: int
    comments: int
    remixes: int


async def pinned(conn: asyncpg.Connection, viewer: UUID, owner: UUID) -> list[Clip]:
    """Those that the viewer may see, in the owner's order."""
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker
        from profile_pin p join visible_clip($1) c on c.id = p.clip join account a on a.id = c.account
        where p.account = $2 and c.published_at is not null and c.status = 'completed' order by p.place
        """,
        viewer,
        owner,
    )
    return [msgspec.convert(dict(row), Clip) for row in rows]


async def published(
    conn: asyncpg.Connection, viewer: UUID, owner: UUID, *, but: Sequence[UUID], after: UUID | None, limit: int
) -> list[Clip]:
    """Newest first, without `but`; one more than `limit` where there are more. Raises InvalidValue for `after`.

    Where it goes on is a time of publication, so a page stays right while others are published.
    """
    if after is not None and not await conn.fetchval(
        "select exists (select from clip where id = $1 and account = $2 and published_at is not null)", after, owner
    ):
        raise InvalidValue("after", f"video_{after.hex}", "the last_id of the page before, still published")
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker
        from visible_clip($1) c join account a on a.id = c.account
        where c.account = $2 and c.published_at is not null and c.status = 'completed' and not (c.id = any($3))
            and ($4::uuid is null or (c.published_at, c.id) < (select published_at, id from clip where id = $4))
        order by c.published_at desc, c.id desc limit $5
        """,
        viewer,
        owner,
        list(but),
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Clip) for row in rows]


async def liked(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Clip]:
    """What the account liked and may see, the latest like first; one more than `limit`. Raises InvalidValue."""
    if after is not None and not await conn.fetchval(
        "select exists (select from clip_like where clip = $1 and account = $2)", after, account
    ):
        raise InvalidValue("after", f"video_{after.hex}", "the last_id of the page before, still liked")
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker
        from clip_like l join visible_clip($1) c on c.id = l.clip join account a on a.id = c.account
        where l.account = $1 and c.status = 'completed' and ($2::uuid is null or (l.at, l.clip) < (
            select at, clip from clip_like where clip = $2 and account = $1
        ))
        order by l.at desc, l.clip desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Clip) for row in rows]


async def counts(conn: asyncpg.Connection, clips: Sequence[UUID]) -> dict[UUID, Counts]:
    """Of every clip given."""
    rows = await conn.fetch("select clip, likes, comments, remixes from clip_tally where clip = any($1)", list(clips))
    return {row["clip"]: Counts(row["likes"], row["comments"], row["remixes"]) for row in rows}
