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
from generation.portrait.scene.life import HALF
from generation.shapes import VideoShape

Matrix = NDArray[np.floating]

CLOSER: Final[dict[Framing, float]] = {"wide": 1.0, "two_shot": 1.06, "medium": 1.25, "close_up": 1.5, "insert": 1.25}
SOFT: Final[dict[Framing, float]] = {
    "wide": 0.003,
    "two_shot": 0.005,
    "medium": 0.010,
    "close_up": 0.016,
    "insert": 0.008,
}
ASIDE: Final = 0.16  # of the width: who stands on the left is seen before the set's left part, close up too
FAR, NEAR = 0.1, 0.6  # depth of the layers: what is nearer moves more under the camera
SHADE: Final = 0.18  # how dark it gets right behind a person
SHADE_U: Final = 0.9  # and how far that reaches
VIGNETTE: Final = 0.08


class Backdrop:
    """The set's layers, each MARGIN larger than the frame on every side, halved in size."""

    def __init__(
        self,
        scene: Scene,
        framing: Framing,
        side: float,
        people: Sequence[tuple[Field, float]],
        shape: VideoShape,
        *,
        nearness: float = 1.0,
    ) -> None:
        """`side` -1 .. 1 is where in the set the shot's people stand; `people` are silhouettes (see light) and u.

        `nearness` times the framing's own size.
        """
        self._shape, self._life = shape, scene.life
        self._closer = _closer(scene.layers[0].picture.shape, max(1.0, CLOSER[framing] * nearness), side * ASIDE)
        soft = SOFT[framing] * shape.width / HALF
        plates = [_plate(layer.picture, self._closer, soft) for layer in scene.layers]
        self.behind = _behind(plates, shape)
        light = _light(people, plates[0].shape, shape)
        self._far, *self._near = (_shaded(plate, light) for plate in plates)

    def paint(self, seen: View, index: int) -> NDArray[np.uint8]:
        """(height, width, 3) BGR as the camera sees it in frame `index` of the clip.

        Farther away than the people, so it moves less, its far layer least. Out of focus, so half the size is enough.
        """
        size = (self._shape.width // HALF, self._shape.height // HALF)
        move = self._move(seen.seen_from(FAR, self._shape), self._far.shape)
        picture = np.asarray(cv2.warpAffine(self._far, move, size, borderMode=cv2.BORDER_REFLECT), np.uint8)
        self._life.far(picture, self._to_picture(move), index)
        for layer in self._near:
            lean = self._leaning(self._move(seen.seen_from(NEAR, self._shape), layer.shape), index)
            over(picture, np.asarray(cv2.warpAffine(layer, lean, size, borderMode=cv2.BORDER_REFLECT), np.uint8))
        whole = (self._shape.width, self._shape.height)
        return np.asarray(cv2.resize(picture, whole, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _move(self, view: View, plate: tuple[int, ...]) -> Matrix:
        """(2, 3): a halved plate's pixels to those of the halved frame."""
        rows, columns = plate[:2]
        x, y = (
            columns / 2 + (view.x - self._shape.width / 2) / HALF,
            rows / 2 + (view.y - self._shape.height / 2) / HALF,
        )
        return np.array(
            (
                (view.zoom, 0, self._shape.width / HALF / 2 - view.zoom * x),
                (0, view.zoom, self._shape.height / HALF / 2 - view.zoom * y),
            ),
            np.float32,
        )

    def _leaning(self, move: Matrix, index: int) -> Matrix:
        """The same with the layer's top swung aside, its foot at the frame's lower edge at rest."""
        lean = self._life.swing(index)
        if not lean:
            return move
        height = self._shape.height / HALF
        return np.asarray(_after(np.array(((1, -lean, lean * height), (0, 1, 0)), np.float32), move), np.float32)

    def _to_picture(self, move: Matrix) -> Matrix:
        """(2, 3): fractions of the frame, as the widest shot sees it, to pixels of the halved frame."""
        width, height = self._shape.width, self._shape.height
        plate = np.array(((width, 0, MARGIN * width), (0, height, MARGIN * height)), np.float32)
        halved = np.array(((1 / HALF, 0, 0), (0, 1 / HALF, 0)), np.float32)
        return _after(move, _after(halved, _after(self._closer, plate)))


def _after(second: Matrix, first: Matrix) -> Matrix:
    """One (2, 3) affine for two."""
    return np.asarray(second @ np.vstack([first, (0, 0, 1)]), np.float32)


def _closer(plate: tuple[int, ...], zoom: float, aside: float) -> Matrix:
    """(2, 3): the part of the set that a closer camera sees, at the plate's own size."""
    rows, columns = plate[:2]
    room = (1 - 1 / zoom) / 2  # how far the middle may move, of the plate
    x = columns * (0.5 + float(np.clip(aside, -room, room)))
    y = rows * (0.5 - 0.3 * room)  # a face is above the middle
    return np.array(((zoom, 0, columns / 2 - zoom * x), (0, zoom, rows / 2 - zoom * y)), np.float32)


def _plate(layer: NDArray[np.uint8], closer: Matrix, soft: float) -> NDArray[np.uint8]:
    """A layer at 1/HALF of its size as the shot's distance shows it: nearer, out of focus."""
    rows, columns = layer.shape[:2]
    size = (columns // HALF, rows // HALF)
    if closer[0, 0] / HALF > 0.6:
        seen = cv2.warpAffine(layer, closer / HALF, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    else:  # a picture made half as large must be averaged, not sampled
        small = cv2.resize(layer, size, interpolation=cv2.INTER_AREA)
        moved = closer * np.array((1, 1, 1 / HALF), np.float32)
        seen = cv2.warpAffine(small, moved, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), max(0.3, soft)), np.uint8)


def _behind(plates: Sequence[NDArray[np.uint8]], shape: VideoShape) -> NDArray[np.uint8]:
    """(h, w, 3) BGR at 1/COARSE of the frame: what the unmoved camera sees without people."""
    whole = plates[0].copy()
    for plate in plates[1:]:
        over(whole, plate)
    height, width = shape.height // HALF, shape.width // HALF
    top, left = (whole.shape[0] - height) // 2, (whole.shape[1] - width) // 2
    seen = whole[top : top + height, left : left + width]
    small = (shape.width // COARSE, shape.height // COARSE)
    return np.asarray(cv2.resize(seen, small, interpolation=cv2.INTER_AREA), np.uint8)


def _shaded(plate: NDArray[np.uint8], light: Field) -> NDArray[np.uint8]:
    shaded = np.asarray(plate[..., :3] * light[..., None], np.uint8)
    return shaded if plate.shape[2] == 3 else np.dstack([shaded, plate[..., 3]])


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
