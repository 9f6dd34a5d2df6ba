"""Sets in town: a street in perspective, a skyline of lights, a stadium."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import foliage, ground
from generation.portrait.scene.bulbs import string_lights
from generation.portrait.scene.canvas import Canvas, Ink, blend, ink
from generation.portrait.scene.daylight import Daylight, haze, sky
from generation.portrait.scene.noise import Field, step

_FRONTS = np.array((0xB98E6E, 0xC9B79C, 0x9C5C48, 0xD8CDBA, 0x8A8F94, 0xB37A5A, 0xA7A08E), np.int64)


def _hash(*keys: Field) -> Field:
    """0..1, fixed for each whole-numbered place."""
    mixed = sum(np.floor(key) * weight for key, weight in zip(keys, (12.9898, 78.233, 37.719), strict=False))
    return np.mod(np.abs(np.sin(mixed) * 43758.5453), 1).astype(np.float32)


def street(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Fronts on both sides running to a bright end, pavement, trees, lamps and far traffic."""
    horizon = 0.53
    sky(far, day, horizon, 0.3)
    haze(far, day, 0.15)
    wall = 0.60 * (far.half / 0.28) ** 0.8  # half the street's width, in floor units (the eye's height is 1 - horizon)
    away = wall / np.maximum(np.abs(far.x), 0.008)
    height = (horizon - far.y) * away  # above the eye
    side = np.sign(far.x)
    block = away * 0.40 + 7 * (side > 0)
    roof = 1.5 + 1.5 * _hash(block, side * 3)
    alpha = step(0.01, -0.01, height - roof)
    colour = np.stack([ink(int(code)) for code in _FRONTS])[(_hash(block, side) * len(_FRONTS)).astype(np.int64)]
    facing = 0.30 + 0.70 * (side != np.sign(day.side))
    rows, columns = height / 0.36 + 0.25, away * 2.0
    pane = (
        step(0.18, 0.24, np.mod(columns, 1))
        * step(0.82, 0.76, np.mod(columns, 1))
        * step(0.2, 0.26, np.mod(rows, 1))
        * step(0.86, 0.8, np.mod(rows, 1))
        * step(0.05, 0.07, height)
    )
    bay = np.mod(away * 0.9, 1)
    shop = step(-0.06, -0.09, height) * step(-0.40, -0.37, height) * step(0.06, 0.10, bay) * step(0.94, 0.90, bay)
    awning = step(0.03, 0.02, height) * step(-0.09, -0.08, height)
    cloths = np.stack([ink(code) for code in (0x8A2E2A, 0x2E5A48, 0xE0D3B8, 0x2F4668)])
    cloth = cloths[(_hash(away * 0.9, side + 2) * 4).astype(np.int64)] * (day.fill + day.key * 0.5 * facing[..., None])
    stone = (
        colour
        * (day.fill * 0.75 + day.key * (0.75 * facing)[..., None])
        * (0.92 + 0.08 * far.noise(0.02, 3))[..., None]
    )
    glass = blend(day.zenith * 0.25, day.horizon * 0.6, _hash(rows, columns))
    stone += (cloth - stone) * awning[..., None]
    lamp = (
        ink(0xFFC272)
        * (_hash(rows + 5, columns, side) > (0.5 if day.dark else 0.9))[..., None]
        * (1.1 if day.dark else 0.6)
    )
    front = stone + (glass + lamp - stone) * pane[..., None]
    inside = (
        ink(0xFFC98A, 0.9 if day.dark else 0.45) * (0.35 + 0.8 * _hash(away * 3.1, side, height * 9))[..., None]
        + stone * 0.3
    )
    front = front + (inside - front) * (shop * 0.9)[..., None]
    front += (day.horizon * 0.9 - front) * step(5, 40, away)[..., None] * 0.75
    far.lay(front.astype(np.float32), alpha.astype(np.float32))
    across, along, close = ground.plane(far, horizon)
    worn = ground.texture(far, across, along, 0.35)
    paving = blend(
        ink(0x4E4B48),
        ink(0x9A938A),
        np.clip(0.5 + 0.16 * worn + 0.12 * ground.texture(far, across, along, 0.05) * close, 0, 1),
    )
    sunny = step(-0.12, 0.08, across * np.sign(day.side) * -1 + 0.1 * worn) * (1 - day.overcast)
    wet = 0.55 if day.weather == "rain" or day.dark else 0.1
    floor = (
        paving * (day.fill * 0.8 + day.key * (0.15 + 0.6 * sunny)[..., None])
        + day.horizon * wet * 0.4 * close[..., None] ** 0.4
    )
    walk = step(0.60, 0.62, np.abs(across) / wall)
    kerb = np.exp(-(((np.abs(across) / wall - 0.60) / 0.012) ** 2))
    floor = floor * ((1 + 0.45 * walk) * (1 - 0.5 * kerb))[..., None]
    dashes = step(0.02, 0.012, np.abs(across)) * step(0.5, 0.45, np.mod(along * 0.45, 1))
    floor += (0.55 * (day.fill + day.key * 0.3) - floor) * (dashes * 0.7)[..., None]
    far.lay(floor, step(0.0, 0.004, far.y - horizon - (1 - horizon) * np.abs(far.x) / wall))
    _traffic(far, day, horizon)
    far.defocus(0.009, 0.9)
    crown = foliage.bush(near, day.side * near.half * 1.25, 0.14, near.half * 0.62, 0.26)
    foliage.leaves(near, day, crown * 1.2, foliage.SUMMER, clump=0.09, ragged=0.5, through=0.5)
    _trunk(near, day)
    near.defocus(0.008, 0.5)
    return horizon + 0.06


