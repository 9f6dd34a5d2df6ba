"""Sets where people come together: gym, hospital ward, museum, station hall, bar."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import furniture as f
from generation.portrait.scene.canvas import Canvas, blend, ink
from generation.portrait.scene.daylight import Daylight, sky
from generation.portrait.scene.noise import Field, step


def gym(far: Canvas, near: Canvas, _day: Daylight, room: Daylight) -> float:
    """A mirror wall that doubles the lamps, racks of weights, a punch bag, rubber floor."""
    half, floor_y, toward = far.half, 0.70, np.sign(room.side)
    f.bricks(far, room, (0x4A4C50, 0x6C6E72), 0x3A3C40, size=0.04)
    mirror = far.box(-9, 0.20, 9, 0.62)
    seen = blend(ink(0x39424A), ink(0x8FA0AC), step(0.62, 0.15, far.y)) * (room.fill * 0.8 + room.key * 0.5)
    far.lay(seen.astype(np.float32), mirror * 0.85)
    for x in np.arange(-1.3 * half, 1.3 * half, 0.26):
        far.lay(ink(0x1E2226) * room.fill, far.box(float(x) - 0.002, 0.20, float(x) + 0.002, 0.62, 0.003))
        far.lay(ink(0xFFF8EA, 1.7), far.box(float(x) + 0.02, 0.05, float(x) + 0.20, 0.066, 0.008))
        far.lay(ink(0xFFF8EA, 0.9), far.box(float(x) + 0.05, 0.245, float(x) + 0.17, 0.255, 0.010) * 0.7)
    f.boards(far, room, floor_y, (0x2A2C2E, 0x46484A), tiles=True)
    for shelf, (y, size) in enumerate(((0.56, 0.013), (0.63, 0.016), (0.70, 0.019))):
        f.block(far, room, (-half * 1.3, y, half * 1.3, y + 0.010), 0x5A5E62, soft=0.003)
        for x in np.arange(-1.3 * half, 1.3 * half, size * 3.4):
            code = (0xC8432F, 0x24282C, 0x2F6FA8)[(int(x / 0.09) + shelf) % 3]
            for end in (-1, 1):
                spot = float(x) + end * size, y - size
                far.spot(ink(code) * (room.fill + room.key * 0.5), *spot, size * 0.8, 2.5)
    far.defocus(0.0075, 0.4)
    x = -toward * near.half * 0.72
    f.block(near, room, (x - 0.003, -0.2, x + 0.003, 0.22), 0x2A2A2A, soft=0.003)
    f.block(near, room, (x - 0.055, 0.20, x + 0.055, 0.52), 0x8E2A24, round_top=0.02, soft=0.010)
    f.block(near, room, (x - 0.055, 0.30, x + 0.055, 0.325), 0xE4DCCC, soft=0.004)
    near.defocus(0.008, 0.3)
    return floor_y


def ward(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """A hospital room: pale wall with a rail, a window with blinds, a monitor, a bed behind a drawn curtain."""
    half, floor_y, toward = far.half, 0.74, np.sign(room.side)
    f.wall(far, room, 0xDDE8E6)
    x = toward * half * 0.62
    box = (x - 0.12, 0.10, x + 0.12, 0.46)
    f.window(far, day, box, bars=0, frame=0xE6EAEA)
    slats = step(0.30, 0.42, np.abs(np.mod(far.y / 0.016, 1) - 0.5))
    far.lay(ink(0xF2F4F2) * (room.fill * 0.8 + room.key * 0.5), far.box(box[0], 0.10, box[2], 0.30) * slats * 0.85)
    far.lay(ink(0x7FB0A8) * (room.fill * 0.9 + room.key * 0.4), far.box(-9, 0.56, 9, 0.60, 0.003))
    f.block(far, room, (-9, 0.52, 9, 0.535), 0xB8C4C4, soft=0.004)
    middle = -toward * half * 0.35
    f.block(far, room, (middle - 0.07, 0.24, middle + 0.07, 0.35), 0x3A4248, soft=0.004)
    far.lay(ink(0x06140E), far.box(middle - 0.062, 0.248, middle + 0.062, 0.342, 0.003))
    for row, (y, code) in enumerate(((0.27, 0x50F090), (0.30, 0x60C8FF), (0.327, 0xFFD060))):
        beat = y - 0.014 * np.exp(-(((np.mod(far.x + 0.013 * row, 0.034) - 0.017) / 0.0022) ** 2))
        far.lay(
            ink(code, 1.5),
            np.exp(-(((far.y - beat) / 0.0016) ** 2)).astype(np.float32)
            * far.box(middle - 0.056, 0.25, middle + 0.056, 0.34),
        )
    f.block(far, room, (middle - 0.004, 0.35, middle + 0.004, 0.70), 0x9AA4A8, soft=0.003)
    f.boards(far, room, floor_y, (0xA9B8B6, 0xCAD6D2), tiles=True)
    f.block(far, room, (-half * 0.9, 0.60, half * 0.7, 0.72), 0xF0F3F4, round_top=0.015, soft=0.014)
    f.block(far, room, (-half * 0.85, 0.565, -half * 0.35, 0.635), 0xFAFBFB, round_top=0.016, soft=0.018)
    far.lay(ink(0xF6FAFF, 1.5), far.box(-half * 0.7, 0.012, half * 0.7, 0.034, 0.012))
    far.defocus(0.0078, 0.3)
    edge = -toward * near.half
    f.curtain(near, room, (min(edge * 0.68, edge * 1.4), -0.2, max(edge * 0.68, edge * 1.4), 0.80), 0x9CC4C0)
    near.defocus(0.008)
    return floor_y


def museum(far: Canvas, near: Canvas, _day: Daylight, room: Daylight) -> float:
    """Deep-coloured walls, large gilt frames each in its own light, a bust on a plinth, a parquet floor."""
    half, floor_y, toward = far.half, 0.70, np.sign(room.side)
    f.wall(far, room, 0x6E3A38, rough=0.03)
    looks = ((0x9FB8C8, 0x5A6A3E, 0xE8C07A), (0x2E3A4E, 0x8A5A3A, 0xE0C8A0), (0xC8B090, 0x3E4A38, 0xA84A38))
    wide = 0.20 if half < 0.4 else 0.26
    for number, x in enumerate(np.arange(-1.35 * half + 0.03, 1.3 * half, wide + 0.09)):
        left, upper, lower = float(x), 0.17 + 0.02 * (number % 2), 0.45 - 0.03 * (number % 2)
        f.block(far, room, (left - 0.012, upper - 0.012, left + wide + 0.012, lower + 0.012), 0xC09A4A, soft=0.005)
        f.framed(far, room, (left, upper, left + wide, lower), looks[number % 3])
        far.glow(ink(0xFFE0A8, 0.50), left + wide / 2, upper - 0.01, 0.15)
        far.lay(ink(0xFFF0D0, 2.0), far.box(left + wide / 2 - 0.03, 0.105, left + wide / 2 + 0.03, 0.112, 0.004))
    f.block(far, room, (-9, -0.2, 9, 0.045), 0xE8DECC, soft=0.006)
    f.boards(far, room, floor_y, (0x6A4628, 0xB08450))
    far.defocus(0.0075, 0.4)
    x = -toward * near.half * 0.80
    f.block(near, room, (x - 0.06, 0.52, x + 0.06, 0.86), 0xD8D2C6, soft=0.005)
    f.block(near, room, (x - 0.045, 0.44, x + 0.045, 0.525), 0xEDE9E0, round_top=0.03, soft=0.010)
    near.lay(
        (ink(0xF2EEE6) * (room.fill * 0.8 + room.key * 0.6)).astype(np.float32), _egg(near, x, 0.375, 0.034, 0.048)
    )
    near.defocus(0.007, 0.3)
    return floor_y


def _egg(canvas: Canvas, x: float, y: float, wide: float, tall: float) -> Field:
    away = np.hypot((canvas.x - x) / wide, (canvas.y - y) / tall)
    return step(1.05, 0.95, away)


def hall(far: Canvas, near: Canvas, day: Daylight, room: Daylight) -> float:
    """A station or airport hall: glass vault, a board of departures, a waiting train's lit windows, a clock."""
    half, floor_y, toward = far.half, 0.70, np.sign(room.side)
    sky(far, day, 0.45, 0.3)
    vault = 0.06 + 0.22 * (far.x / max(half, 0.28)) ** 2
    for run in np.linspace(-1.5, 1.5, 13):
        bent = far.x - run * max(half, 0.28) * (0.25 + 0.9 * np.clip(0.45 - far.y, 0, 1) * 2)
        far.lay(
            ink(0x4A5258) * (room.fill + room.key * 0.2), step(0.0045, 0.002, np.abs(bent)) * step(0.46, 0.44, far.y)
        )
    for y in (0.02, 0.11, 0.19, 0.26):
        far.lay(ink(0x4A5258) * (room.fill + room.key * 0.2), step(0.004, 0.002, np.abs(far.y - y - vault * 0.4)))
    f.block(far, room, (-9, 0.42, 9, 0.50), 0x8E8A82, soft=0.004)
    f.block(far, room, (-9, 0.50, 9, 0.72), 0x2F5A78, soft=0.004)
    for x in np.arange(-1.3 * half, 1.3 * half, 0.115):
        pane = far.box(float(x), 0.535, float(x) + 0.085, 0.605, 0.008)
        far.lay(ink(0xFFE6B8, 1.25 if day.dark else 0.8), pane)
        far.lay(ink(0x6A5440) * 0.8, pane * step(0.575, 0.60, far.y) * 0.7)
    far.lay(ink(0xE8E4DA) * (room.fill + room.key * 0.3), far.box(-9, 0.635, 9, 0.645, 0.003))
    f.boards(far, room, floor_y, (0x8E8A84, 0xC4BEB4), tiles=True)
    far.defocus(0.0080, 0.5)
    board = -toward * near.half * 0.30
    wide = 0.19
    f.block(near, room, (board - wide, 0.20, board + wide, 0.36), 0x14181C, soft=0.004)
    for row in range(6):
        y = 0.222 + 0.023 * row
        run = np.mod(np.abs(np.sin(np.floor(near.x / 0.0062) * 12.99 + row * 78.2) * 43758.5), 1) > 0.30
        words = (near.x < board + 0.07) | (near.x > board + 0.10)
        near.lay(
            ink(0xFFC860 if row else 0xFFFFFF, 1.4),
            near.box(board - wide + 0.014, y, board + wide - 0.014, y + 0.010, 0.002) * (run & words) * 0.9,
        )
    x = toward * near.half * 0.62
    f.block(near, room, (x - 0.003, -0.2, x + 0.003, 0.20), 0x2A2E30, soft=0.003)
    near.lay(ink(0x2A2E30) * room.fill, _egg(near, x, 0.24, 0.052, 0.052))
    near.lay(ink(0xFBFAF4, 0.95) * (room.fill + room.key * 0.5), _egg(near, x, 0.24, 0.046, 0.046))
    for dx, dy in ((0.0, -0.034), (0.022, 0.008)):
        t = np.clip(((near.x - x) * dx + (near.y - 0.24) * dy) / (dx * dx + dy * dy), 0, 1)
        hand = np.hypot(near.x - x - t * dx, near.y - 0.24 - t * dy)
        near.lay(ink(0x14181C), step(0.0042, 0.002, hand))
    near.defocus(0.0065, 0.4)
    return floor_y


