"""Said about refused words, their appeals, and notices from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from backend.contract.accounts import AT
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
from social.outside_notices import Kind, OutsideNoticeUnknown
from social.safety import errors
from social.safety.rules import Category


class RefusedWords(msgspec.Struct, frozen=True):
    """`text` and `words` as they came with the appeal; `outcome` null: not answered yet."""

    id: str
    object: Literal["refusal"]
    place: Literal["clip", "said", "name"]
    rule: str
    category: Category
    text: str | None
    words: str | None
    outcome: Literal["upheld", "overturned"] | None
    answer: str | None
    created_at: datetime


class OutsideNoticeReceipt(msgspec.Struct, frozen=True):
    """`receipt` is told once; `url` is a page for people."""

    object: Literal["outside_notice.receipt"]
    receipt: str
    url: str
    due_at: datetime


class NoticedVideo(msgspec.Struct, frozen=True):
    """`copies`: clips with the same file as any that the notice names. `outcome` null: not decided yet."""

    id: str
    copies: int
    hidden: bool
    decided: bool
    outcome: Literal["upheld", "dismissed"] | None


class OutsideNotice(msgspec.Struct, frozen=True):
    object: Literal["outside_notice"]
    kind: Kind
    created_at: datetime
    due_at: datetime
    videos: tuple[NoticedVideo, ...]


_SECRET: Final = "x4bq0Zl6VtD1cYw3mPn8sRkHfGjUa2Ei"  # noqa: S105 - an example
_REFUSAL: Final[dict[str, Any]] = {
    "id": "ref_019377a0c4d87c3e9a6b5f2d1e0c9b8a",
    "object": "refusal",
    "place": "said",
    "rule": "threat",
    "category": "threat",
    "text": "I will kill you, said the dragon",
    "words": "it is a line of the play we rehearse",
    "outcome": None,
    "answer": None,
    "created_at": AT,
}

DOCS: Final = {
    "outside_notices.create": Doc(
        name="createOutsideNotice",
        summary="Ask without an account that clips be taken away",
        gives=OutsideNoticeReceipt,
        example={
            "object": "outside_notice.receipt",
            "receipt": _SECRET,
            "url": f"https://castmate.example/report/{_SECRET}",
            "due_at": AT,
        },
        sends_example={
            "kind": "likeness",
            "content": ["https://castmate.example/v/AbCdEfGhJk"],
            "words": "the woman in the red coat is me, and nobody asked me",
            "signature": "Maya Example",
            "email": "maya@example.org",
            "sworn": True,
        },
    ),
    "outside_notices.standing": Doc(
        name="getOutsideNotice",
        summary="What became of a notice",
        gives=OutsideNotice,
        example={
            "object": "outside_notice",
            "kind": "likeness",
            "created_at": AT,
            "due_at": AT,
            "videos": [
                {
                    "id": "video_019377a0c4d87c3e9a6b5f2d1e0c9b8a",
                    "copies": 0,
                    "hidden": True,
                    "decided": False,
                    "outcome": None,
                }
            ],
        },
        errors=(OutsideNoticeUnknown,),
    ),
    "refusals.appeal": Doc(
        name="appealRefusal",
        summary="Ask a moderator to read what a rule refused",
        gives=RefusedWords,
        example=_REFUSAL,
        sends_example={"text": _REFUSAL["text"], "words": _REFUSAL["words"]},
        errors=(errors.RefusalUnknown, errors.RefusalAppealed),
    ),
    "refusals.waiting": Doc(
        name="listAppealedRefusals",
        summary="Refused words that wait for a moderator",
        gives=list_of(RefusedWords),
        example=page(_REFUSAL),
        values=PAGE,
    ),
    "refusals.decide": Doc(
        name="decideRefusal",
        summary="Answer an appealed refusal",
        gives=RefusedWords,
        example=_REFUSAL | {"outcome": "overturned", "answer": "it is a play"},
        sends_example={"outcome": "overturned", "answer": "it is a play"},
        errors=(errors.RefusalUnknown, errors.RefusalAppealed),
    ),
}
