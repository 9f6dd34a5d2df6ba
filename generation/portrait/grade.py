"""The light of a clip made warmer or harder: one table for every frame, laid over the picture and not the captions."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.engine import Frame

WARM_RGB: Final = (0.13, 0.015, -0.17)  # gain of each channel at full warmth
HARD: Final = 0.45  # how much steeper the middle of the scale gets at full contrast
MIDDLE: Final = 0.45  # of the scale: what contrast leaves as it is


def grade(warmth: float, contrast: float) -> Frame | None:
    """(1, 256, 3): what each RGB level becomes; both -1 .. 1. None where nothing changes."""
    if warmth == 0 and contrast == 0:
        return None
    level = np.linspace(0, 1, 256)[None, :, None]
    bent = level + HARD * contrast * (level - MIDDLE) * level * (1 - level) * 4
    return _eight_bits(bent * (1 + warmth * np.array(WARM_RGB)))


def graded(frame: Frame, tones: Frame | None) -> Frame:
    """(height, width, 3) RGB; the same one for no grade."""
    return frame if tones is None else np.asarray(cv2.LUT(frame, tones), np.uint8)


def _eight_bits(levels: NDArray[np.float64]) -> Frame:
    return np.asarray(np.clip(np.round(255 * levels), 0, 255), np.uint8)
