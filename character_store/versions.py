"""Versions of a character: each has its own references under its own key, and is measured once.

processing -> ready | refused, or processing -> held -> ready | refused where the face may be somebody else's.
"""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store.characters import Refusal

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


async def begin(conn: asyncpg.Connection, character: UUID) -> Version | None:
    """A worker begins to measure the version that waits for it; `attempts` counts this time. None when none waits."""
    row = await conn.fetchrow(
        """
        update character_version set attempts = attempts + 1
        where character = $1 and state = 'processing'
        returning character, version, state, refusal, attempts, digits, resembles, distance
        """,
        character,
    )
    return None if row is None else msgspec.convert(dict(row), Version)


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
