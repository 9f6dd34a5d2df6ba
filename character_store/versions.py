"""Versions of a character: each has its own references under its own key, and is measured once.

processing -> ready | refused, or processing -> held -> ready | refused where the face may be somebody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store.characters import Refusal
from character_store.errors import CharacterUnknown, ReferencesPending

HELD: Final = "duplicate_face"


class Version(msgspec.Struct, frozen=True):
    character: UUID
    version: int
    state: Literal["processing", "held", "ready", "refused"]
    refusal: Refusal | None
    attempts: int
    digits: str | None  # what its capture must speak; None where no capture was sent
    resembles: UUID | None  # the character whose face it is held for
    distance: float | None  # of the two faces


async def find(conn: asyncpg.Connection, character: UUID, version: int) -> Version | None:
    row = await conn.fetchrow(
        """
        select character, version, state, refusal, attempts, digits, resembles, distance
        from character_version where character = $1 and version = $2
        """,
        character,
        version,
    )
    return None if row is None else msgspec.convert(dict(row), Version)


async def add(conn: asyncpg.Connection, character: UUID, owner: UUID, version: int) -> None:
    """Room for the next version, whose row comes with its key: `vault.store_key`.

    Raises CharacterUnknown, or ReferencesPending where the last one is not settled or somebody else was faster.
    """
    row = await conn.fetchrow(
        """
        with locked as (select id from character where id = $1 and owner = $2 and left_at is null for update)
        select v.version, v.state from character_version v join locked on locked.id = v.character
        order by v.version desc limit 1
        """,
        character,
        owner,
    )
    if row is None:
        raise CharacterUnknown(f"char_{character.hex}")
    if row["state"] in {"processing", "held"} or row["version"] + 1 != version:
        raise ReferencesPending(f"char_{character.hex}")
    await conn.execute(
        "update character set state = 'processing', version = $2 where id = $1 and state = 'refused'",
        character,
        version,
    )


async def expect_digits(conn: asyncpg.Connection, character: UUID, version: int, digits: str) -> None:
    """What the capture of this version must speak."""
    await conn.execute(
        "update character_version set digits = $3 where character = $1 and version = $2", character, version, digits
    )


async def begin(conn: asyncpg.Connection, character: UUID) -> Version | None:
    """A worker begins to measure the version that waits for it; `attempts` counts this time. None when none waits."""
    row = await conn.fetchrow(
        """
        update character_version set attempts = attempts + 1
        where character = $1 and state = 'processing' and wrapped_key is not null
        returning character, version, state, refusal, attempts, digits, resembles, distance
        """,
        character,
    )
    return None if row is None else msgspec.convert(dict(row), Version)


async def still_measured(conn: asyncpg.Connection, character: UUID, version: int) -> bool:
    """Not gone or settled meanwhile; locked until the transaction ends."""
    row = await conn.fetchrow(
        """
        select from character_version
        where character = $1 and version = $2 and state = 'processing' and wrapped_key is not null for update
        """,
        character,
        version,
    )
    return row is not None


async def note_voice(conn: asyncpg.Connection, character: UUID, version: int, *, has_voice: bool) -> None:
    """What measuring found."""
    await conn.execute(
        "update character_version set has_voice = $3 where character = $1 and version = $2",
        character,
        version,
        has_voice,
    )


async def voiceless(conn: asyncpg.Connection, characters: Sequence[UUID]) -> set[UUID]:
    """Those of the people among them whose references in use are known to hold no voice. Figures are lent one."""
    rows = await conn.fetch(
        """
        select k.id from character k join character_version v on v.character = k.id and v.version = k.version
        where k.id = any($1) and k.kind = 'person' and v.has_voice = false
        """,
        list(characters),
    )
    return {row["id"] for row in rows}


async def mark_ready(
    conn: asyncpg.Connection, character: UUID, version: int, figures: dict[str, Any] | None = None
) -> bool:
    """In use from now on; True for exactly one caller."""
    done = await conn.execute(
        """
        update character_version set state = 'ready', refusal = null, figures = coalesce($3, figures)
        where character = $1 and version = $2 and state in ('processing', 'held') and wrapped_key is not null
        """,
        character,
        version,
        figures,
    )
    if done != "UPDATE 1":
        return False
    await conn.execute(
        """
        update character set state = 'ready', version = greatest(version, $2)
        where id = $1 and state in ('processing', 'ready', 'refused')
        """,
        character,
        version,
    )
    return True


async def mark_held(
    conn: asyncpg.Connection, character: UUID, version: int, *, resembles: UUID, distance: float, refusal: Refusal
) -> bool:
    """Waits for a person's eyes; True for exactly one caller."""
    done = await conn.execute(
        """
        update character_version set state = 'held', resembles = $3, distance = $4, refusal = $5
        where character = $1 and version = $2 and state = 'processing'
        """,
        character,
        version,
        resembles,
        distance,
        refusal,
    )
    return bool(done == "UPDATE 1")


async def mark_refused(conn: asyncpg.Connection, character: UUID, version: int, refusal: Refusal) -> bool:
    """True for exactly one caller. A character without an older version that is ready is refused with it."""
    done = await conn.execute(
        """
        update character_version set state = 'refused', refusal = $3
        where character = $1 and version = $2 and state in ('processing', 'held')
        """,
        character,
        version,
        refusal,
    )
    if done != "UPDATE 1":
        return False
    await conn.execute(
        "update character set state = 'refused' where id = $1 and version = $2 and state = 'processing'",
        character,
        version,
    )
    return True


class Held(msgspec.Struct, frozen=True):
    """A version that waits for a moderator, and whose face it may be."""

    character: UUID
    version: int
    name: str
    handle: str
    owner: str
    resembles: UUID | None  # None: that character has left meanwhile
    resembles_handle: str | None
    resembles_owner: str | None
    distance: float
    created_at: datetime


async def held(conn: asyncpg.Connection, *, after: UUID | None, limit: int) -> list[Held]:
    """Oldest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select v.character, v.version, k.name, k.handle::text, a.handle::text as owner, v.resembles, v.distance,
            other.handle::text as resembles_handle, b.handle::text as resembles_owner, v.created_at
        from character_version v join character k on k.id = v.character join account a on a.id = k.owner
        left join character other on other.id = v.resembles left join account b on b.id = other.owner
        where v.state = 'held' and ($1::uuid is null or v.character > $1) order by v.character limit $2
        """,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Held) for row in rows]


async def held_count(conn: asyncpg.Connection) -> int:
    return int(await conn.fetchval("select count(*) from character_version where state = 'held'"))


async def destroyed_at(conn: asyncpg.Connection, character: UUID) -> datetime | None:
    """When the last of its keys was destroyed; None while one lives."""
    at: datetime | None = await conn.fetchval(
        """
        select case when bool_and(key_destroyed_at is not null) then max(key_destroyed_at) end
        from character_version where character = $1
        """,
        character,
    )
    return at
