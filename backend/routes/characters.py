"""Characters: taken in, looked at, asked about."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, enrolment, forms, ids, shapes, sniff
from backend.auth import Viewer
from backend.errors import NotSupportedYet
from backend.media import Media
from backend.pages import page_of
from character_store import characters, grants
from character_store.characters import AUDIENCES, BUILDS, HANDLE, HEIGHT_CM, KINDS, Character, NewCharacter
from character_store.errors import CaptureNeeded, CharacterUnknown
from character_store.vault import Vault
from social.errors import InvalidValue

PHOTOS_MOST = 6
BODY_BYTES = 96 * 1024 * 1024
Text = Annotated[str, msgspec.Meta(max_length=2000)]


class _Sent(msgspec.Struct, frozen=True):
    """The text fields of the form; files are read apart."""

    kind: str
    name: str
    handle: str
    audience: str = "only_me"
    height_cm: float | None = None
    build: str = "average"
    preferences: Text = ""
    restrictions: tuple[Text, ...] = ()
    rights: Text | None = None


@post("/characters", status_code=202, request_max_body_size=BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> dict[str, Any]:
    """Take in an archive character: photos, a voice, and the operator's statement of rights."""
    auth.need_session(viewer)
    fields = await forms.read(request)
    new = _checked(msgspec.convert({k: v for k, v in fields.items() if k not in FILES}, _Sent, strict=False))
    if new.kind != "person":
        raise NotSupportedYet("kind", new.kind, "'person'")
    if fields.get("capture") is not None:
        raise NotSupportedYet("capture", "a recording", "photos[] and voice with rights, from an operator")
    if new.rights is None or viewer.account.role != "operator":
        raise CaptureNeeded
    photos = forms.files(fields, "photos")
    voices = forms.files(fields, "voice")
    if not 1 <= len(photos) <= PHOTOS_MOST:
        raise InvalidValue("photos", f"{len(photos)} files", f"1 to {PHOTOS_MOST} files")
    if len(voices) != 1:
        raise InvalidValue("voice", f"{len(voices)} files", "exactly one file")
    originals = {f"photo{number}": await sniff.picture("photos", photo) for number, photo in enumerate(photos, 1)}
    originals["voice"] = await sniff.sound("voice", voices[0])
    made = await enrolment.take_in(pool, media, vault, viewer.id, new, originals)
    async with pool.acquire() as conn:
        return shapes.character(await _mine(conn, viewer, made))


FILES = ("photos", "voice", "capture")


def _checked(sent: _Sent) -> NewCharacter:
    """Raises InvalidValue."""
    if sent.kind not in KINDS:
        raise InvalidValue("kind", sent.kind, ", ".join(KINDS))
    if not 1 <= len(sent.name.strip()) <= 80:
        raise InvalidValue("name", sent.name, "1 to 80 characters")
    if not HANDLE.fullmatch(sent.handle.lower()):
        raise InvalidValue("handle", sent.handle, "3 to 30 of a-z, 0-9, _ and ., a letter or digit at both ends")
    if sent.audience not in AUDIENCES:
        raise InvalidValue("audience", sent.audience, ", ".join(AUDIENCES))
    if sent.build not in BUILDS:
        raise InvalidValue("build", sent.build, ", ".join(BUILDS))
    if sent.height_cm is not None and not HEIGHT_CM[0] <= sent.height_cm <= HEIGHT_CM[1]:
        raise InvalidValue("height_cm", sent.height_cm, f"{HEIGHT_CM[0]} to {HEIGHT_CM[1]}")
    if sent.rights is not None and not sent.rights.strip():
        raise InvalidValue("rights", sent.rights, "a sentence that says why this is allowed")
    return msgspec.convert(
        msgspec.structs.asdict(sent) | {"handle": sent.handle.lower(), "name": sent.name.strip()}, NewCharacter
    )


@get("/characters")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """The viewer's own, newest first."""
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
        character = await _find(conn, reference)
        reason = await grants.refusal(conn, viewer.id, character.id)
    if reason is not None and character.owner != viewer.id:
        raise CharacterUnknown(reference)
    return shapes.single(request, shapes.character(character))


async def _find(conn: asyncpg.Connection, reference: str) -> Character:
    """Raises CharacterUnknown."""
    if reference.startswith("@"):
        found = await characters.by_handle(conn, reference[1:])
    else:
        key = ids.parse("char", reference)
        found = None if key is None else await characters.by_id(conn, key)
    if found is None:
        raise CharacterUnknown(reference)
    return found


async def _mine(conn: asyncpg.Connection, viewer: Viewer, character: UUID) -> Character:
    found = await characters.by_id(conn, character)
    if found is None or found.owner != viewer.id:
        raise CharacterUnknown(ids.public("char", character))
    return found
