"""Said about remixes, lineage, credits, sounds, hashtags and challenges."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contract import clips as shown
from backend.contract.characters import VIDEO
from backend.contract.clip_routes import ORDER
from backend.contract.clips import FINISHED, MEMBER, QUEUED
from backend.contract.doc import Doc
from backend.contract.headers import QUOTA
from backend.contract.lists import PAGE, list_of, page
from backend.planning import RemixKind
from generation import errors as engine
from social import errors, remix_errors, talk_errors


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids or @handles of characters."""

    from_: str = msgspec.field(name="from")
    to: str


class NewRemix(shown.NewVideo, frozen=True, omit_defaults=True, kw_only=True):
    """`prompt` may be left out where `kind` is swap. What is not given is the parent's."""

    prompt: shown.Prompt | UnsetType = UNSET  # type: ignore[assignment]  # a swap needs none
    kind: RemixKind = "plain"
    swap: Exchange | None = None


class NewRemixForm(shown.NewVideoForm, frozen=True, omit_defaults=True, kw_only=True):
    """Field names carry brackets."""

    prompt: shown.Prompt | UnsetType = UNSET  # type: ignore[assignment]
    kind: RemixKind | UnsetType = UNSET
    swap_from: str | UnsetType = msgspec.field(default=UNSET, name="swap[from]")
    swap_to: str | UnsetType = msgspec.field(default=UNSET, name="swap[to]")


class NewCommentRemix(msgspec.Struct, frozen=True, omit_defaults=True):
    """The comment says the rest; no body is a plain remix."""

    kind: Literal["plain", "restyle", "continue", "change_the_ending"] = "plain"


class LineageNode(msgspec.Struct, frozen=True, omit_defaults=True):
    """One that is `removed` is deleted, taken down or not for you: nothing else is said of it."""

    id: str
    parent: str | None
    removed: bool
    maker: str | UnsetType = UNSET
    depth: int | UnsetType = UNSET
    published_at: int | UnsetType | None = UNSET


class Lineage(msgspec.Struct, frozen=True):
    """`nodes` by depth, a page of them; `ancestors` the nearest first. Keep what you have: an id comes once."""

    object: Literal["video.lineage"]
    root: str
    ancestors: tuple[LineageNode, ...]
    nodes: tuple[LineageNode, ...]
    has_more: bool
    last_id: str | None


class SoundCredit(msgspec.Struct, frozen=True):
    """`video` and `maker` are null where they are gone or not for you."""

    video: str | None
    maker: str | None


class Origin(msgspec.Struct, frozen=True):
    video: str
    maker: str | None
    suggested_by: str | None
    removed: bool


class AllCredits(msgspec.Struct, frozen=True):
    """Nobody is named who is not for you to see. `cast`: V1, V2, … are only heard. `from`: the nearest first."""

    object: Literal["video.credits"]
    video: str
    written_by: str | None
    suggested_by: str | None
    cast: tuple[shown.Member, ...]
    sound: SoundCredit | None
    from_: tuple[Origin, ...] = msgspec.field(name="from")


