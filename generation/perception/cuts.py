"""Where a clip really cuts: frames that differ from the one before far more than their neighbours do.

The local threshold is PySceneDetect's AdaptiveDetector (a frame's change against the mean change around it), which lets
pans, push-ins and a moving cast pass. A cross-fade shows in no two neighbours, so frames FADE apart are compared too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.perception.photos import Photo

MODEL: Final = "frame difference, local threshold"
FADE: Final = 8  # frames; fades of 4 to 12 are found

_AROUND: Final = 6  # frames on each side that say how much usually changes
_RATIO, _FLOOR = 3.0, 4.0  # a cut changes three times as much as its surroundings, and 4 of 255 levels
_FADE_RATIO, _FADE_FLOOR = 2.0, 8.0


def cuts_in(thumbs: Sequence[Photo]) -> tuple[int, ...]:
    """Numbers of the first frames of new shots, a fade's first mixed frame among them, in order."""
    if len(thumbs) < 2:
        return ()
    pictures = np.stack(thumbs).astype(np.float32)
    steps = _change(pictures, 1)
    hard = _peaks(steps, _AROUND, 1, _RATIO, _FLOOR)
    soft = _peaks(_change(pictures, FADE + 1), 2 * (FADE + 1), FADE, _FADE_RATIO, _FADE_FLOOR)
    fades = [_begin(steps, at) for at in soft if all(not -2 <= cut - at <= 2 * FADE for cut in hard)]
    return tuple(sorted([*hard, *fades]))


def matched(planned: Sequence[int], found: Sequence[int], within: int) -> int:
    """How many planned cuts were really made within so many frames; one realised cut answers for one planned."""
    left, count = list(found), 0
    for cut in planned:
        near = min(left, key=lambda at: abs(at - cut), default=None)
        if near is not None and abs(near - cut) <= within:
            left.remove(near)
            count += 1
    return count


def _change(pictures: NDArray[np.float32], span: int) -> NDArray[np.float32]:
    """Item i: mean levels between frame i - 1 and frame i - 1 + span; 0 where one of them does not exist."""
    change = np.zeros(len(pictures), np.float32)
    if len(pictures) > span:
        change[1 : len(pictures) - span + 1] = np.abs(pictures[span:] - pictures[:-span]).mean((1, 2, 3))
    return change


def _begin(steps: NDArray[np.float32], at: int) -> int:
    """Where a fade begins: the frame from which every step is more than the stillness before it."""
    first = max(1, at - _AROUND)
    near = steps[first : at + FADE + 1]
    usual, most = float(np.median(steps[max(1, at - 2 * FADE) : max(2, at - 2)])), float(near.max())
    return first + int(np.argmax(near >= (usual + most) / 2))


def _peaks(change: NDArray[np.float32], around: int, apart: int, ratio: float, floor: float) -> list[int]:
    """Where `change` is the most of its surroundings and `ratio` times their mean, its own slopes left out."""
    found = []
    for at in np.flatnonzero(change >= floor).tolist():
        first, last = max(1, at - around), min(len(change), at + around + 1)
        usual = np.concatenate([change[first : max(first, at - apart)], change[at + apart + 1 : last]])
        usual = usual[usual > 0]
        highest = at == first + int(change[first:last].argmax())
        if highest and (len(usual) == 0 or change[at] >= ratio * float(usual.mean())):
            found.append(at)
    return found
