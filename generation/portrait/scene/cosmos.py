"""Space through a ship's window."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import step


def globe(
    canvas: Canvas, side: float, place: tuple[float, float, float], tones: tuple[int, int] = (0x123F7A, 0x4F8A52)
) -> None:
    """A planet at (x, y, radius) with clouds, a terminator and a rim of air, lit from `side`."""
    x, y, radius = place
    u, v = (canvas.x - x) / radius, (canvas.y - y) / radius
    away = np.hypot(u, v)
    z = np.sqrt(np.clip(1 - away**2, 0, 1))
    sun = np.clip(0.75 * side * u - 0.45 * v + 0.45 * z, 0, 1).astype(np.float32)
    land = step(0.1, 0.5, canvas.noise(radius * 0.6, 6, 0.58))
    cloud = step(0.2, 1.6, canvas.noise(radius * 0.4, 6, 0.6, 2.2))
    surface = blend(blend(ink(tones[0]), ink(tones[1]), land), ink(0xFFFFFF), cloud * 0.85)
    canvas.lay(surface * (0.008 + 1.25 * sun[..., None]), step(1.004, 0.996, away))
    rim = np.exp(-(((away - 1.0) / 0.035) ** 2)) * np.clip(0.2 + 0.75 * side * u - 0.45 * v, 0, 1)
    canvas.shine(ink(0x66B0FF, 1.1), rim.astype(np.float32))


def ship(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Stars, a nebula and a planet behind a wide pane between dark panels with pilot lights."""
    far.lay(ink(0x04060E))
    cloud = np.clip(far.noise(0.35, 6, 0.6) * 0.5 + 0.2, 0, 1.5)
    dust = np.clip(far.noise(0.25, 6, 0.6) * 0.5 + 0.5, 0, 1)
    far.light += blend(ink(0x2A3F9E, 0.55), ink(0xB0468C, 0.5), dust) * (cloud**2 * 0.5)[..., None]
    for rate, size in ((0.996, 2.0), (0.9995, 9.0)):
        stars = (far.rng.random(far.cover.shape) > rate) * far.rng.random(far.cover.shape) ** 2
        far.shine(ink(0xE6EEFF, size), stars.astype(np.float32))
    globe(far, day.side, (-day.side * far.half * 0.45, 0.40, 0.20))
    far.defocus(0.0030, 0.5)
    panel = near.noise(0.02, 3, 0.6, 4.0)
    radius = 0.09
    inside_x, inside_y = np.abs(near.x) - (near.half * 0.93 - radius), np.abs(near.y - 0.33) - (0.32 - radius)
    pane = np.hypot(np.maximum(inside_x, 0), np.maximum(inside_y, 0)) - radius
    fall = np.exp(-np.abs(near.y - 0.72) / 0.18) + 0.35 * np.exp(-np.maximum(pane, 0) / 0.05)
    metal = blend(ink(0x1A222C), ink(0x55636F), np.clip(0.35 * fall + 0.03 * panel, 0, 1))
    seams = np.minimum(np.abs(np.mod(near.x + 0.09, 0.18) - 0.09), np.abs(np.mod(near.y, 0.16) - 0.08))
    metal = metal * (0.5 + 0.5 * step(0.0, 0.004, seams))[..., None]
    near.lay(metal.astype(np.float32), step(-0.002, 0.002, pane))
    near.shine(
        ink(0x9FC8FF, 0.9),
        np.exp(-(((pane - 0.008) / 0.005) ** 2)).astype(np.float32) * (0.3 + 0.7 * step(0.2, -0.2, near.y - 0.33)),
    )
    strip = np.exp(-(((near.y - 0.705) / 0.004) ** 2)).astype(np.float32)
    near.shine(ink(0xA8DCFF, 2.5), strip)
    for _ in range(int(90 * near.half / 0.28)):
        x, y = near.rng.uniform(-1.2, 1.2) * near.half, near.rng.uniform(0.74, 0.98)
        near.glow(ink(int(near.rng.choice((0x5FD0FF, 0xFFB050, 0x7CFFB0, 0xFF5A5A))), 5.0), x, y, 0.0025)
    near.defocus(0.006, 0.4)
    return 0.70
