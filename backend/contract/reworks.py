"""Said about the routes that make something of a finished clip: edits and extensions."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend import errors as edge
from backend.contract import clips as shown
from backend.contract.characters import VIDEO
from backend.contract.clip_routes import ORDER
from backend.contract.clips import QUEUED, CastId, ImageUrl, Model, Prompt, Voice
from backend.contract.doc import Doc, File
from generation import errors as engine
from generation.plan import Screenplay
from generation.shapes import Seconds
from social import errors


class VideoId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A completed clip of yours, or one that you may remix."""

    id: str


class EditVideo(msgspec.Struct, frozen=True, omit_defaults=True):
    """`prompt` is an instruction: "make it night, and Maya says "Good evening." instead"."""

    prompt: Prompt
    video: VideoId
    model: Model | None = None
    characters: Annotated[tuple[CastId, ...], Meta(max_length=4)] = ()
    input_reference: ImageUrl | None = None


class EditVideoForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """`video` is the unchanged file of a clip made here, or `video[id]` names one."""

    prompt: Prompt
    video: File | UnsetType = UNSET
    video_id: str | UnsetType = msgspec.field(default=UNSET, name="video[id]")
    model: Model | UnsetType = UNSET
    characters: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="characters[][id]")
    input_reference: File | UnsetType = UNSET
    image_url: str | UnsetType = msgspec.field(default=UNSET, name="input_reference[image_url]")
    performance: tuple[File, ...] | UnsetType = UNSET
    performance_character: tuple[str, ...] | UnsetType = UNSET
    performance_voice: tuple[Voice, ...] | UnsetType = UNSET


class ExtendVideo(msgspec.Struct, frozen=True, omit_defaults=True):
    """`seconds` are added; 60 s in total are the most."""

    prompt: Prompt
    seconds: Seconds
    video: VideoId
    model: Model | None = None
    characters: Annotated[tuple[CastId, ...], Meta(max_length=4)] = ()
    screenplay: Screenplay | None = None
    input_reference: ImageUrl | None = None


class ExtendVideoForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """`video` is the unchanged file of a clip made here, or `video[id]` names one; `screenplay` is JSON in a field."""

    prompt: Prompt
    seconds: Seconds
    video: File | UnsetType = UNSET
    video_id: str | UnsetType = msgspec.field(default=UNSET, name="video[id]")
    model: Model | UnsetType = UNSET
    characters: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="characters[][id]")
    screenplay: str | UnsetType = UNSET
    input_reference: File | UnsetType = UNSET
    image_url: str | UnsetType = msgspec.field(default=UNSET, name="input_reference[image_url]")


_MADE: Final = QUEUED | {"remixed_from_video_id": VIDEO, "id": VIDEO[:-1] + "c"}
_REWORK: Final = (
    *ORDER,
    errors.ClipUnknown,
    errors.ClipNotReady,
    errors.ClipFilesGone,
    errors.RemixOff,
    errors.VideoForeign,
    errors.GivenGone,
)
_HEADERS: Final = ("ETag", "Cache-Control", "openai-poll-after-ms")
_LINKS: Final = {"getVideo": ("video_id", "$response.body#/id"), "cancelVideo": ("video_id", "$response.body#/id")}

DOCS: Final = {
    "edits.create": Doc(
        name="editVideo",
        summary="Make a clip anew with an instruction carried out on it",
        gives=shown.Video,
        example=_MADE,
        sends=EditVideo,
        sends_example={"prompt": "make it night", "video": {"id": VIDEO}},
        form=EditVideoForm,
        errors=(*_REWORK, engine.EditRefused),
        headers=_HEADERS,
        links=_LINKS,
    ),
    "extensions.create": Doc(
        name="extendVideo",
        summary="More seconds of a clip, in one file with it",
        gives=shown.Video,
        example=_MADE | {"seconds": "18", "extended_from_s": 10.0},
        sends=ExtendVideo,
        sends_example={"prompt": "she waves", "seconds": "8", "video": {"id": VIDEO}},
        form=ExtendVideoForm,
        errors=(*_REWORK, edge.NotSupportedYet),
        headers=_HEADERS,
        links=_LINKS,
    ),
}
