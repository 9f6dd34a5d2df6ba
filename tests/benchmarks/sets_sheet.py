"""One sheet of every set, with nobody in it (docs/portrait/sets.md)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.plan import Shot
from generation.portrait.place import Blocking
from generation.portrait.scene.painting import paint
from generation.portrait.stage import Stage
from generation.shapes import VideoShape

SHAPE: Final = VideoShape(384, 640)
TILE: Final = (216, 360)  # px, width and height
COLUMNS: Final = 9
AT: Final = 40  # the frame that is shown
SEED: Final = 5
SETTINGS: Final = (
    "a garden at dawn", "a leafy park", "a garden at sunset", "a garden at night", "the woods", "a forest in fog",
    "a beach at noon", "a beach, rain", "a beach, a thunderstorm", "a mountain", "a snowy forest, falling snow",
    "the desert at sunset", "mars", "the moon", "a space station", "underwater", "a cave", "an alley",
    "a street at night, rain", "a rooftop at dusk", "a stadium", "a living room", "a living room at night", "a bedroom",
    "a kitchen", "a cafe", "a bar", "an office", "a television news studio", "a classroom", "a supermarket",
    "a library", "a castle", "a gym", "a hospital", "a museum", "a train station", "a stage", "a bus", "a car",
    "a car at night", "a studio",
)  # fmt: skip


def write(path: Path) -> list[str]:
    """A JPEG in reading order of SETTINGS; and the lines of a table, what painting costs at 720x1280. 1 min."""
    tiles = [_tile(setting) for setting in SETTINGS]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    if not cv2.imwrite(str(path), np.vstack(rows), (cv2.IMWRITE_JPEG_QUALITY, 82)):
        raise SystemExit(f"{path} cannot be written: its folder must exist and its name end in .jpg")
    times = [_seconds(setting) for setting in SETTINGS]
    order = np.argsort(times)
    median, slowest = order[len(order) // 2], order[-1]
    return [
        f"{len(SETTINGS)} sets; painting one at 720x1280, CPU seconds, one thread:",
        f"  median {times[median]:.2f} ({SETTINGS[median]}), slowest {times[slowest]:.2f} ({SETTINGS[slowest]})",
    ]


def _tile(setting: str) -> NDArray[np.uint8]:
    """The wide shot, with what stands before the people where it would hide cut-off bodies."""
    scene = paint(setting, SHAPE, seed=SEED)
    shot = Stage(Shot(0.0, 4.0, "wide"), scene, Blocking((), 0.80 * SHAPE.height), {}, 0.0, SHAPE)
    small = cv2.resize(shot.frame(AT, {}), TILE, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), np.uint8)


def _seconds(setting: str) -> float:
    began = time.process_time()
    paint(setting, VideoShape(720, 1280), seed=SEED)
    return time.process_time() - began
