"""Leaves: clumps of fractal noise, lit from one side at three scales, with gaps that let the sky through."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene.canvas import Canvas, Ink, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import Field, lit, step

SUMMER = (0x1C3020, 0x466B33, 0xA3B75C)
PALE = (0x355A2E, 0x6A9446, 0xBFCB74)
OLIVE = (0x2B3A1E, 0x66762F, 0xC9BE62)
PINE = (0x14261F, 0x2F5240, 0x7C9A70)


def leaves(
    canvas: Canvas,
    day: Daylight,
    body: Field,
    tones: tuple[int, int, int],
    *,
    clump: float = 0.07,
    ragged: float = 0.5,
    through: float = 0.0,
) -> None:
    """Paints foliage where `body` (a signed field, about -1..1) plus noise is above 0.

    `clump` is the size of a leaf mass in frame heights, `ragged` how far its edge frays, `through` 0..1 how
    strongly light shines through the leaves (backlight, near the sun).
    """
    masses = canvas.noise(clump, 4, 0.55)
    sprays = canvas.noise(clump * 0.30, 4, 0.85)
    leaf = canvas.noise(max(0.006, clump * 0.09), 2, 0.8)
    edge = body + ragged * (0.50 * masses + 0.32 * sprays + 0.30 * leaf)
    alpha = step(-0.10, 0.16, edge)
    big = lit(masses, day.side, clump * 0.16 * canvas.unit)
    small = lit(sprays, day.side, clump * 0.03 * canvas.unit)
    depth = step(-1.4, 1.2, masses + 0.9 * sprays)  # leaves that stand forward; the rest is hollow shade
    sun = np.clip(big * (0.30 + 0.70 * small) * (0.35 + 0.65 * depth) * 1.5 + 0.16 * leaf * big - 0.10, 0, 1.3)
    dark, mid, bright = (ink(code) for code in tones)
    tone = np.clip(0.55 * depth + 0.25 * small + 0.12 * leaf, 0, 1)
    albedo = blend(blend(dark, mid, tone), bright, step(0.45, 1.15, sun) * 0.85)
    sheen = day.fill * (0.25 + 0.75 * depth[..., None])
    canvas.lay(albedo * (sheen + day.key * (1.1 * sun[..., None])), alpha)
    if through:
        thin = alpha * step(1.1, 0.0, edge)
        canvas.shine(day.key * bright * (0.8 * through), thin * step(0.45, 0.95, small))
        glints(canvas, day, thin * step(0.3, 0.7, big), through)


def glints(canvas: Canvas, day: Daylight, where: Field, strength: float, rate: float = 0.0022) -> None:
    """Single hot pixels that the lens turns into discs."""
    chosen = canvas.rng.random(canvas.cover.shape, dtype=np.float32)
    chosen_size = canvas.rng.random(canvas.cover.shape, dtype=np.float32) ** 2
    spark = (chosen > 1 - rate) * where * strength
    canvas.shine((day.key * 0.7 + day.fill * 0.3) * ink(0xFFF3C4), (spark * 34 * chosen_size).astype(np.float32))


def tree_line(canvas: Canvas, base: float, height: float, cell: float) -> Field:
    """Signed body of a row of crowns standing on `base`: positive below a bumpy outline about `height` above it."""
    row = canvas.noise(cell, 2)[:1]
    outline = base - height * (0.75 + 0.35 * np.tanh(row))
    return np.asarray((canvas.y - outline) / (0.35 * height), np.float32)


def bush(canvas: Canvas, x: float, y: float, wide: float, tall: float) -> Field:
    """Signed body of one rounded mass: 1 in the middle, 0 on the ellipse, down to -1.5."""
    away = np.hypot((canvas.x - x) / wide, (canvas.y - y) / tall)
    return np.asarray(np.clip(1 - away, -1.5, 1), np.float32)


def flowers(canvas: Canvas, day: Daylight, where: Field, codes: tuple[int, ...], *, size: float, count: int) -> None:
    """Petal dots of `size` frame heights dropped where `where` (0..1) allows, each lit from its side."""
    width = canvas.cover.shape[1]
    allowed = np.flatnonzero(canvas.rng.random(where.shape, dtype=np.float32) < where * (count / where.size))
    for row, column in zip(allowed // width, allowed % width, strict=True):
        near = 0.6 + 0.8 * float(np.clip(canvas.y[row, 0], 0, 1))
        radius = max(1, int(size * near * canvas.unit * canvas.rng.uniform(0.6, 1.3)))
        patch = np.s_[max(0, row - radius) : row + radius + 1, max(0, column - radius) : column + radius + 1]
        away = np.hypot((canvas.x[patch] - canvas.x[row, column]), (canvas.y[patch] - canvas.y[row, column]) * 1.3)
        mask = np.clip(1.4 - away / (radius / canvas.unit) * 1.4, 0, 1)[..., None]
        colour: Ink = ink(int(canvas.rng.choice(codes))) * (day.fill * 0.7 + day.key * canvas.rng.uniform(0.3, 1.1))
        canvas.light[patch] += (colour * canvas.cover[patch][..., None] - canvas.light[patch]) * mask
