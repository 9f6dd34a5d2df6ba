"""How long things take to say and to see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from generation.plan import MIN_SHOT_S, WORDS_PER_SECOND, spoken_s
from generation.shapes import FRAME_RATE, frames_for

EASY_WORDS_PER_SECOND: Final = 2.6  # measured pace of relaxed English speech with its small pauses
LINE_PAUSE_S: Final = 0.3  # before a reply
SILENT_SHOT_S: Final = 1.8  # a reaction that can be read


def easy_s(text: str) -> float:
    """Seconds that `text` takes when nobody hurries, with the pause after it."""
    return spoken_s(text) * WORDS_PER_SECOND / EASY_WORDS_PER_SECOND + LINE_PAUSE_S


def least_s(texts: Sequence[str]) -> float:
    """The shortest shot that holds these lines, on the frame grid."""
    return max(MIN_SHOT_S, math.ceil(sum(map(spoken_s, texts)) * FRAME_RATE - 1e-6) / FRAME_RATE)


def divide(seconds: float, needs_s: Sequence[float], wants_s: Sequence[float]) -> list[float] | None:
    """`seconds` shared out on the frame grid: each part gets its need, then towards its want, then in proportion.

    None where the needs do not fit.
    """
    total = frames_for(seconds)
    floors = [math.ceil(max(need, MIN_SHOT_S) * FRAME_RATE - 1e-6) for need in needs_s]
    spare = total - sum(floors)
    if spare < 0:
        return None
    wants = [max(want * FRAME_RATE, floor) for want, floor in zip(wants_s, floors, strict=True)]
    short = sum(wants) - sum(floors)
    if short > spare:
        exact = [floor + (want - floor) * spare / short for want, floor in zip(wants, floors, strict=True)]
    else:
        exact = [want * total / sum(wants) for want in wants]
        if any(part < floor for part, floor in zip(exact, floors, strict=True)):
            exact = [want + (spare - short) / len(wants) for want in wants]
    frames = [math.floor(part + 1e-6) for part in exact]
    for index in sorted(range(len(frames)), key=lambda i: frames[i] - exact[i])[: total - sum(frames)]:
        frames[index] += 1
    return [count / FRAME_RATE for count in frames]
