"""Exports and imports: a library that is its owner's, taken along."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, get, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, exports, ids, imports
from backend.auth import Viewer
from backend.byte_ranges import respond
from backend.errors import MediaGone
from backend.media import Media
from backend.media_links import MediaLinks
from character_store.vault import Vault
from social import transfers
from social.errors import ExportUnknown, ImportUnknown
from social.transfers import Export, Import


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`file_id`: an upload of kind `import`."""

    file_id: str


@post("/me/exports", status_code=202)
async def export(
    viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool], media_links: NamedDependency[MediaLinks]
) -> dict[str, Any]:
    """Everything of the account as a ZIP, faces and voices too: made by a worker, kept for a week."""
    auth.need_fresh(viewer)
    return _export(await exports.ask(pool, viewer.id), media_links)


@get("/me/exports/{export_id:str}")
async def one_export(
    export_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """How far it is; `url` once it is there: good for one to two hours, for ranges too, and without a session."""
    auth.need_session(viewer)
    key = ids.parse("export", export_id)
    async with pool.acquire() as conn:
        found = None if key is None else await transfers.export(conn, key)
    if found is None or found.account != viewer.id:
        raise ExportUnknown(export_id)
    return _export(found, media_links)


@route("/media/exports/{name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], security=[{}])
async def download(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
    media_links: NamedDependency[MediaLinks],
) -> Response[Any]:
    """The ZIP: ranges, conditions, HEAD; opened while it is sent."""
    query = request.query_params
    media_links.check(request.url.path, query.get("exp", ""), query.get("sig", ""))
    key = ids.parse("export", name.removesuffix(".zip"))
    async with pool.acquire() as conn:
        found = None if key is None else await transfers.export(conn, key)
    if found is None:
        raise MediaGone(name)
    try:
        source = await exports.opened(pool, media, vault, found)
    except ExportUnknown:
        raise MediaGone(name) from None
    told = {"content-disposition": f'attachment; filename="castmate-{found.created_at:%Y-%m-%d}.zip"'}
    return respond(request, source, cache="private, no-store", headers=told)


@post("/me/imports", status_code=202)
async def take_in(
    data: JSONBody[Order],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    vault: NamedDependency[Vault],
) -> dict[str, Any]:
    """What an instance exported: checked by a worker and taken in whole, or refused with nothing taken in."""
    auth.need_session(viewer)
    return _import(await imports.ask(pool, vault, viewer, data.file_id))


@get("/me/imports/{import_id:str}")
async def one_import(
    import_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    key = ids.parse("import", import_id)
    async with pool.acquire() as conn:
        found = None if key is None else await transfers.find_import(conn, key)
    if found is None or found.account != viewer.id:
        raise ImportUnknown(import_id)
    return _import(found)


def _export(row: Export, links: MediaLinks) -> dict[str, Any]:
    public = ids.public("export", row.id)
    there = row.state == "completed" and row.file is not None
    return {
        "id": public,
        "object": "export",
        "state": "expired" if row.state == "completed" and not there else row.state,
        "progress": row.progress,
        "created_at": row.created_at,
        "completed_at": row.completed_at,
        "expires_at": row.expires_at,
        "url": links.signed(f"/media/exports/{public}.zip", row.id.int, direct=True) if there else None,
    }


def _import(row: Import) -> dict[str, Any]:
    error = None if row.error_code is None else {"code": row.error_code, "message": row.error_message}
    return {
        "id": ids.public("import", row.id),
        "object": "import",
        "state": row.state,
        "progress": row.progress,
        "error": error,
        "taken_in": row.taken_in,
        "created_at": row.created_at,
        "completed_at": row.completed_at,
    }
