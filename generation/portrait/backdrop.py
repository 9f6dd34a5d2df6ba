"""What is seen behind the people of one shot: the set from the shot's distance, out of focus, in their shadow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.plan import Framing
from generation.portrait.actor import Actor, over
from generation.portrait.camera import View
from generation.portrait.figure_actor import FigureActor
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
        actors: Sequence[Actor | FigureActor],
        shape: VideoShape,
        *,
        nearness: float = 1.0,
    ) -> None:
        """`side` -1 .. 1 is where in the set the shot's people stand; `nearness` times the framing's own size."""
        self._shape = shape
        plate = scene.layers[0].picture.copy()
        for layer in scene.layers[1:]:
            over(plate, layer.picture)
        plate = _closer(plate, max(1.0, CLOSER[framing] * nearness), side * ASIDE)
        plate = _soft(plate, SOFT[framing] * shape.width)
        self._picture = (plate * _light(actors, plate.shape, shape)[..., None]).astype(np.uint8)

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


def _light(actors: Sequence[Actor | FigureActor], plate: tuple[int, ...], shape: VideoShape) -> NDArray[np.float32]:
    """(rows, columns) 0..1: the people's soft shadow and a vignette."""
    rows, columns = plate[:2]
    dark = np.zeros((shape.height, shape.width), np.float32)
    for actor in actors:
        dark = np.maximum(dark, actor.shadow(shape, SHADE_U * actor.place.u))
    top, left = round(MARGIN * shape.height), round(MARGIN * shape.width)
    below, beside = rows - shape.height - top, columns - shape.width - left
    whole = cv2.copyMakeBorder(dark, top, below, left, beside, cv2.BORDER_REPLICATE)
    x, y = np.linspace(-1, 1, columns, dtype=np.float32)[None], np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    corner = np.clip(x * x * 0.7 + y * y * 0.6, 0, 1.2)
    return np.asarray((1 - SHADE * whole) * (1 - VIGNETTE * corner), np.float32)
