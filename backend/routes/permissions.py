"""Who may cast a character: the pre-check, and the grants its owner gives and takes back."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, ids, shapes, studio
from backend.auth import Viewer
from backend.media import Media
from backend.pages import page_of
from backend.routes import references
from character_store import grants, uses
from character_store.characters import Character
from character_store.errors import CharacterUnknown
from character_store.grants import Grant
from social import notices, people
from social.clips import PROMPT_MAX
from social.errors import InvalidValue


@get("/characters/{reference:str}/permission")
async def permission(
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    prompt: FromQuery[str | None] = None,
) -> dict[str, Any]:
    """May the viewer cast it (with these words), before anything is spent."""
    if prompt is not None and ("\0" in prompt or len(prompt) > PROMPT_MAX):
        raise InvalidValue("prompt", f"{len(prompt)} characters", f"up to {PROMPT_MAX} characters, none of them NUL")
    async with pool.acquire() as conn:
        character = await references.character(conn, reference)
        reason = await grants.refusal(conn, viewer.id, character.id, prompt=prompt)
    return {"allowed": reason is None, "reason": reason}


@get("/characters/{reference:str}/grants")
async def given(
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """The owner's list of grants that are not revoked, newest first."""
    auth.need_session(viewer)
    start, limit = page_of("grant", after, limit)
    async with pool.acquire() as conn:
        character = await references.own_character(conn, viewer, reference)
        rows = await grants.live(conn, character.id, after=start, limit=limit)
    return shapes.page([_grant(row, character) for row in rows[:limit]], has_more=len(rows) > limit)


@put("/characters/{reference:str}/grants/{handle:str}", status_code=200)
async def give(
    reference: FromPath[str],
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """A standing grant; once or many times is the same."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        character = await references.own_character(conn, viewer, reference)
        if character.state == "revoked":
            raise CharacterUnknown(reference)
        person = await people.reachable(conn, viewer.id, handle)
        if await grants.give(conn, character.id, person.id):
            about = {"character": ids.public("char", character.id), "by": viewer.account.handle}
            await notices.tell(conn, person.id, "granted", about)
        grant = await grants.standing(conn, character.id, person.id)
    if grant is None:
        raise CharacterUnknown(reference)
    return _grant(grant, character)


@delete("/characters/{reference:str}/grants/{handle:str}", status_code=200)
async def take_back(
    reference: FromPath[str],
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    clips: FromQuery[str] = "keep",
) -> dict[str, Any]:
    """Standing and single grants; clips in the making that lived by them stop. `clips=remove`: those that exist go too.

    `revoked` is whether there was a grant to end; `kept` are the grantee's clips that still show the character.
    """
    auth.need_session(viewer)
    if clips not in {"keep", "remove"}:
        raise InvalidValue("clips", clips, "keep, remove")
    async with pool.acquire() as conn, conn.transaction():
        character = await references.own_character(conn, viewer, reference)
        person = await people.other(conn, viewer.id, handle)
        revoked = await grants.revoke(conn, character.id, person.id)
        if revoked:
            about = {"character": ids.public("char", character.id), "by": viewer.account.handle}
            await notices.tell(conn, person.id, "grant_revoked", about)
        await studio.stop_unconsented(conn, viewer.id)
        gone = await studio.clips_showing(conn, character.id, person.id) if clips == "remove" else []
        keys = await studio.take_down(conn, gone, viewer.id, "grant_revoked")
        kept = await uses.showing(conn, character.id, maker=person.id)
    await studio.sweep(pool, media, keys)
    named = {"removed": [ids.public("video", one) for one in gone], "kept": [ids.public("video", one) for one in kept]}
    return {"revoked": revoked, "clips": named}


def _grant(grant: Grant, character: Character) -> dict[str, Any]:
    """`in_force`: a standing grant rests while the audience is only_me."""
    return {
        "id": ids.public("grant", grant.id),
        "object": "character.grant",
        "character": ids.public("char", grant.character),
        "grantee": grant.grantee,
        "prompt": grant.prompt,
        "video": None if grant.clip is None else ids.public("video", grant.clip),
        "spent_at": grant.spent_at,
        "granted_at": grant.granted_at,
        "in_force": grant.spent_at is None and (grant.prompt is not None or character.audience != "only_me"),
    }
