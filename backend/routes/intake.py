"""What somebody sends to make or renew a character, read and checked: fields, files, and whose word allows them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend import auth, forms, ids, sniff
from backend.auth import Viewer
from character_store import consents
from character_store.characters import AUDIENCES, BUILDS, HANDLE, HEIGHT_CM, KINDS, NewCharacter
from character_store.errors import CaptureNeeded, ConsentUnknown
from social.accounts import age_on
from social.errors import InvalidValue
from social.safety import rules

BODY_BYTES: Final = 112 * 1024 * 1024
PHOTOS_MOST: Final = 6
FILES: Final = ("photos", "voice", "capture", "video")
NAME: Final = (1, 80)  # characters
RESTRICTIONS_MOST: Final = 20
ADULT: Final = 18
YOUNG_AUDIENCES: Final = ("only_me", "mutuals")
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
    consent_id: str | None = None


class Intake(msgspec.Struct, frozen=True):
    """A checked order for a character and the bytes it is to be made from."""

    new: NewCharacter
    originals: Mapping[str, bytes]


async def read(fields: forms.Fields, viewer: Viewer, conn: asyncpg.Connection) -> Intake:
    """Raises InvalidValue, CaptureNeeded, ConsentError, BadUpload leaves, Forbidden or msgspec.ValidationError.

    Consent is looked at before any file is.
    """
    sent = msgspec.convert({k: v for k, v in fields.items() if k not in FILES}, _Sent, strict=False)
    if sent.kind not in KINDS:
        raise InvalidValue("kind", sent.kind, ", ".join(KINDS))
    consent = consent_key(sent.consent_id)
    archive = sent.kind == "person" and fields.get("capture") is None
    if archive:
        if sent.rights is None or viewer.account.role != "operator":
            raise CaptureNeeded
        auth.need_fresh(viewer)
    elif sent.rights is not None:
        raise InvalidValue("rights", sent.rights, "no rights: only a person without a capture needs them")
    new = _checked(sent, viewer, None if archive else consent)
    await _allowed(conn, viewer, new.kind, fields, new.consent, archive=archive)
    return Intake(new, await originals(fields, new.kind, archive=archive))


def consent_key(public_id: str | None) -> UUID | None:
    """Raises ConsentUnknown for what is no receipt's id."""
    if public_id is None:
        return None
    key = ids.parse("cons", public_id)
    if key is None:
        raise ConsentUnknown(public_id)
    return key


async def allow_again(
    conn: asyncpg.Connection, viewer: Viewer, kind: str, fields: forms.Fields, *, archive: bool
) -> UUID | None:
    """For new references: the receipt they come under. Raises as `read` does."""
    if archive:
        auth.need_role(viewer, "operator")
        auth.need_fresh(viewer)
    elif kind == "person" and fields.get("capture") is None:
        raise CaptureNeeded
    sent = fields.get("consent_id")
    consent = None if archive else consent_key(sent if sent is None else str(sent))
    await _allowed(conn, viewer, kind, fields, consent, archive=archive)
    return consent


async def _allowed(
    conn: asyncpg.Connection,
    viewer: Viewer,
    kind: str,
    fields: forms.Fields,
    consent: UUID | None,
    *,
    archive: bool,
) -> None:
    """A face or voice needs its person's receipt; raises ConsentError."""
    if archive:
        return
    what = "a person's character" if kind == "person" else "a voice" if fields.get("voice") is not None else None
    if what is not None or consent is not None:
        await consents.need(conn, viewer.id, consent, what or "a character")


