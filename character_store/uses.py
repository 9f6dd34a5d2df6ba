"""Uses: every clip that shows a character, drafts included. Written in the clip's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from character_store.characters import Character


class Use(msgspec.Struct, frozen=True):
    """One cast character of one clip, as it was when the clip was asked for."""

    clip: UUID
    character: UUID
    version: int
    speaker: str  # "S1".."S4"
    handle: str
    name: str
    owner: UUID
    preferences: str
    restrictions: tuple[str, ...]
    height_cm: float | None
    build: str


async def record(conn: asyncpg.Connection, clip: UUID, cast: Sequence[Character]) -> None:
    """Speakers are S1, S2, ... in the order of `cast`; the decision's grounds are kept.

    Rows are locked in one order, so that two clips with the same cast never wait for each other in a circle.
    """
    for number, character in enumerate(cast, 1):
        await conn.execute(
            "insert into use (clip, character, version, speaker, decision) values ($1, $2, $3, $4, $5)",
            clip,
            character.id,
            character.version,
            f"S{number}",
            {"audience": character.audience, "owner": str(character.owner)},
        )
    await conn.execute(
        """
        update character set last_used_at = now()
        where id in (select id from character where id = any($1) order by id for no key update)
        """,
        [character.id for character in cast],
    )


async def of_clips(conn: asyncpg.Connection, clips: Sequence[UUID]) -> dict[UUID, list[Use]]:
    """Uses by clip, by speaker."""
    rows = await conn.fetch(
        """
        select u.clip, u.character, u.version, u.speaker, k.handle::text, k.name, k.owner, k.preferences,
            k.restrictions, k.height_cm, k.build
        from use u join character k on k.id = u.character where u.clip = any($1) order by u.clip, u.speaker
        """,
        list(clips),
    )
    found: dict[UUID, list[Use]] = {clip: [] for clip in clips}
    for row in rows:
        found[row["clip"]].append(msgspec.convert(dict(row), Use))
    return found
