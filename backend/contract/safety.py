"""Said about refused words and their appeals."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from backend.contract.accounts import AT
from backend.contract.doc import Doc
from backend.contract.lists import PAGE, list_of, page
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
