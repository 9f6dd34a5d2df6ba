"""Sets out of doors: garden, forest, shore, mountains, snow."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import foliage, ground
from generation.portrait.scene.bulbs import string_lights
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight, haze, sky
from generation.portrait.scene.noise import step


def garden(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Lawn between flower beds, trees against the sun; -> floor y."""
    horizon = 0.50
    sky(far, day, horizon, 0.25)
    foliage.leaves(far, day, foliage.tree_line(far, horizon + 0.02, 0.16, 0.20), foliage.PALE, clump=0.05, through=0.2)
    haze(far, day, 0.11)
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
        lean = (near.x * side / near.half - 0.66) / 0.50  # beds fill the lower corners and slope to the path
        bed = np.clip(np.minimum((near.y - 0.60) / 0.07, lean + (near.y - 0.70) * 0.5), -1.5, 1).astype(np.float32)
        foliage.leaves(
            near, day, bed * 1.2, foliage.OLIVE if side < 0 else foliage.SUMMER, clump=0.05, ragged=0.45, through=0.35
        )
        where = step(0.05, 0.4, bed) * near.cover
        foliage.flowers(near, day, where, (0xE9577A, 0xF7F0E6, 0xF2B544, 0xC77BD6, 0xEF6B4A), size=0.008, count=2600)
    if day.dark:
        string_lights(near, lit=True, rows=2, top=0.08)
    near.defocus(0.006, 0.4)
    return horizon + 0.06


