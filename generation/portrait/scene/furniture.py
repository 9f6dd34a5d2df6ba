"""What a room is furnished with: walls, windows, lamps, shelves, seats, plants, each lit by the room's light."""

from __future__ import annotations

from typing import Literal

import numpy as np

from generation.portrait.scene import foliage, ground
from generation.portrait.scene.canvas import Canvas, Ink, blend, ink
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import Field, lit, step

Box = tuple[float, float, float, float]  # left, upper, right, lower, in frame heights


def wall(canvas: Canvas, room: Daylight, code: int, *, rough: float = 0.05) -> None:
    """Plaster, brightest toward the light's side, dimmer at the ceiling and far corner."""
    fall = np.exp(-np.hypot((canvas.x / canvas.half - room.side * 1.1) * 0.7, (canvas.y - 0.42) * 1.5) / 0.8)
    stain = 1 + rough * canvas.noise(0.3, 5, 0.6) * 0.6
    light = room.fill * (0.75 + 0.25 * step(-0.1, 0.5, canvas.y))[..., None] + room.key * (0.9 * fall)[..., None]
    canvas.lay((ink(code) * light * stain[..., None]).astype(np.float32))


def boards(canvas: Canvas, room: Daylight, floor_y: float, codes: tuple[int, int], *, tiles: bool = False) -> None:
    """A wooden floor in perspective (or square tiles), with the window's light lying on it."""
    across, along, _ = ground.plane(canvas, floor_y - 0.16)
    edge = step(floor_y - 0.002, floor_y + 0.002, canvas.y)
    plank = np.floor(across / (0.30 if tiles else 0.11))
    row = np.floor(along / 0.30) if tiles else 0.0
    hue = np.mod(np.abs(np.sin(plank * 12.99 + np.asarray(row) * 78.2) * 4375.5), 1)
    grain = ground.texture(canvas, across * 4, along * 0.4, 0.10)
    tone = np.clip(0.5 + (0.25 if tiles else 0.5) * (hue - 0.5) + 0.12 * grain, 0, 1).astype(np.float32)
    gap = np.abs(np.mod(across / (0.30 if tiles else 0.11), 1) - 0.5)
    pool = np.exp(-(((across - room.side * canvas.half * 0.6) / 0.45) ** 2) - ((along - 1.6) / 1.1) ** 2)
    light = room.fill * 0.7 + room.key * (0.18 + 0.9 * pool)[..., None]
    sheen = (
        room.key
        * (0.10 * np.exp(-(((canvas.x / canvas.half - room.side) / 0.7) ** 2)) * step(1.0, floor_y, canvas.y))[
            ..., None
        ]
    )
    floor = blend(ink(codes[0]), ink(codes[1]), tone) * light * (0.7 + 0.3 * step(0.5, 0.46, gap))[..., None] + sheen
    canvas.lay(floor.astype(np.float32), edge)
    skirting = canvas.box(-9, floor_y - 0.022, 9, floor_y)
    canvas.lay(ink(0xE8E2D8) * (room.fill * 0.6 + room.key * 0.3), skirting * 0.8)


def window(canvas: Canvas, day: Daylight, box: Box, *, bars: int = 1, frame: int = 0xEDE8DF) -> None:
    """A pane onto greenery and sky by day, onto far lamps by night, with glare around it."""
    whole = canvas
    canvas = whole.part(box, 0.05)
    left, upper, right, lower = box
    pane = canvas.box(*box)
    up = step(lower, upper, canvas.y)
    view = blend(day.horizon * 1.1, day.zenith * 0.6 + day.horizon * 0.6, up)
    green = step(
        -1.6, 1.6, canvas.noise(0.06, 4, 0.7) + 3.0 * (canvas.y - upper - 0.62 * (lower - upper)) / (lower - upper)
    )
    view = blend(view, (ink(0x6E8F4C) * (day.fill + day.key * 0.9)).astype(np.float32), green * 0.8)
    canvas.lay((view * (1.25 if not day.dark else 1.0)).astype(np.float32), pane)
    if day.dark:
        lamps = (canvas.rng.random(canvas.cover.shape) > 0.9965) * pane * step(upper, lower, canvas.y)
        canvas.shine(ink(0xFFB868, 14.0), lamps.astype(np.float32))
    wood = ink(frame) * (ink(0xE0B088, 0.22) if day.dark else day.fill * 0.55 + day.key * 0.35)
    for bar in np.linspace(left, right, bars + 2):
        canvas.lay(wood, canvas.box(bar - 0.007, upper - 0.007, bar + 0.007, lower + 0.007))
    for y in (upper, upper + 0.42 * (lower - upper), lower):
        canvas.lay(wood, canvas.box(left - 0.007, y - 0.006, right + 0.007, y + 0.006))
    canvas.lay(wood * 1.3, canvas.box(left - 0.02, lower + 0.004, right + 0.02, lower + 0.02))
    if not day.dark:
        middle = (left + right) / 2, (upper + lower) / 2
        whole.shine(day.key * 0.16 + day.horizon * 0.12, whole.ball(*middle, (lower - upper) * 0.75))


