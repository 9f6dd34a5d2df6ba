"""Fractal value noise: random grids enlarged and added, the ground of clouds, leaves, wood and stone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating]


def fractal(
    rng: np.random.Generator,
    size: tuple[int, int],
    cell: float,
    *,
    octaves: int = 4,
    keep: float = 0.55,
    stretch: float = 1.0,
) -> Field:
    """(height, width) of mean 0 and deviation 1.

    `cell` is the coarsest feature in pixels, each octave halves it and weighs `keep` of the last;
    `stretch` > 1 draws features out sideways.
    """
    height, width = size
    total = np.zeros(size, np.float32)
    weight = 1.0
    for octave in range(octaves):
        step = max(1.5, cell / 2**octave)
        grid = rng.standard_normal((int(height / step) + 3, int(width / (step * stretch)) + 3), dtype=np.float32)
        big = (max(height, int(grid.shape[0] * step)), max(width, int(grid.shape[1] * step * stretch)))
        total += weight * cv2.resize(grid, big[::-1], interpolation=cv2.INTER_CUBIC)[:height, :width]
        weight *= keep
    total -= total.mean()
    return np.asarray(total / (total.std() + 1e-6), np.float32)


def lit(height: Field, side: float, spread: float) -> Field:
    """0..1: how far each slope of `height` faces a light high on `side` (-1 left .. 1 right).

    `spread` is the blur of the field in pixels before its slope is taken: the size of a clump.
    """
    smooth = cv2.GaussianBlur(height, (0, 0), max(0.6, spread))
    slope = -side * cv2.Sobel(smooth, cv2.CV_32F, 1, 0) + 1.1 * cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    return np.asarray(0.5 + 0.5 * np.tanh(slope / (1.2 * slope.std() + 1e-6)), np.float32)


def step(low: float, high: float, field: Field) -> Field:
    """Smooth 0..1 between `low` and `high` (which may be the larger)."""
    t = np.clip((field - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
