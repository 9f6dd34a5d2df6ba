"""Faces that may be stored already: a moderator looks at both and decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, enrolment, ids, shapes, vaulted
from backend.auth import Viewer
from backend.errors import Forbidden
from backend.media import Media
from backend.pages import page_of
from character_store import audit, characters, versions
from character_store.characters import Character, Refusal
from character_store.errors import CharacterUnknown, NotHeld
from character_store.vault import Vault
from character_store.versions import Held, Version
from generation.perception.references import References
from social.errors import InvalidValue
from social.moderation import chain

REFUSED = Refusal(
    "duplicate_face",
    "a moderator has compared this face with one that somebody else has stored, and refused it; if it is yours, ask "
    "whoever stored it to delete it, or report that character",
)


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    decision: str  # accept | refuse
    explanation: str


@get("/moderation/held-characters")
async def queue(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Oldest first."""
    auth.need_staff(viewer)
    start, limit = page_of("char", after, limit)
    async with pool.acquire() as conn:
        rows = await versions.held(conn, after=start, limit=limit)
    return shapes.page([_shape(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/moderation/held-characters/{character_id:str}/faces/{which:str}")
async def face(
    character_id: FromPath[str],
    which: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """One of the two pictures, PNG. Both owners can read that it was opened, and by whom."""
    auth.need_staff(viewer)
    if which not in {"new", "stored"}:
        raise InvalidValue("which", which, "new, stored")
    async with pool.acquire() as conn:
        character, held = await _held(conn, character_id)
        shown, version = character.id, held.version
        if which == "stored":
            other = None if held.resembles is None else await characters.by_id(conn, held.resembles)
            if other is None or other.left_at is not None:
                raise CharacterUnknown(character_id)
            shown, version = other.id, other.version
    plain = await vaulted.opened(pool, media, vault, shown, version, "references", purpose="review", actor=viewer.id)
    references = msgspec.msgpack.decode(plain, type=References)
    if references.face is None:
        raise CharacterUnknown(character_id)
    return Response(references.face.photo_png, media_type="image/png", headers={"cache-control": "no-store"})


@post("/moderation/held-characters/{character_id:str}/decide", status_code=200)
async def decide(
    character_id: FromPath[str],
    data: JSONBody[Decision],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> dict[str, Any]:
    """accept: two people, or the same one rightly; refuse: the new one is destroyed. Nobody decides about their own."""
    auth.need_staff(viewer)
    auth.need_fresh(viewer, auth.STAFF_FRESH_SECONDS)
    if data.decision not in {"accept", "refuse"}:
        raise InvalidValue("decision", data.decision, "accept, refuse")
    if not 1 <= len(data.explanation.strip()) <= 1000:
        raise InvalidValue("explanation", data.explanation, "1 to 1000 characters")
    async with pool.acquire() as conn, conn.transaction():
        character, held = await _held(conn, character_id)
        if character.owner == viewer.id:
            raise Forbidden("you cannot decide about your own character; another moderator has to")
        other = None if held.resembles is None else await characters.by_id(conn, held.resembles)
        if other is not None and other.owner == viewer.id:
            raise Forbidden("it resembles your own character; another moderator has to decide")
        detail = {"decision": data.decision, "explanation": data.explanation.strip(), "version": held.version}
        await audit.note(conn, viewer.id, "face_reviewed", character.id, detail)
        if data.decision == "accept" and not await versions.mark_ready(conn, character.id, held.version):
            raise NotHeld(character_id)
        if data.decision == "refuse" and not await enrolment.refuse_in(conn, character.id, held.version, REFUSED):
            raise NotHeld(character_id)
        said = {"decision": data.decision, "version": held.version}
        await chain.note(conn, viewer.id, "face_reviewed", "character", character.id, said)
    if data.decision == "refuse":
        await vaulted.sweep(pool, media, character.id, held.version)
    return {"id": character_id, "decision": data.decision}


async def _held(conn: asyncpg.Connection, character_id: str) -> tuple[Character, Version]:
    """Raises NotHeld."""
    key: UUID | None = ids.parse("char", character_id)
    character = None if key is None else await characters.by_id(conn, key)
    version = None if character is None else await versions.find(conn, character.id, character.newest)
    if character is None or version is None or version.state != "held":
        raise NotHeld(character_id)
    return character, version


def _shape(row: Held) -> dict[str, Any]:
    return {
        "id": ids.public("char", row.character),
        "object": "held_character",
        "version": row.version,
        "name": row.name,
        "handle": row.handle,
        "owner": row.owner,
        "resembles": None
        if row.resembles is None
        else {
            "id": ids.public("char", row.resembles),
            "handle": row.resembles_handle,
            "owner": row.resembles_owner,
        },
        "distance": row.distance,
        "created_at": row.created_at,
    }
