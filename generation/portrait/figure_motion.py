"""What keeps a cut-out alive: it breathes and sways, squashes and stretches with its own voice, hops with its mood.

Squash and stretch, anticipation and overshoot as in Thomas & Johnston, "The Illusion of Life", 1981.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.plan import Emotion
from generation.portrait.pose import Pose
from generation.portrait.tracks import Track, chance, even, later, stress, wander
from generation.shapes import FRAME_RATE


class Temper(msgspec.Struct, frozen=True):
    """What an emotion does to a figure that cannot pull a face."""

    lively: float = 1.0  # times all movement
    hop: float = 0.012  # of its height, with every beat of its speech
    idle_hop: float = 0.0  # the same while it is silent
    tall: float = 0.0  # share of its height by which it stands up, or sinks
    tilt: float = 0.0  # rad, to one side
    shake: float = 0.0  # rad, quickly to and fro


TEMPERS: Final[dict[Emotion, Temper]] = {
    "neutral": Temper(),
    "happy": Temper(1.25, 0.030, 0.006, 0.015, 0.030),
    "excited": Temper(1.6, 0.060, 0.022, 0.025),
    "sad": Temper(0.6, 0.0, 0.0, -0.060, 0.070),
    "angry": Temper(1.3, 0.018, 0.0, 0.020, 0.0, 0.016),
    "afraid": Temper(1.1, 0.0, 0.0, -0.045, -0.030, 0.012),
    "surprised": Temper(1.2, 0.030, 0.0, 0.060),
    "tender": Temper(0.8, 0.006, 0.0, -0.010, 0.060),
}
BEAT_HZ: Final = 2.2  # hops a second
STRETCH_BY_VOICE: Final = 0.060  # share of the height, from a quiet to a loud syllable
BREATH: Final = 0.011  # share of the height
START: Final = 0.030  # share of the height, at what others stress
BREATH_S: Final = 3.3
SWAY: Final = 0.016  # rad
LEAN: Final = 0.055  # rad towards whom it looks at
READY_S, POP_S = 0.10, 0.16  # it ducks before it speaks, then shoots up
MAX_STRETCH: Final = 0.14
MAX_ROLL: Final = 0.16


def animate(
    loudness: NDArray[np.float32],
    *,
    emotions: Sequence[Emotion],
    looks: NDArray[np.float32],
    seed: int,
    heard: NDArray[np.float32] | None = None,
    first: int = 0,
) -> list[Pose]:
    """One pose a frame from frame `first` on: jaw, stretch, hop, roll and sway are used, about the figure's feet.

    `loudness` (frames,) 0..1 of its own voice, `emotions` one a frame, `looks` (frames,) -1 picture's left .. 1 right
    towards whom it listens to, `heard` (frames,) how loud the others are: it starts at what they stress. The same
    arguments give the same poses.
    """
    frames = len(loudness)
    if frames == 0:
        return []
    rng = chance(seed, 0)
    times = np.arange(frames) / FRAME_RATE
    temper = {name: _of_mood(emotions, name) for name in Temper.__struct_fields__}
    voice = gaussian_filter1d(loudness.astype(np.float64), 0.8)
    talk = np.clip(gaussian_filter1d((loudness > 0.06).astype(np.float64), 2.5), 0, 1)
    started = np.zeros(frames) if heard is None else stress(heard)
    syllable = voice - gaussian_filter1d(voice, 5)
    beat = np.abs(np.sin(np.pi * BEAT_HZ * times + float(rng.uniform(0, np.pi))))
    hop = beat**0.8 * (
        temper["hop"] * talk * (0.5 + 0.5 * gaussian_filter1d(voice, 3)) + temper["idle_hop"] * (1 - talk)
    )
    landing = np.clip(0.25 - beat, 0, 1) * 4 * np.minimum(4 * hop, 0.05)
    onsets = np.flatnonzero((talk[1:] > 0.3) & (talk[:-1] <= 0.3)) / FRAME_RATE
    stretch = (
        BREATH * np.sin(2 * np.pi * (times / BREATH_S + float(rng.uniform(0, 1)))) * (1 - 0.6 * talk)
        + temper["tall"]
        + temper["lively"] * (STRETCH_BY_VOICE * syllable + 0.012 * voice)
        + temper["lively"] * _pops(times, onsets)
        + _jolts(times, emotions)
        + START * temper["lively"] * later(started, 4) * (1 - talk)
        - 0.5 * landing
    )
    towards = gaussian_filter1d(looks.astype(np.float64), 4)
    roll = (
        SWAY * temper["lively"] * wander(chance(seed, 1), frames, 18)
        + LEAN * towards * (1 - 0.5 * talk)
        + temper["tilt"] * np.sign(rng.uniform(-1, 1))
        + temper["shake"] * np.sin(2 * np.pi * 7.5 * times) * (0.35 + 0.65 * talk)
        + 0.020 * temper["lively"] * talk * np.sin(np.pi * BEAT_HZ * times)
    )
    values = {
        "jaw": np.clip(1.3 * voice, 0, 1),
        "stretch": np.clip(stretch, -MAX_STRETCH, MAX_STRETCH),
        "hop": np.clip(hop, 0, 0.1),
        "roll": np.clip(roll, -MAX_ROLL, MAX_ROLL),
        "yaw": 0.10 * np.clip(towards, -1, 1),
    }
    return [Pose(**{name: float(track[i]) for name, track in values.items()}) for i in range(first, frames)]


def _pops(times: Track, onsets: NDArray[np.float64]) -> Track:
    """A duck before every phrase and a stretch as it begins, which rings once."""
    made = np.zeros_like(times)
    for onset in onsets:
        since = times - onset
        made -= 0.045 * np.exp(-(((since + READY_S) / 0.07) ** 2))
        made += 0.055 * np.exp(-np.clip(since, 0, None) / POP_S) * np.sin(np.clip(since, 0, None) / 0.055) * (since > 0)
    return made


def _jolts(times: Track, emotions: Sequence[Emotion]) -> Track:
    """It shoots up when it gets surprised, and shrinks when it gets afraid."""
    made = np.zeros_like(times)
    for i in range(1, len(emotions)):
        if emotions[i] != emotions[i - 1] and emotions[i] in {"surprised", "afraid"}:
            since = np.clip(times - times[i], 0, None)
            size = 0.10 if emotions[i] == "surprised" else -0.07
            made += size * np.exp(-since / 0.22) * np.cos(since / 0.06) * (times >= times[i])
    return made


def _of_mood(emotions: Sequence[Emotion], name: str) -> Track:
    return even([getattr(TEMPERS[emotion], name) for emotion in emotions], 4)