def _trunk(canvas: Canvas, day: Daylight) -> None:
    offset = (canvas.x - day.side * canvas.half * 1.02) / 0.012
    canvas.lay(
        blend(ink(0x2A2420), ink(0x6A5C4E), np.clip(0.5 + 0.4 * offset * day.side, 0, 1)) * (day.fill + day.key * 0.3),
        step(1.1, 0.9, np.abs(offset)) * canvas.box(-9, 0.2, 9, 0.68),
    )


def _traffic(canvas: Canvas, day: Daylight, horizon: float) -> None:
    """Headlights, tail lights and lamps: points that the lens opens into discs."""
    gain = 9.0 if day.dark else 2.2
    points = canvas.rng.random((int(46 * max(1.0, canvas.half / 0.35)), 4))
    for x, y, kind, size in points:
        code = (0xFFF0D0, 0xFF4A30, 0xFFB060, 0xFFD79A)[int(kind * 4)]
        spread = 0.13 * (canvas.half / 0.28) ** 0.6 * (1 if kind < 0.5 else 1.7) * (0.3 + 0.7 * y)
        place = (x - 0.5) * 2 * spread, horizon + (0.012 + 0.035 * y if kind < 0.5 else -0.16 * y)
        canvas.glow(ink(code, gain), *place, 0.0025 + 0.003 * size)
        if day.dark or day.weather == "rain":
            wet = canvas.part((place[0], horizon, place[0], horizon + 0.25), 0.02)
            wet.shine(
                ink(code, 0.35), np.exp(-(((wet.x - place[0]) / 0.006) ** 2) - ((wet.y - horizon - 0.10) / 0.05) ** 2)
            )


