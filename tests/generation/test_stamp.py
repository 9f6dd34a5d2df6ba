"""The mark that people see: read on any picture, and where no caption stands."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest

from generation.shapes import VideoShape
from generation.stamp import STAY_S, Stamp

SHAPE: Final = VideoShape(360, 640)
SHOWN: Final = int(STAY_S * 12)  # the middle of the first corner


def laid(level: int, index: int = SHOWN, handle: str = "maya") -> np.ndarray:
    """The luma of an even picture with the mark."""
    planes = np.full((SHAPE.height * 3 // 2, SHAPE.width), 128, np.uint8)
    planes[: SHAPE.height] = level
    Stamp(handle, SHAPE).lay(planes, index)
    return planes[: SHAPE.height]


def light(luma: float) -> float:
    """Relative luminance, as WCAG 2.2 counts contrast."""
    level = min(1.0, max(0.0, (luma - 16) / 219))
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize("level", [235, 180, 126, 60, 16])
def test_the_letters_stand_out_from_whatever_is_behind_them(level: int) -> None:
    letters = laid(16) > 150
    near = (cv2.dilate(letters.astype(np.uint8), np.ones((5, 5))) > 0) & (laid(16) < 20)
    luma = laid(level)
    contrast = (light(float(luma[letters].mean())) + 0.05) / (light(float(luma[near].mean())) + 0.05)
    assert contrast > 2.2


@pytest.mark.parametrize("handle", ["a", "a_name_as_long_as_a_name_may_be"])
def test_it_leaves_the_middle_and_the_captions_alone_and_fits(handle: str) -> None:
    for turn in range(4):
        changed = np.argwhere(laid(120, SHOWN + turn * int(STAY_S * 24), handle) != 120)
        (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
        assert bottom < 0.2 * SHAPE.height or top > 0.78 * SHAPE.height
        assert (left, right) >= (1, 1)
        assert right < SHAPE.width - 1
        assert bottom < SHAPE.height - 1
        assert (right - left) / SHAPE.width < 0.62


def test_it_fades_between_two_corners() -> None:
    first, last = laid(120, 0), laid(120, int(STAY_S * 24))
    whole = np.abs(laid(120).astype(int) - 120).max()
    assert 0 < np.abs(first.astype(int) - 120).max() < 0.4 * whole
    assert 0 < np.abs(last.astype(int) - 120).max() < 0.4 * whole
