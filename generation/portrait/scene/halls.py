"""Sets of work and public life: office, news studio, classroom, shop, stone hall."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import furniture as f
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import lit, step
from generation.portrait.scene.rooms import BOOKS


def office(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Glass onto the city, ceiling lights, desks with screens, a plant."""
    half, floor_y, toward = far.half, 0.68, np.sign(room.side)
    f.wall(far, room, 0xCDD2D4)
    for x in np.arange(-1.25 * half, 1.25 * half, 0.24):
        f.window(far, day, (float(x), 0.13, float(x) + 0.225, 0.54), bars=0, frame=0x8A9094)
    towers = np.floor(far.x / 0.045)
    roof = 0.42 - 0.20 * np.mod(np.abs(np.sin(towers * 12.99) * 437.5), 1)
    city = (ink(0x7A8A9A) * (day.fill + day.key * 0.5) * 0.6 + day.horizon * 0.5) * (1.1 if not day.dark else 0.6)
    mullion = np.mod(far.x + 1.25 * half, 0.24)
    far.lay(
        city.astype(np.float32),
        step(0, 0.003, far.y - roof)
        * step(0.535, 0.53, far.y)
        * step(0.006, 0.012, mullion)
        * step(0.222, 0.216, mullion)
        * 0.75,
    )
    far.lay(ink(0xE4E6E6) * (room.fill * 0.8 + room.key * 0.2), step(0.10, 0.095, far.y))
    for x in np.arange(-1.2 * half, 1.2 * half, 0.16):
        far.lay(ink(0xFFFDF5, 1.6), far.box(float(x), 0.035, float(x) + 0.10, 0.05, 0.01))
    f.boards(far, room, floor_y, (0x5E646A, 0x7C8288), tiles=True)
    for x in np.arange(-1.1 * half, 1.1 * half, 0.26):
        f.block(far, room, (float(x), 0.585, float(x) + 0.21, 0.60), 0xC9AE8A, soft=0.004)
        f.block(far, room, (float(x) + 0.05, 0.50, float(x) + 0.15, 0.57), 0x2A3036, soft=0.004)
        far.lay(ink(0x7FB0DA, 0.7), far.box(float(x) + 0.056, 0.506, float(x) + 0.144, 0.562, 0.004) * 0.8)
        f.block(far, room, (float(x) + 0.01, 0.60, float(x) + 0.20, 0.70), 0x8A8F94, soft=0.004)
    far.defocus(0.0085, 0.5)
    f.plant(near, room, -toward * near.half * 0.88, 0.74, 0.15)
    near.defocus(0.007, 0.3)
    return floor_y


