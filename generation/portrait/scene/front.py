"""What stands before the people, painted at full size: it hides the lower edge of cut-out bodies."""

from __future__ import annotations

import cv2
import numpy as np

from generation.portrait.scene import foliage
from generation.portrait.scene.canvas import Canvas, Ink, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import Field, fractal, step

TOP = 0.80  # of the frame: where a table's far edge lies


def wood(canvas: Canvas, across: Field, along: Field, dark: int, bright: int) -> Ink:
    """Planks seen from above: grain runs with `across`, a new plank every .34 of `along` (floor units)."""
    fine = fractal(canvas.rng, (256, 256), 40, 6, 0.8, 5.0)
    broad = fractal(canvas.rng, (256, 256), 60, 3, 0.6, 3.0)
    sample = lambda tile, u, v: cv2.remap(  # noqa: E731
        tile, np.mod(u, 255).astype(np.float32), np.mod(v, 255).astype(np.float32), cv2.INTER_LINEAR
    )
    plank = np.floor(along / 0.34)
    shift = plank * 61.7
    grain = 0.6 * sample(fine, across * 90 + shift, along * 420 + shift) + 0.4 * sample(
        broad, across * 60 + shift, along * 160
    )
    tone = np.clip(0.5 + 0.17 * grain + 0.10 * np.sin(plank * 12.9), 0, 1).astype(np.float32)
    gap = np.minimum(np.mod(along, 0.34), 0.34 - np.mod(along, 0.34))
    return blend(ink(dark), ink(bright), tone) * (0.45 + 0.55 * step(0.0, 0.012, gap))[..., None]


def table(canvas: Canvas, day: Daylight, dark: int = 0x5A3A22, bright: int = 0xB98A58) -> None:
    """A wooden top in perspective with a lit far edge."""
    depth = 1 / np.maximum(canvas.y - TOP + 0.22, 0.01)
    across, along = canvas.x * depth * 0.5, depth * 0.8
    body = wood(canvas, across.astype(np.float32), along.astype(np.float32), dark, bright)
    falloff = 0.75 + 0.45 * np.exp(-((canvas.x / canvas.half - day.side) ** 2) / 0.8)
    shade = step(TOP - 0.02, TOP + 0.10, canvas.y) * 0.35 + step(1.25, 0.9, canvas.y) * 0.65
    light = day.fill + day.key * (0.75 * falloff * shade)[..., None]
    canvas.lay(body * light, step(TOP - 0.0015, TOP + 0.0015, canvas.y))
    rim = np.exp(-(((canvas.y - TOP - 0.003) / 0.0028) ** 2)).astype(np.float32)
    canvas.shine((day.key + day.fill) * ink(0xE8C79A) * 0.5, rim * falloff.astype(np.float32))


def hedge(canvas: Canvas, day: Daylight) -> None:
    """Clipped leaves with a ragged top."""
    body = (canvas.y - TOP - 0.01) / 0.03
    foliage.leaves(
        canvas, day, np.clip(body, -2, 2).astype(np.float32), foliage.SUMMER, clump=0.05, ragged=0.30, through=0.3
    )
    canvas.cover = np.maximum(canvas.cover, step(TOP + 0.06, TOP + 0.08, canvas.y))