def curtain(canvas: Canvas, room: Daylight, box: Box, code: int) -> None:
    """Hanging cloth: folds of light and shade across, a soft hem."""
    canvas = canvas.part(box)
    left, _, right, _ = box
    drift = canvas.noise(0.25, 2)[..., :] * 0.006
    phase = (canvas.x - left + drift) / max(right - left, 0.01)
    fold = 0.5 + 0.32 * np.sin(phase * 26 + 1.5 * np.sin(phase * 9)) + 0.18 * np.sin(phase * 57 + 2)
    facing = np.clip(fold + 0.12 * np.cos(phase * 26) * room.side, 0.05, 1)
    cloth = ink(code) * (room.fill * (0.4 + 0.6 * facing)[..., None] + room.key * (0.75 * facing**1.5)[..., None])
    canvas.lay(cloth.astype(np.float32), canvas.box(*box, soft=0.008))


def block(canvas: Canvas, room: Daylight, box: Box, code: int, *, soft: float = 0.006, round_top: float = 0.0) -> None:
    """A piece of furniture: lit on its side and top edge, darker below, with a contact shadow."""
    canvas = canvas.part(box, 0.07)
    left, upper, right, lower = box
    rise = round_top * (1 - ((canvas.x - (left + right) / 2) / ((right - left) / 2 + 1e-6)) ** 2)
    body = (
        canvas.box(left, upper, right, lower, soft)
        if not round_top
        else np.clip(
            np.minimum(
                np.minimum(canvas.x - left, right - canvas.x), np.minimum(canvas.y - upper + rise, lower - canvas.y)
            )
            / soft
            + 0.5,
            0,
            1,
        ).astype(np.float32)
    )
    shadow = np.exp(
        -np.maximum(np.abs(canvas.x - (left + right) / 2) - (right - left) / 2, 0) / 0.02
        - np.abs(canvas.y - lower) / 0.018
    )
    canvas.light *= (1 - 0.5 * shadow.clip(0, 1) * canvas.cover)[..., None]
    u = (canvas.x - left) / (right - left)
    toward = np.clip(0.5 + room.side * (u - 0.5), 0, 1)
    down = np.clip((canvas.y - upper) / (lower - upper), 0, 1)
    rim = np.exp(-np.maximum(canvas.y - upper + rise, 0) / 0.010)
    light = (
        room.fill * (0.85 - 0.45 * down)[..., None]
        + room.key * ((0.15 + 0.55 * toward) * (1 - 0.45 * down) + 0.35 * rim)[..., None]
    )
    canvas.lay((ink(code) * light).astype(np.float32), body)


def lamp(
    canvas: Canvas, room: Daylight, x: float, y: float, *, size: float = 0.045, code: int = 0xFFD39A, stem: float = 0.0
) -> None:
    """A glowing shade at (x, y); `stem` > 0 stands that long below, < 0 hangs from a cord."""
    whole = canvas
    canvas = whole.part((x - size, min(y, y + stem) - size, x + size, max(y, y + stem) + size))
    power = 1.0 if room.dark else 0.45
    if stem:
        canvas.lay(
            ink(0x3A2E24) * (room.fill + room.key * 0.4),
            canvas.box(x - 0.004, min(y, y + stem), x + 0.004, max(y, y + stem), 0.003),
        )
    whole.spot(ink(code, 0.9), x, y, size * 3.2, 0.16 * power)
    whole.spot(ink(code, 0.9), x, y, size * 7, 0.05 * power)
    t = np.clip((canvas.y - y) / size + 0.5, 0, 1)
    wide = size * (0.52 + 0.30 * t)
    shade = step(0.004, -0.004, np.abs(canvas.x - x) - wide) * canvas.box(-9, y - size / 2, 9, y + size / 2)
    canvas.lay(
        blend(
            ink(code, 0.9 + 0.9 * power),
            ink(0xFFF2DC, 1.1 + 1.6 * power),
            (t * np.exp(-(((canvas.x - x) / size) ** 2))).astype(np.float32),
        ),
        shade,
    )


