"""Characters: taken in, looked at, changed, deleted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, departure, enrolment, forms, ids, shapes, studio, uploads
from backend.auth import Viewer
from backend.db import GONE
from backend.media import Media
from backend.pages import page_of
from backend.routes import intake
from backend.routes.references import character as find
from backend.routes.references import own_character as mine_of
from character_store import characters, consents, grants, versions
from character_store.characters import Changes
from character_store.errors import CharacterUnknown
from character_store.vault import Vault
from social.errors import InvalidValue

CLIPS = ("keep", "remove")


@post("/characters", status_code=202, request_max_body_size=intake.BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> dict[str, Any]:
    """A person with consent and capture, an archive character with its rights, or a pet, object or drawn figure."""
    auth.need_session(viewer)
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    async with pool.acquire() as conn, conn.transaction():
        taken = await intake.read(fields, viewer, conn)
    made = await enrolment.take_in(pool, media, vault, viewer.id, taken.new, taken.originals)
    async with pool.acquire() as conn:
        return shapes.character(await mine_of(conn, viewer, ids.public("char", made)))


@get("/characters")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """The viewer's own, newest first; those that left among them, with the times."""
    start, limit = page_of("char", after, limit)
    async with pool.acquire() as conn:
        rows = await characters.owned_by(conn, viewer.id, after=start, limit=limit)
    return shapes.page([shapes.character(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/characters/{reference:str}")
async def one(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    """By id or @handle: its owner, and whoever may cast it."""
    async with pool.acquire() as conn:
        character = await find(conn, reference)
        if character.owner != viewer.id:
            if await grants.refusal(conn, viewer.id, character.id) is not None:
                raise CharacterUnknown(reference)
            return shapes.single(request, shapes.castable(character))
        destroyed_at = await versions.destroyed_at(conn, character.id)
    return shapes.single(request, shapes.character(character, destroyed_at))


@patch("/characters/{reference:str}")
async def change(
    reference: FromPath[str],
    data: JSONBody[Changes],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """Takes effect at once: clips in the making that are not allowed any more stop."""
    auth.need_session(viewer)
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
    for name, value in given.items():
        intake.check_text(name, value)
    async with pool.acquire() as conn, conn.transaction():
        await characters.lock(conn, [(await mine_of(conn, viewer, reference)).id])
        character = await mine_of(conn, viewer, reference)  # as it stands under the lock
        if character.left_at is not None:
            raise CharacterUnknown(reference)
        if "consent_id" in given:
            consent = intake.consent_key(given.pop("consent_id"))
            await consents.need(conn, viewer.id, consent, "a person's character")
            given["consent"] = consent
        if "name" in given:
            given["name"] = given["name"].strip()
        wanted = msgspec.structs.replace(character, **given)
        intake.check_young(viewer, character.kind, wanted.audience)
        await characters.change(conn, character.id, wanted)
        await studio.stop_unconsented(conn, viewer.id)
        return shapes.character(await mine_of(conn, viewer, reference))


@delete("/characters/{reference:str}", status_code=200)
async def remove(
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    clips: FromQuery[str] = "keep",
) -> dict[str, Any]:
    """The key of the stored face and voice is destroyed before this answers, and nothing can read them again.

    `clips=remove` takes down what shows the character too, with what was made from it. Whatever is kept is listed.
    """
    auth.need_session(viewer)
    if clips not in CLIPS:
        raise InvalidValue("clips", clips, ", ".join(CLIPS))
    swept: list[str] = []
    async with pool.acquire() as conn, conn.transaction():
        character = await mine_of(conn, viewer, reference)
        await departure.leave(conn, character.id, "deleted", viewer.id)
        showing = await studio.clips_showing(conn, character.id)
        if clips == "remove":
            swept = await studio.take_down(conn, showing, viewer.id, "character_deleted")
    await studio.sweep(pool, media, swept)
    with suppress(*GONE):  # the worker will
        await departure.sweep(pool, media, character.id)
    async with pool.acquire() as conn:
        left = await mine_of(conn, viewer, ids.public("char", character.id))
        destroyed_at = await versions.destroyed_at(conn, character.id)
    listed = [ids.public("video", clip) for clip in showing]
    return {
        "id": ids.public("char", character.id),
        "object": "character.deleted",
        "deleted": True,
        "destruction": shapes.destruction(left, destroyed_at),
        "clips": {"removed": listed, "kept": []} if clips == "remove" else {"removed": [], "kept": listed},
    }
