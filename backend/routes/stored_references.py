"""The references of a character: renewed, given back to their owner as files, and who opened them when."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, enrolment, forms, ids, shapes, uploads
from backend.auth import Viewer
from backend.media import Media
from backend.pages import page_of
from backend.reference_files import files_of
from backend.routes import intake
from backend.routes.references import own_character as mine_of
from character_store import audit
from character_store import vault as safe
from character_store.errors import CharacterUnknown
from character_store.vault import Opening, Vault


@put("/characters/{reference:str}/references", status_code=202, request_max_body_size=intake.BODY_BYTES)
async def renew(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> dict[str, Any]:
    """A new version. The one in use stays until this one is ready; old clips keep theirs."""
    auth.need_session(viewer)
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    async with pool.acquire() as conn, conn.transaction():
        character = await mine_of(conn, viewer, reference)
        if character.left_at is not None:
            raise CharacterUnknown(reference)
        archive = character.rights is not None
        consent = await intake.allow_again(conn, viewer, character.kind, fields, archive=archive)
    originals = await intake.originals(fields, character.kind, archive=archive)
    await enrolment.take_in_again(pool, media, vault, character, originals, consent)
    async with pool.acquire() as conn:
        return shapes.character(await mine_of(conn, viewer, ids.public("char", character.id)))


@get("/characters/{reference:str}/references")
async def export(
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """Everything stored of the version in use, as files in a ZIP. Leaves an audit row like any other opening."""
    auth.need_fresh(viewer)
    async with pool.acquire() as conn, conn.transaction():
        character = await mine_of(conn, viewer, reference)
        version = character.version
        key = await safe.open_key(conn, vault, character.id, version, purpose="export", actor=viewer.id)
        places = await safe.objects(conn, character.id, version)
        await audit.note(conn, viewer.id, "references_exported", character.id, {"version": version})
    plain = {
        name: safe.unseal(key, await media.get(place), character.id, version, name) for name, place in places.items()
    }
    packed = await asyncio.to_thread(_zip, shapes.character(character), plain)
    name = f"{character.handle}-v{version}.zip"
    return Response(
        packed,
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def _zip(card: dict[str, Any], plain: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as pack:
        pack.writestr("character.json", msgspec.json.format(msgspec.json.encode(card)))
        for name, content in files_of(plain).items():
            pack.writestr(name, content)
    return file.getvalue()


@get("/characters/{reference:str}/openings")
async def openings(
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Every time the stored face and voice were opened: when, for what, on whose wish. For their owner."""
    auth.need_session(viewer)
    start, limit = page_of("open", after, limit)
    async with pool.acquire() as conn:
        character = await mine_of(conn, viewer, reference)
        rows = await safe.openings(conn, character.id, after=start, limit=limit)
    return shapes.page([_opening(row) for row in rows[:limit]], has_more=len(rows) > limit)


def _opening(row: Opening) -> dict[str, Any]:
    return {
        "id": ids.public("open", row.id),
        "object": "character.opening",
        "version": row.version,
        "purpose": row.purpose,
        "video": None if row.clip is None else ids.public("video", row.clip),
        "by": row.actor,
        "at": row.at,
    }
