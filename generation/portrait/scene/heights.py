"""Sets of rock and ice: mountains, snowfields, deserts and red planets."""

from __future__ import annotations

import cv2
import numpy as np

from generation.portrait.scene import foliage, ground
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.cosmos import globe
from generation.portrait.scene.daylight import Daylight, haze, sky
from generation.portrait.scene.noise import Field, lit, step


def mountains(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Snow-capped ridges in haze over firs and a meadow."""
    sky(far, day, 0.50, 0.4)
    for base, tall, share in ((0.47, 0.24, 0.50), (0.52, 0.13, 0.22)):
        _ridge(far, day, base, tall, snowline=base - tall * 0.75)
        haze(far, day, share)
    foliage.leaves(far, day, _firs(far, 0.56), foliage.PINE, clump=0.03, ragged=0.4)
    haze(far, day, 0.08)
    _meadow(far, day, 0.53, (0x4E5C2E, 0xA3A75A))
    far.defocus(0.006, 0.3)
    _boulders(near, day)
    near.defocus(0.006)
    return 0.58


def snowfield(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Firs under snow, blue shade on a white field."""
    sky(far, day, 0.5, 0.4)
    _ridge(far, day, 0.50, 0.16, snowline=0.55)
    haze(far, day, 0.5)
    for base, share in ((0.53, 0.35), (0.57, 0.10)):
        foliage.leaves(far, day, _firs(far, base), (0x24382F, 0x6E8A86, 0xF2F5F8), clump=0.035, ragged=0.4)
        haze(far, day, share)
    _meadow(far, day, 0.52, (0xB9CBE2, 0xF6F7FA))
    far.defocus(0.0075, 0.4)
    for side in (-1, 1):
        body = foliage.bush(near, side * near.half * 1.2, 0.36, near.half * 0.55, 0.36) * 1.2
        foliage.leaves(near, day, body, (0x1E332A, 0x5E7C74, 0xF4F6FA), clump=0.06, ragged=0.5)
    near.defocus(0.008, 0.4)
    return 0.58


def dunes(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Sand in long ridges, each lit on one flank."""
    sky(far, day, 0.5, 0.12)
    _sands(far, day, (0xB8814E, 0xEBC58C))
    far.defocus(0.006)
    near.defocus(0.006)
    return 0.58


def red_planet(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Rust-coloured dunes and rocks under a butterscotch sky."""
    far.lay(blend(ink(0x9A6A4C, 0.8), ink(0xE9BE94), step(-0.1, 0.5, far.y)))
    far.shine(day.key * 0.5, far.ball(day.side * far.half * 0.7, 0.15, 0.2))
    _ridge(far, day, 0.52, 0.16, snowline=-1.0, tones=(0x5A2F20, 0xB86F4A))
    far.light += (ink(0xE9BE94) - far.light) * 0.35
    _sands(far, day, (0x8A452A, 0xD08A5C))
    far.defocus(0.005)
    _boulders(near, day, (0x4A2618, 0xB26A48))
    near.defocus(0.006)
    return 0.58


def moon(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Grey regolith in hard light under a black sky with the Earth in it."""
    far.lay(ink(0x05070C))
    stars = (far.rng.random(far.cover.shape) > 0.999) * far.rng.random(far.cover.shape) ** 3
    far.shine(ink(0xFFFFFF, 3.0), stars.astype(np.float32))
    sun = _airless(day)
    globe(far, day.side, (-day.side * far.half * 0.4, 0.14, 0.075))
    _ridge(far, sun, 0.53, 0.09, snowline=-1.0, tones=(0x3A3A3C, 0xB9B6B0))
    _sands(far, sun, (0x6A6866, 0xC4C1BA))
    far.defocus(0.004, 0.3)
    _boulders(near, sun, (0x2A2A2C, 0xA8A6A2))
    near.defocus(0.006)
    return 0.58


def _ridge(
    canvas: Canvas,
    day: Daylight,
    base: float,
    tall: float,
    *,
    snowline: float,
    tones: tuple[int, int] = (0x3C4650, 0x8E8578),
) -> None:
    row = canvas.noise(0.32, 6, 0.5)[:1]
    outline = base - tall * (0.55 + 0.32 * np.clip(1.2 - np.abs(row) * 1.1, -1, 1.2))
    relief = canvas.noise(0.10, 5, 0.62) - np.abs(canvas.noise(0.16, 4, 0.5, 0.5)) * 1.2
    sun = lit(relief, day.side, 0.0025 * canvas.unit)
    rock = blend(ink(tones[0]), ink(tones[1]), sun)
    white = step(0.03, -0.05, canvas.y - snowline + 0.025 * relief) if snowline > 0 else np.zeros_like(sun)
    rock = blend(rock, ink(0xF4F5F8), white * (0.45 + 0.55 * sun))
    alpha = step(-0.002, 0.002, canvas.y - outline)
    canvas.lay(rock * (day.fill * 0.8 + day.key * (sun**1.3)[..., None]), alpha.astype(np.float32))


def _firs(canvas: Canvas, base: float) -> Field:
    width = canvas.cover.shape[1]
    outline = np.full(width, base, np.float32)
    for _ in range(int(60 * canvas.half / 0.28)):
        x, tall = canvas.rng.uniform(-1.3, 1.3) * canvas.half, canvas.rng.uniform(0.05, 0.15)
        outline = np.minimum(outline, base - tall + np.abs(canvas.x[0] - x) * 2.9)
    return ((canvas.y - outline[None]) / 0.05).clip(-1.5, 1.5).astype(np.float32)


def _meadow(canvas: Canvas, day: Daylight, horizon: float, codes: tuple[int, int]) -> None:
    across, along, close = ground.plane(canvas, horizon)
    fine, broad = ground.texture(canvas, across, along, 0.07), ground.texture(canvas, across, along, 0.9)
    tone = np.clip(0.5 + 0.14 * fine * close + 0.28 * broad, 0, 1)
    light = day.fill * 0.85 + day.key * (0.25 + 0.6 * step(-0.9, 0.7, broad))[..., None]
    canvas.lay(blend(ink(codes[0]), ink(codes[1]), tone) * light, step(horizon + 0.03, horizon + 0.05, canvas.y))


def _sands(canvas: Canvas, day: Daylight, codes: tuple[int, int]) -> None:
    for base, cell in ((0.53, 0.30), (0.57, 0.4), (0.63, 0.5), (0.74, 0.7)):
        row = cv2.GaussianBlur(canvas.noise(cell, 2)[:1], (0, 0), 0.03 * canvas.unit)
        outline = base + (base - 0.49) * 0.22 * row
        below = canvas.y - outline
        flank = canvas.noise(cell * 0.5, 2, 0.4, 2.0)
        slope = np.tanh(cv2.GaussianBlur(np.gradient(row[0])[None], (0, 0), 0.02 * canvas.unit) * canvas.unit * 0.10)
        sun = np.clip(
            0.52
            - day.side * slope * 0.42 * np.exp(-np.maximum(below, 0) / 0.10)
            + 0.07 * flank
            + 0.25 * np.exp(-np.maximum(below, 0) / 0.006),
            0.05,
            1,
        )
        ripple = 0.05 * np.sin((below * 520 / (0.4 + 4 * (base - 0.49))) + 3 * flank)
        sand = blend(ink(codes[0]), ink(codes[1]), np.clip(0.45 + 0.4 * (sun - 0.5) + ripple, 0, 1))
        canvas.lay(sand * (day.fill * 0.7 + day.key * (0.9 * sun)[..., None]), step(-0.001, 0.002, below))


def _boulders(canvas: Canvas, day: Daylight, tones: tuple[int, int] = (0x3A3C3A, 0x9B958A)) -> None:
    relief = canvas.noise(0.07, 5, 0.6)
    sun = lit(relief, day.side, 0.006 * canvas.unit)
    for side in (-1, 1):
        for x, y, wide in ((1.0, 0.72, 0.12), (0.72, 0.76, 0.07)):
            body = foliage.bush(canvas, side * canvas.half * x, y, wide, wide * 0.62) + 0.16 * relief
            shade = sun * step(0.9, -0.2, (canvas.y - y) / wide)
            canvas.lay(
                blend(ink(tones[0]), ink(tones[1]), shade) * (day.fill * 0.7 + day.key * shade[..., None]),
                step(0.0, 0.08, body),
            )


def _airless(day: Daylight) -> Daylight:
    """Airless light: a hard key and hardly any fill."""
    return Daylight(
        day.hour,
        "clear",
        day.side,
        ink(0xFFFAF0, 1.1),
        ink(0x8090A8, 0.10),
        day.zenith,
        day.horizon,
        day.glow,
        day.sun_y,
        0.0,
    )
