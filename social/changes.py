"""What changed for an account since its client last asked: a log that skips nothing, and what it points at today.

The log says only which subject changed; triggers write it. Its order is that of transaction numbers, and a page goes up
to the oldest transaction that is still open: later ones may have ended already, but would be skipped over if an earlier
one ended after them. A clip's change is written once for whoever follows its maker; who they are is asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.clips import Clip
from social.errors import SyncExpired
from social.notices import Notice

KEPT: Final = timedelta(days=30)
SPARE: Final = timedelta(days=1)  # a row is as old as its transaction's begin
Type = Literal["video", "character", "notice", "account", "comment", "thread", "message"]


class Position(msgspec.Struct, frozen=True):
    """After a row of the log; `at`: nothing later than that was seen."""

    tx: int
    id: int
    at: datetime


class Change(msgspec.Struct, frozen=True):
    tx: int
    id: int
    type: Type
    subject: UUID
    at: datetime


class Relation(msgspec.Struct, frozen=True):
    """Somebody else, and how the account stands to them."""

    id: UUID
    handle: str
    display_name: str
    following: bool
    follows_you: bool


async def start(conn: asyncpg.Connection, account: UUID) -> Position:
    """Where a client begins that loads everything else now; rows that a restored backup brought along are dropped."""
    await conn.execute(
        "delete from change where account = $1 and tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint", account
    )
    row = await conn.fetchrow("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as tx, now() as at")
    return Position(row["tx"], 0, row["at"])


async def since(
    conn: asyncpg.Connection, account: UUID, position: Position, limit: int
) -> tuple[list[Change], Position, bool]:
    """The changes after a position, oldest first, each subject once; where to go on; whether there are more now.

    Raises SyncExpired where the log does not reach back so far, or belongs to another database (a restored backup).
    """
    now = datetime.now(UTC)
    if position.at < now - KEPT:
        raise SyncExpired
    foreign = await conn.fetchval(
        """
        select $2 > s.newest or exists (select from change where account = $1 and tx >= s.newest)
        from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as newest) s
        """,
        account,
        position.tx,
    )
    if foreign:
        raise SyncExpired
    rows = await conn.fetch(
        """
        (
            select tx, id, type, subject, at from change
            where account = $1 and (tx, id) > ($2, $3)
                and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            order by tx, id limit $4
        )
        union all
        (
            select n.tx, n.id, 'video', n.clip, n.at
            from follow f, lateral (
                select c.tx, c.id, c.clip, c.at from clip_change c
                where c.author = f.followed and (c.tx, c.id) > ($2, $3)
                    and c.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                    and (c.widest = 'everyone' or f.mutual)
                order by c.tx, c.id limit $4
            ) n
            where f.follower = $1
        )
        order by tx, id limit $4
        """,
        account,
        position.tx,
        position.id,
        limit + 1,
    )
    found = [msgspec.convert(dict(row), Change) for row in rows[:limit]]
    more = len(rows) > limit
    latest = {(one.type, one.subject): one for one in found}
    last = found[-1] if found else None
    stands = Position(
        position.tx if last is None else last.tx,
        position.id if last is None else last.id,
        last.at if more and last is not None else now,
    )
    return [one for one in found if latest[one.type, one.subject] is one], stands, more


async def clips(conn: asyncpg.Connection, viewer: UUID, wanted: Sequence[UUID]) -> dict[UUID, Clip]:
    """Those of them that the viewer may see."""
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker from visible_clip($1) c join account a on a.id = c.account
        where c.id = any($2)
        """,
        viewer,
        list(wanted),
    )
    return {row["id"]: msgspec.convert(dict(row), Clip) for row in rows}


async def notices(conn: asyncpg.Connection, account: UUID, wanted: Sequence[UUID]) -> dict[UUID, Notice]:
    rows = await conn.fetch(
        """
        select id, kind, about, at, read_at, people, notice_actors(id) as actors from notice
        where account = $1 and id = any($2)
        """,
        account,
        list(wanted),
    )
    return {row["id"]: msgspec.convert(dict(row), Notice) for row in rows}


async def relations(conn: asyncpg.Connection, account: UUID, wanted: Sequence[UUID]) -> dict[UUID, Relation]:
    """Nobody among them who is blocked or has blocked the account."""
    rows = await conn.fetch(
        """
        select a.id, a.handle::text as handle, a.display_name,
            exists (select from follow where follower = $1 and followed = a.id) as following,
            exists (select from follow where follower = a.id and followed = $1) as follows_you
        from account a where a.id = any($2) and not blocked_between($1, a.id)
        """,
        account,
        list(wanted),
    )
    return {row["id"]: msgspec.convert(dict(row), Relation) for row in rows}


async def tidy(conn: asyncpg.Connection) -> None:
    await conn.execute("delete from change where at < now() - $1::interval", KEPT + SPARE)
    await conn.execute("delete from clip_change where at < now() - $1::interval", KEPT + SPARE)
