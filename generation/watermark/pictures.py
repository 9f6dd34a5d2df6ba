"""The mark in frames: a secret pattern of soft spots over the whole picture, that turns over six times a second.

The spots belong to the picture's unit square, so a smaller copy holds the same pattern; the detector looks for copies
that were cropped. What changes at 3 Hz with this pattern is the mark, what stands still or moves is the picture: adding
up a clip's frames against a turning phase keeps the one and drops the other (spread spectrum: Cox et al. 1997; temporal
modulation against host interference: Hartung and Girod 1998). Where a picture is busy the mark is stronger (masking).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.engine import Frame
from generation.shapes import FRAME_RATE, VideoShape
from generation.watermark.payload import Layout, layout

Grid = tuple[int, int]
PORTRAIT: Final[Grid] = (56, 32)  # spots from top to bottom and from side to side
HZ: Final = 3
LEVELS: Final = 1.75  # root mean square of the change, of 255
HERE_SHARE: Final = 0.25
_FLAT: Final = 1.2  # what flat places count as having, in levels of detail
_BUSIEST: Final = 9.0  # levels of detail from which on a place takes no more

Floats = NDArray[np.float32]


def grid_of(width: int, height: int) -> Grid:
    """(rows, columns) of spots; two shapes only, so that a crop finds the grid of its original."""
    return PORTRAIT if width <= height else PORTRAIT[::-1]


def layout_of(key: bytes, grid: Grid) -> Layout:
    return layout(key, grid[0] * grid[1], HERE_SHARE, f"pictures {grid[0]}x{grid[1]}")


def spread(chips: Floats, grid: Grid, size: tuple[int, int]) -> Floats:
    """Chips as a picture of `size` (width, height): soft spots, mean square about 1."""
    whole = cv2.resize(chips.reshape(grid), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(whole / max(float(whole.std()), 1e-6), np.float32)


def marked(frames: Iterable[Frame], shape: VideoShape, mark: int, key: bytes) -> Iterator[Frame]:
    """The same frames with the mark in them, as new arrays; closes `frames`."""
    grid = grid_of(shape.width, shape.height)
    pattern = spread(layout_of(key, grid).chips(mark), grid, (shape.width, shape.height))
    try:
        for index, frame in enumerate(frames):
            yield _with(frame, pattern, wave(index / FRAME_RATE))
    finally:
        if close := getattr(frames, "close", None):
            close()


def wave(second: float) -> float:
    """How much of the pattern is there at a moment: 1 or -1."""
    return 1.0 if (second * HZ + 1e-6) % 1.0 < 0.5 else -1.0


def _with(frame: Frame, pattern: Floats, sign: float) -> Frame:
    """Every channel moves alike, so that only the brightness changes."""
    change = cv2.multiply(pattern, _strength(frame), scale=sign)
    return np.asarray(cv2.add(frame, cv2.merge([change] * 3), dtype=cv2.CV_8U), np.uint8)


def _strength(frame: Frame) -> Floats:
    """(height, width), its root mean square LEVELS: more where there is detail."""
    height, width = frame.shape[:2]
    small = cv2.cvtColor(cv2.resize(frame, (width // 4, height // 4), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    busy = cv2.blur(cv2.absdiff(small, cv2.blur(small, (5, 5))).astype(np.float32), (7, 7))
    weight = np.sqrt(_FLAT + np.minimum(busy, _BUSIEST))
    weight *= LEVELS / np.sqrt(np.mean(weight * weight))
    return np.asarray(cv2.resize(weight, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