class HashtagPage(msgspec.Struct, frozen=True):
    """The page after this one begins after `last_id`. `videos` counts what you may see, up to 1000."""

    object: Literal["list"]
    data: tuple[shown.Video, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool
    tag: str
    videos: int


class Trend(msgspec.Struct, frozen=True):
    tag: str
    clips: int
    makers: int


class Trends(msgspec.Struct, frozen=True):
    object: Literal["list"]
    data: tuple[Trend, ...]
    has_more: bool


class NewOpenChallenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`tag` with or without its #; `starter`: a published video to remix; `ends_at` within 90 days."""

    tag: Annotated[str, Meta(min_length=1, max_length=51)]
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    prompt: Annotated[str, Meta(min_length=1, max_length=500)]
    ends_at: datetime
    starter: str | None = None


class OpenChallenge(msgspec.Struct, frozen=True):
    """`entries` counts what you may see of what was published with the tag while it ran, up to 1000."""

    id: str
    object: Literal["challenge"]
    maker: str
    tag: str
    title: str
    prompt: str
    starter: str | None
    created_at: datetime
    ends_at: datetime
    ended: bool
    entries: int


class OpenChallengePage(OpenChallenge, frozen=True):
    page: list_of(shown.Video)  # type: ignore[valid-type]  # a type made there


ORDERS: Final = PAGE | {"order": {"enum": ["newest", "likes"]}}
_MADE: Final = ("ETag", "Cache-Control", "openai-poll-after-ms", *QUOTA)
_LINKS: Final = {"getVideo": ("video_id", "$response.body#/id"), "cancelVideo": ("video_id", "$response.body#/id")}
_REMIX: Final = (
    *ORDER,
    engine.EditRefused,
    errors.ClipUnknown,
    errors.ClipNotReady,
    errors.ClipFilesGone,
    errors.ClipImported,
    errors.GivenGone,
    errors.RemixOff,
    remix_errors.ClipRemoved,
    remix_errors.ClipHidden,
)
_CHILD: Final[dict[str, Any]] = QUEUED | {"remixed_from_video_id": VIDEO, "id": VIDEO[:-1] + "c"}
_CHALLENGE: Final[dict[str, Any]] = {
    "id": "chal_" + VIDEO.removeprefix("video_"),
    "object": "challenge",
    "maker": "maya",
    "tag": "dontjump",
    "title": "Do not jump",
    "prompt": "Somebody at an edge, who does not jump",
    "starter": VIDEO,
    "created_at": "2026-11-23T08:00:00Z",
    "ends_at": "2026-12-01T00:00:00Z",
    "ended": False,
    "entries": 1,
}
_NODE: Final = {"id": VIDEO, "parent": None, "removed": False, "maker": "maya", "depth": 0, "published_at": 1795426300}
DOCS: Final = {
    "remixes.create": Doc(
        name="remixVideo",
        summary="Make another clip from one",
        gives=shown.Video,
        example=_CHILD,
        sends=NewRemix,
        sends_example={"prompt": "now it rains"},
        form=NewRemixForm,
        errors=_REMIX,
        headers=_MADE,
        links=_LINKS,
    ),
    "remixes.of_comment": Doc(
        name="remixComment",
        summary="Make the clip that a comment asks for",
        gives=shown.Video,
        example=_CHILD,
        sends=NewCommentRemix,
        sends_example={"kind": "plain"},
        errors=(*_REMIX, talk_errors.CommentUnknown),
        headers=_MADE,
        links=_LINKS,
    ),
    "lineage.tree": Doc(
        name="getLineage",
        summary="What a clip came from, and what came from it",
        gives=Lineage,
        example={
            "object": "video.lineage",
            "root": VIDEO,
            "ancestors": [],
            "nodes": [_NODE, {"id": VIDEO[:-1] + "c", "parent": VIDEO, "removed": True}],
            "has_more": False,
            "last_id": VIDEO[:-1] + "c",
        },
        errors=(errors.ClipUnknown, errors.InvalidValue),
        values=PAGE,
    ),
    "lineage.remixes": Doc(
        name="listRemixes",
        summary="Published remixes of a clip",
        gives=list_of(shown.Video),
        example=page(FINISHED),
        errors=(errors.ClipUnknown,),
        values=ORDERS,
    ),
    "credit.of_clip": Doc(
        name="getCredits",
        summary="Who wrote a clip, who is in it, what it came from",
        gives=AllCredits,
        example={
            "object": "video.credits",
            "video": VIDEO,
            "written_by": "maya",
            "suggested_by": "leo",
            "cast": [MEMBER],
            "sound": {"video": VIDEO[:-1] + "d", "maker": "mia"},
            "from": [{"video": VIDEO[:-1] + "c", "maker": "mia", "suggested_by": None, "removed": False}],
        },
        errors=(errors.ClipUnknown,),
        headers=("ETag", "Cache-Control"),
    ),
    "sounds.used_by": Doc(
        name="listSoundVideos",
        summary="Clips that use a clip's sound",
        gives=list_of(shown.Video),
        example=page(FINISHED),
        errors=(errors.ClipUnknown,),
        values=PAGE,
    ),
    "hashtags.one": Doc(
        name="getHashtag",
        summary="Clips with a hashtag",
        gives=HashtagPage,
        example=page(FINISHED, tag="dontjump", videos=1),
        errors=(errors.InvalidValue,),
        values=ORDERS,
    ),
    "hashtags.trending": Doc(
        name="listTrendingHashtags",
        summary="Hashtags of the last days",
        gives=Trends,
        example={"object": "list", "data": [{"tag": "dontjump", "clips": 3, "makers": 2}], "has_more": False},
        values=PAGE,
    ),
    "challenges.create": Doc(
        name="openChallenge",
        summary="Open a challenge",
        gives=OpenChallenge,
        example=_CHALLENGE,
        sends=NewOpenChallenge,
        sends_example={
            "tag": "#dontjump",
            "title": "Do not jump",
            "prompt": "Somebody at an edge, who does not jump",
            "ends_at": "2026-12-01T00:00:00Z",
            "starter": VIDEO,
        },
        errors=(
            errors.InvalidValue,
            errors.ClipUnknown,
            remix_errors.ChallengeRuns,
            remix_errors.ChallengesFull,
        ),
    ),
    "challenges.mine": Doc(
        name="listChallenges",
        summary="Challenges that run, or are over",
        gives=list_of(OpenChallenge),
        example=page(_CHALLENGE),
        values=PAGE | {"status": {"enum": ["open", "ended"]}},
    ),
    "challenges.one": Doc(
        name="getChallenge",
        summary="A challenge and its entries",
        gives=OpenChallengePage,
        example=_CHALLENGE | {"page": page(FINISHED)},
        errors=(remix_errors.ChallengeUnknown, errors.InvalidValue),
        headers=("ETag", "Cache-Control"),
        values=ORDERS,
    ),
}
