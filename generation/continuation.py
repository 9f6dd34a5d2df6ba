"""More seconds of a clip: what was planned for them goes on where the clip ends, in the same picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec

from generation.edits.shots import apart
from generation.plan import MIN_SHOT_S, Line, Screenplay, Shot, shots_allowed
from generation.prompts.pace import divide, least_s
from generation.shapes import on_frame

HELD_S: Final = 1.25  # of the old picture, where what comes next needs another


def extended(play: Screenplay, fresh: Screenplay) -> Screenplay:
    """`play` and then `fresh`: in its place, its light and with its music, and the last shot goes on before any cut."""
    begin = play.seconds
    added = apart(_carried_on(play.shots[-1], fresh.shots, fresh.seconds), play.shots)
    language = play.language if play.speakers else fresh.language
    return msgspec.structs.replace(
        play, shots=(*play.shots, *(moved(shot, begin) for shot in added)), language=language
    )


def directed(prompt: str, play: Screenplay) -> str:
    """The prompt for what comes next, told where it plays."""
    return f"{prompt}\nSetting: {play.setting.replace('.', ' ')}"


def moved(shot: Shot, seconds: float) -> Shot:
    """Earlier or later, with its lines."""

    def line(one: Line) -> Line:
        return one if one.start_s is None else msgspec.structs.replace(one, start_s=one.start_s + seconds)

    return msgspec.structs.replace(
        shot,
        start_s=on_frame(shot.start_s + seconds),
        end_s=on_frame(shot.end_s + seconds),
        lines=tuple(map(line, shot.lines)),
    )


def _carried_on(last: Shot, shots: Sequence[Shot], seconds: float) -> list[Shot]:
    """The first shot in the picture of `last`; where somebody else speaks in it, that picture is held for a moment.

    Where there is no time for that, they are heard from outside the picture.
    """
    first = shots[0]
    if not any(line.speaker not in last.who and not line.off_screen for line in first.lines):
        return [_like(last, first), *shots[1:]]
    needs = [MIN_SHOT_S, *(least_s([line.text for line in shot.lines]) for shot in shots)]
    wants = [HELD_S, *(shot.end_s - shot.start_s for shot in shots)]
    fits = len(needs) <= shots_allowed(seconds)[1] and all(x.start_s is None for shot in shots for x in shot.lines)
    if fits and (lengths := divide(seconds, needs, wants)):
        held = Shot(0.0, lengths[0], last.framing, who=last.who, action="The moment lasts.")
        borders = [on_frame(at) for at in accumulate(lengths, initial=0.0)]
        return [
            msgspec.structs.replace(shot, start_s=borders[number], end_s=borders[number + 1])
            for number, shot in enumerate((_like(last, held), *shots))
        ]
    lines = tuple(
        line if line.speaker in last.who else msgspec.structs.replace(line, off_screen=True) for line in first.lines
    )
    return [_like(last, msgspec.structs.replace(first, lines=lines)), *shots[1:]]


def _like(last: Shot, shot: Shot) -> Shot:
    return msgspec.structs.replace(
        shot, framing=last.framing, who=last.who, distance=last.distance, camera="static", cut="continued"
    )
