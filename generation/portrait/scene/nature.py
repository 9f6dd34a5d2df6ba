"""Sets out of doors: garden, forest, shore, mountains, snow."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import foliage, ground
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight, haze, sky
from generation.portrait.scene.noise import step


def garden(far: Canvas, near: Canvas, day: Daylight) -> float:
    """Lawn between flower beds, trees against the sun; -> floor y."""
    horizon = 0.50
    sky(far, day, horizon, 0.35)
    foliage.leaves(far, day, foliage.tree_line(far, horizon + 0.02, 0.16, 0.20), foliage.PALE, clump=0.05, through=0.2)
    haze(far, day, 0.30)
    foliage.leaves(far, day, foliage.tree_line(far, horizon + 0.05, 0.09, 0.12), foliage.SUMMER, clump=0.05)
    for side, size in ((-1, 0.30), (1, 0.24)):
        body = foliage.bush(far, side * far.half * 1.05, 0.20, size * 0.85, size * 1.2)
        foliage.leaves(far, day, body * 1.5, foliage.SUMMER, clump=0.11, ragged=0.5, through=0.6)
    across, along, close = ground.plane(far, horizon + 0.03)
    grass = ground.texture(far, across, along, 0.10)
    patches = ground.texture(far, across, along, 0.8)
    dapple = step(-0.5, 0.7, patches + 0.35 * grass)
    lawn = blend(ink(0x33502A), ink(0x86A04C), np.clip(0.5 + 0.16 * grass * close + 0.25 * patches, 0, 1))
    far.lay(
        lawn * (day.fill * 0.9 + day.key * (0.15 + 0.9 * dapple[..., None])),
        step(horizon + 0.045, horizon + 0.065, far.y),
    )
    far.defocus(0.0075, 0.6)
    for side in (-1, 1):
        lean = (near.x * side / near.half - 0.62) / 0.30  # beds fill the lower corners and slope to the path
        bed = np.clip(np.minimum((near.y - 0.60) / 0.07, lean + (near.y - 0.70) * 1.2), -1.5, 1).astype(np.float32)
        foliage.leaves(
            near, day, bed * 1.2, foliage.OLIVE if side < 0 else foliage.SUMMER, clump=0.05, ragged=0.35, through=0.35
        )
        where = step(0.05, 0.4, bed) * near.cover
        foliage.flowers(near, day, where, (0xE9577A, 0xF7F0E6, 0xF2B544, 0xC77BD6, 0xEF6B4A), 0.008, 2600)
    near.defocus(0.006, 0.4)
    return horizon + 0.06
