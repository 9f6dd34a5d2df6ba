"""More places: a museum's hall, a hospital's ward, a gym, and the sea from below."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import furniture as f
from generation.portrait.scene import ground
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import step


def museum(far: Canvas, near: Canvas, _day: Daylight, room: Daylight) -> float:
    """A dark red wall with lit paintings over a parquet floor."""
    half, floor_y = far.half, 0.70
    f.wall(far, room, 0x7A3A38)
    f.block(far, room, (-9, -0.2, 9, 0.03), 0xE8E0D2, soft=0.006)
    f.block(far, room, (-9, 0.645, 9, floor_y), 0x4A2422, soft=0.004)
    looks = ((0x33506B, 0x8FA37A, 0xD8B878), (0x2A2622, 0x8A4A32, 0xE0C9A0), (0x5A7A8C, 0xC9D3C6, 0x7A8A5A))
    for x, wide, tall, look in ((-0.72, 0.24, 0.30, 0), (0.02, 0.17, 0.21, 1), (0.74, 0.26, 0.32, 2)):
        middle, y = x * half, 0.30
        f.block(
            far,
            room,
            (middle - wide / 2 - 0.014, y - tall / 2 - 0.014, middle + wide / 2 + 0.014, y + tall / 2 + 0.014),
            0xB58A3E,
            soft=0.004,
        )
        f.framed(far, room, (middle - wide / 2, y - tall / 2, middle + wide / 2, y + tall / 2), looks[look])
        far.shine(ink(0xFFE2B0, 0.35), far.ball(middle, y - tall / 2, 0.16))
    f.boards(far, room, floor_y, (0x5A3A22, 0xA87848))
    far.defocus(0.0065, 0.4)
    for x in (-0.5, 0.5):
        f.block(near, room, (x * near.half - 0.006, 0.60, x * near.half + 0.006, 0.83), 0xC9A45A, soft=0.003)
    near.defocus(0.006, 0.3)
    return floor_y


def ward(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Pale walls, a window, a bed's head with its monitor, a curtain on a rail."""
    half, floor_y, toward = far.half, 0.72, np.sign(room.side)
    f.wall(far, room, 0xD3DEDC)
    f.block(far, room, (-9, 0.50, 9, 0.53), 0x8FB0AC, soft=0.003)
    f.window(far, day, (float(toward) * half * 0.62 - 0.12, 0.10, float(toward) * half * 0.62 + 0.12, 0.44))
    x = -float(toward) * half * 0.50
    f.block(far, room, (x - 0.16, 0.30, x + 0.16, 0.36), 0xF1F1EC, round_top=0.01, soft=0.006)
    far.shine(ink(0xF4FBFF, 0.7), far.box(x - 0.15, 0.345, x + 0.15, 0.36, 0.012))
    f.block(far, room, (x - 0.17, 0.56, x + 0.17, 0.70), 0xB8C4C6, round_top=0.02, soft=0.012)
    f.block(far, room, (x - 0.12, 0.57, x + 0.12, 0.64), 0xF4F4F0, round_top=0.02, soft=0.02)
    f.block(far, room, (x + 0.19, 0.40, x + 0.28, 0.50), 0x22282C, soft=0.004)
    trace = 0.45 + 0.012 * np.sin(far.x * 220) * np.exp(-(((np.mod(far.x, 0.03) - 0.015) / 0.006) ** 2))
    line = np.exp(-(((far.y - trace) / 0.0016) ** 2)) * far.box(x + 0.195, 0.41, x + 0.275, 0.49)
    far.shine(ink(0x66FFA8, 2.2), line.astype(np.float32))
    f.boards(far, room, floor_y, (0x8FA09C, 0xC9D3CE), tiles=True)
    far.defocus(0.0065, 0.3)
    f.curtain(near, room, (near.half * 0.80, -0.1, near.half * 1.4, 0.80), 0x9CC0BC)
    near.defocus(0.007)
    return floor_y


def gym(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Brick and mirrors, a rack of dumb-bells, a bag, rubber floor under strip lights."""
    half, floor_y, toward = far.half, 0.70, np.sign(room.side)
    f.bricks(far, room, (0x4A4C50, 0x74777C), 0x3A3C40)
    f.window(far, day, (float(toward) * half * 0.55 - 0.16, 0.08, float(toward) * half * 0.55 + 0.16, 0.36))
    x = -float(toward) * half * 0.45
    for row in (0.50, 0.59):
        f.block(far, room, (x - 0.22, row + 0.035, x + 0.22, row + 0.048), 0x2A2C30, soft=0.003)
        for k in np.arange(-0.19, 0.20, 0.076):
            for end in (-0.024, 0.024):
                far.spot(ink(0x17181A) * 1.0, x + float(k) + end, row + 0.018, 0.019, 1.6)
            f.block(
                far, room, (x + float(k) - 0.02, row + 0.012, x + float(k) + 0.02, row + 0.024), 0x9A9DA2, soft=0.003
            )
    f.boards(far, room, floor_y, (0x1E2024, 0x3C4046), tiles=True)
    for k in (-0.6, 0.0, 0.6):
        far.shine(ink(0xE8F4FF, 3.0), far.box(k * half - 0.07, 0.015, k * half + 0.07, 0.024, 0.004))
    far.defocus(0.0065, 0.5)
    bag = near.part((float(toward) * near.half * 0.92 - 0.06, -0.1, float(toward) * near.half * 0.92 + 0.06, 0.62))
    f.block(bag, room, (float(toward) * near.half * 0.92 - 0.055, 0.16, float(toward) * near.half * 0.92 + 0.055, 0.58),
            0xA8322A, round_top=0.01, soft=0.008)  # fmt: skip
    near.defocus(0.007, 0.2)
    return floor_y


def seabed(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Blue depth under a bright surface, slanted rays, rippled sand, bubbles and a shoal far off."""
    dim = 0.35 if day.dark else 1.0
    depth = step(-0.15, 0.75, far.y)
    far.lay(blend(ink(0x6FD8E0, dim), ink(0x0B3C66, dim), depth))
    slant = far.x + 0.35 * day.side * (far.y - 0.1)
    rays = np.clip(np.sin(slant * 21) + 0.7 * np.sin(slant * 47 + 1.3) + 0.4 * np.sin(slant * 13 + 4), 0, 2)
    far.shine(ink(0xBFF4F0, 0.22 * dim), (rays * step(0.75, -0.1, far.y)).astype(np.float32))
    far.shine(ink(0xE8FFFA, 0.9 * dim), far.ball(day.side * far.half * 0.4, -0.12, 0.26))
    for _ in range(60):
        x, y = far.rng.normal(-day.side * 0.12, 0.10), far.rng.normal(0.30, 0.05)
        far.spot(ink(0x16405E, dim), x, y, 0.0045, 0.9)
    across, along, close = ground.plane(far, 0.60)
    ripple = ground.texture(far, across, along, 0.14, 2.0)
    sand = blend(ink(0x2A6A7A, dim), ink(0xB8D0A8, dim), np.clip(0.4 + 0.16 * ripple * close, 0, 1) * close)
    far.lay(sand, step(0.62, 0.72, far.y))
    far.defocus(0.006, 0.3)
    for _ in range(46):
        x, y = near.rng.uniform(-1.1, 1.1) * near.half, near.rng.uniform(0.0, 0.95)
        near.spot(ink(0xCFF6FA, 1.1 * dim), x, y, near.rng.uniform(0.002, 0.007), 0.55)
    near.defocus(0.005, 0.4)
    return 0.66
