"""Ranked lists, kept so that pages of one neither repeat nor skip: the newest few of an account, for a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social.feed.cursors import Position
from social.feed.ranking import Ranked, Terms
from social.feed_errors import ListExpired

LISTS: Final = 4  # of an account: its devices
KEPT: Final = timedelta(days=1)
WIDTH: Final = len(Terms.__struct_fields__)


async def keep(conn: asyncpg.Connection, account: UUID, order: Sequence[Ranked]) -> UUID:
    """The id of the list; what it replaces is gone."""
    made: UUID = await conn.fetchval(
        """
        with old as (
            delete from feed_list where id in (
                select id from feed_list where account = $1 order by id desc offset $5
            )
        )
        insert into feed_list (account, clips, sources, terms) values ($1, $2, $3, $4) returning id
        """,
        account,
        [one.clip for one in order],
        [one.source for one in order],
        list(chain.from_iterable(msgspec.structs.astuple(one.terms) for one in order)),
        LISTS - 1,
    )
    return made


async def after(conn: asyncpg.Connection, account: UUID, where: Position, limit: int) -> list[Ranked]:
    """What comes next in a list. Raises ListExpired."""
    row = await conn.fetchrow(
        """
        select clips[$3 + 1 : $3 + $4] as clips, sources[$3 + 1 : $3 + $4] as sources,
            terms[$3 * $5 + 1 : ($3 + $4) * $5] as terms
        from feed_list where id = $2 and account = $1 and made_at > now() - $6::interval
        """,
        account,
        where.list,
        where.taken,
        limit,
        WIDTH,
        KEPT,
    )
    if row is None:
        raise ListExpired
    terms = row["terms"]
    return [
        Ranked(clip, source, Terms(*terms[number * WIDTH : (number + 1) * WIDTH]))
        for number, (clip, source) in enumerate(zip(row["clips"], row["sources"], strict=True))
    ]


async def tidy(conn: asyncpg.Connection) -> None:
    await conn.execute("delete from feed_list where made_at < now() - $1::interval", KEPT)
