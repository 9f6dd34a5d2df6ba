"""When each line is spoken: inside its shot where that can be, never over another line, never past the clip's end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from generation.plan import Line, Screenplay, Shot

LEAD_S: Final = 0.12  # into a shot before its first line
BREATH_S: Final = 0.10  # between two lines, at least
OUT_S: Final = 0.10  # before the cut, so that a line asked for there can begin at once
END_S: Final = 0.12  # before the clip's end


class Cue(msgspec.Struct, frozen=True):
    """A line in its place."""

    line: Line
    shot: int  # counted from 0
    place: Shot


class Window(msgspec.Struct, frozen=True):
    """Neighbouring lines of one shot and the time they share. `fixed`: the first one's start was asked for."""

    first: int  # of all cues
    last: int  # one past
    start_s: float
    end_s: float
    fixed: bool


def cues_of(screenplay: Screenplay) -> tuple[Cue, ...]:
    """Every line that has a text, in the order of the screenplay."""
    return tuple(
        Cue(line, number, shot)
        for number, shot in enumerate(screenplay.shots)
        for line in shot.lines
        if line.text.strip()
    )


def windows_of(cues: Sequence[Cue]) -> tuple[Window, ...]:
    """Lines that share time: a new window begins with each shot and with each line that has a start of its own."""
    begins = [i for i, cue in enumerate(cues) if i == 0 or cue.line.start_s is not None or cue.shot != cues[i - 1].shot]
    windows: list[Window] = []
    for first, last in pairwise([*begins, len(cues)]):
        cue = cues[first]
        start = cue.place.start_s + LEAD_S if cue.line.start_s is None else cue.line.start_s
        # A start that was asked for is kept: in a clip's last shot, its end may not push the line back.
        end = cue.place.end_s - (OUT_S if cue.line.start_s is None else END_S)
        if last < len(cues) and cues[last].shot == cue.shot and (following := cues[last].line.start_s) is not None:
            end = min(end, following - BREATH_S)  # nothing of a later shot moves a line
        windows.append(Window(first, last, start, end, cue.line.start_s is not None))
    return tuple(windows)


def overrun(window: Window, seconds: Sequence[float]) -> float:
    """How many times too long the window's lines are for it; up to 1 they fit. `seconds` of all cues."""
    talk = sum(seconds[window.first : window.last])
    room = window.end_s - window.start_s - BREATH_S * (window.last - window.first - 1)
    return talk / max(room, 0.2)


def starts_of(
    windows: Sequence[Window], seconds: Sequence[float], clip_s: float, kept: Sequence[float] = ()
) -> tuple[float, ...]:
    """When each line begins, on the clip's clock. Lines never overlap; if they fit into the clip, none passes its end.

    The first lines begin when `kept` says; they are whole windows.

    Time left over in a window goes before its lines and between them. What does not fit runs over the cut and pushes
    the next line; what would pass the end pushes everything before it to an earlier time.
    """
    starts: list[float] = []
    free = 0.0
    for window in windows:
        if window.last <= len(kept):
            starts += kept[window.first : window.last]
            free = starts[-1] + seconds[window.last - 1] + BREATH_S
            continue
        count = window.last - window.first
        slack = window.end_s - window.start_s - sum(seconds[window.first : window.last]) - BREATH_S * (count - 1)
        lead = 0.0 if window.fixed else min(0.3, max(0.0, slack * 0.3))
        pause = BREATH_S + min(0.35, max(0.0, slack * 0.5 / count))
        at = window.start_s + lead
        for length in seconds[window.first : window.last]:
            at = max(at, free)
            starts.append(at)
            free = at + length + BREATH_S
            at += length + pause
    latest = clip_s - END_S
    for i in reversed(range(len(kept), len(starts))):
        starts[i] = max(0.0, min(starts[i], latest - seconds[i]))
        latest = starts[i] - BREATH_S
    for i in range(max(1, len(kept)), len(starts)):  # too much for the clip: better cut off at its end than all at once
        starts[i] = min(max(starts[i], starts[i - 1] + seconds[i - 1]), clip_s)
    return tuple(starts)