def forest(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Trunks receding into lit mist, a floor of moss and leaves."""
    horizon = 0.52
    mist = blend(
        day.horizon * 0.55 + ink(0x9DB47A) * 0.35 * day.key,
        day.key * ink(0xE9E7A8),
        far.ball(day.side * far.half * 0.4, 0.25, 0.30) * 0.8,
    )
    far.lay(mist)
    for depth, count in ((0.2, 16), (0.5, 10), (0.85, 5)):
        foliage.leaves(
            far,
            day,
            (0.34 - 0.1 * depth - far.y) / 0.16 - 0.5 * far.ball(0.0, 0.3, 0.16),
            foliage.PALE if depth < 0.4 else foliage.SUMMER,
            clump=0.05 + 0.07 * depth,
            ragged=0.75,
            through=0.5,
        )
        _trunks(far, day, depth, int(count * max(1.0, far.half / 0.35)))
        foliage.leaves(
            far,
            day,
            foliage.tree_line(far, horizon + 0.10 * depth + 0.02, 0.05 + 0.06 * depth, 0.15),
            foliage.OLIVE if depth < 0.6 else foliage.PINE,
            clump=0.04,
            ragged=0.5,
        )
        far.light += (mist * 0.9 - far.light) * (0.5 * (1 - depth))
    across, along, close = ground.plane(far, horizon)
    litter, patches = ground.texture(far, across, along, 0.06), ground.texture(far, across, along, 0.6)
    soil = blend(ink(0x2E3A1E), ink(0x8C7A46), np.clip(0.45 + 0.2 * litter * close + 0.2 * patches, 0, 1))
    sunny = step(0.3, 1.1, patches + 0.3 * litter)
    far.lay(soil * (day.fill * 0.6 + day.key * (0.9 * sunny[..., None])), step(horizon + 0.08, horizon + 0.15, far.y))
    _shafts(far, day)
    far.defocus(0.0075, 0.6)
    for side in (-1, 1):
        lean = (near.x * side / near.half - 0.75) / 0.3
        fern = np.clip(np.minimum((near.y - 0.62) / 0.08, lean + (near.y - 0.7)), -1.5, 1).astype(np.float32)
        foliage.leaves(near, day, fern, foliage.SUMMER, clump=0.06, ragged=0.6, through=0.3)
    near.defocus(0.007, 0.4)
    return horizon + 0.14


def _trunks(canvas: Canvas, day: Daylight, depth: float, count: int) -> None:
    for _ in range(count):
        x = canvas.rng.uniform(-1.25, 1.25) * canvas.half
        wide = (0.008 + 0.03 * depth**1.5) * canvas.rng.uniform(0.7, 1.3)
        lean, foot = canvas.rng.normal(0, 0.04), 0.60 + 0.12 * depth
        trunk = canvas.part((x - wide, -0.2, x + wide, foot), 0.06)
        offset = (trunk.x - x - (trunk.y - 0.5) * lean) / wide
        body = step(1.0, 0.85, np.abs(offset)) * step(foot, foot - 0.02, trunk.y)
        facing = np.clip(0.35 + 0.6 * offset * day.side + 0.15 * trunk.noise(0.02, 3, 0.7, 0.25), 0, 1)
        bark = blend(ink(0x2A211A), ink(0x6B5A45), facing)
        trunk.lay(bark * (day.fill * 0.6 + day.key * (0.8 * facing**2)[..., None]), body)


def _shafts(canvas: Canvas, day: Daylight) -> None:
    slant = canvas.x * 0.9 + canvas.y * 0.55 * day.side
    ray = canvas.noise(0.09, 3, 0.6)[0]
    along = np.interp(slant, np.linspace(slant.min(), slant.max(), ray.size), ray).astype(np.float32)
    canvas.shine(day.key * ink(0xFFF0C0) * 0.28, step(0.2, 1.4, along) * step(0.75, 0.1, canvas.y))


def shore(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Sea under a wide sky, foam, then sand."""
    horizon, line = 0.47, 0.60
    sky(far, day, horizon, 0.45)
    land = (
        far.y
        - horizon
        + 0.045 * np.clip(0.4 + far.noise(0.25, 4)[:1], 0, 2) * step(-0.2, 0.9, -far.x * day.side / far.half)
    ) / 0.01
    far.lay(
        ink(0x6E8496) * (day.fill + day.key * 0.4) * 0.6 + day.horizon * 0.4,
        step(0, 1, land) * step(horizon, horizon - 0.001, far.y),
    )
    across, along, close = ground.plane(far, horizon)
    wave = ground.texture(far, across * 0.35, along * 1.6, 0.35)
    chop = ground.texture(far, across * 0.4, along * 2.0, 0.10)
    deep = blend(
        day.zenith * 0.40 + ink(0x14566B) * day.fill,
        day.horizon * 0.55 + ink(0x2FA5A5) * day.fill * 0.5,
        np.clip(0.45 + 0.22 * wave + 0.15 * chop - 0.3 * close, 0, 1),
    )
    far.lay(deep, step(horizon - 0.001, horizon + 0.002, far.y))
    glade = np.exp(-(((far.x - day.side * far.half * 0.85) / (0.05 + 0.4 * np.maximum(far.y - horizon, 0))) ** 2))
    sparkle = (far.rng.random(far.cover.shape) > 0.9965) * glade * (far.y > horizon) * (far.y < line)
    far.shine(day.key * (24 if day.dark else 7), sparkle.astype(np.float32))
    edge = line + 0.012 * far.noise(0.3, 4, 0.5)[:1]
    surf = ground.texture(far, across, along * 2, 0.25)
    foam = (
        np.exp(-(((far.y - edge) / 0.010) ** 2))
        + 0.7 * np.exp(-(((far.y - edge + 0.055) / 0.006) ** 2)) * step(-0.4, 0.6, surf)
        + 0.5 * np.exp(-(((far.y - edge + 0.085) / 0.003) ** 2)) * step(0.2, 0.8, surf)
    )
    ripples = ground.texture(far, across, along, 0.22)
    grit = ground.texture(far, across, along, 0.04)
    wet = np.exp(-np.maximum(far.y - edge, 0) / 0.05)[..., None]
    sand = blend(ink(0xC9A878), ink(0xF0DDB6), np.clip(0.5 + 0.22 * ripples + 0.10 * grit * close, 0, 1))
    sand = (
        sand * (day.fill * 0.85 + day.key * (0.62 + 0.10 * ripples)[..., None]) * (1 - 0.5 * wet)
        + day.horizon * 0.35 * wet
    )
    far.lay(sand.astype(np.float32), step(0, 0.003, far.y - edge))
    far.lay(day.fill * 0.7 + day.key * 0.6, np.clip(foam, 0, 1).astype(np.float32) * 0.9)
    far.defocus(0.006, 0.5)
    palm = foliage.bush(near, day.side * near.half * 1.3, -0.08, near.half * 1.0, 0.24)
    foliage.leaves(near, day, palm, foliage.OLIVE, clump=0.08, ragged=0.5, through=0.5)
    near.defocus(0.011, 0.5)
    return line
