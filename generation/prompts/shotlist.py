"""A shot list that the prompt gives, and its times.

`[Shot 1] … [Shot 2] At 00:03.5 …`, `Shot 1: …`, numbered lines, `… Cut to …`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from generation.errors import ScreenplayError
from generation.plan import MIN_SHOT_S, shots_allowed
from generation.prompts.pace import divide
from generation.shapes import frames_for, on_frame

_BRACKET: Final = re.compile(r"\[\s*(?:shot|scene)\s*\d*([^\]\n]{0,60})\]\s*[:\-–—]?", re.IGNORECASE)
_WORD: Final = re.compile(
    r"(?:^|(?<=[\n.;!?\"”」。)]))\s*(?:shot|scene|镜头|鏡頭|カット|ショット)\s*[\d一二三四五]+\s*(?:\(([^)\n]{0,40})\))?\s*[:：.\-–—]",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"(?:^|\n)\s*\d{1,2}()\s*[.)、]\s+(?=\S)")
_CUT_TO: Final = re.compile(r"(?:[.,;!]|^|\n)?\s*()\b(?:(?:then|we) )?cuts? to\b:?\s*", re.IGNORECASE)
_CLOCK: Final = r"(?:(\d{1,2}):)?(\d{1,3}(?:\.\d+)?)"
_TIME: Final = re.compile(
    rf"^\W*(?:(?P<at>at|from|@|start(?:s|ing)?(?: at)?)\s*)?{_CLOCK}\s*(?P<unit>s(?:ec(?:ond)?s?)?\b)?"
    rf"(?:\s*(?:-|–|—|to|until|〜|~)\s*{_CLOCK}\s*(?P<unit2>s(?:ec(?:ond)?s?)?\b)?)?[\s,:)\].\-–—]*",
    re.IGNORECASE,
)


class Asked(msgspec.Struct, frozen=True):
    """One shot of the list. Times are None where the prompt gives none; `body` is what it says of the shot."""

    body: str
    start_s: float | None = None
    end_s: float | None = None
    lasts_s: float | None = None


class ShotList(msgspec.Struct, frozen=True):
    """`preamble` stands before the first shot."""

    preamble: str
    shots: tuple[Asked, ...]


def read(text: str) -> ShotList | None:
    """The shot list in `text`, or None where there is none."""
    for pattern, fewest in ((_BRACKET, 1), (_WORD, 1), (_NUMBER, 2), (_CUT_TO, 1)):
        marks = list(pattern.finditer(text))
        if len(marks) < fewest:
            continue
        preamble = text[: marks[0].start()].strip()
        bodies = [
            (mark[1] or "", text[mark.end() : following])
            for mark, following in zip(marks, [*(mark.start() for mark in marks[1:]), len(text)], strict=True)
        ]
        if pattern is _CUT_TO:
            bodies, preamble = [("", preamble), *bodies], ""
        return ShotList(preamble, tuple(_asked(bracket, body.strip()) for bracket, body in bodies))
    return None


def times(shots: Sequence[Asked], needs_s: Sequence[float], wants_s: Sequence[float], seconds: float) -> list[float]:
    """The n + 1 borders of n shots on the frame grid, 0 and `seconds` included; given times are kept.

    Raises ScreenplayError where there are too many shots, or times that are out of order, out of the clip or too close.
    """
    most = shots_allowed(seconds)[1]
    if len(shots) > most:
        raise ScreenplayError(f"the prompt lists {len(shots)} shots; a clip of {seconds:g} s has at most {most}")
    borders = _given(shots, seconds)
    known = [(index, on_frame(border)) for index, border in enumerate(borders) if border is not None]
    out = [0.0]
    for (i, begin), (j, end) in pairwise(known):
        if not 0 <= end <= seconds:
            raise ScreenplayError(f"shot {j + 1} starts at {end:g} s; the clip runs from 0 to {seconds:g} s")
        if end <= begin and j < len(shots):
            raise ScreenplayError(
                f"shot {j + 1} starts at {end:g} s; it must start after shot {i + 1}, which starts at {begin:g} s"
            )
        if frames_for(end) - frames_for(begin) < (j - i) * frames_for(MIN_SHOT_S):
            raise ScreenplayError(
                f"shots {i + 1} to {j} have {end - begin:.2f} s between them; each lasts at least {MIN_SHOT_S:g} s"
            )
        lengths = _shared(end - begin, shots[i:j], needs_s[i:j], wants_s[i:j])
        for length in lengths[:-1]:
            out.append(on_frame(out[-1] + length))
        out.append(end)
    return out


def _given(shots: Sequence[Asked], seconds: float) -> list[float | None]:
    """The borders that the list itself gives, as starts, ends or lengths."""
    borders: list[float | None] = [0.0, *(shot.start_s for shot in shots[1:]), seconds]
    if shots[0].start_s:
        raise ScreenplayError(f"shot 1 starts at {shots[0].start_s:g} s; the first shot starts at 0 s")
    for index, shot in enumerate(shots):
        begin = borders[index]
        end = begin + shot.lasts_s if begin is not None and shot.lasts_s else shot.end_s
        if index + 1 == len(shots):
            if end is not None and end > seconds + 0.02:
                raise ScreenplayError(f"shot {index + 1} ends at {end:g} s; the clip ends at {seconds:g} s")
        elif borders[index + 1] is None:
            borders[index + 1] = end
    return borders


def _shared(seconds: float, shots: Sequence[Asked], needs_s: Sequence[float], wants_s: Sequence[float]) -> list[float]:
    """`seconds` over shots without borders between them: lengths that are given are kept where the others still fit."""
    free = [index for index, shot in enumerate(shots) if shot.lasts_s is None]
    kept = [on_frame(shot.lasts_s or 0.0) for shot in shots]
    needs, wants = [needs_s[index] for index in free], [wants_s[index] for index in free]
    if free and all(shot.lasts_s is None or shot.lasts_s >= MIN_SHOT_S for shot in shots):
        for least in (needs, [MIN_SHOT_S] * len(free)):
            if shares := divide(seconds - sum(kept), least, wants):
                for index, share in zip(free, shares, strict=True):
                    kept[index] = share
                return kept
    return divide(seconds, needs_s, wants_s) or divide(seconds, [MIN_SHOT_S] * len(shots), wants_s) or []


def _asked(bracket: str, body: str) -> Asked:
    """What stands in the bracket after the number may be a time, a framing, or both."""
    bracket = bracket.strip(" ,:;-–—()")
    given = _TIME.match(bracket)
    if given:
        bracket = bracket[given.end() :]
    elif (given := _TIME.match(body)) and (given["at"] or given["unit"] or given[2] or given["unit2"] or given[6]):
        body = body[given.end() :]
    else:
        given = None  # "3 friends walk in" is no time: a clock, a unit, a range or "at" makes one
    body = f"{bracket}. {body}" if bracket else body
    if given is None:
        return Asked(body)
    first = _seconds(given[2], given[3])
    if given[6]:
        return Asked(body, first, _seconds(given[5], given[6]))
    return Asked(body, first) if given["at"] or given[2] else Asked(body, lasts_s=first)


def _seconds(minutes: str | None, seconds: str) -> float:
    return 60 * int(minutes or 0) + float(seconds)