async def originals(fields: forms.Fields, kind: str, *, archive: bool) -> dict[str, bytes]:
    """The files by name: capture, video, voice, photo1... Raises InvalidValue or BadUpload leaves."""
    counts = {name: forms.files(fields, name) for name in FILES}
    photos, voices = counts["photos"], counts["voice"]
    if len(voices) > 1 or (archive and not voices):
        raise InvalidValue("voice", f"{len(voices)} files", "exactly one file" if archive else "at most one file")
    for name, wanted in (("capture", kind == "person" and not archive), ("video", False)):
        most = 1 if wanted or (name == "video" and kind != "person") else 0
        if len(counts[name]) > most or (wanted and not counts[name]):
            raise InvalidValue(name, f"{len(counts[name])} files", "exactly one file" if wanted else f"{most} files")
    video = counts["video"]
    least = 0 if video or counts["capture"] else 1
    if not least <= len(photos) <= PHOTOS_MOST:
        raise InvalidValue("photos", f"{len(photos)} files", f"{least} to {PHOTOS_MOST} files")
    read = {f"photo{number}": await sniff.picture("photos", photo) for number, photo in enumerate(photos, 1)}
    if voices:
        read["voice"] = sniff.sound("voice", voices[0])
    for name in ("capture", "video"):
        for upload in counts[name]:
            read[name] = sniff.video(name, upload)
    return read


def check_text(name: str, value: Any) -> None:
    """The fields that POST and PATCH have in common. Raises InvalidValue."""
    match name:
        case "name" if not NAME[0] <= len(value.strip()) <= NAME[1]:
            raise InvalidValue("name", value, f"{NAME[0]} to {NAME[1]} characters")
        case "name" if rules.met(value, "name") is not None:
            raise InvalidValue("name", value, "a name that insults nobody and speaks for no office")
        case "audience" if value not in AUDIENCES:
            raise InvalidValue("audience", value, ", ".join(AUDIENCES))
        case "build" if value not in BUILDS:
            raise InvalidValue("build", value, ", ".join(BUILDS))
        case "height_cm" if value is not None and not HEIGHT_CM[0] <= value <= HEIGHT_CM[1]:
            raise InvalidValue("height_cm", value, f"{HEIGHT_CM[0]} to {HEIGHT_CM[1]}")
        case "preferences" if len(value) > 2000:
            raise InvalidValue("preferences", f"{len(value)} characters", "up to 2000 characters")
        case "restrictions" if len(value) > RESTRICTIONS_MOST or any(not 1 <= len(one.strip()) <= 200 for one in value):
            raise InvalidValue("restrictions", value, f"up to {RESTRICTIONS_MOST} sentences of 1 to 200 characters")


def check_young(viewer: Viewer, kind: str, audience: str) -> None:
    """Under 18 one's own face is for oneself and one's friends. Raises InvalidValue."""
    years = age_on(viewer.account.birth_date, datetime.now(UTC).date())
    if kind == "person" and years < ADULT and audience not in YOUNG_AUDIENCES:
        raise InvalidValue("audience", audience, f"{' or '.join(YOUNG_AUDIENCES)} under the age of {ADULT}")


def handle_from(name: str) -> str:
    """A free-looking handle where a client names none: the SDKs' create_character."""
    stem = re.sub(r"[^a-z0-9]+", ".", name.lower()).strip(".")[:18]
    return f"{stem or 'character'}.{secrets.token_hex(4)}"


def _checked(sent: _Sent, viewer: Viewer, consent: UUID | None) -> NewCharacter:
    """Raises InvalidValue."""
    if not HANDLE.fullmatch(sent.handle.lower()) or sent.handle.lower().startswith("gone."):
        raise InvalidValue("handle", sent.handle, "3 to 30 of a-z, 0-9, _ and ., a letter or digit at both ends")
    if rules.met(sent.handle, "name") is not None:
        raise InvalidValue("handle", sent.handle, "a handle that insults nobody and speaks for no office")
    for name in ("name", "audience", "build", "height_cm", "preferences", "restrictions"):
        check_text(name, getattr(sent, name))
    if sent.rights is not None and not sent.rights.strip():
        raise InvalidValue("rights", sent.rights, "a sentence that says why this is allowed")
    check_young(viewer, sent.kind, sent.audience)
    fields = msgspec.structs.asdict(sent) | {
        "handle": sent.handle.lower(),
        "name": sent.name.strip(),
        "restrictions": tuple(one.strip() for one in sent.restrictions),
        "consent": consent,
    }
    return msgspec.convert(fields, NewCharacter)
