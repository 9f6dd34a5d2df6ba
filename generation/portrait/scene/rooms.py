"""Sets at home and at table: living room, bedroom, kitchen, café."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import furniture as f
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import step

BOOKS = (0x7A3B32, 0x2F4A5E, 0xB8924E, 0x55664A, 0xD8CDB8, 0x8A5A6A, 0x33363E, 0xA9583A)


def living_room(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """A tall window with curtains, books, a lamp, a plant and a sofa's back."""
    side, half, floor_y = room.side, far.half, 0.70
    toward = np.sign(side)
    f.wall(far, room, 0xD9CBB6)
    _windows(far, day, room, (0.08, 0.52), curtain=0xE9DFCC)
    shelf_x = -toward * half * 0.70
    f.shelf(far, room, (shelf_x - 0.13, 0.18, shelf_x + 0.13, 0.68), BOOKS, rows=5)
    f.framed(
        far,
        room,
        (-toward * 0.09 - 0.06, 0.20, -toward * 0.09 + 0.06, 0.36) if half > 0.4 else (-0.06, 0.17, 0.05, 0.31),
        (0xC9D3D6, 0x8A9A7A, 0xE0B080),
    )
    f.boards(far, room, floor_y, (0x6E4A2E, 0xB98A5C))
    f.block(far, room, (-half * 0.75, 0.60, half * 0.55, 0.74), 0x7D8A84, round_top=0.02, soft=0.014)
    f.block(far, room, (-half * 0.45, 0.58, -half * 0.10, 0.66), 0xC98A5A, round_top=0.02, soft=0.016)
    far.defocus(0.0075, 0.4)
    f.lamp(near, room, -toward * near.half * 0.36, 0.40, size=0.06, stem=0.30)
    f.plant(near, room, toward * near.half * 0.92, 0.76, 0.14)
    near.defocus(0.0065, 0.3)
    return floor_y


def _windows(canvas: Canvas, day: Daylight, room: Daylight, rows: tuple[float, float], *, curtain: int = 0) -> None:
    """One window beside the key light; in wide frames a second."""
    toward = np.sign(room.side)
    centres = (
        (toward * canvas.half * 0.66,)
        if canvas.half < 0.4
        else (toward * canvas.half * 0.72, toward * canvas.half * 0.22)
    )
    for x in centres:
        box = (float(x) - 0.105, rows[0], float(x) + 0.105, rows[1])
        f.window(canvas, day, box)
        if curtain:
            f.curtain(canvas, room, (box[0] - 0.06, rows[0] - 0.05, box[0] + 0.015, rows[1] + 0.13), curtain)
            f.curtain(canvas, room, (box[2] - 0.015, rows[0] - 0.05, box[2] + 0.06, rows[1] + 0.13), curtain)


