"""Characters as the SDKs make them: a name and a video, under /videos/characters."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import enrolment, forms, ids
from backend.auth import Viewer
from backend.media import Media
from backend.routes import intake
from backend.routes.references import character as find
from character_store import grants
from character_store.characters import Character
from character_store.errors import CharacterUnknown
from character_store.vault import Vault
from social.errors import InvalidValue

KIND = "drawn"  # of a character whose client names no kind and sends no receipt


@post("/videos/characters", status_code=200, request_max_body_size=intake.BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> dict[str, Any]:
    """A drawn figure, an object or a pet from its pictures; with `consent_id` a person, whose video is the capture.

    Without a receipt the video's sound is not listened to.
    """
    fields = await forms.read(request)
    person = fields.get("consent_id") is not None and fields.get("kind") in (None, "person")
    if len(forms.files(fields, "video")) != 1:
        raise InvalidValue("video", f"{len(forms.files(fields, 'video'))} files", "exactly one file")
    if not isinstance(fields.get("name"), str):
        raise InvalidValue("name", fields.get("name"), f"{intake.NAME[0]} to {intake.NAME[1]} characters")
    fields.setdefault("handle", intake.handle_from(fields["name"]))
    if person:
        fields |= {"kind": "person", "capture": fields.pop("video")}
    else:
        fields.setdefault("kind", KIND)
    async with pool.acquire() as conn, conn.transaction():
        taken = await intake.read(fields, viewer, conn)
    made = await enrolment.take_in(pool, media, vault, viewer.id, taken.new, taken.originals)
    async with pool.acquire() as conn:
        return _shape(await find(conn, ids.public("char", made)))


@get("/videos/characters/{character_id:str}")
async def one(
    character_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """For its owner, and whoever may cast it."""
    async with pool.acquire() as conn:
        character = await find(conn, character_id)
        refused = await grants.refusal(conn, viewer.id, character.id)
    if refused is not None and character.owner != viewer.id:
        raise CharacterUnknown(character_id)
    return _shape(character)


def _shape(row: Character) -> dict[str, Any]:
    """The SDKs' object, and what tells our own clients how far it is."""
    return {
        "id": ids.public("char", row.id),
        "object": "character",
        "name": row.name,
        "created_at": int(row.created_at.timestamp()),
        "handle": row.handle,
        "kind": row.kind,
        "state": row.state,
        "refusal": row.refusal,
    }
