"""Who may cast whom. The decision is one SQL function, `cast_refusal`, and after it the owner's restrictions.

A grant is standing, or for one clip with exactly the words that its owner approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from character_store import characters
from character_store.characters import Character
from character_store.errors import CastRefused, CharacterUnknown
from character_store.restrictions import broken


class Grant(msgspec.Struct, frozen=True):
    id: UUID
    character: UUID
    grantee: str  # handle
    prompt: str | None  # None: standing
    clip: UUID | None  # what a grant for one clip was spent on
    spent_at: datetime | None
    granted_at: datetime


async def refusal(
    conn: asyncpg.Connection, asker: UUID, character: UUID, *, clip: UUID | None = None, prompt: str | None = None
) -> str | None:
    """Why not, in the API's word; None when allowed. `prompt` is the wording; `clip`, once it exists, what it is about.

    Raises CharacterUnknown.
    """
    return (await _judge(conn, asker, character, clip, prompt))[0]


async def refusal_in(conn: asyncpg.Connection, clip: UUID, character: UUID) -> str | None:
    """As `refusal`, of a clip that exists."""
    row = await conn.fetchrow("select account, prompt from clip where id = $1", clip)
    return None if row is None else await refusal(conn, row["account"], character, clip=clip, prompt=row["prompt"])


async def need(
    conn: asyncpg.Connection, asker: UUID, character: UUID, *, clip: UUID | None, prompt: str, shown: str
) -> None:
    """Raises CastRefused, naming the character as `shown`, or CharacterUnknown."""
    reason, restriction = await _judge(conn, asker, character, clip, prompt)
    if reason is not None:
        raise CastRefused(shown, reason, restriction)


async def need_publishable(
    conn: asyncpg.Connection, maker: UUID, character: UUID, *, clip: UUID, prompt: str, shown: str
) -> None:
    """As for casting, and with the purpose `share` of the maker's own face. Raises CastRefused."""
    reason = await conn.fetchval(
        "select publish_refusal($1, k, $3, $4) from character k where k.id = $2", maker, character, clip, prompt
    )
    if reason is not None:
        raise CastRefused(shown, reason)
    await need(conn, maker, character, clip=clip, prompt=prompt, shown=shown)


async def _judge(
    conn: asyncpg.Connection, asker: UUID, character: UUID, clip: UUID | None, prompt: str | None
) -> tuple[str | None, str | None]:
    """The rule, then the restrictions; with the one that is broken."""
    row = await conn.fetchrow(
        """
        select cast_refusal($1, k, $3, $4) as reason, k.owner, k.restrictions,
            exists (
                select from cast_grant g
                where g.character = k.id and g.grantee = $1 and g.revoked_at is null and g.prompt = $4
                    and case when g.spent_at is null then $3::uuid is null else g.clip = $3 end
            ) as approved
        from character k where k.id = $2
        """,
        asker,
        character,
        clip,
        prompt,
    )
    if row is None:
        raise CharacterUnknown(f"char_{character.hex}")
    if row["reason"] is not None or prompt is None or row["owner"] == asker or row["approved"]:
        return row["reason"], None  # the owner's yes to these very words stands above what they forbid in general
    restriction = broken(row["restrictions"], prompt)
    return (None if restriction is None else "restricted"), restriction


async def castable_of(
    conn: asyncpg.Connection, asker: UUID, owner: UUID, *, after: UUID | None, limit: int
) -> list[Character]:
    """The owner's characters that the asker may cast, newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select d.* from character k join character_card d on d.id = k.id
        where k.owner = $2 and k.left_at is null and ($3::uuid is null or k.id < $3)
            and cast_refusal($1, k, null, null) is null
        order by k.id desc limit $4
        """,
        asker,
        owner,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Character) for row in rows]


