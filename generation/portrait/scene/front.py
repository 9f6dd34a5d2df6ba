"""What stands before the people, painted at full size: it hides the lower edge of cut-out bodies."""

from __future__ import annotations

import cv2
import numpy as np

from generation.portrait.scene.canvas import Canvas, Ink, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import Field, fractal, lit, step

TOP = 0.80  # of the frame: where a table's far edge lies


def wood(canvas: Canvas, across: Field, along: Field, dark: int, bright: int) -> Ink:
    """Planks seen from above: grain runs with `across`, a new plank every .34 of `along` (floor units)."""
    fine = fractal(canvas.rng, (256, 256), 40, octaves=6, keep=0.8, stretch=5.0)
    broad = fractal(canvas.rng, (256, 256), 60, octaves=3, keep=0.6, stretch=3.0)
    plank = np.floor(along / 0.34)
    shift = plank * 61.7
    grain = 0.6 * _sampled(fine, across * 90 + shift, along * 420 + shift) + 0.4 * _sampled(
        broad, across * 60 + shift, along * 160
    )
    tone = np.clip(0.5 + 0.17 * grain + 0.10 * np.sin(plank * 12.9), 0, 1).astype(np.float32)
    gap = np.minimum(np.mod(along, 0.34), 0.34 - np.mod(along, 0.34))
    return blend(ink(dark), ink(bright), tone) * (0.45 + 0.55 * step(0.0, 0.012, gap))[..., None]


def _sampled(tile: Field, u: Field, v: Field) -> Field:
    # Read forth and back, so that no seam shows where the tile ends.
    last = len(tile) - 1
    column, row = (last - np.abs(np.mod(place, 2 * last) - last) for place in (u, v))
    return np.asarray(cv2.remap(tile, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR), np.float32)


def table(canvas: Canvas, day: Daylight, dark: int = 0x553824, bright: int = 0xB08660) -> None:
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
    canvas.shine((day.key * 0.10 + day.horizon * 0.06), (step(1.0, TOP, canvas.y) * falloff).astype(np.float32))


def counter(canvas: Canvas, day: Daylight) -> None:
    """Dark polished wood: a bar, a stage's lectern."""
    table(canvas, day, 0x3A2418, 0x8A5C3A)


def marble(canvas: Canvas, day: Daylight) -> None:
    """A pale stone worktop over painted fronts."""
    veins = np.abs(canvas.noise(0.22, 5, 0.6, 1.6))
    stone = blend(ink(0xB9B4AF), ink(0xEDEAE6), step(-0.1, 0.5, veins + 0.25 * canvas.noise(0.04, 3)) * 0.8 + 0.2)
    fall = 0.7 + 0.5 * np.exp(-((canvas.x / canvas.half - day.side) ** 2) / 0.8)
    top = canvas.y < TOP + 0.085
    lower = ink(0x55685C) * 0.8 * step(1.2, 0.85, canvas.y)[..., None]
    body = np.where(top[..., None], stone, lower)
    edge = np.exp(-(((canvas.y - TOP - 0.085) / 0.006) ** 2))[..., None]
    light = day.fill + day.key * (0.60 * fall)[..., None]
    canvas.lay((body * light * (1 - 0.45 * edge)).astype(np.float32), step(TOP - 0.0015, TOP + 0.0015, canvas.y))


def gloss_desk(canvas: Canvas, day: Daylight) -> None:
    """A presenter's desk: dark glass top, brushed front with a strip of light."""
    brushed = canvas.noise(0.01, 3, 0.7, 14.0)
    front = blend(
        ink(0x0E1828), ink(0x3C5878), np.clip(0.35 + 0.05 * brushed + 0.4 * np.exp(-((canvas.x / 0.4) ** 2)), 0, 1)
    )
    front *= (1.25 - 0.9 * step(TOP, 1.12, canvas.y))[..., None]
    top = step(TOP + 0.034, TOP + 0.030, canvas.y)
    glass = blend(
        ink(0x16243A),
        ink(0x9CC4EA),
        np.exp(-((canvas.x / canvas.half - day.side * 0.6) ** 2) / 0.3).astype(np.float32) * 0.55,
    )
    canvas.lay(blend(front, glass, top), step(TOP - 0.0015, TOP + 0.0015, canvas.y))
    canvas.shine(ink(0xA8DCFF, 1.6), np.exp(-(((canvas.y - TOP - 0.052) / 0.004) ** 2)).astype(np.float32))
    canvas.shine(ink(0x4A9CFF, 0.25), np.exp(-(((canvas.y - TOP - 0.052) / 0.03) ** 2)).astype(np.float32))


def sofa_back(canvas: Canvas, day: Daylight) -> None:
    """Woven cloth with a rolled top edge, two cushions wide."""
    _cloth(canvas, day, 0x7A6A5C)


def bed_cover(canvas: Canvas, day: Daylight) -> None:
    """A quilt in soft folds."""
    _cloth(canvas, day, 0xB9B2B4)


def seats(canvas: Canvas, day: Daylight) -> None:
    """Velvet backs of the row in front."""
    _cloth(canvas, day, 0x6E1E22, width=0.19, arch=0.05)


