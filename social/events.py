"""Events: what the signed-in devices of an account are told, in the order of commits. Kept for KEPT_DAYS.

A number belongs to a commit, not to an insert (docs/decisions/0022): whoever has seen one has seen all before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

KEPT_DAYS: Final = 3
PAGE: Final = 100  # events that are read at once
Kind = Literal["notice", "video", "session", "message"]


class Event(msgspec.Struct, frozen=True):
    """`about` holds public ids and differs by kind."""

    seq: int
    account: UUID
    kind: Kind
    about: dict[str, Any]
    at: datetime


async def tell(conn: asyncpg.Connection, account: UUID, kind: Kind, about: Mapping[str, Any]) -> None:
    """Numbered and heard when the caller's transaction commits."""
    await conn.execute("insert into event (account, kind, about) values ($1, $2, $3)", account, kind, about)


async def since(conn: asyncpg.Connection, account: UUID, after: int) -> list[Event]:
    """Up to PAGE that come after this number, oldest first."""
    rows = await conn.fetch(
        "select seq, account, kind, about, at from event where account = $1 and seq > $2 order by seq limit $3",
        account,
        after,
        PAGE,
    )
    return [msgspec.convert(dict(row), Event) for row in rows]


async def unrelayed(conn: asyncpg.Connection) -> list[Event] | None:
    """Up to PAGE that nothing was made of yet; None while another process is at it. Needs an open transaction."""
    upto = await conn.fetchval("select upto from event_relayed for no key update skip locked")
    if upto is None:
        return None
    rows = await conn.fetch(
        "select seq, account, kind, about, at from event where seq > $1 order by seq limit $2", upto, PAGE
    )
    return [msgspec.convert(dict(row), Event) for row in rows]


async def note_relayed(conn: asyncpg.Connection, upto: int) -> None:
    """In the transaction that made what is due."""
    await conn.execute("update event_relayed set upto = $1", upto)


async def span(conn: asyncpg.Connection) -> tuple[int, int]:
    """Numbers: up to the first all is forgotten; the second is the newest."""
    row = await conn.fetchrow(
        "select upto, greatest(upto, (select max(seq) from event)) as newest from event_forgotten"
    )
    return row["upto"], row["newest"]


async def tidy(conn: asyncpg.Connection) -> None:
    """Forget what is older than KEPT_DAYS and was passed on."""
    await conn.execute(
        """
        with gone as (
            delete from event where at < now() - $1::interval and seq <= (select upto from event_relayed) returning seq
        )
        update event_forgotten set upto = greatest(upto, (select max(seq) from gone))
        """,
        timedelta(days=KEPT_DAYS),
    )
