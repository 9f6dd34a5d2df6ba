"""Was this made here, and which clip is it: asked with a file, by anybody."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import forms, ids, inspecting, sniff, uploads
from backend.caller import caller_of
from backend.media import Media
from backend.sniff import Upload
from character_store.vault import Vault
from social import clips
from social.errors import InvalidValue
from social.provenance import Inspection
from social.provenance_errors import InspectionUnknown

BODY_BYTES: Final = sniff.VIDEO_BYTES + 1024 * 1024
WAIT_SECONDS: Final = 10.0


@post("/provenance/inspect", status_code=200, request_max_body_size=BODY_BYTES, security=[{}])
async def inspect(
    request: Request[Any, Any, Any],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[Any]:
    """The answer where it is there within ten seconds; else 202, and it is fetched by its id for an hour.

    Nobody needs to be signed in. A clip that the viewer may not see is made here, and which it is stays untold.
    """
    fields = await forms.read(request)
    viewer = caller_of(request.scope).viewer
    if viewer is not None:
        fields = await uploads.stand_in(pool, media, vault, viewer, fields)
    sent = fields.get("file")
    if not isinstance(sent, Upload) or set(fields) != {"file"}:
        raise InvalidValue("file", ", ".join(sorted(fields))[:60], "one video, or the id of an upload when signed in")
    content = sniff.video("file", sent)
    asked = await inspecting.ask(pool, media, content)
    return await _answer(request, pool, asked, await inspecting.answered(pool, asked, WAIT_SECONDS))


@get("/provenance/inspections/{inspection_id:str}", security=[{}])
async def inspected(
    request: Request[Any, Any, Any], inspection_id: FromPath[str], pool: NamedDependency[asyncpg.Pool]
) -> Response[Any]:
    """202 until somebody has looked."""
    asked = ids.parse("insp", inspection_id)
    if asked is None:
        raise InspectionUnknown(inspection_id)
    return await _answer(request, pool, asked, await inspecting.answered(pool, asked, 0))


async def _answer(
    request: Request[Any, Any, Any], pool: asyncpg.Pool, asked: UUID, row: Inspection | None
) -> Response[Any]:
    """Raises InspectionUnknown."""
    public = ids.public("insp", asked)
    if row is None:
        raise InspectionUnknown(public)
    said: dict[str, Any] = {"id": public, "object": "inspection", "state": row.state}
    if row.found is None:
        empty = {"made_here": None, "video": None, "confidence": None, "by": None, "credentials": None}
        return Response(said | empty, status_code=202 if row.state == "queued" else 200)
    viewer = caller_of(request.scope).viewer
    video = None
    if (clip := row.found["clip"]) is not None:
        async with pool.acquire() as conn:
            seen = await clips.visible(conn, None if viewer is None else viewer.id, UUID(hex=clip))
        video = None if seen is None else ids.public("video", seen.id)
    told = {name: row.found[name] for name in ("made_here", "confidence", "by", "credentials")}
    return Response(msgspec.to_builtins(said | told | {"video": video}))
