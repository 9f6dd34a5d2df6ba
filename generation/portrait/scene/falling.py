"""Weather in the air between the back and the people: rain, snow, fog."""

from __future__ import annotations

import cv2
import numpy as np

from generation.portrait.scene.canvas import Canvas
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.noise import Field


def weather(near: Canvas, day: Daylight) -> None:
    """Lays rain, flakes or mist over `near`; nothing when it is clear."""
    light = (day.fill * 0.8 + day.horizon * 0.5 + day.key * 0.4).astype(np.float32)
    match day.weather:
        case "rain":
            near.lay(light * 1.2, np.clip(_streaks(near) * 0.30, 0, 0.45))
            near.lay(day.horizon, 0.10)
        case "storm":
            near.lay(light * 1.3, np.clip((_streaks(near) + _streaks(near)) * 0.28, 0, 0.5))
            near.lay(day.horizon * 0.8, 0.16)
        case "snow":
            near.lay(light * 1.3, np.clip(_flakes(near), 0, 0.85))
            near.lay(day.horizon, 0.10)
        case "fog":
            near.lay(day.horizon, np.clip(0.48 + 0.12 * near.noise(0.4, 4, 0.5, 2.0), 0, 0.8))
        case "clear":
            pass


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
