"""Said about the routes of clips."""

from __future__ import annotations

from typing import Final

from backend import errors as edge
from backend.contract import clips as shown
from backend.contract.characters import VIDEO
from backend.contract.clips import CONTROL, FINISHED, QUEUED, SCREENPLAY
from backend.contract.doc import Bytes, Doc
from backend.contract.headers import QUOTA
from backend.contract.lists import PAGE, list_of, page
from character_store import errors as characters
from generation import errors as engine
from social import errors, remix_errors

_PLAN: Final = (
    errors.InvalidValue,
    edge.NotSupportedYet,
    characters.CharacterUnknown,
    characters.CastRefused,
    characters.VoiceNeeded,
    engine.ScreenplayError,
    engine.LanguageNotSpoken,
    engine.PromptTooWordy,
)
ORDER: Final = (
    *_PLAN,
    edge.PictureNotFetched,
    edge.WrongMediaType,
    edge.PictureOutOfBounds,
    edge.UploadTooLarge,
    characters.ConsentNeeded,
    characters.RecordingRefused,
    errors.QuotaSpent,
    errors.ClipUnknown,
    errors.ClipNotReady,
    errors.ClipImported,
    remix_errors.SoundOff,
    remix_errors.SoundMissing,
)
_REWORK: Final = (
    *ORDER,
    engine.EditRefused,
    remix_errors.ClipRemoved,
    remix_errors.ClipHidden,
    errors.ClipFilesGone,
    errors.RemixOff,
    errors.VideoForeign,
    errors.GivenGone,
)
_FILE: Final = ("ETag", "Cache-Control", "Last-Modified", "Accept-Ranges")
_RANGES: Final = {206: "The range that was asked for", 416: "The file has no such range"}
_OF_VIDEO: Final = dict.fromkeys(
    ("getVideo", "cancelVideo", "deleteVideo", "updateVideo", "remixVideo", "getControls"),
    ("video_id", "$response.body#/id"),
)
DOCS: Final = {
    "screenplays.create": Doc(
        name="writeScreenplay",
        summary="What a clip would be made from; nothing is spent",
        gives=shown.Written,
        example={"object": "screenplay", "screenplay": SCREENPLAY, "controls": [CONTROL]},
        sends=shown.NewScreenplay,
        sends_example={"prompt": "@maya.me buys bread", "seconds": "10"},
        errors=_PLAN,
    ),
    "videos.create": Doc(
        name="createVideo",
        summary="Ask for a clip",
        gives=shown.Video,
        example=QUEUED,
        sends=shown.NewVideo,
        sends_example={"prompt": "@maya.me buys bread", "seconds": "10", "size": "720x1280"},
        form=shown.NewVideoForm,
        errors=ORDER,
        headers=("ETag", "Cache-Control", "openai-poll-after-ms", *QUOTA),
        links=_OF_VIDEO,
    ),
    "videos.mine": Doc(
        name="listVideos",
        summary="Your clips",
        gives=list_of(shown.Video),
        example=page(FINISHED),
        values=PAGE | {"order": {"enum": ["asc", "desc"]}},
    ),
    "videos.one": Doc(
        name="getVideo",
        summary="One clip",
        gives=shown.Video,
        example=FINISHED,
        errors=(errors.ClipUnknown,),
        headers=("ETag", "Cache-Control", "openai-poll-after-ms"),
    ),
    "videos.content": Doc(
        name="downloadVideo",
        summary="The file of a clip, its poster or its sprite sheet",
        gives=Bytes(("video/mp4", "image/webp", "image/jpeg"), "the file"),
        errors=(
            errors.ClipUnknown,
            errors.ClipNotReady,
            errors.ClipFilesGone,
            edge.DownloadFailed,
            edge.DownloadPending,
        ),
        headers=_FILE,
        asks=("Range", "If-Range"),
        also=_RANGES,
        values={"variant": {"enum": ["video", "thumbnail", "spritesheet"]}},
        notes="HEAD answers the same headers. The video is the file to take away: signed, with the maker's handle as a "
        "visible mark that moves; it is made when somebody first asks for it, which takes some seconds. What plays in "
        "an app is `media.video` of the clip's object, without that mark.",
    ),
    "videos.captions": Doc(
        name="getCaptions",
        summary="The lines of a clip as WebVTT",
        gives=Bytes(("text/vtt",), "WebVTT"),
        example="WEBVTT\n\n00:00.500 --> 00:01.900\n<v Maya>One loaf, please.\n",
        errors=(errors.ClipUnknown, errors.ClipNotReady, errors.ClipFilesGone),
        headers=_FILE,
        asks=("Range", "If-Range"),
        also=_RANGES,
        notes="HEAD answers the same headers.",
    ),
    "videos.cancel": Doc(
        name="cancelVideo",
        summary="Stop a clip that is not done",
        gives=shown.Video,
        example=QUEUED | {"status": "failed", "error": {"code": "cancelled", "message": "cancelled by its maker"}},
        errors=(errors.ClipUnknown, errors.ClipEnded),
        headers=("ETag", "Cache-Control"),
    ),
    "videos.remove": Doc(
        name="deleteVideo",
        summary="Delete a clip",
        gives=shown.DeletedVideo,
        example={"id": VIDEO, "deleted": True, "object": "video.deleted"},
        errors=(errors.ClipUnknown,),
    ),
    "preview.preview": Doc(
        name="previewVideo",
        summary="The first shot of a clip in the making",
        gives=Bytes(("video/mp4",), "the first shot"),
        errors=(errors.ClipUnknown, errors.PreviewUnknown),
        headers=_FILE,
        asks=("Range", "If-Range"),
        also=_RANGES,
        notes="HEAD answers the same headers.",
    ),
    "controls.read": Doc(
        name="getControls",
        summary="The sliders of a draft",
        gives=shown.Controls,
        example={"object": "video.controls", "video": VIDEO, "controls": [CONTROL]},
        errors=(
            errors.ClipUnknown,
            errors.ClipExtended,
            errors.ClipPublished,
            errors.ClipNotReady,
            errors.ClipImported,
        ),
    ),
    "controls.turn": Doc(
        name="turnControls",
        summary="Move sliders, and make the draft again",
        gives=shown.Video,
        example=QUEUED,
        sends=shown.TurnedControls,
        sends_example={"values": {"warmth": 0.5}},
        errors=(
            edge.IdempotencyMismatch,
            errors.InvalidValue,
            errors.ClipUnknown,
            errors.ClipExtended,
            errors.ClipPublished,
            errors.ClipNotReady,
            errors.ClipImported,
            errors.QuotaSpent,
            engine.ControlRefused,
            characters.CastRefused,
            characters.CharacterUnknown,
        ),
        headers=("ETag", "Cache-Control", "openai-poll-after-ms"),
        asks=("Idempotency-Key",),
    ),
    "edits.create": Doc(
        name="editVideo",
        summary="Make a clip anew, with an instruction carried out",
        gives=shown.Video,
        example=QUEUED | {"remixed_from_video_id": VIDEO, "id": VIDEO[:-1] + "c"},
        sends=shown.NewEdit,
        sends_example={"prompt": "now it rains", "video": {"id": VIDEO}},
        form=shown.NewEditForm,
        errors=_REWORK,
        headers=("ETag", "Cache-Control", "openai-poll-after-ms", *QUOTA),
    ),
    "extensions.create": Doc(
        name="extendVideo",
        summary="Go on with a clip",
        gives=shown.Video,
        example=QUEUED | {"remixed_from_video_id": VIDEO, "id": VIDEO[:-1] + "c", "seconds": "14"},
        sends=shown.NewExtension,
        sends_example={"prompt": "she leaves", "video": {"id": VIDEO}, "seconds": "4"},
        form=shown.NewExtensionForm,
        errors=_REWORK,
        headers=("ETag", "Cache-Control", "openai-poll-after-ms", *QUOTA),
    ),
    "publishing.change": Doc(
        name="updateVideo",
        summary="Publish, describe, or take back",
        gives=shown.Video,
        example=FINISHED | {"audience": "friends", "caption": "bread!", "published_at": 1795426300},
        sends=shown.VideoChanges,
        sends_example={"audience": "friends", "caption": "bread!"},
        errors=(
            errors.ClipUnknown,
            errors.ClipNotReady,
            errors.ClipImported,
            errors.GuardianLimit,
            characters.CastRefused,
        ),
        headers=("ETag", "Cache-Control"),
    ),
}
