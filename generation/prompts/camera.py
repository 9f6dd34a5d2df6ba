"""How a shot is framed and how the camera moves, from words."""

from __future__ import annotations

import re
from typing import Final, TypeVar

from generation.plan import Camera, Cut, Framing

T = TypeVar("T")

_FRAMINGS: Final[tuple[tuple[str, Framing], ...]] = (
    (r"\btwo[- ]?shot|\b2[- ]shot|双人|ツーショット", "two_shot"),
    (r"\binsert\b|\bdetail shot|\bmacro\b|\bcut-?away\b", "insert"),
    (
        r"close[- ]?up|\bcloseup|\bclose on\b|\btight (?:on|shot)|\bclose shot|\bCU\b|\bECU\b|特写|近景|アップ",
        "close_up",
    ),
    (
        r"over[- ]the[- ]shoulder|\bOTS\b|\bmedium|\bmid[- ]?shot|\bwaist|\bcowboy shot|\bPOV\b|中景|ミディアム|肩越し",
        "medium",
    ),
    (
        (
            r"\bwide|establishing|\b(?:long|full|master) shot|\bfull[- ]body|\baerial|\bdrone\b|\bpanoram"
            r"|远景|全景|ロング|引き"
        ),
        "wide",
    ),
)
_CAMERAS: Final[tuple[tuple[str, Camera], ...]] = (
    (
        r"(?:push(?:es|ing)?|dolly(?:ing)?|zoom(?:s|ing)?)[- ]?in\b|mov(?:es|ing) (?:in|closer)|推近|推镜|ズームイン",
        "push_in",
    ),
    (
        r"(?:pull(?:s|ing)?|dolly(?:ing)?|zoom(?:s|ing)?)[- ]?(?:out|back)|mov(?:es|ing) back|拉远|ズームアウト",
        "pull_out",
    ),
    (r"(?:pan(?:s|ning)?|truck(?:s|ing)?|track(?:s|ing)?|whip[- ]pan)[- ](?:to the )?left|左移", "pan_left"),
    (
        r"(?:pan(?:s|ning)?|truck(?:s|ing)?|track(?:s|ing)?|whip[- ]pan)[- ](?:to the )?right|右移|\bpan(?:s|ning)?\b",
        "pan_right",
    ),
    (r"hand[- ]?held|shak(?:y|ing) cam|\bselfie|\bvlog|手持|手持ち", "handheld"),
    (r"\bstatic\b|locked[- ]off|\btripod|\bstill camera|\bfixed camera|固定", "static"),
)


def framing(text: str) -> Framing | None:
    """The framing first named in `text`; None where there is none."""
    return _first(text, _FRAMINGS)


def camera(text: str) -> Camera | None:
    """The camera move first named in `text`; None where there is none."""
    return _first(text, _CAMERAS)


def cut(text: str) -> Cut:
    """`fade` where the words ask for a fade or dissolve into the shot."""
    return "fade" if re.search(r"\b(?:fade[sd]? (?:in|to|into)|dissolve|cross-?fade)", text, re.IGNORECASE) else "cut"


def _first(text: str, table: tuple[tuple[str, T], ...]) -> T | None:
    hits = [(found.start(), word) for pattern, word in table if (found := re.search(pattern, text, re.IGNORECASE))]
    return min(hits, key=lambda hit: hit[0])[1] if hits else None
