"""Said about characters: what they are, consent, who may cast them, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contract.accounts import AT
from backend.contract.doc import File
from backend.publishing import Decision
from character_store.characters import Audience, Kind, Pending, Refusal
from character_store.consents import Purpose

Build = Literal["slim", "average", "athletic", "broad", "heavy"]
State = Literal["processing", "ready", "refused", "revoked"]


class Policy(msgspec.Struct, frozen=True):
    """What is signed, in Markdown."""

    version: str
    sha256: str
    text: str
    purposes: tuple[Purpose, ...]


class Challenge(msgspec.Struct, frozen=True):
    """What a capture has to say aloud, and until when."""

    digits: str
    expires_at: datetime
    spoken_in: str
    read_aloud: str
    instructions: str


class Consent(msgspec.Struct, frozen=True):
    """A receipt. `withdrawn`: purposes and when they were taken back."""

    id: str
    object: str
    purposes: tuple[Purpose, ...]
    withdrawn: dict[str, datetime]
    policy_version: str
    policy_sha256: str
    signed_name: str
    signed_at: datetime


class SignedConsent(Consent, frozen=True):
    challenge: Challenge


class NewChallenge(msgspec.Struct, frozen=True):
    id: str
    challenge: Challenge


class WithdrawnConsent(Consent, frozen=True):
    """`destroyed`: the characters that went with it."""

    destroyed: tuple[str, ...]


class Destruction(msgspec.Struct, frozen=True):
    """What is gone since when; null = not yet."""

    because: Literal["deleted", "expired", "withdrawn"] | None
    key_destroyed_at: datetime | None
    bytes_swept_at: datetime | None
    backups_unreadable_at: datetime | None


class Character(msgspec.Struct, frozen=True):
    """Its owner sees the fields from `rights` on as well."""

    id: str
    object: str
    kind: Kind
    name: str
    handle: str
    owner: str
    version: int
    audience: Audience
    height_cm: float | None
    build: str
    preferences: str
    restrictions: tuple[str, ...]
    archive: bool
    state: State
    refusal: Refusal | None
    created_at: datetime
    expires_at: datetime
    rights: str | UnsetType | None = UNSET
    approve_clips: bool | UnsetType = UNSET
    consent_id: str | UnsetType | None = UNSET
    pending: Pending | UnsetType | None = UNSET
    measured: dict[str, Any] | UnsetType = UNSET
    last_used_at: datetime | UnsetType = UNSET
    destruction: Destruction | UnsetType | None = UNSET


class Clips(msgspec.Struct, frozen=True):
    """Ids of clips."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]


class DeletedCharacter(msgspec.Struct, frozen=True):
    id: str
    object: str
    deleted: bool
    destruction: Destruction
    clips: Clips


Text = Annotated[str, Meta(max_length=2000)]


class CharacterForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person needs `consent_id` and `capture` (or an operator's `rights`); others need `photos`."""

    kind: Kind
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    handle: Annotated[str, Meta(min_length=3, max_length=30, pattern="^[a-z0-9][a-z0-9_.]{1,28}[a-z0-9]$")]
    audience: Audience = "only_me"
    height_cm: Annotated[float, Meta(ge=30, le=250)] | None = None
    build: Build = "average"
    preferences: Text = ""
    restrictions: tuple[Text, ...] = ()
    rights: Text | None = None
    consent_id: str | None = None
    photos: tuple[File, ...] = ()
    voice: File | None = None
    capture: File | None = None
    video: File | None = None


class CharacterChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays. `consent_id`: a new receipt, after a purpose was withdrawn."""

    name: Annotated[str, Meta(min_length=1, max_length=80)] | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    preferences: Text | UnsetType = UNSET
    restrictions: tuple[Text, ...] | UnsetType = UNSET
    height_cm: Annotated[float, Meta(ge=30, le=250)] | UnsetType | None = UNSET
    build: Build | UnsetType = UNSET
    approve_clips: bool | UnsetType = UNSET
    consent_id: str | UnsetType = UNSET


class ReferencesForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """New photos, voice or capture of a character that is there."""

    consent_id: str | None = None
    photos: tuple[File, ...] = ()
    voice: File | None = None
    capture: File | None = None
    video: File | None = None


class VideoCharacterForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """As the OpenAI SDKs send it; `consent_id` makes it a person."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    video: File
    consent_id: str | None = None
    kind: Kind | None = None
    handle: str | None = None


class VideoCharacter(msgspec.Struct, frozen=True):
    """The SDKs' object, and how far it is."""

    id: str
    object: str
    name: str
    created_at: int
    handle: str
    kind: Kind
    state: State
    refusal: Refusal | None


class Permission(msgspec.Struct, frozen=True):
    allowed: bool
    reason: Literal["audience", "blocked", "revoked", "restricted", "not_ready"] | None


class Grant(msgspec.Struct, frozen=True):
    """`prompt` null = standing; otherwise for one clip with exactly these words."""

    id: str
    object: str
    character: str
    grantee: str
    prompt: str | None
    video: str | None
    spent_at: datetime | None
    granted_at: datetime
    in_force: bool


class RevokedGrant(msgspec.Struct, frozen=True):
    revoked: bool
    clips: Clips


class UseDecision(msgspec.Struct, frozen=True):
    audience: str | None
    why: str | None


class Use(msgspec.Struct, frozen=True):
    """A clip that shows a character, as its owner sees it."""

    id: str
    object: str
    video: str
    maker: str
    prompt: str
    status: str
    audience: str
    created_at: datetime
    completed_at: datetime | None
    removed_at: datetime | None
    poster: str | None
    version: int
    decision: UseDecision


class RemovedUse(msgspec.Struct, frozen=True):
    id: str
    object: str
    removed: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prompt: Annotated[str, Meta(min_length=1, max_length=32_000)]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """approve: these words, one clip; grant: from now on."""

    decision: Decision


class CastRequest(msgspec.Struct, frozen=True):
    """`video` and `audience` belong to the kind `publish`."""

    id: str
    object: str
    kind: Literal["cast", "publish"]
    character: str
    handle: str
    owner: str
    asker: str
    prompt: str
    video: str | None
    audience: Literal["friends", "everyone"] | None
    state: Literal["open", "approved", "refused", "withdrawn"]
    created_at: datetime
    decided_at: datetime | None


class Opening(msgspec.Struct, frozen=True):
    """One time that the stored face and voice were opened."""

    id: str
    object: str
    version: int
    purpose: str
    video: str | None
    by: str | None
    at: datetime


class Resembled(msgspec.Struct, frozen=True):
    id: str
    handle: str | None
    owner: str | None


class HeldCharacter(msgspec.Struct, frozen=True):
    """A face that may be stored already; `distance` is dlib's, the smaller the nearer."""

    id: str
    object: str
    version: int
    name: str
    handle: str
    owner: str
    resembles: Resembled | None
    distance: float | None
    created_at: datetime


class Decided(msgspec.Struct, frozen=True):
    id: str
    decision: str


CHAR: Final = "char_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
VIDEO: Final = "video_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b"
CONSENT: Final = {
    "id": "cons_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "consent",
    "purposes": ["store", "generate"],
    "withdrawn": {},
    "policy_version": "2026-11-01",
    "policy_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "signed_name": "Maya Ito",
    "signed_at": AT,
}
CHALLENGE: Final = {
    "digits": "402917",
    "expires_at": "2026-11-23T09:35:00Z",
    "spoken_in": "en",
    "read_aloud": "4 0 2 9 1 7. My name is Maya Ito. This is my own face, and this is my own voice.",
    "instructions": "Look into the camera, read this aloud, and turn your head slowly to both sides.",
}
CHARACTER: Final = {
    "id": CHAR,
    "object": "character",
    "kind": "person",
    "name": "Maya",
    "handle": "maya.me",
    "owner": "maya",
    "version": 1,
    "audience": "only_me",
    "height_cm": 165,
    "build": "average",
    "preferences": "",
    "restrictions": [],
    "archive": False,
    "state": "ready",
    "refusal": None,
    "created_at": AT,
    "expires_at": "2029-11-23T09:30:00Z",
    "rights": None,
    "approve_clips": False,
    "consent_id": CONSENT["id"],
    "pending": None,
    "measured": {},
    "last_used_at": AT,
    "destruction": None,
}
DESTRUCTION: Final = {
    "because": "deleted",
    "key_destroyed_at": AT,
    "bytes_swept_at": AT,
    "backups_unreadable_at": None,
}
GRANT: Final = {
    "id": "grant_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "character.grant",
    "character": CHAR,
    "grantee": "leo",
    "prompt": None,
    "video": None,
    "spent_at": None,
    "granted_at": AT,
    "in_force": True,
}
USE: Final = {
    "id": VIDEO,
    "object": "character.use",
    "video": VIDEO,
    "maker": "leo",
    "prompt": "@maya.me buys bread",
    "status": "completed",
    "audience": "friends",
    "created_at": AT,
    "completed_at": AT,
    "removed_at": None,
    "poster": f"/v1/videos/{VIDEO}/content?variant=thumbnail",
    "version": 1,
    "decision": {"audience": "mutuals", "why": "friends"},
}
REQUEST: Final = {
    "id": "req_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "character.request",
    "kind": "cast",
    "character": CHAR,
    "handle": "maya.me",
    "owner": "maya",
    "asker": "leo",
    "prompt": "@maya.me buys bread",
    "video": None,
    "audience": None,
    "state": "open",
    "created_at": AT,
    "decided_at": None,
}
OPENING: Final = {
    "id": "open_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "character.opening",
    "version": 1,
    "purpose": "clip",
    "video": VIDEO,
    "by": "leo",
    "at": AT,
}
HELD: Final = {
    "id": CHAR,
    "object": "held_character",
    "version": 1,
    "name": "Maya",
    "handle": "maya.me",
    "owner": "maya",
    "resembles": {"id": "char_01980f6e3b7c7d1e8a9b0c1d2e3f4a5c", "handle": "mia", "owner": "leo"},
    "distance": 0.41,
    "created_at": AT,
}
