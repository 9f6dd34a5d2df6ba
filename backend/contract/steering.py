"""Said about telling one's feed what to show: steering in words, feedback, calm mode."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from backend.contract.accounts import AT
from backend.contract.characters import VIDEO
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from social import errors, taste_errors
from social.calm import Because
from social.feedback import Kind
from social.wishes import Direction


class Chip(msgspec.Struct, frozen=True):
    """One thing that was understood. `topic` null: clips are looked through for the words themselves."""

    id: str
    topic: str | None
    direction: Direction
    words: str


class Steering(msgspec.Struct, frozen=True):
    """`not_understood`: the parts of the text that no chip was made of."""

    object: Literal["steering"]
    text: str
    chips: tuple[Chip, ...]
    not_understood: tuple[str, ...]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Either a `video_id`, or for `hide_creator` a `creator`."""

    kind: Kind
    video_id: str | None = None
    creator: str | None = None


class Feedback(msgspec.Struct, frozen=True):
    id: str
    object: Literal["feedback"]
    kind: Kind
    video_id: str | None
    creator: str | None
    created_at: datetime


class TakenBack(msgspec.Struct, frozen=True):
    id: str
    deleted: bool
    object: Literal["feedback.deleted"]


class Calm(msgspec.Struct, frozen=True):
    """`left`: clips of today until the feed ends; null while it is not calm."""

    object: Literal["calm"]
    on: bool
    because: Because
    may_change: bool
    left: Annotated[int, Meta(ge=0)] | None
    resets_at: datetime | None


CHIP: Final = {"id": "chip_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b", "topic": "dogs", "direction": "more", "words": "dogs"}
STEERING: Final = {"object": "steering", "text": "more dogs, hello", "chips": [CHIP], "not_understood": ["hello"]}
FEEDBACK: Final = {
    "id": "fb_01980f6e3b7c7d1e8a9b0c1d2e3f4a5b",
    "object": "feedback",
    "kind": "less_like_this",
    "video_id": VIDEO,
    "creator": None,
    "created_at": AT,
}
CALM: Final = {"object": "calm", "on": True, "because": "age", "may_change": False, "left": 42, "resets_at": AT}

DOCS: Final = {
    "steering.read": Doc(
        name="getSteering",
        summary="What you told your feed",
        gives=Steering,
        example=STEERING,
        headers=("ETag",),
    ),
    "steering.tell": Doc(
        name="steerFeed",
        summary="Tell your feed in words what to show more or less of",
        gives=Steering,
        example=STEERING,
        sends_example={"text": "more dogs, hello"},
        links={"removeChip": ("chip_id", "$response.body#/chips/0/id")},
    ),
    "steering.forget": Doc(
        name="forgetSteering",
        summary="Forget all that you told your feed",
        gives=Steering,
        example={"object": "steering", "text": "", "chips": [], "not_understood": []},
    ),
    "steering.remove_chip": Doc(
        name="removeChip",
        summary="Take away one thing that was understood",
        gives=Steering,
        example={"object": "steering", "text": "more dogs, hello", "chips": [], "not_understood": ["hello"]},
        errors=(taste_errors.ChipUnknown,),
    ),
    "steering.say": Doc(
        name="giveFeedback",
        summary="More or less like this clip, or hide whoever made it",
        gives=Feedback,
        example=FEEDBACK,
        sends=Said,
        sends_example={"kind": "less_like_this", "video_id": VIDEO},
        errors=(errors.ClipUnknown, errors.AccountUnknown, errors.NotYourself),
        links={"takeBackFeedback": ("feedback_id", "$response.body#/id")},
    ),
    "steering.said": Doc(
        name="listFeedback",
        summary="Your feedback",
        gives=list_of(Feedback),
        example=page(FEEDBACK),
        values=PAGE,
    ),
    "steering.take_back": Doc(
        name="takeBackFeedback",
        summary="Take feedback back",
        gives=TakenBack,
        example={"id": FEEDBACK["id"], "deleted": True, "object": "feedback.deleted"},
        errors=(taste_errors.FeedbackUnknown,),
    ),
    "steering.is_calm": Doc(
        name="getCalm",
        summary="Whether your feed is calm, and what is left of today",
        gives=Calm,
        example=CALM,
        headers=("ETag",),
    ),
    "steering.choose": Doc(
        name="chooseCalm",
        summary="Switch calm mode on or off",
        gives=Calm,
        example=CALM,
        sends_example={"on": True},
    ),
}
