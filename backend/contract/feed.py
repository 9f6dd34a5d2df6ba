"""Said about the feed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contract.accounts import AT
from backend.contract.characters import VIDEO
from backend.contract.clips import FINISHED, Files, Video
from backend.contract.doc import Doc
from social import errors, feed_errors
from social.feed.candidates import Source
from social.feed.cursors import Mode


class Author(msgspec.Struct, frozen=True):
    handle: str
    display_name: str


class Because(msgspec.Struct, frozen=True):
    """What the viewer said or did that moves a clip; `factor` multiplies."""

    because: str
    factor: float


class Explained(msgspec.Struct, frozen=True):
    """`score` is the product of the terms from `affinity` to `variety`."""

    source: Source
    score: float
    affinity: float
    freshness: float
    remix: float
    quality: float
    taste: float
    variety: float
    because: tuple[Because, ...]


class FeedItem(msgspec.Struct, frozen=True):
    """`watched`: before; never in for_you. `explain`: with explain=true, in for_you."""

    video: Video
    author: Author
    caption: str
    published_at: datetime
    likes: int
    comments: int
    remixes: int
    liked: bool
    watched: bool
    reason: Literal["friend", "following", "for_you"]
    media: Files | None
    explain: Explained | None


class Feed(msgspec.Struct, frozen=True):
    """The page after this one begins after `last_id`. `ended`: a calm feed gives out nothing new before tomorrow."""

    object: str
    mode: Mode
    data: list[FeedItem]
    last_id: str | None
    has_more: bool
    ended: bool
    message: str | None


class NewView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`at`: when it ended, so that telling it again later counts nothing; without it: now."""

    video_id: str
    watched_s: Annotated[float, Meta(ge=0)]
    completed: bool | UnsetType = UNSET
    at: datetime | UnsetType = UNSET


class NewViews(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One view by its fields, or `views` alone."""

    video_id: str | UnsetType = UNSET
    watched_s: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    completed: bool | UnsetType = UNSET
    at: datetime | UnsetType = UNSET
    views: Annotated[tuple[NewView, ...], Meta(min_length=1, max_length=100)] | UnsetType = UNSET


class Viewed(msgspec.Struct, frozen=True):
    """`unknown`: of those that were sent, the clips that are not there."""

    object: str
    recorded: int
    unknown: list[str]


FILES: Final = {
    "width": 480,
    "height": 848,
    "duration_s": 10.0,
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
    "video": f"https://castmate.example/media/published/{VIDEO}/0f1e2d3c4b5a6978/video.mp4?exp=1795430000&sig=c2ln",
}
ITEM: Final[dict[str, Any]] = {
    "video": FINISHED | {"media": FILES},
    "author": {"handle": "maya", "display_name": "Maya"},
    "caption": "bread",
    "published_at": AT,
    "likes": 3,
    "comments": 1,
    "remixes": 0,
    "liked": False,
    "watched": False,
    "reason": "friend",
    "media": FILES,
    "explain": {
        "source": "friends",
        "score": 2.36,
        "affinity": 3.0,
        "freshness": 0.7,
        "remix": 1.25,
        "quality": 0.9,
        "taste": 1.0,
        "variety": 1.0,
        "because": [],
    },
}
DOCS: Final = {
    "feed.page": Doc(
        name="getFeed",
        summary="What to watch",
        gives=Feed,
        example={
            "object": "list",
            "mode": "for_you",
            "data": [ITEM],
            "last_id": None,
            "has_more": False,
            "ended": False,
            "message": None,
        },
        errors=(feed_errors.CursorRefused, feed_errors.ListExpired),
        values={"limit": {"minimum": 1, "maximum": 50}, "mode": {"enum": ["for_you", "following", "friends"]}},
    ),
    "feed.watched": Doc(
        name="recordViews",
        summary="Tell what was watched",
        gives=Viewed,
        example={"object": "feed.views", "recorded": 1, "unknown": []},
        sends=NewViews,
        sends_example={"video_id": VIDEO, "watched_s": 9.8, "completed": True},
        errors=(errors.ClipUnknown, errors.InvalidValue),
    ),
}
