"""Sets in town: a street in perspective, a skyline of lights, a stadium."""

from __future__ import annotations

import numpy as np

from generation.portrait.scene import foliage, ground
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
    wall = max(0.20, far.half * 0.72)
    away = wall / np.maximum(np.abs(far.x), 0.012)
    height = (horizon - far.y) * away
    side = np.sign(far.x)
    block = away * 1.1 + 7 * (side > 0)
    roof = 0.62 + 0.55 * _hash(block, side * 3)
    alpha = step(0.004, -0.004, height - roof) * (far.y < horizon + 0.3)
    colour = np.stack([ink(int(code)) for code in _FRONTS])[(_hash(block, side) * len(_FRONTS)).astype(np.int64)]
    facing = 0.30 + 0.70 * (side != np.sign(day.side))
    rows, columns = height / 0.115, away * 5.0
    pane = (
        step(0.18, 0.24, np.mod(columns, 1))
        * step(0.82, 0.76, np.mod(columns, 1))
        * step(0.2, 0.26, np.mod(rows, 1))
        * step(0.86, 0.8, np.mod(rows, 1))
        * step(0.16, 0.17, height)
    )
    shop = step(0.13, 0.12, height) * step(-0.1, 0.0, height)
    stone = (
        colour
        * (day.fill * 0.75 + day.key * (0.75 * facing)[..., None])
        * (0.92 + 0.08 * far.noise(0.02, 3))[..., None]
    )
    glass = blend(day.zenith * 0.25, day.horizon * 0.6, _hash(rows, columns))
    lamp = (
        ink(0xFFC272)
        * (_hash(rows + 5, columns, side) > (0.5 if day.dark else 0.9))[..., None]
        * (1.1 if day.dark else 0.6)
    )
    front = stone + (glass + lamp - stone) * pane[..., None]
    inside = (
        ink(0xFFC98A, 0.9 if day.dark else 0.45) * (0.35 + 0.8 * _hash(columns * 0.7, side))[..., None] + stone * 0.3
    )
    front = front + (inside - front) * (shop * 0.8)[..., None]
    front += (day.horizon * 0.9 - front) * step(3, 14, away)[..., None] * 0.75
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
    far.lay(floor.astype(np.float32), step(horizon + 0.012, horizon + 0.02, far.y))
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
    gain = 10.0 if day.dark else 3.5
    points = canvas.rng.random((int(46 * max(1.0, canvas.half / 0.35)), 4))
    for x, y, kind, size in points:
        code = (0xFFF0D0, 0xFF4A30, 0xFFB060, 0xFFD79A)[int(kind * 4)]
        place = (x - 0.5) * 0.9 * max(0.28, canvas.half * 0.8), horizon + 0.03 - 0.11 * y * (kind > 0.5)
        glow = canvas.ball(*place, 0.0025 + 0.003 * size)
        canvas.shine(ink(code, gain), glow)
        if day.dark or day.weather == "rain":
            streak = np.exp(-(((canvas.x - place[0]) / 0.006) ** 2) - ((canvas.y - horizon - 0.10) / 0.05) ** 2)
            canvas.shine(ink(code, 0.35), streak.astype(np.float32))


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
        rate = (0.025 if day.dark else 0.004) * (0.4 + depth)
        lamps = (far.rng.random(far.cover.shape) < rate) * body * step(0.86, 0.8, far.y)
        codes = blend(ink(0xFFB560), ink(0xFFE9C8), far.rng.random(far.cover.shape, dtype=np.float32))
        far.light += codes * (lamps * far.rng.random(far.cover.shape) ** 2)[..., None] * (9 if day.dark else 4)
    far.lay(ink(0x20242C) * (day.fill + day.key * 0.3) * 1.5 + day.horizon * 0.05, step(0.70, 0.82, far.y) * 0.85)
    _far_dots(far, day)
    far.defocus(0.0135, 0.8)
    _string_lights(near, day)
    near.defocus(0.008, 0.8)
    return 0.70


def _far_dots(canvas: Canvas, day: Daylight) -> None:
    for _ in range(int((70 if day.dark else 14) * max(1.0, canvas.half / 0.35))):
        x, y = canvas.rng.uniform(-1.2, 1.2) * canvas.half, canvas.rng.normal(0.62, 0.06)
        code = int(canvas.rng.choice((0xFFC070, 0xFF8A4A, 0xFFE6B8, 0xFF5040, 0x6FB8FF, 0x7FE0C0)))
        canvas.shine(ink(code, canvas.rng.uniform(3, 16)), canvas.ball(x, y, 0.0028))


def _string_lights(canvas: Canvas, day: Daylight) -> None:
    for row in range(3):
        phase, base = canvas.rng.uniform(0, 6), 0.02 + 0.07 * row
        sag = lambda x, phase=phase, base=base: base + 0.045 * np.sin(x * 6.0 + phase)  # noqa: E731
        canvas.lay(ink(0x0A0A0C), (np.exp(-(((canvas.y - sag(canvas.x)) / 0.0015) ** 2)) * 0.7).astype(np.float32))
        for x in np.arange(-1.3 * canvas.half, 1.3 * canvas.half, 0.062):
            bulb = canvas.ball(x, float(sag(x)) + 0.008, 0.006)
            canvas.lay(ink(0xFFC878, 3.0 if day.dark else 1.3), np.clip(bulb * 1.4, 0, 1))
            halo = canvas.ball(x, float(sag(x)) + 0.008, 0.03) * (0.16 if day.dark else 0.03)
            canvas.lay(ink(0xFFB860), halo)


def stadium(far: Canvas, near: Canvas, day: Daylight, _room: Daylight) -> float:
    """Stands full of people under floodlights, a striped pitch."""
    horizon, edge = 0.46, 0.57
    sky(far, day, horizon, 0.3)
    flood = 1.0 if day.dark else 0.25
    light: Ink = day.fill + day.key * 0.5 + ink(0xEAF2FF, 0.7) * flood
    roof = 0.16 + 0.10 * (far.x / max(far.half, 0.28)) ** 2 * -1
    tier = np.mod((far.y - roof) / 0.0115, 1)
    crowd = far.rng.random(far.cover.shape, dtype=np.float32)
    seats = np.stack([ink(code) for code in (0x8A2A2A, 0xD9D4CC, 0x29406E, 0xC08A3A, 0x3A3A40, 0xB06050)])
    body = seats[np.clip(crowd * 6, 0, 5).astype(np.int64)] * (0.3 + 0.5 * tier + 0.2 * far.noise(0.1, 3))[..., None]
    fall = np.clip(0.35 + 1.1 * (far.y - roof) / 0.4, 0.2, 1.2)[..., None]
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
            height = 0.115 - 0.10 * (x / max(far.half, 0.28)) ** 2
            far.shine(ink(0xF2F7FF, 16 if day.dark else 5), far.ball(x, height, 0.006))
            far.shine(ink(0xD0E0FF, 0.15 * flood), far.ball(x, height, 0.10))
    far.defocus(0.0085, 0.5)
    near.defocus(0.005)
    return edge
