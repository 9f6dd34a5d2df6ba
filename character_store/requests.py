"""Requests to an owner: may I cast you with these words, and may this clip with you be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store import grants
from character_store.characters import Character
from character_store.errors import CastRefused, CastRequestNeedless, CastRequestsFull, CastRequestUnknown

OPEN_MOST: Final = 10  # questions of one asker that wait for an answer


class Request(msgspec.Struct, frozen=True):
    """`clip` and `audience` belong to the kind `publish`."""

    id: UUID
    kind: Literal["cast", "publish"]
    character: UUID
    handle: str  # of the character
    owner: UUID
    owner_handle: str
    asker: UUID
    asker_handle: str
    prompt: str
    clip: UUID | None
    audience: Literal["friends", "everyone"] | None
    state: Literal["open", "approved", "refused", "withdrawn"]
    created_at: datetime
    decided_at: datetime | None


class Publication(msgspec.Struct, frozen=True):
    """A clip that its maker wants seen, and the characters whose owners have not said yes."""

    wanted: str
    waiting_for: tuple[str, ...]


async def ask(conn: asyncpg.Connection, character: Character, asker: UUID, prompt: str) -> tuple[Request, bool]:
    """The open request with these words, and whether it is new. Only an audience is cured by asking.

    Raises CastRequestNeedless, CastRequestsFull or CastRefused.
    """
    await conn.execute("select from account where id = $1 for no key update", asker)  # so that the count holds
    try:
        await grants.need(conn, asker, character.id, clip=None, prompt=prompt, shown=f"@{character.handle}")
    except CastRefused as refused:
        if refused.reason != "audience":
            raise
    else:
        raise CastRequestNeedless(f"@{character.handle}")
    key = await conn.fetchval(
        """
        select id from cast_request
        where character = $1 and asker = $2 and prompt = $3 and kind = 'cast' and state = 'open'
        """,
        character.id,
        asker,
        prompt,
    )
    if key is not None:
        return await get(conn, key), False
    waiting = await conn.fetchval(
        "select count(*) from cast_request where asker = $1 and kind = 'cast' and state = 'open'", asker
    )
    if waiting >= OPEN_MOST:
        raise CastRequestsFull(OPEN_MOST)
    key = await conn.fetchval(
        "insert into cast_request (kind, character, asker, prompt) values ('cast', $1, $2, $3) returning id",
        character.id,
        asker,
        prompt,
    )
    return await get(conn, key), True


async def ask_to_publish(
    conn: asyncpg.Connection, character: UUID, maker: UUID, clip: UUID, prompt: str, audience: str
) -> bool:
    """Whether it is new; the open one for this clip and audience stays."""
    done = await conn.execute(
        """
        insert into cast_request (kind, character, asker, prompt, clip, audience)
        values ('publish', $1, $2, $4, $3, $5) on conflict do nothing
        """,
        character,
        maker,
        clip,
        prompt,
        audience,
    )
    return bool(done == "INSERT 0 1")


async def unasked(conn: asyncpg.Connection, clip: UUID, maker: UUID, audience: str) -> list[UUID]:
    """Characters in the clip whose owners want to be asked and have not approved an audience this wide."""
    rows = await conn.fetch(
        """
        select k.id from use u join character k on k.id = u.character
        where u.clip = $1 and k.approve_clips and k.owner <> $2
            and not exists (
                select from cast_request r
                where r.kind = 'publish' and r.clip = $1 and r.character = k.id and r.state = 'approved'
                    and r.audience in ($3, 'everyone')
            )
        order by u.speaker
        """,
        clip,
        maker,
        audience,
    )
    return [row["id"] for row in rows]


async def get(conn: asyncpg.Connection, request: UUID) -> Request:
    """Raises CastRequestUnknown."""
    row = await conn.fetchrow(
        """
        select r.id, r.kind, r.character, k.handle::text, k.owner, o.handle::text as owner_handle, r.asker,
            a.handle::text as asker_handle, r.prompt, r.clip, r.audience, r.state, r.created_at, r.decided_at
        from cast_request r join character k on k.id = r.character join account o on o.id = k.owner
        join account a on a.id = r.asker
        where r.id = $1
        """,
        request,
    )
    if row is None:
        raise CastRequestUnknown(f"req_{request.hex}")
    return msgspec.convert(dict(row), Request)


async def of(conn: asyncpg.Connection, account: UUID, *, asked: bool, after: UUID | None, limit: int) -> list[Request]:
    """An owner's inbox, or what an account `asked`; newest first, one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select r.id, r.kind, r.character, k.handle::text, k.owner, o.handle::text as owner_handle, r.asker,
            a.handle::text as asker_handle, r.prompt, r.clip, r.audience, r.state, r.created_at, r.decided_at
        from cast_request r join character k on k.id = r.character join account o on o.id = k.owner
        join account a on a.id = r.asker
        where case when $2 then r.asker = $1 else k.owner = $1 end and ($3::uuid is null or r.id < $3)
        order by r.id desc limit $4
        """,
        account,
        asked,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Request) for row in rows]


async def close(conn: asyncpg.Connection, request: UUID, answer: Literal["approved", "refused"]) -> bool:
    """True for exactly one caller."""
    done = await conn.execute(
        "update cast_request set state = $2, decided_at = now() where id = $1 and state = 'open'", request, answer
    )
    return bool(done == "UPDATE 1")


async def withdraw_publishing(conn: asyncpg.Connection, clips: Sequence[UUID], *, but: str | None = None) -> None:
    """Open requests to publish these clips, other than for the audience `but`."""
    await conn.execute(
        """
        update cast_request set state = 'withdrawn', decided_at = now()
        where kind = 'publish' and state = 'open' and clip = any($1) and audience is distinct from $2
        """,
        list(clips),
        but,
    )


async def withdraw_between(conn: asyncpg.Connection, one: UUID, other: UUID) -> None:
    """Open requests of either to the other."""
    await conn.execute(
        """
        update cast_request r set state = 'withdrawn', decided_at = now() from character k
        where k.id = r.character and r.state = 'open'
            and ((k.owner = $1 and r.asker = $2) or (k.owner = $2 and r.asker = $1))
        """,
        one,
        other,
    )


async def publications(conn: asyncpg.Connection, clips: Sequence[UUID]) -> dict[UUID, Publication]:
    """Of those that wait."""
    rows = await conn.fetch(
        """
        select r.clip, max(r.audience) as wanted, array_agg('@' || k.handle::text order by k.handle) as waiting_for
        from cast_request r join character k on k.id = r.character
        where r.kind = 'publish' and r.state = 'open' and r.clip = any($1) group by r.clip
        """,
        list(clips),
    )
    return {row["clip"]: Publication(row["wanted"], tuple(row["waiting_for"])) for row in rows}
