"""Who may cast whom. The decision itself is one SQL function, `cast_refusal`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from character_store import characters
from character_store.characters import Character
from character_store.errors import CastRefused, CharacterUnknown


async def refusal(
    conn: asyncpg.Connection, asker: UUID, character: UUID, *, clip: UUID | None = None, prompt: str | None = None
) -> str | None:
    """Why not, in the API's word; None when allowed. `prompt` before a clip exists, `clip` from then on.

    Raises CharacterUnknown.
    """
    row = await conn.fetchrow(
        "select cast_refusal($1, k, $3, $4) as reason from character k where k.id = $2", asker, character, clip, prompt
    )
    if row is None:
        raise CharacterUnknown(str(character))
    reason: str | None = row["reason"]
    return reason


async def allow(
    conn: asyncpg.Connection, asker: UUID, references: Sequence[UUID | str], mentions: Sequence[str] = ()
) -> list[Character]:
    """The characters asked for by id or handle, then those mentioned, each once. A mention nobody bears is only text.

    Raises CharacterUnknown or CastRefused.
    """
    cast: dict[UUID, Character] = {}
    for reference in (*references, *await characters.known(conn, mentions)):
        if isinstance(reference, str):
            shown, character = f"@{reference}", await characters.by_handle(conn, reference)
        else:
            shown, character = f"char_{reference.hex}", await characters.by_id(conn, reference)
        if character is None:
            raise CharacterUnknown(shown)
        if (reason := await refusal(conn, asker, character.id)) is not None:
            raise CastRefused(shown, reason)
        cast[character.id] = character
    return list(cast.values())
