"""Floors in perspective: a texture on a plane that runs to the horizon."""

from __future__ import annotations

import cv2
import numpy as np

from generation.portrait.scene.canvas import Canvas
from generation.portrait.scene.noise import Field, fractal


def plane(canvas: Canvas, horizon_y: float) -> tuple[Field, Field, Field]:
    """Across and along the floor (1 at the frame's bottom edge, larger farther off) and nearness 0..1."""
    below = np.maximum(canvas.y - horizon_y, 0.004)
    along = (1 - horizon_y) / below
    return (canvas.x * along).astype(np.float32), along.astype(np.float32), np.clip(1 / along, 0, 1).astype(np.float32)


def texture(canvas: Canvas, across: Field, along: Field, cell: float, stretch: float = 1.0) -> Field:
    """Fractal noise fixed to the floor, mean 0, deviation about 1 near by; `cell` in floor units."""
    tile = fractal(canvas.rng, (320, 320), 32, octaves=4, keep=0.62, stretch=stretch)
    tile = np.asarray(
        cv2.copyMakeBorder(tile, 0, 319, 0, 319, cv2.BORDER_REFLECT_101), np.float32
    )  # mirrored, so that it repeats seamlessly
    scale = 32 / cell
    column, row = np.mod(across * scale + 97, 637), np.mod(along * scale, 637)
    return np.asarray(cv2.remap(tile, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR), np.float32)