def _cloth(canvas: Canvas, day: Daylight, code: int, *, width: float = 0.62, arch: float = 0.010) -> None:
    u = np.abs(np.mod(canvas.x / width + 0.5, 1) - 0.5) * 2
    rim = TOP + 0.012 + arch * u**4
    below = canvas.y - rim
    weave = fractal(canvas.rng, (canvas.cover.shape[0], canvas.cover.shape[1]), 4, octaves=2, keep=0.8)
    folds = canvas.noise(0.16, 3, 0.5, 1.5)
    round_edge = np.exp(-(((below - 0.022) / 0.022) ** 2))
    seam = 1 - 0.6 * np.exp(-(((u - 1) / 0.035) ** 2)) - 0.35 * np.exp(-(((below - 0.075) / 0.004) ** 2))
    fall = 0.6 + 0.5 * np.exp(-((canvas.x / canvas.half - day.side) ** 2) / 0.8)
    shade = np.clip((0.42 + 0.5 * round_edge + 0.06 * folds) * seam * (1.15 - 0.6 * step(0, 0.35, below)), 0.05, 2)
    light = day.fill * shade[..., None] * 1.2 + day.key * (shade * fall)[..., None]
    canvas.lay((ink(code) * light * (1 + 0.05 * weave)[..., None]).astype(np.float32), step(-0.0015, 0.0015, below))


def railing(canvas: Canvas, day: Daylight) -> None:
    """A stone parapet with a wide cap."""
    relief = canvas.noise(0.05, 6, 0.7)
    stone = blend(ink(0x6E675E), ink(0xB9B0A2), np.clip(0.5 + 0.16 * relief, 0, 1))
    cap = step(TOP + 0.052, TOP + 0.050, canvas.y)
    under = np.exp(-np.maximum(canvas.y - TOP - 0.052, 0) / 0.018) * (1 - cap)
    fall = 0.6 + 0.5 * np.exp(-((canvas.x / canvas.half - day.side) ** 2) / 0.8)
    joint = np.exp(-(((np.mod(canvas.x + 0.11, 0.30) - 0.15) / 0.0022) ** 2))
    light = day.fill * (0.7 + 0.3 * cap)[..., None] + day.key * (fall * (0.45 + 0.45 * cap))[..., None]
    body = stone * light * ((1 - 0.6 * under) * (1 - 0.45 * joint))[..., None]
    canvas.lay(body.astype(np.float32), step(TOP - 0.0015, TOP + 0.0015, canvas.y))


def sand(canvas: Canvas, day: Daylight) -> None:
    """A dune's crest."""
    _mound(canvas, day, (0xB58F60, 0xEBCF9E))


def snowbank(canvas: Canvas, day: Daylight) -> None:
    """A drift, blue in its hollows."""
    _mound(canvas, day, (0xA9BEDC, 0xF8F9FB))


def red_sand(canvas: Canvas, day: Daylight) -> None:
    """A crest of Martian dust."""
    _mound(canvas, day, (0x7A3E26, 0xC98458))


def regolith(canvas: Canvas, day: Daylight) -> None:
    """A crest of lunar dust."""
    _mound(canvas, day, (0x5A5A5C, 0xB4B2AE))


def _mound(canvas: Canvas, day: Daylight, tones: tuple[int, int]) -> None:
    row = canvas.noise(0.35, 3, 0.4)[:1]
    below = canvas.y - TOP - 0.022 - 0.010 * np.clip(row, -2, 2)
    relief = canvas.noise(0.20, 6, 0.47) - 2.0 * step(0, 0.3, below)
    sun = 0.52 + 0.48 * (lit(relief, day.side, 0.016 * canvas.unit) - 0.5)
    sun += 0.25 * np.exp(-np.maximum(below, 0) / 0.012)
    grit = fractal(canvas.rng, (canvas.cover.shape[0], canvas.cover.shape[1]), 3, octaves=2, keep=0.8)
    body = blend(ink(tones[0]), ink(tones[1]), np.clip(0.25 + 0.65 * sun + 0.05 * grit, 0, 1))
    light = (
        day.fill * (0.95 - 0.4 * step(0, 0.3, below))[..., None]
        + day.key * (0.85 * sun * (1 - 0.4 * step(0.05, 0.3, below)))[..., None]
    )
    canvas.lay((body * light).astype(np.float32), step(-0.0015, 0.002, below))


def console(canvas: Canvas, day: Daylight) -> None:
    """A ship's desk: dark metal, rows of pilot lights, a glowing edge."""
    gloss_desk(canvas, day)
    for _ in range(int(70 * canvas.half / 0.28)):
        x, row = canvas.rng.uniform(-1.2, 1.2) * canvas.half, int(canvas.rng.integers(4))
        code = int(canvas.rng.choice((0x5FD0FF, 0xFFB050, 0x7CFFB0, 0xFF6A5A)))
        canvas.lay(ink(code, 1.3), canvas.box(x, TOP + 0.085 + 0.03 * row, x + 0.012, TOP + 0.092 + 0.03 * row, 0.002))


def sea_floor(canvas: Canvas, day: Daylight) -> None:
    """A bank of sand seen through water."""
    _mound(canvas, day, (0x1E5A78, 0x8AC8BE))


def boulder(canvas: Canvas, day: Daylight) -> None:
    """Worn rock."""
    _mound(canvas, day, (0x241E1A, 0x6E5E50))


def bench(canvas: Canvas, day: Daylight) -> None:
    """Padded vinyl over steel."""
    _cloth(canvas, day, 0x4A4E54, width=0.9)


def dashboard(canvas: Canvas, day: Daylight) -> None:
    """Soft dark plastic with a stitched edge."""
    _cloth(canvas, day, 0x6A625C, width=3.0)
