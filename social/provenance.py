"""Which clip a file is: by its mark, by what it holds, by what its pictures look like."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

MARKS: Final = 2**48 - 1
NEAR: Final = 31  # of 256 bits: what PDQ's authors advise
ALIKE_LEAST: Final = 0.5  # of a file's pictures have to be one clip's


class Made(msgspec.Struct, frozen=True):
    """Made here; `clip` None: it is deleted."""

    clip: UUID | None


class Alike(msgspec.Struct, frozen=True):
    clip: UUID
    share: float  # of the pictures that look like the clip's, 0..1
    distance: float  # bits of 256, on average


class Inspection(msgspec.Struct, frozen=True):
    """`found`: what the worker saw, with ids of the database; `key` is there until it has looked."""

    id: UUID
    key: bytes | None
    media_key: str
    state: str
    attempts: int
    found: dict[str, Any] | None


async def mark_of(conn: asyncpg.Connection, clip: UUID) -> int:
    """The clip's own, the same each time; made on first use."""
    while True:
        mark: int | None = await conn.fetchval("select mark from clip_mark where clip = $1", clip)
        if mark is not None:
            return mark
        await conn.execute(
            "insert into clip_mark (mark, clip) values ($1, $2) on conflict do nothing",
            secrets.randbelow(MARKS) + 1,
            clip,
        )


async def keep(conn: asyncpg.Connection, clip: UUID, sha256: str, prints: Sequence[str] = ()) -> None:
    """A finished file of the clip; `prints` in the order of time, 256 digits 0 or 1 each, replace those there are."""
    await conn.execute(
        "insert into clip_file (sha256, clip) values ($1, $2) on conflict (sha256) do nothing", sha256, clip
    )
    if prints:
        await conn.execute("delete from clip_print where clip = $1", clip)
        await conn.execute(
            """
            insert into clip_print (clip, place, hash)
            select $1, place, print::bit(256) from unnest($2::text[]) with ordinality as one (print, place)
            """,
            clip,
            list(prints),
        )


async def marked(conn: asyncpg.Connection, mark: int) -> Made | None:
    row = await conn.fetchrow("select clip from clip_mark where mark = $1", mark)
    return None if row is None else Made(row["clip"])


async def of_file(conn: asyncpg.Connection, sha256: str) -> Made | None:
    row = await conn.fetchrow("select clip from clip_file where sha256 = $1", sha256)
    return None if row is None else Made(row["clip"])


async def alike(conn: asyncpg.Connection, prints: Sequence[str]) -> Alike | None:
    """The clip that most of these pictures look like; None where it is fewer than half."""
    row = await conn.fetchrow(
        """
        with near as (
            select one.place, found.clip, min(found.distance) as distance
            from unnest($1::text[]) with ordinality as one (print, place),
                lateral (
                    select clip, hash <~> one.print::bit(256) as distance from clip_print
                    order by hash <~> one.print::bit(256) limit 4
                ) found
            where found.distance <= $2
            group by one.place, found.clip
        )
        select clip, count(*) as pictures, avg(distance)::float8 as distance from near
        group by clip order by pictures desc, distance, clip limit 1
        """,
        list(prints),
        NEAR,
    )
    if row is None or row["pictures"] < ALIKE_LEAST * len(prints):
        return None
    return Alike(row["clip"], row["pictures"] / len(prints), row["distance"])


async def ask(conn: asyncpg.Connection, key: bytes, media_key: str) -> UUID:
    asked: UUID = await conn.fetchval(
        "insert into inspection (key, media_key) values ($1, $2) returning id", key, media_key
    )
    return asked


async def begin(conn: asyncpg.Connection, asked: UUID) -> Inspection | None:
    """None for one that is answered already; counts the attempt."""
    row = await conn.fetchrow(
        """
        update inspection set attempts = attempts + 1 where id = $1 and state = 'queued'
        returning id, key, media_key, state, attempts, found
        """,
        asked,
    )
    return None if row is None else msgspec.convert(dict(row), Inspection)


async def answer(conn: asyncpg.Connection, asked: UUID, found: dict[str, Any] | None) -> None:
    """None: nobody could look at it. The key is destroyed."""
    await conn.execute(
        """
        update inspection set state = case when $2::jsonb is null then 'failed' else 'completed' end,
            found = $2, key = null
        where id = $1 and state = 'queued'
        """,
        asked,
        found,
    )


async def inspection(conn: asyncpg.Connection, asked: UUID) -> Inspection | None:
    row = await conn.fetchrow("select id, key, media_key, state, attempts, found from inspection where id = $1", asked)
    return None if row is None else msgspec.convert(dict(row), Inspection)


async def tidy(conn: asyncpg.Connection) -> list[str]:
    """Answers are kept for an hour; the keys of media whose rows are gone."""
    rows = await conn.fetch("delete from inspection where created_at < now() - interval '1 hour' returning media_key")
    return [row["media_key"] for row in rows]
