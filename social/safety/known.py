"""Files that moderators took away for a notice from outside or a grave reason: neither they nor copies come back.

A copy is told by what it looks like second by second (`generation.prints`; ./run bench copies measures how far apart
what is how much alike).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import asyncpg

TOLD: Final = "this very file was taken away here by a moderator"
LIKE: Final = "it looks like a video that was taken away here by a moderator"
SAME: Final = 20  # bits of 256
SHARE: Final = 0.8  # of the seconds of a film have to look so
WALKED: Final = 2000  # pictures that are compared with each second, the nearest first


async def any_known(conn: asyncpg.Connection, digests: Sequence[str]) -> bool:
    """Whether one of these SHA-256 is that of a file whose removal stands."""
    return bool(
        await conn.fetchval(
            """
            select exists (
                select from known_file k join moderation_measure m on m.id = k.measure
                where k.sha256 = any($1) and m.lifted_at is null
            )
            """,
            list(digests),
        )
    )


async def looks_known(conn: asyncpg.Connection, prints: Sequence[str]) -> bool:
    """Whether a film or picture with these prints looks like one whose removal stands. Nothing is like nothing."""
    async with _walking(conn):
        return bool(
            await conn.fetchval(
                """
                select exists (
                    select from (
                        select near.measure from unnest($1::text[]) with ordinality as one (print, place),
                            lateral (
                                select k.measure from known_print k join moderation_measure m on m.id = k.measure
                                where m.lifted_at is null and k.hash <~> one.print::bit(256) <= $2
                                order by k.hash <~> one.print::bit(256) limit $4
                            ) near
                        group by near.measure
                        having count(distinct one.place) >= $3::float8 * cardinality($1)
                    ) alike
                )
                """,
                list(prints),
                SAME,
                SHARE,
                WALKED,
            )
        )


async def lookalikes(conn: asyncpg.Connection, clip: UUID) -> list[UUID]:
    """Other clips that show what this one shows, or go on from it."""
    async with _walking(conn):
        rows = await conn.fetch(
            """
            select near.clip from clip_print one,
                lateral (
                    select p.clip from clip_print p where p.clip <> $1 and p.hash <~> one.hash <= $2
                    order by p.hash <~> one.hash limit $4
                ) near
            where one.clip = $1
            group by near.clip
            having count(distinct one.place) >= $3::float8 * (select count(*) from clip_print where clip = $1)
            order by near.clip
            """,
            clip,
            SAME,
            SHARE,
            WALKED,
        )
    return [row["clip"] for row in rows]


@asynccontextmanager
async def _walking(conn: asyncpg.Connection) -> AsyncIterator[None]:
    """What does not count is passed over and the walk goes on, or a film's own seconds would hide its copies."""
    async with conn.transaction():
        await conn.execute(
            """
            select set_config('hnsw.iterative_scan', 'strict_order', true),
                set_config('hnsw.max_scan_tuples', $1::int::text, true)
            """,
            WALKED,
        )
        yield