def bedroom(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """A headboard with pillows under fairy lights, a lamp, a curtained window."""
    half, floor_y, toward = far.half, 0.74, np.sign(room.side)
    f.wall(far, room, 0xB9BCC4)
    _windows(far, day, room, (0.10, 0.46), curtain=0xD8CFC8)
    f.framed(
        far,
        room,
        (-toward * half * 0.45 - 0.06, 0.20, -toward * half * 0.45 + 0.06, 0.34),
        (0xE4D6CC, 0xB88F86, 0x7A8A96),
    )
    f.boards(far, room, floor_y, (0x7A5A40, 0xB9936C))
    f.block(far, room, (-half * 0.80, 0.50, half * 0.80, 0.74), 0x8C6A55, round_top=0.03, soft=0.010)
    for x, code in ((-0.42, 0xEFE9E0), (0.36, 0xE6DED4), (-0.05, 0xC08A86)):
        f.block(
            far,
            room,
            (x * half - 0.085, 0.59 + 0.02 * (x == -0.05), x * half + 0.085, 0.70),
            code,
            round_top=0.016,
            soft=0.024,
        )
    f.block(far, room, (-half * 1.3, 0.68, half * 1.3, 1.2), 0xD9D3CC, round_top=0.008, soft=0.02)
    far.defocus(0.0085, 0.4)
    f.lamp(near, room, -toward * near.half * 0.85, 0.53, size=0.065, stem=0.12)
    for x in np.arange(-1.2 * near.half, 1.2 * near.half, 0.045):
        y = 0.115 + 0.035 * float(np.sin(x * 9 + 1)) + 0.012 * float(np.sin(x * 31))
        near.spot(ink(0xFFD08A, 3.2 if room.dark else 1.6), float(x), y, 0.004)
        near.spot(ink(0xFFC070), float(x), y, 0.018, 0.20 if room.dark else 0.06)
    near.defocus(0.0065, 0.6)
    return floor_y


def kitchen(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Cupboards, a tiled wall, a window over the worktop, jars, pendant lamps."""
    half, toward = far.half, np.sign(room.side)
    f.bricks(far, room, (0xDCD8CE, 0xF2EFE8), 0xBDB8AE, size=0.022)
    _windows(far, day, room, (0.12, 0.45))
    for start in np.arange(-1.3, 0.05, 0.17 / half):
        x = -toward * -start * half
        f.block(far, room, (min(x, x + 0.16), -0.2, max(x, x + 0.16), 0.235), 0x6F8577, soft=0.004)
        f.block(far, room, (x + 0.07, 0.20, x + 0.09, 0.206), 0xD8B878, soft=0.002)
    shelf_x = -toward * half * 0.62
    f.shelf(
        far,
        room,
        (shelf_x - 0.20, 0.29, shelf_x + 0.17, 0.44),
        (0xC9A26A, 0xE8DCC2, 0x8A5A3A, 0x9FB0A0, 0xB5533A, 0xF0EBDD),
        rows=2,
        wide=0.034,
        goods="bottles",
    )
    f.block(far, room, (-9, 0.595, 9, 0.625), 0x9A7350, soft=0.004)
    f.block(far, room, (-9, 0.625, 9, 0.86), 0x6F8577, soft=0.004)
    for x in np.arange(-1.25 * half, 1.25 * half, 0.19):
        far.lay(ink(0x2E3A34) * room.fill, far.box(x - 0.002, 0.63, x + 0.002, 0.86, 0.003))
        f.block(far, room, (x + 0.06, 0.66, x + 0.13, 0.667), 0xD8B878, soft=0.003)
    f.boards(far, room, 0.86, (0x8A8478, 0xCFC8BA), tiles=True)
    for x, tall, code in ((0.15, 0.07, 0xB5533A), (0.32, 0.10, 0xC9B48A), (-0.12, 0.05, 0xD8A848)):
        f.block(
            far,
            room,
            (-toward * x * half - 0.022, 0.60 - tall, -toward * x * half + 0.022, 0.60),
            code,
            round_top=0.008,
        )
    far.defocus(0.0075, 0.4)
    f.plant(near, room, toward * near.half * 0.52, 0.61, 0.085)
    for x in (-0.45, 0.30) if half < 0.4 else (-0.7, -0.25, 0.2, 0.65):
        f.lamp(near, room, x * near.half, 0.17, size=0.055, stem=-0.35)
    near.defocus(0.0075, 0.4)
    return 0.86


def cafe(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """Brick, bottles on back-lit shelves, a chalk board, many warm bulbs out of focus."""
    half, toward = far.half, np.sign(room.side)
    f.bricks(far, room, (0x6E3B2A, 0xA8674A), 0x8A7868)
    _windows(far, day, room, (0.10, 0.56))
    x = -toward * half * 0.50
    f.block(far, room, (x - 0.20, 0.20, x + 0.16, 0.52), 0x4A3526)
    far.shine(ink(0xFFB868, 0.55), far.box(x - 0.19, 0.21, x + 0.15, 0.51, 0.05))
    f.shelf(
        far,
        room,
        (x - 0.19, 0.21, x + 0.15, 0.51),
        (0x7A4A22, 0x2F5A3A, 0xD8B070, 0xE8E0D0, 0x8A2F22, 0x3A2A22),
        rows=3,
        wide=0.026,
        goods="bottles",
    )
    chalk = far.noise(0.012, 3, 0.7, 4.0)
    board = far.box(x - 0.16, 0.03, x + 0.12, 0.16)
    far.lay(blend(ink(0x23282A), ink(0xCFCFC8), step(1.1, 2.2, chalk) * 0.5) * (room.fill + room.key * 0.5), board)
    f.block(far, room, (-9, 0.60, 9, 0.80), 0x5A4030, soft=0.004)
    f.block(far, room, (-9, 0.585, 9, 0.605), 0xA07A52, soft=0.004)
    f.boards(far, room, 0.80, (0x4A3424, 0x8A6644))
    far.defocus(0.0085, 0.6)
    for row, y in enumerate((0.04, 0.13, 0.22)):
        for k in np.arange(-1.2 * near.half, 1.2 * near.half, 0.15):
            bulb = float(k) + 0.05 * row, y + 0.012 * float(np.sin(k * 40))
            cord = near.part((bulb[0], -0.2, bulb[0], bulb[1]), 0.01)
            cord.lay(ink(0x18120E), cord.box(bulb[0] - 0.0015, -0.2, bulb[0] + 0.0015, bulb[1], 0.002) * 0.6)
            near.spot(ink(0xFFC478, 2.6), *bulb, 0.009 + 0.002 * row, 1.3)
            near.spot(ink(0xFFB060), *bulb, 0.045, 0.22 if room.dark else 0.14)
    near.defocus(0.010, 0.5)
    return 0.80
