"""Weather in the air: rain, snow and fog behind the people, rain and snow before them."""

from __future__ import annotations

import cv2
import numpy as np

from generation.portrait.scene.canvas import Canvas, develop
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.kinds import Falling
from generation.portrait.scene.noise import Field
from generation.shapes import VideoShape


def weather(near: Canvas, day: Daylight) -> None:
    """Lays rain, flakes or mist over `near`; nothing when it is clear."""
    light = (day.fill * 0.8 + day.horizon * 0.5 + day.key * 0.4).astype(np.float32)
    match day.weather:
        case "rain":
            near.lay(light * 1.2, np.clip(_streaks(near) * 0.30, 0, 0.45))
            near.lay(day.horizon, 0.10)
        case "snow":
            near.lay(light * 1.3, np.clip(_flakes(near), 0, 0.85))
            near.lay(day.horizon, 0.10)
        case "fog":
            near.lay(day.horizon, np.clip(0.48 + 0.12 * near.noise(0.4, 4, 0.5, 2.0), 0, 0.8))
        case "clear":
            pass


def before_people(shape: VideoShape, day: Daylight, rng: np.random.Generator) -> tuple[Falling, ...]:
    """Drops or flakes near the lens, far ones first; none when it is clear."""
    bright = float(np.clip(develop((day.fill + day.horizon * 0.5)[None, None]).mean(), 60, 220))
    match day.weather:
        case "rain":
            return tuple(
                _falling(
                    shape, rng, count, (0.11, long, 0.0007 * wide), bright * share, 0.0005 * soft, (0.16 * wide, 0)
                )
                for count, long, wide, share, soft in ((170, 0.05, 1.0, 0.19, 1), (38, 0.10, 1.7, 0.15, 3))
            )
        case "snow":
            return tuple(
                _falling(shape, rng, count, (0.0, 0.0, size), bright * share, size * 0.4, (0.0028 * fast, 0.012 * fast))
                for count, size, share, fast in (
                    (170, 0.0028, 0.75, 1.0),
                    (46, 0.0058, 0.60, 1.8),
                    (9, 0.014, 0.32, 3.2),
                )
            )
        case _:
            return ()


def _falling(
    shape: VideoShape,
    rng: np.random.Generator,
    count: int,
    drop: tuple[float, float, float],
    light: float,
    soft: float,
    speed: tuple[float, float],
) -> Falling:
    """`drop` is slant, length and width; all but `light` (0..255) in frame heights, `speed` down and aside."""
    slant, long, wide = drop
    height, sway = shape.height, round(speed[1] * shape.height)
    sheet = np.zeros((2 * height, shape.width + 2 * sway), np.uint8)
    count = round(count * max(1.0, shape.width / shape.height / 0.5625))
    for x, y, share in zip(rng.random(count), rng.random(count), rng.uniform(0.35, 1.0, count), strict=True):
        left, tone, tail = float(x) * sheet.shape[1], round(255 * float(share)), float(share) * long * height
        for top in (float(y) - 1, float(y), float(y) + 1):
            ends = [(left, top * height), (left - slant * tail, top * height + tail)]
            begin, end = ((round(8 * px), round(8 * py)) for px, py in ends)
            cv2.line(sheet, begin, end, (tone,), max(1, round(2 * wide * height)), cv2.LINE_AA, 3)
    blurred = cv2.GaussianBlur(sheet, (0, 0), max(0.6, soft * height), borderType=cv2.BORDER_REFLECT)
    blurred[height:] = blurred[:height]
    shown = cv2.convertScaleAbs(cv2.merge([blurred] * 3), alpha=light / 255)
    return Falling(np.asarray(shown, np.uint8), max(1, round(speed[0] * height)), sway)


def _streaks(canvas: Canvas) -> Field:
    drops = (canvas.rng.random(canvas.cover.shape) > 0.9988).astype(np.float32)
    length = max(3, int(0.055 * canvas.unit))
    path = np.zeros((length, length), np.float32)
    path[np.arange(length), (np.arange(length) * 0.12).astype(np.int64)] = 1
    return np.asarray(cv2.filter2D(drops, -1, path), np.float32)


def _flakes(canvas: Canvas) -> Field:
    total = np.zeros(canvas.cover.shape, np.float32)
    for rate, radius in ((0.9985, 0.0018), (0.9994, 0.0032), (0.99985, 0.0065)):
        seeds = (canvas.rng.random(canvas.cover.shape) > rate).astype(np.float32)
        size = max(1, round(radius * canvas.unit))
        total += cv2.dilate(seeds, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))) * 0.8
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 0.9), np.float32)
