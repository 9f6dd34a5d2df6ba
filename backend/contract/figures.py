"""Said about what makers are told of their clips and characters."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from backend.contract.characters import CHAR, VIDEO
from backend.contract.doc import Doc
from social import errors
from social.figures import Day, Figures


class CharacterDay(msgspec.Struct, frozen=True):
    day: date
    uses: int
    views: int | None


class CharacterFigures(msgspec.Struct, frozen=True):
    """Finished clips that show it, and how often they were watched: null below 5."""

    character: str
    handle: str
    name: str
    uses: int
    uses_by_others: int
    views: int | None
    days: tuple[CharacterDay, ...]


class VideoFigures(msgspec.Struct, frozen=True):
    """`opens`: of pages of links to it; `days`: the last 28, today the last."""

    id: str
    object: str
    time_zone: str
    total: Figures
    opens: int
    days: tuple[Day, ...]


class MyFigures(msgspec.Struct, frozen=True):
    """`opens`: of pages of links to your clips; `days`: the last 28, today the last."""

    object: str
    time_zone: str
    total: Figures
    opens: int
    days: tuple[Day, ...]
    characters: tuple[CharacterFigures, ...]


_TOTAL: Final = {"views": 41, "completion_rate": 0.63, "likes": 9, "comments": 4, "remixes": 1}
_BODY: Final = {
    "time_zone": "Europe/Berlin",
    "total": _TOTAL,
    "opens": 12,
    "days": [{"day": "2026-11-23", "views": None, "completion_rate": None, "likes": 1, "comments": 0, "remixes": 0}],
}
DOCS: Final = {
    "figures.mine": Doc(
        name="getFigures",
        summary="How your clips and characters fare",
        gives=MyFigures,
        example=_BODY
        | {
            "object": "figures",
            "characters": [
                {
                    "character": CHAR,
                    "handle": "maya.me",
                    "name": "Maya",
                    "uses": 7,
                    "uses_by_others": 2,
                    "views": 38,
                    "days": [{"day": "2026-11-23", "uses": 1, "views": None}],
                }
            ],
        },
    ),
    "figures.of_clip": Doc(
        name="getVideoFigures",
        summary="How a clip of yours fares",
        gives=VideoFigures,
        example=_BODY | {"id": VIDEO, "object": "video.figures"},
        errors=(errors.ClipUnknown,),
    ),
}