def skyline(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Towers beyond a terrace, a thousand windows as bokeh, string lights overhead."""
    horizon = 0.60
    sky(far, day, horizon, 0.25)
    for depth in (0.3, 0.65, 1.0):
        column = far.x / (0.05 + 0.03 * depth) + 9.3 * depth
        roof = horizon - (0.10 + 0.20 * _hash(column, column * 0 + depth * 7)) * (1.15 - 0.3 * depth)
        body = step(-0.001, 0.002, far.y - roof)
        tone = blend(ink(0x3A4658), ink(0x8C8A88), _hash(column + 4))
        far.lay(
            (tone * (day.fill * 0.6 + day.key * 0.45) * (1.1 - 0.3 * depth) + day.horizon * 0.35 * (1 - depth)), body
        )
        rate = (0.0075 if day.dark else 0.0006) * (0.4 + depth)
        lamps = (far.rng.random(far.cover.shape) < rate) * body * step(0.86, 0.8, far.y)
        codes = blend(ink(0xFFB560), ink(0xFFE9C8), far.rng.random(far.cover.shape, dtype=np.float32))
        far.light += codes * (lamps * far.rng.random(far.cover.shape) ** 2)[..., None] * (11 if day.dark else 4)
    far.lay(ink(0x20242C) * (day.fill + day.key * 0.3) * 1.5 + day.horizon * 0.05, step(0.70, 0.82, far.y) * 0.85)
    _far_dots(far, day)
    far.defocus(0.0135, 0.8)
    string_lights(near, lit=day.dark)
    near.defocus(0.008, 0.8)
    return 0.70


def _far_dots(canvas: Canvas, day: Daylight) -> None:
    for _ in range(int((70 if day.dark else 14) * max(1.0, canvas.half / 0.35))):
        x, y = canvas.rng.uniform(-1.2, 1.2) * canvas.half, canvas.rng.normal(0.62, 0.06)
        code = int(canvas.rng.choice((0xFFC070, 0xFF8A4A, 0xFFE6B8, 0xFF5040, 0x6FB8FF, 0x7FE0C0)))
        canvas.glow(ink(code, canvas.rng.uniform(3, 16)), x, y, 0.0028)


def stadium(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Stands full of people under floodlights, a striped pitch."""
    horizon, edge = 0.46, 0.57
    sky(far, day, horizon, 0.3)
    flood = 1.0 if day.dark else 0.25
    light: Ink = day.fill + day.key * 0.5 + ink(0xEAF2FF, 0.7) * flood
    roof = 0.13 - 0.035 * (far.x / max(far.half, 0.28)) ** 2
    tier = np.mod((far.y - roof) / 0.0115, 1)
    crowd = far.rng.random(far.cover.shape, dtype=np.float32)
    seats = np.stack([ink(code) for code in (0x7A2A30, 0xF0ECE6, 0x24406E, 0x2A2C34, 0x1E2028, 0xC79A80)])
    body = seats[np.clip(crowd * 6, 0, 5).astype(np.int64)] * (0.3 + 0.5 * tier + 0.08 * far.noise(0.1, 3))[..., None]
    fall = np.clip(0.25 + 1.3 * (far.y - roof) / 0.4 + 0.12 * far.noise(0.2, 3), 0.2, 1.6)[..., None]
    far.lay((body * light * fall).astype(np.float32), step(0, 0.004, far.y - roof))
    gangway = step(0.03, 0.0, np.abs(far.y - 0.36)) * 0.75
    far.lay(ink(0x20262E) * light, gangway * step(0.012, 0.0, np.abs(far.y - 0.36)))
    beams = far.box(-9, edge - 0.03, 9, edge)
    board = np.stack([ink(code, 1.3) for code in (0x2060C0, 0xE8E8E8, 0xD03030, 0x20A060)])[
        (_hash(far.x / 0.16) * 4).astype(np.int64)
    ]
    far.lay((board * (0.5 + 0.4 * light)).astype(np.float32), beams)
    far.lay(ink(0x2A3038) * light * 0.8, step(0.012, 0.0, np.abs(far.y - roof)))
    across, along, close = ground.plane(far, horizon)
    stripe = step(0.35, 0.65, 0.5 + 0.5 * np.sin(along * 3.2))
    grass = blend(
        ink(0x2C6A28),
        ink(0x5F9E3E),
        np.clip(0.3 + 0.4 * stripe + 0.12 * ground.texture(far, across, along, 0.05) * close, 0, 1),
    )
    far.lay(grass * light * 0.95, step(edge - 0.002, edge + 0.002, far.y))
    line = np.exp(-(((far.y - edge - 0.05) / 0.0035) ** 2)).astype(np.float32)
    far.lay(light * 0.8, line * 0.8)
    for x in np.arange(-1.2 * far.half, 1.2 * far.half, 0.035):
        if int(x / 0.035) % 6 in {0, 1, 2}:
            height = 0.095 - 0.035 * (x / max(far.half, 0.28)) ** 2
            far.glow(ink(0xF2F7FF, 16 if day.dark else 5), x, height, 0.006)
            far.glow(ink(0xD0E0FF, 0.15 * flood), x, height, 0.10)
    far.defocus(0.0085, 0.5)
    near.defocus(0.005)
    return edge