async def allow(
    conn: asyncpg.Connection, asker: UUID, references: Sequence[UUID | str], mentions: Sequence[str], prompt: str
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
        await need(conn, asker, character.id, clip=None, prompt=prompt, shown=shown)
        cast[character.id] = character
    return list(cast.values())


async def give(conn: asyncpg.Connection, character: UUID, grantee: UUID, prompt: str | None = None) -> bool:
    """A standing grant, or one for a single clip with exactly this prompt. False where a standing one stood already."""
    done = await conn.execute(
        "insert into cast_grant (character, grantee, prompt) values ($1, $2, $3) on conflict do nothing",
        character,
        grantee,
        prompt,
    )
    return bool(done == "INSERT 0 1")


async def revoke(conn: asyncpg.Connection, character: UUID, grantee: UUID) -> bool:
    """Every grant, spent ones too, so that no clip in the making lives by one. Whether there was any."""
    done = await conn.execute(
        "update cast_grant set revoked_at = now() where character = $1 and grantee = $2 and revoked_at is null",
        character,
        grantee,
    )
    return bool(done != "UPDATE 0")


async def end_between(conn: asyncpg.Connection, one: UUID, other: UUID) -> None:
    """Every grant that one of the two gave the other."""
    await conn.execute(
        """
        update cast_grant g set revoked_at = now() from character k
        where k.id = g.character and g.revoked_at is null
            and ((k.owner = $1 and g.grantee = $2) or (k.owner = $2 and g.grantee = $1))
        """,
        one,
        other,
    )


async def live(conn: asyncpg.Connection, character: UUID, *, after: UUID | None, limit: int) -> list[Grant]:
    """Not revoked, newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select g.id, g.character, a.handle::text as grantee, g.prompt, g.clip, g.spent_at, g.granted_at
        from cast_grant g join account a on a.id = g.grantee
        where g.character = $1 and g.revoked_at is null and ($2::uuid is null or g.id < $2)
        order by g.id desc limit $3
        """,
        character,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Grant) for row in rows]


async def standing(conn: asyncpg.Connection, character: UUID, grantee: UUID) -> Grant | None:
    row = await conn.fetchrow(
        """
        select g.id, g.character, a.handle::text as grantee, g.prompt, g.clip, g.spent_at, g.granted_at
        from cast_grant g join account a on a.id = g.grantee
        where g.character = $1 and g.grantee = $2 and g.prompt is null and g.revoked_at is null
        """,
        character,
        grantee,
    )
    return None if row is None else msgspec.convert(dict(row), Grant)


async def spend(conn: asyncpg.Connection, character: UUID, grantee: UUID, prompt: str, clip: UUID) -> UUID | None:
    """The one grant for exactly these words that this clip uses up, if there is one. Twins wait for each other."""
    spent: UUID | None = await conn.fetchval(
        """
        update cast_grant set spent_at = now(), clip = $4
        where id = (
            select id from cast_grant
            where character = $1 and grantee = $2 and prompt = $3 and spent_at is null and revoked_at is null
            order by id limit 1 for update
        )
        returning id
        """,
        character,
        grantee,
        prompt,
        clip,
    )
    return spent


async def give_back(conn: asyncpg.Connection, clip: UUID) -> None:
    """The clip that it was spent on came to nothing."""
    await conn.execute(
        "update cast_grant set spent_at = null, clip = null where clip = $1 and revoked_at is null", clip
    )


async def unconsented(conn: asyncpg.Connection, owner: UUID) -> list[UUID]:
    """Clips in the making that cast a character of this account and may not any more, restrictions included."""
    rows = await conn.fetch(
        """
        select distinct c.id, c.account, c.prompt, u.character
        from character k join use u on u.character = k.id join clip c on c.id = u.clip
        where k.owner = $1 and c.account <> $1 and c.status in ('queued', 'in_progress') and k.restrictions <> '{}'
        """,
        owner,
    )
    restricted = {
        row["id"]
        for row in rows
        if await refusal(conn, row["account"], row["character"], clip=row["id"], prompt=row["prompt"]) is not None
    }
    refused = {row["clip"] for row in await conn.fetch("select unconsented_clip($1) as clip", owner)}
    return sorted(restricted | refused)
