"""Sets under water, under ground and behind a windscreen."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import furniture as f
from generation.portrait.scene import ground
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight, sky
from generation.portrait.scene.noise import Field, lit, step


def reef(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Blue water lit from above, shafts, coral mounds and weed, caustics on sand."""
    floor_y = 0.66
    deep = blend(ink(0x7FE0EA), ink(0x0A4E86), step(-0.15, 0.50, far.y))
    far.lay(blend(deep, ink(0x06305E), step(0.35, 0.75, far.y)) * (0.25 if day.dark else 1.0))
    surface = step(0.06, -0.08, far.y) * (0.6 + 0.4 * far.noise(0.10, 4, 0.6, 3.0))
    far.shine(ink(0xE8FFFF, 0.35 if day.dark else 0.9), np.clip(surface, 0, 1).astype(np.float32))
    slant = far.x + (far.y + 0.2) * 0.35 * day.side
    ray = far.noise(0.07, 3, 0.6)[0]
    along = np.interp(slant, np.linspace(slant.min(), slant.max(), ray.size), ray).astype(np.float32)
    far.shine(ink(0xBFF4FF, 0.12 if day.dark else 0.40), step(0.1, 1.5, along) * step(0.80, -0.1, far.y))
    for base, tall, dim in ((0.60, 0.16, 0.30), (0.66, 0.12, 0.62)):
        row = far.noise(0.22, 4, 0.55)[:1]
        relief = far.noise(0.05, 5, 0.65)
        body = step(0, 0.01, far.y - base + tall * np.clip(0.3 + 0.5 * row, 0, 1.2) + 0.012 * relief)
        coral = blend(ink(0x2A4A6A), ink(0x4A8AA0), lit(relief, day.side, 0.01 * far.unit))
        far.lay(blend(coral * 0.9, deep * 0.55, np.full_like(row, 1 - dim).repeat(len(far.y), 0)), body)
    across, down, close = ground.plane(far, 0.55)
    net = np.abs(ground.texture(far, across, down, 0.22)) + np.abs(ground.texture(far, across + 3, down, 0.16))
    sand = blend(ink(0x2E6A86), ink(0xA8D8C8), np.clip(0.25 + 0.5 * close, 0, 1))
    sand = sand * (0.75 + 0.6 * np.exp(-((net / 0.35) ** 2)) * close)[..., None] * (0.35 if day.dark else 1.0)
    far.lay(sand.astype(np.float32), step(floor_y - 0.01, floor_y + 0.03, far.y))
    far.defocus(0.0070, 0.4)
    for side in (-1, 1):
        _weed(near, day, side)
        for x, y, wide, code in (
            (1.0, 0.78, 0.11, 0xE86A6A),
            (0.70, 0.82, 0.07, 0xF0A860),
            (0.86, 0.70, 0.05, 0xB86AD0),
        ):
            relief = near.noise(0.025, 4, 0.7)
            away = 1 - np.hypot((near.x - side * near.half * x) / wide, (near.y - y) / (wide * 0.9)) + 0.20 * relief
            tone = ink(code) * (0.30 + 0.7 * lit(relief, day.side, 0.006 * near.unit))[..., None]
            near.lay((tone * (0.45 if day.dark else 0.95)).astype(np.float32), step(0.0, 0.10, away))
    near.defocus(0.008, 0.3)
    return floor_y


def _weed(canvas: Canvas, day: Daylight, side: int) -> None:
    for number in range(9):
        x = side * canvas.half * (0.72 + 0.07 * number)
        tall = 0.22 + 0.10 * float(np.sin(number * 2.3 + side))
        up = np.clip((0.88 - canvas.y) / tall, 0, 1)
        bent = canvas.x - x - 0.03 * np.sin(up * 5 + number) * up
        blade = step(0.011, 0.005, np.abs(bent) / np.maximum(1 - 0.8 * up, 0.2)) * (canvas.y > 0.88 - tall)
        tone = blend(ink(0x0E4A3A), ink(0x6AC07A), np.clip(0.2 + 0.8 * up, 0, 1).astype(np.float32))
        canvas.lay((tone * (0.4 if day.dark else 0.85)).astype(np.float32), blade.astype(np.float32) * 0.9)


