"""What an emotion does to a face and a body at rest, and what it does to whoever hears it.

After the action units of Ekman & Friesen's FACS: 1 + 4 + 15 sad, 4 + 5 + 23 angry, 1 + 2 + 4 + 5 + 20 afraid,
1 + 2 + 5 + 26 surprised, 6 + 12 happy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from generation.plan import Emotion
from generation.portrait.tracks import Track, even


class Mood(msgspec.Struct, frozen=True):
    """Added in Pose's own units; `lively` scales all movement."""

    smile: float = 0.0
    brow: float = 0.0
    worry: float = 0.0
    lids: float = 0.0
    grin: float = 0.0  # 0..1 of a photographed grin's teeth that stay while silent
    slack: float = 0.0  # how far that grin is let go
    jaw: float = 0.0  # of a silent mouth
    round: float = 0.0
    press: float = 0.0
    gaze_y: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    lean: float = 0.0
    lively: float = 1.0


MOODS: Final[dict[Emotion, Mood]] = {
    "neutral": Mood(slack=0.45),
    "happy": Mood(smile=0.65, brow=0.12, lids=-0.22, grin=1.0, pitch=-0.010, lean=0.15, lively=1.2),
    "excited": Mood(smile=0.70, brow=0.60, lids=0.55, grin=1.0, jaw=0.10, pitch=-0.020, lean=0.45, lively=1.6),
    "sad": Mood(
        smile=-0.80,
        worry=1.0,
        lids=-0.75,
        slack=1.0,
        press=0.35,
        gaze_y=0.28,
        pitch=0.040,
        roll=0.016,
        lean=-0.2,
        lively=0.5,
    ),
    "angry": Mood(smile=-0.55, brow=-1.0, lids=-0.70, slack=1.0, press=0.7, pitch=0.030, lean=0.45, lively=1.3),
    "afraid": Mood(
        smile=-0.75, brow=0.40, worry=0.85, lids=0.90, slack=1.0, jaw=0.12, pitch=-0.012, lean=-0.5, lively=1.2
    ),
    "surprised": Mood(
        smile=0.05, brow=1.0, lids=1.0, slack=0.9, jaw=0.42, round=0.35, pitch=-0.026, lean=-0.4, lively=1.1
    ),
    "tender": Mood(
        smile=0.42,
        brow=0.05,
        worry=0.30,
        lids=-0.32,
        slack=0.30,
        press=0.1,
        pitch=0.010,
        roll=0.026,
        lean=0.2,
        lively=0.7,
    ),
}

# what a listener's face answers, and how much of it
ANSWERS: Final[dict[Emotion, tuple[Emotion, float]]] = {
    "neutral": ("neutral", 1.0),
    "happy": ("happy", 0.55),
    "excited": ("happy", 0.70),
    "sad": ("sad", 0.50),
    "angry": ("afraid", 0.40),
    "afraid": ("afraid", 0.45),
    "surprised": ("surprised", 0.40),
    "tender": ("tender", 0.70),
}


def track_of(emotions: Sequence[Emotion], strength: Track, name: str) -> Track:
    """One of Mood's fields, frame by frame: `strength` 0 is neutral, 1 the mood; changes take a third of a second."""
    plain = getattr(MOODS["neutral"], name)
    full = np.array([getattr(MOODS[emotion], name) for emotion in emotions], np.float64)
    return even(plain + (full - plain) * strength, 4)
