"""Files that moderators took away for a notice from outside or a grave reason: neither they nor copies come back.

A copy is told by what it looks like second by second (`generation.prints`; ./run bench copies measures how far apart
what is how much alike).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

TOLD: Final = "this very file was taken away here by a moderator"
LIKE: Final = "it looks like a video that was taken away here by a moderator"
SAME: Final = 20  # bits of 256
SHARE: Final = 0.8  # of the seconds of a film have to look so


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
    return bool(
        await conn.fetchval(
            """
            select exists (
                select from (
                    select near.measure from unnest($1::text[]) with ordinality as one (print, place),
                        lateral (
                            select k.measure, k.hash <~> one.print::bit(256) as apart from known_print k
                            order by k.hash <~> one.print::bit(256) limit 20
                        ) near
                        join moderation_measure m on m.id = near.measure
                    where near.apart <= $2 and m.lifted_at is null
                    group by near.measure
                    having count(distinct one.place) >= $3::float8 * cardinality($1)
                ) alike
            )
            """,
            list(prints),
            SAME,
            SHARE,
        )
    )


async def lookalikes(conn: asyncpg.Connection, clip: UUID) -> list[UUID]:
    """Other clips that show what this one shows, or go on from it."""
    rows = await conn.fetch(
        """
        select near.clip from clip_print one,
            lateral (
                select p.clip, p.hash <~> one.hash as apart from clip_print p order by p.hash <~> one.hash limit 40
            ) near
        where one.clip = $1 and near.clip <> $1 and near.apart <= $2
        group by near.clip
        having count(distinct one.place) >= $3::float8 * (select count(*) from clip_print where clip = $1)
        order by near.clip
        """,
        clip,
        SAME,
        SHARE,
    )
    return [row["clip"] for row in rows]
