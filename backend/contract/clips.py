"""What clips look like from outside, and how they are asked for."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contract.characters import CHAR, VIDEO
from backend.contract.doc import File
from character_store.requests import Publication
from generation.controls import Control
from generation.plan import Screenplay
from generation.shapes import Seconds, Size
from social.clips import StageTime, Status
from social.comments import Commenters
from social.publication import Audience

Prompt = Annotated[str, Meta(min_length=1, max_length=32_000)]
Model = Annotated[str, Meta(min_length=1, max_length=100)]
Seed = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Voice = Literal["character", "recorded"]


class Failure(msgspec.Struct, frozen=True):
    code: str
    message: str | None


class Member(msgspec.Struct, frozen=True):
    """`speaker`: S1, S2, … as in the screenplay."""

    character: str
    handle: str
    name: str
    speaker: str
    archive: bool


class Cost(msgspec.Struct, frozen=True):
    engine_seconds: float
    stages: tuple[StageTime, ...] | None
    attempts: int


class Credits(msgspec.Struct, frozen=True):
    maker: str
    cast: tuple[Member, ...]
    parents: tuple[str, ...]
    line: str


class IdentityReport(msgspec.Struct, frozen=True):
    """Scores 0..1 by character, higher is better; raw values under `measures`; null: it cannot be told."""

    face: dict[str, float | None]
    voice: dict[str, float | None]
    wer: float | None
    lip_sync_ms: int | None
    cuts_ok: int
    cuts: int
    measures: dict[str, Any]
    models: dict[str, str]
    passed: bool


class Video(msgspec.Struct, frozen=True):
    """The OpenAI SDKs' Video (times in Unix seconds), and our own fields from `cast` on."""

    id: str
    object: Literal["video"]
    model: str
    status: Status
    progress: Annotated[int, Meta(ge=0, le=100)]
    created_at: int
    completed_at: int | None
    expires_at: int | None
    prompt: str
    size: str
    seconds: str
    remixed_from_video_id: str | None
    error: Failure | None
    cast: tuple[Member, ...]
    screenplay: Screenplay | None
    audience: Audience
    caption: str
    allow_remix: bool
    label: str | None
    allow_sound: bool
    sound_of_video_id: str | None
    commenters: Commenters
    published_at: int | None
    publication: Publication | None
    identity_report: IdentityReport | None
    cost: Cost | None
    credits: Credits
    engine: dict[str, Any] | None
    seed: int
    stage: str
    shot: int
    extended_from_s: float | None
    media: Files | None


class CastId(msgspec.Struct, frozen=True):
    """`char_…` or `@handle`."""

    id: str


class Files(msgspec.Struct, frozen=True):
    """Signed URLs that hold for one to two hours and need no header."""

    width: int
    height: int
    duration_s: float
    blurhash: str | None = None
    video: str | None = None
    thumbnail: str | None = None
    spritesheet: str | None = None
    captions: str | None = None


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one: https of an allowed host, or data:; or the id of an upload."""

    image_url: Annotated[str, Meta(max_length=20_971_520)] | UnsetType = UNSET
    file_id: str | UnsetType = UNSET


class VideoId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str


class NewSound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clip whose sound this one has. Its voices move the lips of this cast, in the order in which they speak."""

    video_id: str


class NewVideo(msgspec.Struct, frozen=True, omit_defaults=True):
    """Handles in the prompt cast, too: "@maya.me buys bread"."""

    prompt: Prompt
    model: Model = "castmate-1"
    seconds: Seconds = "10"
    size: Size = "720x1280"
    seed: Seed | None = None
    characters: Annotated[tuple[CastId, ...], Meta(max_length=4)] = ()
    screenplay: Screenplay | None = None
    input_reference: Picture | None = None
    sound: NewSound | None = None


class NewVideoForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """Field names carry brackets; `screenplay` is JSON in a field."""

    prompt: Prompt
    model: Model | UnsetType = UNSET
    seconds: Seconds | UnsetType = UNSET
    size: Size | UnsetType = UNSET
    seed: Seed | UnsetType = UNSET
    screenplay: str | UnsetType = UNSET
    characters: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="characters[][id]")
    input_reference: File | UnsetType = UNSET
    image_url: str | UnsetType = msgspec.field(default=UNSET, name="input_reference[image_url]")
    performance: tuple[File, ...] | UnsetType = UNSET
    performance_character: tuple[str, ...] | UnsetType = UNSET
    performance_voice: tuple[Voice, ...] | UnsetType = UNSET
    sound_of: str | UnsetType = msgspec.field(default=UNSET, name="sound[video_id]")


class NewEdit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Length, size, seed and screenplay are the video's."""

    prompt: Prompt
    video: VideoId
    model: Model | UnsetType = UNSET
    characters: Annotated[tuple[CastId, ...], Meta(max_length=4)] = ()
    input_reference: Picture | None = None


class NewEditForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """`video` is the file of a clip, or `video[id]` names it."""

    prompt: Prompt
    video: File | UnsetType = UNSET
    video_id: str | UnsetType = msgspec.field(default=UNSET, name="video[id]")
    model: Model | UnsetType = UNSET
    input_reference: File | UnsetType = UNSET
    performance: tuple[File, ...] | UnsetType = UNSET


class NewExtension(msgspec.Struct, frozen=True, omit_defaults=True):
    """`seconds` are added; 60 in all are the most."""

    prompt: Prompt
    video: VideoId
    seconds: Seconds
    model: Model | UnsetType = UNSET
    characters: Annotated[tuple[CastId, ...], Meta(max_length=4)] = ()
    screenplay: Screenplay | None = None
    input_reference: Picture | None = None


class NewExtensionForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """`video` is the file of a clip, or `video[id]` names it."""

    prompt: Prompt
    seconds: Seconds
    video: File | UnsetType = UNSET
    video_id: str | UnsetType = msgspec.field(default=UNSET, name="video[id]")
    model: Model | UnsetType = UNSET


class NewScreenplay(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fields of a clip's order."""

    prompt: Prompt
    model: Model = "castmate-1"
    seconds: Seconds = "10"
    size: Size = "720x1280"
    seed: Seed | None = None
    characters: Annotated[tuple[CastId, ...], Meta(max_length=4)] = ()
    screenplay: Screenplay | None = None


class Written(msgspec.Struct, frozen=True):
    """A screenplay, and the sliders a clip of it would have."""

    object: str
    screenplay: Screenplay
    controls: tuple[Control, ...]


class Controls(msgspec.Struct, frozen=True):
    object: str
    video: str
    controls: tuple[Control, ...]


class TurnedControls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Slider id -> value."""

    values: Annotated[dict[str, float], Meta(min_length=1)]


class VideoChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays; an audience other than only_me publishes."""

    audience: Audience | UnsetType = UNSET
    caption: Annotated[str, Meta(max_length=2200)] | UnsetType = UNSET
    allow_remix: bool | UnsetType = UNSET
    allow_sound: bool | UnsetType = UNSET
    commenters: Commenters | UnsetType = UNSET


class DeletedVideo(msgspec.Struct, frozen=True):
    id: str
    deleted: bool
    object: Literal["video.deleted"]


MEMBER: Final = {"character": CHAR, "handle": "maya.me", "name": "Maya", "speaker": "S1", "archive": False}
SCREENPLAY: Final[dict[str, Any]] = {
    "title": "Bread",
    "style": "warm, handheld",
    "setting": "a bakery",
    "shots": [
        {
            "start_s": 0.0,
            "end_s": 5.0,
            "framing": "medium",
            "who": ["S1"],
            "action": "she looks at the shelves",
            "lines": [{"speaker": "S1", "text": "One loaf, please."}],
        },
        {"start_s": 5.0, "end_s": 10.0, "framing": "close_up", "camera": "push_in", "who": ["S1"]},
    ],
    "sound_bed": "quiet street",
    "language": "en",
    "warmth": 0.0,
    "contrast": 0.0,
    "music": 1.0,
    "title_card": False,
}
CONTROL: Final = {
    "id": "warmth",
    "label": "Warmth of the light",
    "value": 0.0,
    "min": -1.0,
    "max": 1.0,
    "step": 0.05,
    "shots": [1, 2],
}
QUEUED: Final[dict[str, Any]] = {
    "id": VIDEO,
    "object": "video",
    "model": "castmate-1",
    "status": "queued",
    "progress": 0,
    "created_at": 1795426200,
    "completed_at": None,
    "expires_at": None,
    "prompt": "@maya.me buys bread",
    "size": "720x1280",
    "seconds": "10",
    "remixed_from_video_id": None,
    "error": None,
    "cast": [MEMBER],
    "screenplay": SCREENPLAY,
    "audience": "only_me",
    "caption": "",
    "allow_remix": True,
    "label": None,
    "allow_sound": True,
    "sound_of_video_id": None,
    "commenters": "everyone",
    "published_at": None,
    "publication": None,
    "identity_report": None,
    "cost": None,
    "credits": {"maker": "maya", "cast": [MEMBER], "parents": [], "line": "by @maya with @maya.me"},
    "engine": None,
    "seed": 402917,
    "stage": "queued",
    "shot": 0,
    "extended_from_s": None,
    "media": None,
}
FINISHED: Final = QUEUED | {
    "status": "completed",
    "progress": 100,
    "completed_at": 1795426260,
    "stage": "done",
    "cost": {"engine_seconds": 41.5, "stages": [{"stage": "render", "seconds": 30.1}], "attempts": 1},
}
