"""tus 1.0.0: core, creation, creation-with-upload, checksum, expiration, termination."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

import asyncpg
from litestar import HttpMethod, Request, Response, Router, delete, get, head, patch, post, route
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.params import FromPath

from backend import errors, ids, problems, uploads
from backend.auth import Viewer
from backend.errors import TusBodyUnknown, TusVersionUnknown
from backend.media import Media
from backend.routes.intake import consent_key
from backend.upload_kinds import KINDS, MOST
from backend.uploads import ALGORITHMS, Announced, Checksum
from character_store.uploads import Row
from character_store.vault import Vault
from social.errors import InvalidValue

VERSION: Final = "1.0.0"
BODY: Final = "application/offset+octet-stream"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
METADATA_MOST: Final = 4096  # characters
STREAMED: Final = {"streamed": True}  # no middleware may wait for the end of such a body


@route("/", http_method=[HttpMethod.OPTIONS], security=[{}], status_code=204)
async def can() -> Response[None]:
    """What this server speaks."""
    told = {"tus-version": VERSION, "tus-extension": EXTENSIONS, "tus-max-size": str(MOST)}
    return _answer(204, told | {"tus-checksum-algorithm": ",".join(ALGORITHMS)})


@post("/", status_code=201, request_max_body_size=None, opt=STREAMED)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[None]:
    """Upload-Length, and Upload-Metadata with `kind` and perhaps `filename` and `consent_id`; first bytes may follow.

    Without `consent_id` what may hold a face or voice comes under the newest receipt that allows it.
    """
    _check_version(request)
    if "upload-defer-length" in request.headers:
        raise InvalidValue("Upload-Defer-Length", request.headers["upload-defer-length"], "Upload-Length instead")
    kind = request.headers.get("content-type", "").lower()
    if kind and kind != BODY and request.headers.get("content-length", "0") != "0":
        raise TusBodyUnknown(kind, BODY)
    checksum = _checksum(request)
    row = await uploads.create(pool, vault, viewer, _announced(request))
    if kind == BODY:
        row = await uploads.receive(pool, media, vault, row, 0, _body(request), checksum)
    return _answer(201, _standing(row) | {"location": f"/v1/uploads/{ids.public('upload', row.id)}"})


@head("/{upload_id:str}")
async def standing(
    request: Request[Any, Any, Any],
    upload_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[None]:
    """Where to go on."""
    _check_version(request)
    row = await uploads.find(pool, viewer, upload_id)
    told = {"upload-length": str(row.length), "cache-control": "no-store"}
    return _answer(200, _standing(row) | told | ({"upload-metadata": row.metadata} if row.metadata else {}))


@get("/{upload_id:str}")
async def one(
    upload_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """The same as JSON."""
    row = await uploads.find(pool, viewer, upload_id)
    return {
        "id": ids.public("upload", row.id),
        "object": "upload",
        "kind": row.kind,
        "filename": row.filename,
        "bytes": row.length,
        "received": row.received,
        "completed_at": row.completed_at,
        "expires_at": row.expires_at,
    }


@patch("/{upload_id:str}", status_code=204, request_max_body_size=None, opt=STREAMED)
async def proceed(
    request: Request[Any, Any, Any],
    upload_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[None]:
    """More bytes, from Upload-Offset on."""
    return await _proceed(request, upload_id, viewer, pool, media, vault)


@delete("/{upload_id:str}", status_code=204)
async def remove(
    request: Request[Any, Any, Any],
    upload_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[None]:
    """Its key is destroyed before this answers."""
    _check_version(request)
    await uploads.terminate(pool, media, (await uploads.find(pool, viewer, upload_id)).id)
    return _answer(204, {})


@post("/{upload_id:str}", status_code=204, request_max_body_size=None, opt=STREAMED)
async def overridden(
    request: Request[Any, Any, Any],
    upload_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[None]:
    """For clients that can send no PATCH or DELETE: X-HTTP-Method-Override says which is meant."""
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await _proceed(request, upload_id, viewer, pool, media, vault)
        case "DELETE":
            _check_version(request)
            await uploads.terminate(pool, media, (await uploads.find(pool, viewer, upload_id)).id)
            return _answer(204, {})
        case other:
            raise InvalidValue("X-HTTP-Method-Override", other, "PATCH, DELETE")


async def _proceed(
    request: Request[Any, Any, Any], upload_id: str, viewer: Viewer, pool: asyncpg.Pool, media: Media, vault: Vault
) -> Response[None]:
    _check_version(request)
    kind = request.headers.get("content-type", "").lower()
    if kind != BODY:
        raise TusBodyUnknown(kind, BODY)
    offset, checksum = _number(request, "Upload-Offset"), _checksum(request)
    row = await uploads.find(pool, viewer, upload_id)
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and offset + int(length) > row.length and offset == row.received:
        raise errors.UploadOverrun(row.length)
    row = await uploads.receive(pool, media, vault, row, offset, _body(request), checksum)
    return _answer(204, _standing(row))


async def _body(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """Ends early where the client goes away."""
    try:
        async for chunk in request.stream():
            yield chunk
    except InternalServerException:
        return


def _check_version(request: Request[Any, Any, Any]) -> None:
    """Raises TusVersionUnknown."""
    sent = request.headers.get("tus-resumable")
    if sent != VERSION:
        raise TusVersionUnknown(sent, VERSION)


def _announced(request: Request[Any, Any, Any]) -> Announced:
    """Raises InvalidValue or ConsentUnknown."""
    sent = request.headers.get("upload-metadata", "")
    texts = _metadata(sent)
    return Announced(
        kind=texts.get("kind", ""),
        length=_number(request, "Upload-Length"),
        filename=texts.get("filename", ""),
        consent=consent_key(texts.get("consent_id") or None),
        metadata=sent,
    )


def _metadata(sent: str) -> dict[str, str]:
    """`key base64,key base64`. Raises InvalidValue."""
    allowed = f"pairs of a key and base64 of UTF-8, with commas between, up to {METADATA_MOST} characters"
    wrong = InvalidValue("Upload-Metadata", sent, f"{allowed}; kind is one of {', '.join(KINDS)}")
    if len(sent) > METADATA_MOST:
        raise wrong
    texts: dict[str, str] = {}
    for pair in sent.split(",") if sent else ():
        key, _, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise wrong from None
        if not key or key in texts or "\0" in text:
            raise wrong
        texts[key] = text
    return texts


def _number(request: Request[Any, Any, Any], name: str) -> int:
    """Raises InvalidValue."""
    sent = request.headers.get(name.lower(), "")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 18):
        raise InvalidValue(name, sent, "a whole number of bytes")
    return int(sent)


def _checksum(request: Request[Any, Any, Any]) -> Checksum | None:
    """Raises InvalidValue."""
    sent = request.headers.get("upload-checksum")
    if sent is None:
        return None
    algorithm, _, digest = sent.strip().partition(" ")
    wrong = InvalidValue("Upload-Checksum", sent, f"one of {', '.join(ALGORITHMS)}, a space, and the digest in base64")
    if algorithm not in ALGORITHMS:
        raise wrong
    try:
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except (binascii.Error, ValueError):
        raise wrong from None


def _standing(row: Row) -> dict[str, str]:
    return {
        "upload-offset": str(row.received),
        "upload-expires": format_datetime(row.expires_at, usegmt=True),
    }


def _answer(status: int, headers: dict[str, str]) -> Response[None]:
    """Without a body: the framework would write `null` where one may stand, so nothing at all is given then."""
    nothing: Any = None if status == HTTPStatus.NO_CONTENT else b""
    return Response(nothing, status_code=status, headers={"tus-resumable": VERSION, **headers})


def _told(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """As everywhere, and with the header that tus wants on every answer."""
    answer = problems.handle(request, error)
    answer.headers["tus-resumable"] = VERSION
    return answer


router = Router(
    "/uploads",
    route_handlers=[can, create, standing, one, proceed, remove, overridden],
    exception_handlers={Exception: _told},
)
