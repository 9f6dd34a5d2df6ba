"""What is seen behind the people of one shot: the set from the shot's distance, out of focus, in their shadow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.plan import Framing
from generation.portrait.actor import over
from generation.portrait.camera import View
from generation.portrait.light import COARSE, Field
from generation.portrait.scene.kinds import MARGIN, Scene
from generation.shapes import VideoShape

CLOSER: Final[dict[Framing, float]] = {"wide": 1.0, "two_shot": 1.06, "medium": 1.25, "close_up": 1.5, "insert": 1.25}
SOFT: Final[dict[Framing, float]] = {
    "wide": 0.003,
    "two_shot": 0.005,
    "medium": 0.010,
    "close_up": 0.016,
    "insert": 0.008,
}
ASIDE: Final = 0.16  # of the width: who stands on the left is seen before the set's left part, close up too
DEPTH: Final = 0.3
SHADE: Final = 0.18  # how dark it gets right behind a person
SHADE_U: Final = 0.9  # and how far that reaches
VIGNETTE: Final = 0.08


class Backdrop:
    """One opaque picture, MARGIN larger than the frame on every side."""

    def __init__(
        self,
        scene: Scene,
        framing: Framing,
        side: float,
        people: Sequence[tuple[Field, float]],
        shape: VideoShape,
    ) -> None:
        """`side` -1 .. 1 is where in the set the shot's people stand; `people` are silhouettes (see light) and u."""
        self._shape = shape
        plate = scene.layers[0].picture.copy()
        for layer in scene.layers[1:]:
            over(plate, layer.picture)
        plate = _closer(plate, CLOSER[framing], side * ASIDE)
        plate = _soft(plate, SOFT[framing] * shape.width)
        top, left = (plate.shape[0] - shape.height) // 2, (plate.shape[1] - shape.width) // 2
        seen = plate[top : top + shape.height, left : left + shape.width]
        small = (shape.width // COARSE, shape.height // COARSE)
        self.behind = np.asarray(cv2.resize(seen, small, interpolation=cv2.INTER_AREA), np.uint8)
        light = cv2.merge([np.round(256 * _light(people, plate.shape, shape)).clip(0, 256).astype(np.uint16)] * 3)
        self._picture = np.asarray(cv2.multiply(plate, light, scale=1 / 256, dtype=cv2.CV_8U), np.uint8)

    def paint(self, seen: View) -> NDArray[np.uint8]:
        """(height, width, 3) BGR as the camera sees it; farther away than the people, so it moves less."""
        view = seen.seen_from(DEPTH, self._shape)
        width, height = self._shape.width, self._shape.height
        rows, columns = self._picture.shape[:2]
        move = np.array(
            (
                (view.zoom, 0, width / 2 - view.zoom * ((columns - width) / 2 + view.x)),
                (0, view.zoom, height / 2 - view.zoom * ((rows - height) / 2 + view.y)),
            ),
            np.float32,
        )
        moved = cv2.warpAffine(
            self._picture, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        return np.asarray(moved, np.uint8)


def _closer(plate: NDArray[np.uint8], zoom: float, aside: float) -> NDArray[np.uint8]:
    """The part of the set that a closer camera sees, at the plate's own size."""
    if zoom == 1.0:
        return plate
    rows, columns = plate.shape[:2]
    room = (1 - 1 / zoom) / 2  # how far the middle may move, of the plate
    x = columns * (0.5 + float(np.clip(aside, -room, room)))
    y = rows * (0.5 - 0.3 * room)  # a face is above the middle
    move = np.array(((zoom, 0, columns / 2 - zoom * x), (0, zoom, rows / 2 - zoom * y)), np.float32)
    closer = cv2.warpAffine(plate, move, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(closer, np.uint8)


def _soft(plate: NDArray[np.uint8], px: float) -> NDArray[np.uint8]:
    rows, columns = plate.shape[:2]
    small = cv2.resize(plate, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(0.3, px / 2))
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)


def _light(people: Sequence[tuple[Field, float]], plate: tuple[int, ...], shape: VideoShape) -> Field:
    """(rows, columns) 0..1: the people's soft shadow and a vignette."""
    rows, columns = plate[:2]
    dark = np.zeros((shape.height // COARSE, shape.width // COARSE), np.float32)
    for shown, u in people:
        soft = cv2.GaussianBlur(shown, (0, 0), max(1.0, SHADE_U * u / COARSE))
        dark = np.maximum(dark, np.asarray(soft, np.float32))
    top, left = round(MARGIN * dark.shape[0]), round(MARGIN * dark.shape[1])
    whole = cv2.copyMakeBorder(dark, top, top, left, left, cv2.BORDER_REPLICATE)
    x = np.linspace(-1, 1, whole.shape[1], dtype=np.float32)[None]
    y = np.linspace(-1, 1, whole.shape[0], dtype=np.float32)[:, None]
    left_over = (1 - SHADE * whole) * (1 - VIGNETTE * np.clip(x * x * 0.7 + y * y * 0.6, 0, 1.2))
    return np.asarray(cv2.resize(left_over, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
