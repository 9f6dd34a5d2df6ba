"""Sets made for the camera: a stage with curtain and spotlights, a studio backdrop, a vehicle's window."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import furniture as f
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight, sky
from generation.portrait.scene.noise import step


def stage(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Red velvet in folds, beams from above with dust in them, a pool of light on boards."""
    half, floor_y = far.half, 0.70
    drift = far.noise(0.4, 2) * 0.01 * (0.3 + far.y)
    phase = (far.x + drift) / 0.030
    fold = 0.5 + 0.34 * np.sin(phase + 1.1 * np.sin(phase * 0.37)) + 0.16 * np.sin(phase * 2.3 + 1)
    pool = np.clip(far.ball(0.0, 0.36, 0.30) + 0.6 * far.ball(day.side * half * 0.8, 0.30, 0.22), 0, 1.3)
    velvet = blend(ink(0x2A0408), ink(0xC02428), np.clip(fold, 0, 1) ** 1.6) * (0.10 + 1.25 * pool)[..., None]
    far.lay(velvet.astype(np.float32))
    f.boards(far, room, floor_y, (0x3A2416, 0x8A5C38))
    far.light *= (
        0.35
        + 1.5 * np.exp(-((far.x / (half * 0.9)) ** 2) - ((far.y - 0.80) / 0.16) ** 2) * (far.y > floor_y)
        + 0.65 * (far.y <= floor_y)
    )[..., None]
    for x in np.linspace(-1.0, 1.0, 5 if half < 0.4 else 9):
        far.lay(ink(0xFFD9A0, 2.6), far.ball(float(x) * half, floor_y + 0.004, 0.008))
        far.shine(ink(0xFFB060, 0.5), far.ball(float(x) * half, floor_y - 0.01, 0.05))
    far.defocus(0.0070, 0.5)
    dust = 0.75 + 0.25 * near.noise(0.12, 4)
    for start, aim, code in (
        (-0.75, 0.25, 0xFFE2B8),
        (0.75, -0.25, 0xFFD0A0),
        (0.1, 0.0, 0xFFF4E0),
        (-0.25, -0.85, 0x9FB8FF),
        (0.35, 0.95, 0xFF9AC0),
    ):
        run = np.clip((near.y + 0.14) / 0.95, 0, 1)
        axis = (start + (aim - start) * run) * half
        beam = np.exp(-(((near.x - axis) / (0.012 + 0.10 * run)) ** 2)) * (1 - run) ** 1.2 * step(0.80, 0.5, near.y)
        near.lay(ink(code, 1.1), (0.30 * beam * dust).astype(np.float32))
        near.lay(ink(code, 5.0), near.ball(start * half, -0.012 + 0.04, 0.014))
    near.defocus(0.008, 0.4)
    return floor_y


def studio(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """A painted canvas backdrop that curves into the floor, a soft key and a coloured kicker."""
    tones = ((0x39454F, 0xA9B4B8), (0x4A4038, 0xC2B09A), (0x3A4A44, 0xA8B8A4), (0x443C4E, 0xB8AAB8))
    low, high = tones[int(far.rng.integers(len(tones)))]
    mottle = far.noise(0.30, 5, 0.55)
    glow = far.ball(day.side * far.half * 0.35, 0.36, 0.42)
    paper = blend(ink(low), ink(high), np.clip(0.10 + 0.80 * glow + 0.055 * mottle, 0, 1))
    far.lay(paper * 0.95)
    far.shine(ink(0xFFB070, 0.16), far.ball(-day.side * far.half * 1.1, 0.62, 0.32))
    far.light *= (1 - 0.35 * np.exp(-(((far.y - 0.76) / 0.06) ** 2)))[..., None]
    floor = blend(ink(low), ink(high), np.clip(0.30 + 0.35 * np.exp(-((far.x / 0.4) ** 2)) + 0.03 * mottle, 0, 1))
    far.lay(floor, step(0.74, 0.86, far.y))
    for _ in range(int(9 * max(1.0, far.half / 0.28))):
        x, y = far.rng.uniform(-1.1, 1.1) * far.half, far.rng.uniform(0.0, 0.5)
        size = far.rng.uniform(0.02, 0.05)
        disc = step(size, size * 0.9, np.hypot(far.x - x, far.y - y))
        far.shine(blend(ink(0xFFE0B0), ink(high), far.cover)[0, 0] * 0.07, disc)
    far.defocus(0.006)
    near.defocus(0.006)
    return 0.76


def vehicle(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Seats and a wide window with the country streaming past."""
    half = far.half
    sky(far, day, 0.42, 0.35)
    rush = far.noise(0.05, 4, 0.7, 9.0)
    hills = step(0.0, 0.02, far.y - 0.30 + 0.05 * far.noise(0.3, 2, 0.5, 3.0)[:1])
    far.lay(
        blend(ink(0x4A6238), ink(0x93A25E), np.clip(0.5 + 0.2 * rush, 0, 1)) * (day.fill + day.key * 0.7)
        + day.horizon * 0.10,
        hills,
    )
    if day.dark:
        far.shine(ink(0xFFB868, 14.0), ((far.rng.random(far.cover.shape) > 0.998) * hills).astype(np.float32))
    far.defocus(0.013, 0.7)
    inside_x = np.abs(near.x - 0.0) - (half * 0.90 - 0.06)
    inside_y = np.abs(near.y - 0.31) - (0.25 - 0.06)
    pane = np.hypot(np.maximum(inside_x, 0), np.maximum(inside_y, 0)) - 0.06
    fall = 0.4 + 0.6 * np.exp(-np.maximum(pane, 0) / 0.06)
    panel = ink(0x9A948C) * (room.fill * 0.8 + room.key * (0.45 * fall)[..., None])
    near.lay(panel.astype(np.float32), step(-0.002, 0.003, pane))
    near.lay(
        ink(0x26282A) * (room.fill + room.key * 0.2),
        (np.exp(-(((pane - 0.006) / 0.006) ** 2)) * 0.9).astype(np.float32),
    )
    for x in np.arange(-1.3 * half, 1.3 * half, 0.30):
        f.block(near, room, (float(x) + 0.02, 0.52, float(x) + 0.27, 1.2), 0x3E5878, round_top=0.03, soft=0.014)
        f.block(near, room, (float(x) + 0.07, 0.475, float(x) + 0.22, 0.56), 0x4E6A8C, round_top=0.015, soft=0.014)
    near.defocus(0.007, 0.3)
    return 0.80