def news(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """A curved wall of screens in blue, a world map, light strips, a gloss floor."""
    half, floor_y = far.half, 0.72
    far.lay(blend(ink(0x0A1A38), ink(0x2A62A8), far.ball(0, 0.35, 0.55)))
    land = step(0.15, 0.45, far.noise(0.16, 5, 0.55, 1.4))
    screen = far.box(-half * 0.86, 0.10, half * 0.86, 0.56, 0.006)
    view = blend(ink(0x0F3E7E), ink(0x63B4E8), land * 0.75) * (0.65 + 0.6 * far.ball(0, 0.3, 0.4))[..., None]
    grid = np.minimum(np.abs(np.mod(far.x, 0.05) - 0.025), np.abs(np.mod(far.y, 0.05) - 0.025))
    far.lay((view * (0.85 + 0.15 * step(0.0, 0.002, grid))[..., None]).astype(np.float32), screen)
    for x in (-0.94, 0.94):
        far.lay(ink(0xBFE4FF, 1.6), far.box(x * half - 0.006, 0.02, x * half + 0.006, 0.70, 0.004))
        far.shine(ink(0x6FB8FF, 0.7), np.exp(-(((far.x - x * half) / 0.05) ** 2)).astype(np.float32))
    for y, code in ((0.075, 0xE8F4FF), (0.585, 0xE8F4FF), (0.61, 0xFF5A48)):
        far.lay(ink(code, 1.4), far.box(-half * 1.4, y, half * 1.4, y + 0.006, 0.003))
    far.shine(ink(0xFFFFFF, 0.18), far.ball(day.side * half, 0.0, 0.3))
    mirror = far.light[::-1]
    height = far.cover.shape[0]
    shift = int((2 * (floor_y + 0.125) / 1.25 - 1) * height)
    reflection = np.roll(mirror, shift, axis=0)
    fade = step(floor_y + 0.35, floor_y, far.y)[..., None]
    floor = ink(0x0C1626) + reflection * 0.35 * fade + room.fill * 0.03
    far.lay(floor.astype(np.float32), step(floor_y - 0.002, floor_y + 0.002, far.y))
    far.defocus(0.0080, 0.4)
    near.defocus(0.006)
    return floor_y


def classroom(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """A chalk board with half-wiped writing, windows, a map, rows of desks."""
    half, floor_y, toward = far.half, 0.72, np.sign(room.side)
    f.wall(far, room, 0xE4D9BE)
    middle = -toward * half * 0.22
    wide = max(0.21, half * 0.62)
    f.block(far, room, (middle - wide - 0.012, 0.148, middle + wide + 0.012, 0.512), 0x9A7048, soft=0.004)
    wipe = far.noise(0.25, 4, 0.6, 2.0)
    writing = far.noise(0.010, 2, 0.6, 3.0) * step(0.35, 0.65, 0.5 + 0.5 * np.sin(far.y * 190))
    slate = blend(ink(0x27463A), ink(0x5E7C6C), np.clip(0.35 + 0.22 * wipe, 0, 1))
    slate = blend(slate, ink(0xE8EAE2), step(0.6, 1.4, writing) * step(0.0, 0.8, far.noise(0.12, 2, 0.5, 1.5)) * 0.55)
    light = room.fill * 0.75 + room.key * (0.25 + 0.4 * np.clip(0.5 + 0.5 * toward * far.x / half, 0, 1))[..., None]
    far.lay((slate * light).astype(np.float32), far.box(middle - wide, 0.16, middle + wide, 0.50))
    f.block(far, room, (middle - wide, 0.505, middle + wide, 0.52), 0xB08858, soft=0.003)
    f.window(
        far,
        day,
        (toward * half * 0.83 - 0.08, 0.08, toward * half * 0.83 + 0.12, 0.52)
        if toward > 0
        else (-half * 0.83 - 0.12, 0.08, -half * 0.83 + 0.08, 0.52),
    )
    f.framed(
        far,
        room,
        (-toward * half * 0.75 - 0.05, 0.02, -toward * half * 0.75 + 0.06, 0.13),
        (0x9FC3D8, 0xC9B070, 0x6E9A5A),
    )
    f.boards(far, room, floor_y, (0x8A6A48, 0xC49C6C))
    for row, (y, gap) in enumerate(((0.66, 0.17), (0.745, 0.24))):
        for x in np.arange(-1.2 * half + 0.05 * row, 1.2 * half, gap):
            f.block(far, room, (float(x) + gap * 0.22, y, float(x) + gap * 0.62, y + gap * 0.55), 0x4A5058, soft=0.006)
            f.block(far, room, (float(x), y - 0.012, float(x) + gap * 0.82, y + 0.012), 0xC79A62, soft=0.005)
    far.defocus(0.0085, 0.4)
    near.defocus(0.006)
    return floor_y


def shop(far: Canvas, near: Canvas, _day: Daylight, room: Daylight) -> float:
    """Full shelves under rows of ceiling lights."""
    half, floor_y = far.half, 0.74
    f.wall(far, room, 0xDAD7D0)
    goods = (0xC8432F, 0xE8B23A, 0x3C7A4A, 0x2F5FA0, 0xF0E8DA, 0x8A3A6A, 0xE07A3A, 0x5AA0A8)
    for x in np.arange(-1.3 * half, 1.3 * half, 0.30):
        f.shelf(far, room, (float(x), 0.16, float(x) + 0.27, 0.72), goods, rows=6, wide=0.024, goods="packets")
    far.shine(room.key * 0.5 + room.fill * 0.3, far.ball(0, 0.36, 0.35) * 0.4)
    for y, size in ((0.02, 0.07), (0.075, 0.05), (0.115, 0.035)):
        for x in np.arange(-1.3 * half, 1.3 * half, size * 2.4):
            far.lay(ink(0xFFF6E4, 2.2), far.box(float(x), y, float(x) + size, y + size * 0.18, 0.006))
    f.boards(far, room, floor_y, (0x9A958C, 0xC9C4BA), tiles=True)
    far.defocus(0.0100, 0.5)
    f.shelf(near, room, (-near.half * 1.3, 0.30, -near.half * 0.78, 0.84), goods, rows=4, wide=0.036, goods="packets")
    near.defocus(0.013, 0.3)
    return floor_y


def library(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Walls of books, a tall window between, green-shaded lamps."""
    half, floor_y, toward = far.half, 0.74, np.sign(room.side)
    f.wall(far, room, 0x8A6E50)
    for x in np.arange(-1.3 * half, 1.3 * half, 0.24):
        f.shelf(far, room, (float(x), -0.1, float(x) + 0.215, 0.72), BOOKS, rows=7, wide=0.012)
    x = toward * half * 0.70
    f.window(far, day, (x - 0.09, 0.02, x + 0.09, 0.50), frame=0x5A4430)
    f.boards(far, room, floor_y, (0x4E3422, 0x8E6440))
    far.defocus(0.0090, 0.4)
    f.lamp(near, room, -toward * near.half * 0.55, 0.56, size=0.05, stem=0.22, code=0xFFD89A)
    near.defocus(0.007, 0.4)
    return floor_y


def stone_hall(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Rough blocks, an arched window with a shaft of light, torches, flagstones."""
    half, floor_y, toward = far.half, 0.70, np.sign(room.side)
    f.bricks(far, room, (0x5E5850, 0x9A9082), 0x4A443C, size=0.055)
    relief = far.noise(0.06, 5, 0.65)
    far.light *= (0.65 + 0.6 * lit(relief, room.side, 1.5))[..., None]
    x = toward * half * 0.50
    arch = np.maximum(np.abs(far.x - x) - 0.075, np.hypot(far.x - x, np.minimum(far.y - 0.20, 0) * 0.8) - 0.075)
    hole = step(0.003, -0.003, np.maximum(arch, far.y - 0.46))
    far.lay(ink(0x2E2A26) * room.fill, step(0.022, 0.016, np.maximum(arch, far.y - 0.47)))
    far.lay(
        ((day.horizon * 1.3 + day.key * 0.4) if not day.dark else day.zenith + day.horizon).astype(np.float32), hole
    )
    far.lay(
        ink(0x1E1C1A),
        hole * np.maximum(step(0.004, 0.002, np.abs(far.x - x)), step(0.004, 0.002, np.abs(far.y - 0.30))),
    )
    beam = (far.x - x) + toward * (far.y - 0.30) * 0.75
    reach = step(0.12, 0.02, np.abs(beam)) * step(0.15, 0.35, far.y) * step(1.0, 0.4, far.y)
    far.shine(day.key * 0.20 + day.horizon * 0.05, reach * (0.8 + 0.2 * far.noise(0.1, 3)))
    f.boards(far, room, floor_y, (0x4E4840, 0x8A8072), tiles=True)
    far.defocus(0.0065, 0.4)
    for place in (-0.78, 0.10) if half < 0.4 else (-0.8, -0.3, 0.15):
        spot = toward * place * near.half, 0.36
        near.lay(ink(0xFF9A40, 0.9), near.ball(*spot, 0.10) * 0.22)
        near.lay(ink(0x2A1E16), near.box(spot[0] - 0.006, 0.37, spot[0] + 0.006, 0.46))
        flame = np.exp(
            -(((near.x - spot[0]) / 0.011) ** 2) - (np.maximum(near.y - 0.355, (0.355 - near.y) * 0.45) / 0.016) ** 2
        )
        near.lay(ink(0xFFB84A, 3.5), np.clip(flame * 1.5, 0, 1).astype(np.float32))
    near.defocus(0.006, 0.5)
    return floor_y
