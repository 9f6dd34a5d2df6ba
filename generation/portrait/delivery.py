"""How a line's emotion and energy sound: how fast, how high and how lively, against the voice's own way.

The directions are those that Juslin & Laukka (2003) found over a hundred studies: joy, anger and fear are fast, sadness
and tenderness slow; joy is high and lively, fear high and flat, sadness low and flat. The steps are far enough apart to
be measured in a single line and stay inside four semitones, where a voice still sounds like itself.
"""

from __future__ import annotations

from typing import Final

import msgspec

from generation.perception.tone import Tone
from generation.plan import Emotion, Line


class Delivery(msgspec.Struct, frozen=True):
    """`pace` times the usual speed; the rest as in Tone."""

    pace: float
    shift_st: float
    pitch_range: float


DELIVERIES: Final[dict[Emotion, Delivery]] = {
    "neutral": Delivery(1.0, 0.0, 1.0),
    "happy": Delivery(1.06, 1.6, 1.25),
    "excited": Delivery(1.16, 3.2, 1.5),
    "sad": Delivery(0.81, -2.5, 0.55),
    "angry": Delivery(1.12, -1.4, 1.4),
    "afraid": Delivery(1.18, 2.6, 0.65),
    "surprised": Delivery(0.9, 3.2, 1.65),
    "tender": Delivery(0.9, -1.1, 0.75),
}
ENERGY_PACE: Final = 0.2  # from no energy to full
ENERGY_ST: Final = 1.8
ENERGY_RANGE: Final = 0.3


def pace_of(line: Line) -> float:
    """Speaking speed."""
    return round((1 + ENERGY_PACE * (line.energy - 0.5)) * DELIVERIES[line.emotion].pace, 3)


def tone_of(line: Line) -> Tone:
    """Pitch and its range; at half energy a neutral line is left as it was spoken."""
    delivery, effort = DELIVERIES[line.emotion], line.energy - 0.5
    return Tone(
        round(delivery.shift_st + ENERGY_ST * effort, 3), round(delivery.pitch_range * (1 + ENERGY_RANGE * effort), 3)
    )
