"""What grows before the people out of doors: hedge, ferns and moss, tall grass. Close to the lens, so a little soft."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import foliage
from generation.portrait.scene.canvas import Canvas, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.front import TOP
from generation.portrait.scene.noise import Field, step

SOFT = 0.0022  # of the frame's height


def hedge(canvas: Canvas, day: Daylight) -> None:
    """Clipped leaves with blossoms in them."""
    foliage.leaves(canvas, day, _rising(canvas, 0.012), foliage.SUMMER, clump=0.045, ragged=0.22)
    _solid(canvas, day, 0x1F2E18)
    where = step(TOP + 0.005, TOP + 0.05, canvas.y) * canvas.cover
    foliage.flowers(canvas, day, where, (0xF4E9EC, 0xE9577A, 0xF6D77A, 0xC77BD6), size=0.007, count=260)
    canvas.defocus(SOFT)


def bracken(canvas: Canvas, day: Daylight) -> None:
    """A mossy bank under ferns."""
    foliage.leaves(canvas, day, _rising(canvas, 0.022), foliage.OLIVE, clump=0.06, ragged=0.32)
    _solid(canvas, day, 0x202A14)
    foliage.leaves(canvas, day, _rising(canvas, 0.012, lower=0.05), foliage.PALE, clump=0.03, ragged=0.30)
    canvas.defocus(SOFT)


def meadow(canvas: Canvas, day: Daylight) -> None:
    """Tall grass with a few white heads."""
    blades = canvas.noise(0.010, 3, 0.8) * 0.6 + canvas.noise(0.006, 2, 0.8) * 0.4
    columns = np.repeat(blades[:1], len(blades), axis=0)
    body = (_rising(canvas, 0.014) + 0.25 * columns).astype(np.float32)
    foliage.leaves(canvas, day, body, foliage.PALE, clump=0.035, ragged=0.20)
    _solid(canvas, day, 0x2C3A1C)
    where = step(TOP + 0.0, TOP + 0.04, canvas.y) * canvas.cover
    foliage.flowers(canvas, day, where, (0xF7F3E6, 0xF2D24A), size=0.005, count=160)
    canvas.defocus(SOFT)


def _rising(canvas: Canvas, bumps: float, lower: float = 0.0) -> Field:
    """Signed body: positive below a soft crest near TOP."""
    crest = TOP + 0.022 + lower + bumps * np.clip(canvas.noise(0.16, 2)[:1], -1.5, 1.5)
    return np.asarray(np.clip((canvas.y - crest) / 0.03, -1.5, 1.2), np.float32)


def _solid(canvas: Canvas, day: Daylight, code: int) -> None:
    """No gaps farther down: what is behind leaves is more leaves, in the dark."""
    under = step(TOP + 0.035, TOP + 0.058, canvas.y) * (1 - np.clip(canvas.cover, 0, 1))
    colour = ink(code) * (day.fill * 0.8 + day.key * 0.2)
    canvas.light += colour * under[..., None]
    canvas.cover += under.astype(np.float32)
