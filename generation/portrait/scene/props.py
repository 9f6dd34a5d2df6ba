"""Small things that stand on a table before the people: cups, glasses, flowers, books, a candle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from generation.portrait.scene import foliage
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import Field, step

Prop = Callable[[Canvas, Daylight, float, float], None]
"""Paints one thing at x whose foot stands at y, both in frame heights."""


def laid(canvas: Canvas, day: Daylight, things: tuple[Prop, ...], y: float) -> None:
    """Out towards the frame's sides, where no face is; in wide frames farther apart."""
    for number, thing in enumerate(things):
        side = 1 if number % 2 else -1
        x = side * canvas.half * (0.80 - 0.26 * (number // 2)) + canvas.rng.uniform(-0.012, 0.012)
        thing(canvas, day, float(x), y + float(canvas.rng.uniform(-0.008, 0.012)))


def _turned(canvas: Canvas, day: Daylight, x: float, wide: Field | float) -> tuple[Field, Field]:
    """(inside 0..1, light 0..1) of a round body around x, lit from its side."""
    across = (canvas.x - x) / np.maximum(wide, 1e-4)
    facing = np.clip(0.42 + 0.42 * across * day.side + 0.25 * (1 - across**2), 0.05, 1)
    return step(1.06, 0.94, np.abs(across)), facing.astype(np.float32)


def _lit(day: Daylight, facing: Field) -> Field:
    return day.fill * (0.45 + 0.55 * facing[..., None]) + day.key * (0.85 * facing**1.4)[..., None]


def _shadow(canvas: Canvas, day: Daylight, x: float, y: float, wide: float) -> None:
    away = ((canvas.x - x + 0.5 * wide * day.side) / (1.5 * wide)) ** 2 + ((canvas.y - y) / (0.34 * wide)) ** 2
    canvas.light *= (1 - 0.55 * np.exp(-away) * canvas.cover)[..., None]


def cup(canvas: Canvas, day: Daylight, x: float, y: float) -> None:
    """On its saucer, with a dark drink in it."""
    part = canvas.part((x - 0.06, y - 0.06, x + 0.06, y + 0.02))
    _shadow(part, day, x, y, 0.036)
    saucer = np.hypot((part.x - x) / 0.040, (part.y - y) / 0.009)
    part.lay((ink(0xEDE6DA) * (day.fill + day.key * 0.6)).astype(np.float32), step(1.05, 0.95, saucer))
    up = np.clip((y - part.y) / 0.034, 0, 1)
    body, facing = _turned(part, day, x, 0.017 + 0.009 * up**0.6)
    tall = part.box(-9, y - 0.034, 9, y + 0.001, 0.003)
    handle = np.abs(np.hypot(part.x - x - 0.027, (part.y - y + 0.019) * 0.9) - 0.011)
    glaze = ink(int(canvas.rng.choice((0xF4EFE6, 0x4E7A8C, 0xC86A4A, 0xD8B04A))))
    part.lay((glaze * _lit(day, facing)).astype(np.float32), np.maximum(body * tall, step(0.0045, 0.003, handle)))
    drink = np.hypot((part.x - x) / 0.0235, (part.y - y + 0.034) / 0.0055)
    part.lay((ink(0x3A2214) * (day.fill + day.key * 0.4)).astype(np.float32), step(1.05, 0.90, drink))


def glass(canvas: Canvas, day: Daylight, x: float, y: float) -> None:
    """Clear, with a bright edge and a coloured drink."""
    part = canvas.part((x - 0.05, y - 0.11, x + 0.05, y + 0.02))
    _shadow(part, day, x, y, 0.024)
    tone = ink(int(canvas.rng.choice((0xE89A3A, 0xD85A4A, 0x7AB8D8))))
    body, facing = _turned(part, day, x, 0.021)
    inside = body * part.box(-9, y - 0.082, 9, y + 0.002, 0.003)
    part.lay((tone * (_lit(day, facing) + 0.10)).astype(np.float32), inside * step(y - 0.062, y - 0.058, part.y) * 0.78)
    part.lay((day.horizon * 0.8).astype(np.float32), inside * 0.10)
    rim = np.exp(-(((np.abs(part.x - x) - 0.0195) / 0.0016) ** 2)) * part.box(-9, y - 0.082, 9, y, 0.003)
    part.lay((day.key * 0.9 + day.fill * 0.8).astype(np.float32), (0.55 * rim).astype(np.float32))


def flowers(canvas: Canvas, day: Daylight, x: float, y: float) -> None:
    """A small vase of them."""
    part = canvas.part((x - 0.07, y - 0.11, x + 0.07, y + 0.02), 0.0)
    _shadow(part, day, x, y, 0.024)
    bush = foliage.bush(part, x, y - 0.070, 0.046, 0.036) * 1.1
    foliage.leaves(part, day, bush, foliage.SUMMER, clump=0.018, ragged=0.35, through=0.2)
    where = step(-0.1, 0.3, bush)
    foliage.flowers(part, day, where, (0xE9577A, 0xF7F0E6, 0xF2B544), size=0.006, count=int(0.05 * where.sum()))
    up = np.clip((y - part.y) / 0.046, 0, 1)
    body, facing = _turned(part, day, x, 0.017 + 0.008 * np.sin(up * 3.0) - 0.005 * up)
    part.lay(
        (ink(0xB8C4C0) * _lit(day, facing)).astype(np.float32), body * part.box(-9, y - 0.062, 9, y + 0.001, 0.003)
    )


def books(canvas: Canvas, day: Daylight, x: float, y: float) -> None:
    """A low pile of three."""
    part = canvas.part((x - 0.10, y - 0.08, x + 0.10, y + 0.02))
    _shadow(part, day, x, y, 0.060)
    for number, code in enumerate((0x7A3B32, 0x2F4A5E, 0xB8924E)):
        upper, lean = y - 0.020 * (number + 1), 0.007 * float(np.sin(number * 2.1 + x * 40))
        cover = part.box(x - 0.056 + lean, upper, x + 0.056 + lean, upper + 0.0195, 0.003)
        fall = np.clip(0.6 + 0.35 * (part.x - x) / 0.056 * day.side, 0.1, 1).astype(np.float32)
        pages = part.box(-9, upper + 0.004, 9, upper + 0.0155, 0.002) * part.box(
            x - 0.052 + lean, 0, x + 0.05 + lean, 2
        )
        colour = blend(ink(code), ink(0xE8DEC8), 0.9 * pages * (number % 2))
        part.lay((colour * _lit(day, fall)).astype(np.float32), cover)


def candle(canvas: Canvas, day: Daylight, x: float, y: float) -> None:
    """In a glass; its light reaches the table."""
    part = canvas.part((x - 0.13, y - 0.14, x + 0.13, y + 0.06))
    canvas.glow(ink(0xFFB060, 0.5), x, y - 0.01, 0.060)
    _shadow(part, day, x, y, 0.020)
    body, facing = _turned(part, day, x, 0.019)
    part.lay(
        (ink(0xE8A860) * (_lit(day, facing) + 0.25)).astype(np.float32), body * part.box(-9, y - 0.042, 9, y, 0.003)
    )
    flame = np.exp(-(((part.x - x) / 0.0042) ** 2) - ((part.y - y + 0.052) / 0.011) ** 2)
    part.lay(ink(0xFFD890, 3.0), np.clip(1.5 * flame, 0, 1).astype(np.float32))


ON: Final[dict[str, tuple[Prop, ...]]] = {
    "cafe": (cup, flowers),
    "bar": (glass, candle),
    "kitchen": (cup, flowers),
    "office": (cup, books),
    "classroom": (books, books),
    "library": (books, cup),
    "shop": (flowers, books),
    "stone hall": (candle, glass),
    "terrace": (glass, cup),
    "studio": (cup, cup),
}
"""What stands on the foreground of which set."""