def cave(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Rock on all sides, daylight at the mouth, a still pool that mirrors it."""
    floor_y = 0.66
    relief = far.noise(0.16, 6, 0.6)
    cliff = lit(relief, day.side, 0.006 * far.unit)
    x = day.side * far.half * 0.25
    mouth: Field = np.hypot((far.x - x) / 0.17, (far.y - 0.42) / 0.24) + 0.13 * far.noise(0.08, 4, 0.6)
    open_air = day.horizon * (0.6 if day.dark else 0.85) + day.key * (0.3 if day.dark else 0.25)
    glow = np.exp(-np.maximum(mouth - 1, 0) / 0.75)
    rock = blend(ink(0x2A2420), ink(0x8A7460), cliff)
    light = ink(0x40506A, 0.16) + (open_air * 0.75) * (glow * (0.25 + 0.75 * cliff))[..., None]
    far.lay((rock * light).astype(np.float32))
    seen = blend(day.zenith * 0.5 + day.horizon * 0.5, open_air.astype(np.float32), step(0.15, 0.50, far.y))
    hills = step(0, 0.008, far.y - 0.55 + 0.03 * far.noise(0.12, 4, 0.5)[:1])
    green = ink(0x6A8A5A) * (day.fill * 0.7 + day.key * 0.35) + day.horizon * 0.25
    seen = blend(seen, green.astype(np.float32), hills * 0.9)
    far.lay(seen, step(1.02, 0.94, mouth) * step(floor_y, floor_y - 0.02, far.y))
    shine = np.exp(-(((far.x - x) / (0.10 + 0.25 * np.maximum(far.y - floor_y, 0))) ** 2)) * step(1.1, floor_y, far.y)
    ripple = 0.75 + 0.25 * far.noise(0.012, 3, 0.6, 8.0)
    pool = ink(0x141C22) + open_air * (0.45 * shine * ripple)[..., None]
    far.lay(pool.astype(np.float32), step(floor_y - 0.004, floor_y + 0.006, far.y + 0.004 * relief))
    far.defocus(0.0065, 0.4)
    row = near.noise(0.09, 3, 0.6)[:1]
    spikes = 0.03 + 0.10 * np.clip(row + 0.2, 0, 2) + 0.12 * (near.x / near.half) ** 2
    grain = near.noise(0.04, 4, 0.65)
    hanging = blend(ink(0x14110F), ink(0x5A4A3C), lit(grain, day.side, 0.004 * near.unit))
    near.lay(
        (hanging * (ink(0x50607A, 0.35) + open_air * 0.14)).astype(np.float32), step(0.004, -0.004, near.y - spikes)
    )
    near.defocus(0.008)
    return floor_y


def car(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """The rear window and back seat as the windscreen sees them: the road runs away behind."""
    half = far.half
    sky(far, day, 0.36, 0.3)
    across, along, close = ground.plane(far, 0.34)
    verge = blend(ink(0x4E6A3A), ink(0x9AA866), np.clip(0.5 + 0.2 * ground.texture(far, across, along, 0.3), 0, 1))
    road = blend(
        ink(0x3E4044), ink(0x6A6C70), np.clip(0.4 + 0.15 * ground.texture(far, across, along, 0.1) * close, 0, 1)
    )
    whole = blend(verge, road, step(0.80, 0.74, np.abs(across)))
    dashes = step(0.04, 0.02, np.abs(across)) * step(0.5, 0.4, np.mod(along * 0.6, 1))
    whole = whole + (ink(0xE8E4D8) - whole) * (dashes * 0.8)[..., None]
    trees = step(
        0,
        0.02,
        far.y
        - 0.34
        + (0.03 + 0.14 * np.clip(np.abs(far.x) / half, 0, 1)) * np.clip(0.9 + 0.5 * far.noise(0.05, 4)[:1], 0, 2),
    )
    light = day.fill * 0.85 + day.key * 0.55
    far.lay((ink(0x3E5A34) * light + day.horizon * 0.12).astype(np.float32), trees * step(0.36, 0.34, far.y))
    far.lay((whole * light).astype(np.float32), step(0.340, 0.346, far.y))
    if day.dark:
        lamps = (far.rng.random(far.cover.shape) > 0.9982) * (far.y > 0.26) * (far.y < 0.40)
        far.shine(ink(0xFFC070, 16.0), lamps.astype(np.float32))
    far.defocus(0.012, 0.7)
    pane = np.maximum(np.abs(near.x) - half * 0.92 + 0.32 * np.maximum(0.30 - near.y, 0), np.abs(near.y - 0.27) - 0.17)
    lining = ink(0x8A827A) * (room.fill * 1.0 + room.key * (0.6 * np.exp(-np.maximum(pane, 0) / 0.07))[..., None])
    near.lay(lining.astype(np.float32), step(-0.004, 0.006, pane))
    for x in (-0.62, 0.0, 0.62) if half < 0.4 else (-0.75, -0.25, 0.25, 0.75):
        f.block(near, room, (x * half - 0.066, 0.395, x * half + 0.066, 0.50), 0x6A5E54, round_top=0.014, soft=0.012)
    f.block(near, room, (-9, 0.47, 9, 1.3), 0x8A7C6E, round_top=0.0, soft=0.012)
    for x in (-0.32, 0.32):
        near.lay(ink(0x3A322C) * room.fill, near.box(x * half - 0.002, 0.48, x * half + 0.002, 1.2, 0.004))
    near.defocus(0.007, 0.3)
    return 0.80
