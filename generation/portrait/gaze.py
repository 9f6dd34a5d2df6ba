"""Where the eyes go and when the lids come down.

Blink spacing after Bentivoglio et al. 1997 (a blink every 2 to 5 s in talk); lids open half as fast as they close.
Whoever looks somewhere else blinks on the way: a shift seen through half closed lids looks like a mistake.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.portrait.tracks import Track, ease, even
from generation.shapes import FRAME_RATE

CLOSE_S, SHUT_S, OPEN_S = 0.080, 0.045, 0.170  # shut lasts longer than a frame: no blink is missed
BLINK_EVERY_S: Final = (2.0, 5.0)
EYES: Final = 0.85  # of the way that is looked, before the head has followed
FOLLOWED: Final = 0.30  # of that way, taken back when it has
SHIFT: Final = 0.25  # of looks, in one frame: from here on a blink goes with it
NEAR_S: Final = 0.40  # of a shift: a blink is moved there
_TREMBLE: Final = 0.012  # of the eye's travel: no eye is ever quite still


def glances(rng: np.random.Generator, frames: int, target: Track, head: Track) -> tuple[Track, Track]:
    """Across and down, Pose's units. Eyes hold still for half a second or two, then jump within two frames.

    `target` and `head` (frames,): where the person looks and how far the head has turned there, -1 .. 1.
    """
    x, y = np.zeros(frames), np.zeros(frames)
    i = 0
    while i < frames:
        until = i + round(FRAME_RATE * float(rng.uniform(0.5, 1.9)))
        far = 3.0 if rng.random() < 0.15 else 1.0
        x[i:until], y[i:until] = far * rng.normal(0, 0.07), far * rng.normal(0.02, 0.05)
        for at in range(i, min(until, frames), max(3, round(FRAME_RATE * 0.3))):
            x[at:until] += rng.normal(0, _TREMBLE)
        i = until
    gaze = EYES * target - FOLLOWED * head + x * (1 - 0.5 * np.abs(target))
    return np.clip(even(gaze, 0.7), -1, 1), np.clip(even(y, 0.7), -1, 1)


def blinks(rng: np.random.Generator, speaking: NDArray[np.bool_], target: Track) -> Track:
    """Every 2 to 5 s, rather at the end of a phrase than elsewhere, and on the way of a wide shift of gaze."""
    times = np.arange(len(speaking)) / FRAME_RATE
    ends = np.flatnonzero(speaking[:-1] & ~speaking[1:]) / FRAME_RATE
    shifts = (np.flatnonzero(np.abs(np.diff(target)) > SHIFT) + 1) / FRAME_RATE
    lid = np.zeros(len(speaking))
    shut = float(rng.uniform(0.5, BLINK_EVERY_S[1]))
    last = -BLINK_EVERY_S[0]
    while shut < times[-1]:
        near = shifts[(np.abs(shifts - shut) < NEAR_S) & (shifts - last >= BLINK_EVERY_S[0])]
        shut = float(near[0]) if near.size else shut
        before = shut - times
        closing, opening = 1 - before / CLOSE_S, 1 + (before + SHUT_S) / OPEN_S
        lid = np.maximum(lid, ease(np.minimum(closing, opening)))
        last = shut
        soonest, latest = shut + BLINK_EVERY_S[0], shut + BLINK_EVERY_S[1]
        phrase = ends[(ends >= soonest) & (ends <= latest - 0.1)]
        following = float(rng.uniform(soonest, latest - NEAR_S))
        shut = float(phrase[0] + 0.1) if phrase.size else following
    return lid