def bar(far: Canvas, near: Canvas, _day: Daylight, room: Daylight) -> float:
    """A wall of bottles lit from below, a neon sign, hanging glasses."""
    half, toward = far.half, np.sign(room.side)
    far.lay(ink(0x1A1014) * 0.8 + room.fill * 0.05)
    f.bricks(far, room, (0x2E2024, 0x4A3238), 0x1E1618, size=0.034)
    for y, code in ((0.20, 0xFF8A3C), (0.34, 0xFF5A8A), (0.48, 0x7A6AFF)):
        box = (-half * 1.3, y, half * 1.3, y + 0.125)
        far.shine(ink(code, 0.75), far.box(-9, y + 0.02, 9, y + 0.125, 0.07))
        f.shelf(
            far,
            room,
            box,
            (0x8A4A22, 0x2F6A4A, 0xE8B860, 0xE8E0D8, 0xA83A2A, 0x3A4A8A),
            rows=1,
            wide=0.026,
            goods="bottles",
        )
        far.lay(ink(code, 1.6), far.box(-9, y + 0.119, 9, y + 0.125, 0.003))
        far.shine(
            ink(code, 0.55), np.exp(-np.maximum(y + 0.12 - far.y, 0) / 0.05).astype(np.float32) * (far.y < y + 0.125)
        )
    x = toward * half * 0.30
    ring = np.abs(np.hypot((far.x - x) / 1.5, far.y - 0.095) - 0.052)
    far.lay(ink(0xFF4FA0, 2.6), step(0.005, 0.0025, ring))
    far.shine(ink(0xFF4FA0, 1.1), np.exp(-ring / 0.02).astype(np.float32))
    wave = np.abs(far.y - 0.095 - 0.018 * np.sin((far.x - x) * 90))
    far.lay(ink(0x5FE8FF, 2.4), step(0.005, 0.0025, wave) * far.box(x - 0.055, 0.05, x + 0.055, 0.14))
    f.block(far, room, (-9, 0.62, 9, 0.9), 0x3A2218, soft=0.004)
    f.block(far, room, (-9, 0.605, 9, 0.63), 0x8A5A36, soft=0.004)
    far.defocus(0.0090, 0.7)
    for k in np.arange(-1.2 * near.half, 1.2 * near.half, 0.17):
        f.lamp(near, room, float(k), 0.10 + 0.01 * float(np.sin(k * 40)), size=0.042, stem=-0.3, code=0xFFB870)
    near.defocus(0.009, 0.5)
    return 0.80