def shelf(
    canvas: Canvas,
    room: Daylight,
    box: Box,
    codes: tuple[int, ...],
    *,
    rows: int = 4,
    wide: float = 0.014,
    goods: Literal["books", "bottles", "packets"] = "books",
) -> None:
    """A case of `rows` boards filled with things `wide` across, of these colours.

    Books stand close, bottles apart and with necks, packets in runs of one colour.
    """
    canvas = canvas.part(box)
    left, upper, _, lower = box
    inside = canvas.box(*box)
    step_y = (lower - upper) / rows
    row = np.floor((canvas.y - upper) / step_y)
    down = np.mod((canvas.y - upper) / step_y, 1)
    shift = np.mod(np.sin(row * 91.7) * 43.7, 1)
    place = (canvas.x - left) / wide + shift + (0.35 * np.sin(canvas.x / wide * 0.9) if goods == "books" else 0)
    column = np.floor(place / 4) if goods == "packets" else np.floor(place)
    pick = np.mod(np.abs(np.sin(column * 12.99 + row * 78.23) * 43758.5), 1)
    tall = 0.25 + 0.30 * np.mod(pick * 7.3, 1)
    thing = step(-0.03, 0.03, down - tall) * (np.mod(pick * 13.7, 1) > 0.10)
    off = np.abs(np.mod(place, 1) - 0.5)
    match goods:
        case "bottles":
            thing = thing * step(0.03, -0.03, off - np.where(down > tall + 0.24, 0.38, 0.14))
        case "packets":
            thing = thing * step(0.48, 0.42, off)
        case "books":
            pass
    cloth = np.stack([ink(code) for code in codes])[(pick * len(codes)).astype(np.int64)]
    cloth = cloth * (0.75 + 0.5 * np.mod(pick * 29.3, 1))[..., None]
    if goods != "books":
        label = step(0.14, 0.10, np.abs(down - 0.78)) * 0.55
        cloth = blend(cloth, ink(0xF2E8D4), label) * (1.25 - 1.1 * off)[..., None]
    fall = 0.55 + 0.5 * np.clip(0.5 + room.side * canvas.x / canvas.half * 0.5, 0, 1)
    light = (room.fill * 0.65 + room.key * (0.6 * fall)[..., None]) * (0.35 + 0.65 * step(0.0, 0.5, down))[..., None]
    back = ink(0x5A4432) * light * 0.5
    canvas.lay(back + (cloth * light - back) * thing[..., None], inside)
    plank = np.minimum(down, 1 - down)
    canvas.lay(ink(0x8A6848) * (room.fill * 0.7 + room.key * (0.7 * fall)[..., None]), inside * step(0.05, 0.03, plank))


def plant(canvas: Canvas, room: Daylight, x: float, y: float, size: float) -> None:
    """A potted shrub whose pot stands at `y`."""
    canvas = canvas.part((x - size, y - 2.2 * size, x + size, y))
    block(canvas, room, (x - size * 0.28, y - size * 0.45, x + size * 0.28, y), 0xB07A58)
    body = foliage.bush(canvas, x, y - size * 1.0, size * 0.75, size * 0.85) * 1.1
    foliage.leaves(canvas, room, body, foliage.SUMMER, clump=size * 0.45, ragged=0.5, through=0.15)


def framed(canvas: Canvas, room: Daylight, box: Box, codes: tuple[int, int, int]) -> None:
    """A picture on the wall: mount, frame and a blurred landscape."""
    canvas = canvas.part(box)
    left, upper, right, lower = box
    shadow = canvas.box(left, upper + 0.008, right + 0.004, lower + 0.012, 0.02)
    canvas.light *= (1 - 0.35 * shadow)[..., None]
    light = room.fill * 0.8 + room.key * 0.5
    canvas.lay(ink(0x3A2C20) * light, canvas.box(*box))
    canvas.lay(ink(0xF0EBE0) * light, canvas.box(left + 0.006, upper + 0.006, right - 0.006, lower - 0.006))
    scene = canvas.noise(0.06, 4)
    lower_half = step(-0.5, 0.5, scene + 8 * (canvas.y - (upper + lower) / 2) / (lower - upper))
    view = blend(blend(ink(codes[0]), ink(codes[1]), lower_half), ink(codes[2]), step(0.8, 1.6, scene))
    canvas.lay((view * light).astype(np.float32), canvas.box(left + 0.022, upper + 0.022, right - 0.022, lower - 0.022))


def bricks(canvas: Canvas, room: Daylight, codes: tuple[int, int], mortar: int, *, size: float = 0.028) -> None:
    """Courses of brick (or tiles) over the whole back, lit from the side."""
    row = np.floor(canvas.y / size)
    along = canvas.x / (size * 2.3) + 0.5 * np.mod(row, 2)
    tone = np.mod(np.abs(np.sin(np.floor(along) * 12.99 + row * 78.23) * 43758.5), 1).astype(np.float32)
    rough = canvas.noise(0.02, 4, 0.7)
    gap = np.minimum(
        np.minimum(np.mod(along, 1), 1 - np.mod(along, 1)) * 2.3,
        np.minimum(np.mod(canvas.y / size, 1), 1 - np.mod(canvas.y / size, 1)),
    )
    clay: Ink = blend(ink(codes[0]), ink(codes[1]), np.clip(tone + 0.15 * rough, 0, 1))
    clay = blend(ink(mortar), clay, step(0.03, 0.09, gap))
    fall: Field = np.exp(
        -np.hypot((canvas.x / canvas.half - room.side * 1.1) * 0.7, (canvas.y - 0.40) * 1.5) / 0.7
    ).astype(np.float32)
    relief = 0.8 + 0.4 * lit(rough, room.side, 1.0)
    canvas.lay((clay * (room.fill * 0.8 + room.key * (1.0 * fall * relief)[..., None])).astype(np.float32))
