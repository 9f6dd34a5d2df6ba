"""Uses: every clip that shows a character, drafts included. Written in the clip's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store import grants
from character_store.characters import Character
from character_store.grants import Grant


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
    archive: bool  # stored by an operator who stated the right to

    @property
    def only_heard(self) -> bool:
        """A voice from another clip, V1 or V2: used like whoever is seen, and shown by nobody."""
        return self.speaker.startswith("V")


class Appearance(msgspec.Struct, frozen=True):
    """A clip as the owner of a character in it sees it."""

    clip: UUID
    maker: str
    prompt: str
    status: str
    audience: str
    created_at: datetime
    completed_at: datetime | None
    removed_at: datetime | None
    poster: bool
    version: int
    decision: dict[str, Any]


async def record(
    conn: asyncpg.Connection,
    clip: UUID,
    asker: UUID,
    cast: Sequence[Character],
    prompt: str,
    heard: Sequence[Character] = (),
) -> None:
    """Speakers are S1, S2, ... in the order of `cast`; a grant for exactly this prompt is spent on the clip.

    Those who are only `heard` are V1, V2, ...

    The rule is asked again with the clip in hand: where a twin has spent the grant meanwhile, raises CastRefused.
    Rows are locked in one order, so that two clips with the same cast never wait for each other in a circle.
    """
    labels = [f"S{number}" for number in range(1, len(cast) + 1)] + [
        f"V{number}" for number in range(1, len(heard) + 1)
    ]
    for label, character in zip(labels, (*cast, *heard), strict=True):
        spent = standing = None
        if character.owner != asker:
            spent = await grants.spend(conn, character.id, asker, prompt, clip)
            standing = await grants.standing(conn, character.id, asker)
        why = _why(asker, character, spent=spent, standing=standing)
        grant = spent or (standing.id if standing is not None and why == "grant" else None)
        await conn.execute(
            """
            insert into use (clip, character, version, speaker, "grant", decision) values ($1, $2, $3, $4, $5, $6)
            """,
            clip,
            character.id,
            character.version,
            label,
            grant,
            {"audience": character.audience, "why": why, "owner": str(character.owner)},
        )
        await grants.need(conn, asker, character.id, clip=clip, prompt=prompt, shown=f"@{character.handle}")
    await conn.execute(
        """
        update character set last_used_at = now(), expires_at = now() + interval '3 years'
        where id in (select id from character where id = any($1) order by id for no key update)
        """,
        [character.id for character in (*cast, *heard)],
    )


def _why(
    asker: UUID, character: Character, *, spent: UUID | None, standing: Grant | None
) -> Literal["owner", "everyone", "grant", "mutuals"]:
    """What the decision rested on, strongest ground first: an owner's yes to these words outlives a friendship."""
    if character.owner == asker:
        return "owner"
    if spent is not None:
        return "grant"
    if character.audience == "everyone":
        return "everyone"
    return "mutuals" if standing is None else "grant"


async def of_character(
    conn: asyncpg.Connection, character: UUID, *, after: UUID | None, limit: int
) -> list[Appearance]:
    """For its owner: every clip that shows it, newest first, drafts and removed ones too; one more than `limit`."""
    rows = await conn.fetch(
        """
        select u.clip, a.handle::text as maker, c.prompt, c.status, c.audience, c.created_at, c.completed_at,
            c.removed_at, coalesce(c.media ? 'thumbnail', false) as poster, u.version, u.decision
        from use u join clip c on c.id = u.clip join account a on a.id = c.account
        where u.character = $1 and ($2::uuid is null or u.clip < $2) order by u.clip desc limit $3
        """,
        character,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Appearance) for row in rows]


async def is_there(conn: asyncpg.Connection, clip: UUID, character: UUID) -> bool | None:
    """False for a use whose clip was removed; None where there is no such use."""
    there: bool | None = await conn.fetchval(
        "select c.removed_at is null from use u join clip c on c.id = u.clip where u.clip = $1 and u.character = $2",
        clip,
        character,
    )
    return there


async def showing(
    conn: asyncpg.Connection, character: UUID, *, maker: UUID | None = None, below: Sequence[UUID] | None = None
) -> list[UUID]:
    """Clips that show the character and are still there, oldest first; failed ones show nobody.

    `maker`: only theirs. `below`: only these clips and what was made from them.
    """
    rows = await conn.fetch(
        """
        select c.id from use u join clip c on c.id = u.clip
        where u.character = $1 and c.removed_at is null and c.status <> 'failed'
            and ($2::uuid is null or c.account = $2)
            and ($3::uuid[] is null or c.id in (select clip_and_descendants($3)))
        order by c.id
        """,
        character,
        maker,
        None if below is None else list(below),
    )
    return [row["id"] for row in rows]


async def of_clips(conn: asyncpg.Connection, clips: Sequence[UUID]) -> dict[UUID, list[Use]]:
    """Uses by clip, by speaker."""
    rows = await conn.fetch(
        """
        select u.clip, u.character, u.version, u.speaker, k.handle::text, k.name, k.owner, k.preferences,
            k.restrictions, k.height_cm, k.build, k.rights is not null as archive
        from use u join character k on k.id = u.character where u.clip = any($1) order by u.clip, u.speaker
        """,
        list(clips),
    )
    found: dict[UUID, list[Use]] = {clip: [] for clip in clips}
    for row in rows:
        found[row["clip"]].append(msgspec.convert(dict(row), Use))
    return found
