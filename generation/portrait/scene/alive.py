"""Which set lives how: leaves and birds, glints on water, passing lights, dust in a beam, fish, rain and snow."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.scene.canvas import develop
from generation.portrait.scene.daylight import Daylight
from generation.portrait.scene.life import HALF, Bgr, Drift, Fall, Life, Looks
from generation.shapes import VideoShape

LEAFY: Final = {"garden", "forest", "street"}
DUSTY: Final = {
    "library", "stone hall", "museum", "living room", "bedroom", "stage", "cave", "classroom", "gym",
}  # fmt: skip
LIT: Final = {"terrace", "street", "car", "vehicle"}
LAMPS: Final[tuple[Bgr, ...]] = ((120, 190, 255), (150, 215, 255), (90, 110, 255), (235, 240, 255))
FLASH_EVERY_S: Final = (2.5, 5.0)
LEAST_RAIN: Final = 62.0  # of 255: by night the rain shines in the lamps


def life_of(name: str, day: Daylight, shape: VideoShape, rng: np.random.Generator, *, inside: bool) -> Life:
    """Of the set called `name` at that hour, in that weather."""
    sun = tuple(int(value) for value in develop(day.key * 0.8 + day.fill * 0.5))
    light: Bgr = (sun[0], sun[1], sun[2])
    behind: list[Drift] = []
    before: list[Drift] = []
    wet = not inside and day.weather in {"rain", "storm", "snow"}
    if name in LEAFY and not wet:
        leaves = tuple(_shade(code, day) for code in ((60, 150, 120), (50, 140, 190), (70, 130, 90)))
        behind.append(_swarm(rng, "leaf", leaves, 7, (-0.03, 0.07), (0.008, 0.013), sway=0.03))
        before.append(_swarm(rng, "leaf", leaves, 3, (-0.06, 0.15), (0.020, 0.030), sway=0.05))
    if name in {"garden", "forest", "desert", "mars"} and not wet and not day.dark:
        behind.append(
            _swarm(rng, "glow", (_dim(light, 0.55),), 22, (0.012, -0.008), (0.004, 0.008), sway=0.02, blinks=0.3)
        )
    if name == "garden" and day.dark and not wet:
        flies: tuple[Bgr, ...] = ((60, 220, 210),)
        behind.append(_swarm(rng, "glow", flies, 14, (0.02, -0.01), (0.010, 0.016), sway=0.06, blinks=0.5))
    if name in {"beach", "mountain", "desert", "terrace"} and not day.dark and not wet:
        birds = _swarm(
            rng, "bird", (_shade((70, 66, 60), day),), 4, (0.035, 0.0), (0.018, 0.030), top=0.05, bottom=0.26
        )
        behind.append(birds)
    if name == "beach":
        glints = _swarm(
            rng, "glow", (_dim(light, 0.9),), 60, (0.004, 0.0), (0.004, 0.010), top=0.475, bottom=0.585, blinks=0.9
        )
        behind.append(glints)
    if name in LIT and day.dark:
        rows, fast = {"terrace": ((0.58, 0.66), 0.05), "street": ((0.535, 0.57), 0.10)}.get(name, ((0.22, 0.36), 1.1))
        many = 5 if name in {"street", "terrace"} else 4
        behind.append(_swarm(rng, "glow", LAMPS, many, (fast, 0.0), (0.03, 0.05), top=rows[0], bottom=rows[1]))
    if name in {"terrace", "cafe", "bar", "news", "stadium", "space"}:
        colours = ((255, 250, 240),) if name in {"stadium", "space"} else LAMPS[:2]
        rows = {"stadium": (0.14, 0.52), "space": (0.03, 0.6), "cafe": (0.02, 0.25)}.get(name, (0.1, 0.6))
        size = (0.003, 0.006) if name == "space" else (0.008, 0.018)
        behind.append(_swarm(rng, "glow", colours, 18, (0.0, 0.0), size, top=rows[0], bottom=rows[1], blinks=0.6))
    if name in DUSTY:
        behind.append(
            _swarm(rng, "glow", (_dim(light, 0.42),), 20, (0.008, 0.010), (0.003, 0.007), sway=0.03, blinks=0.2)
        )
        before.append(
            _swarm(rng, "glow", (_dim(light, 0.28),), 5, (0.012, 0.014), (0.010, 0.018), sway=0.05, blinks=0.2)
        )
    if name == "underwater":
        fish = _swarm(
            rng,
            "fish",
            ((40, 140, 250), (60, 210, 250), (200, 160, 90)),
            9,
            (0.07, 0.0),
            (0.03, 0.055),
            top=0.12,
            bottom=0.62,
            sway=0.01,
        )
        behind += [fish, _swarm(rng, "bubble", ((250, 250, 220),), 14, (0.0, -0.10), (0.010, 0.020), sway=0.02)]
        before.append(_swarm(rng, "bubble", ((170, 170, 150),), 3, (0.0, -0.20), (0.030, 0.050), sway=0.04))
    falls = _falls(day, shape, rng) if wet else ((), ())
    storm = day.weather == "storm" and not inside
    breeze = 0.012 if storm else 0.005
    return Life(
        behind=tuple(behind),
        before=tuple(before),
        falls_behind=falls[0],
        falls_before=falls[1],
        sway=breeze if name in LEAFY | {"beach", "snow", "underwater"} else 0.0,
        flashes=tuple(np.cumsum(rng.uniform(*FLASH_EVERY_S, size=8)).tolist()) if storm else (),
    )


def _swarm(
    rng: np.random.Generator,
    looks: Looks,
    colours: tuple[Bgr, ...],
    count: int,
    speed: tuple[float, float],
    size: tuple[float, float],
    *,
    top: float = -0.16,
    bottom: float = 1.16,
    sway: float = 0.0,
    blinks: float = 0.0,
) -> Drift:
    """`speed` and `size` are what they are about; fish swim both ways."""
    area = (-0.16, top, 1.16, bottom)
    start = rng.uniform((area[0], top), (area[2], bottom), (count, 2))
    pace = np.array(speed) * rng.uniform(0.7, 1.4, (count, 1))
    if looks in {"fish", "bird"}:
        pace[:, 0] *= rng.choice((-1, 1), count) if looks == "fish" else rng.choice((-1, 1))
    return Drift(
        looks,
        colours,
        start.astype(np.float32),
        pace.astype(np.float32),
        rng.uniform(*size, count).astype(np.float32),
        rng.uniform(0, 1, count).astype(np.float32),
        area,
        sway,
        blinks,
    )


def _falls(day: Daylight, shape: VideoShape, rng: np.random.Generator) -> tuple[tuple[Fall, ...], tuple[Fall, ...]]:
    """Behind the people small and dense, before them large, soft and few."""
    glow = develop(day.fill * 0.5 + day.horizon * 0.4 + day.key * 0.3)
    far, near = (shape.width // HALF, shape.height // HALF), (shape.width, shape.height)
    if day.weather == "snow":
        return (
            (_snow(rng, far, glow * 0.95, 260, 0.0035, 0.10), _snow(rng, far, glow, 90, 0.0060, 0.16)),
            (_snow(rng, near, glow * 0.75, 20, 0.0095, 0.28),),
        )
    wet = np.maximum(0.34 * glow, LEAST_RAIN)
    many = 2 if day.weather == "storm" else 1
    return (
        (_rain(rng, far, wet, 330 * many, 0.05, 1.5),),
        (_rain(rng, near, wet, 90 * many, 0.11, 2.2),),
    )


def _rain(
    rng: np.random.Generator, size: tuple[int, int], glow: NDArray[np.floating], count: int, length: float, speed: float
) -> Fall:
    width, height = size
    tile = np.zeros((3 * height, width), np.uint8)
    thick = max(1, round(height / 640))
    for _ in range(count):
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        tall, level = length * height * float(rng.uniform(0.6, 1.3)), int(rng.uniform(90, 255))
        for turn in range(3):
            top = round(y + turn * height)
            cv2.line(tile, (round(x), top), (round(x - 0.05 * tall), round(top + tall)), level, thick, cv2.LINE_AA)
    return Fall(_coloured(tile, glow, 0.7), speed)


def _snow(
    rng: np.random.Generator, size: tuple[int, int], glow: NDArray[np.floating], count: int, radius: float, speed: float
) -> Fall:
    width, height = size
    swing = round(0.02 * width)
    tile = np.zeros((3 * height, width + 2 * swing), np.uint8)
    for _ in range(count):
        x, y = int(rng.uniform(0, width + 2 * swing)), int(rng.uniform(0, height))
        px, level = max(1, round(radius * height * float(rng.uniform(0.5, 1.2)))), int(rng.uniform(120, 255))
        for turn in range(3):
            cv2.circle(tile, (x, y + turn * height), px, level, -1, cv2.LINE_AA)
    return Fall(_coloured(tile, glow, max(0.8, 0.45 * radius * height)), speed, swing)


def _coloured(tile: NDArray[np.uint8], glow: NDArray[np.floating], soft: float) -> NDArray[np.uint8]:
    """The middle third of three turns, twice: what is blurred across its ends fits without a seam."""
    height = len(tile) // 3
    smooth = cv2.GaussianBlur(tile, (0, 0), soft)[height : 2 * height].astype(np.float32)[..., None] / 255
    part = np.asarray(np.clip(smooth * glow, 0, 255), np.uint8)
    return np.concatenate([part, part])


def _shade(colour: Bgr, day: Daylight) -> Bgr:
    light = develop(day.fill * 0.6 + day.key * 0.5) / 200
    return tuple(int(min(255.0, part * gain)) for part, gain in zip(colour, light, strict=True))  # type: ignore[return-value]  # three stay three


def _dim(colour: Bgr, share: float) -> Bgr:
    return int(colour[0] * share), int(colour[1] * share), int(colour[2] * share)
