"""One shot, ready to shoot: a set at its distance, people in their places, a camera. Any frame, in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.plan import Shot
from generation.portrait.actor import Actor, over
from generation.portrait.blocking import Blocking
from generation.portrait.camera import View, view
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.scene.layers import Layer, Scene
from generation.shapes import VideoShape, frames_for

SHADE: Final = 0.30  # how dark a person's surroundings get right behind them
SHADE_U: Final = 0.9  # and how far that reaches
TOUCH: Final = 0.28  # the same of a person on the one behind
PERSON_DEPTH: Final = 1.0


class Stage:
    """Read-only after it is made, so several threads may render its frames at once."""

    def __init__(
        self, shot: Shot, scene: Scene, blocking: Blocking, rigs: Mapping[str, Rig], shape: VideoShape
    ) -> None:
        """`scene` is blurred and framed for this shot already."""
        self._shot = shot
        self._shape = shape
        self._actors = tuple(Actor(rigs[place.speaker], place, scene.light) for place in blocking.places)
        self._rigs = dict(rigs)
        self._layers = _shaded(scene.layers, self._actors, shape)
        self._foreground = scene.foreground if blocking.foreground_y is not None else None
        self._lift = 0.0
        if self._foreground is not None and blocking.foreground_y is not None:
            self._lift = blocking.foreground_y
        eyes = [actor.place.y for actor in self._actors]
        self._face_y = float(np.mean(eyes)) if eyes else 0.45 * shape.height
        self._first = frames_for(shot.start_s)
        self._frames = max(1, frames_for(shot.end_s) - self._first)

    def rig_of(self, speaker: str) -> Rig | None:
        """Whoever stands here; None for who does not."""
        return self._rigs.get(speaker)

    def frame(self, index: int, poses: Mapping[str, Sequence[Pose]]) -> NDArray[np.uint8]:
        """Frame `index` of the clip, (height, width, 3) RGB."""
        at = float(np.clip((index - self._first) / max(1, self._frames - 1), 0, 1))
        seen = view(self._shot.camera, at, self._frames / 24, self._shape, face_y=self._face_y)
        picture = np.zeros((self._shape.height, self._shape.width, 3), np.uint8)
        for layer in self._layers:
            _paint(picture, layer, seen.seen_from(layer.depth, self._shape))
        for actor in self._actors:
            speaker = actor.place.speaker
            actor.draw(picture, poses[speaker][index], seen)
        if self._foreground is not None:
            _lay(picture, self._foreground.picture, self._lift, seen)
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _paint(picture: NDArray[np.uint8], layer: Layer, seen: View) -> None:
    """A layer larger than the frame, its middle on the frame's middle, over what is there."""
    height, width = picture.shape[:2]
    rows, columns = layer.picture.shape[:2]
    scale = layer.scale * seen.zoom
    move = np.array(
        (
            (scale, 0, width / 2 - scale * (columns - 1) / 2 - (seen.x - width / 2) * seen.zoom),
            (0, scale, height / 2 - scale * (rows - 1) / 2 - (seen.y - height / 2) * seen.zoom),
        ),
        np.float32,
    )
    border = cv2.BORDER_REFLECT if layer.picture.shape[2] == 3 else cv2.BORDER_CONSTANT
    moved = cv2.warpAffine(layer.picture, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=border)
    if layer.picture.shape[2] == 3:
        picture[:] = moved
    else:
        over(picture, np.asarray(moved, np.uint8))


def _lay(picture: NDArray[np.uint8], foreground: NDArray[np.uint8], top: float, seen: View) -> None:
    """The foreground from `top` (px of the unmoved frame) to below the frame, moving with the people."""
    height, width = picture.shape[:2]
    y = (top - seen.y) * seen.zoom + height / 2
    rows, columns = foreground.shape[:2]
    scale = max(width * 1.12 / columns, (height * 1.12 - y) / rows) * seen.zoom
    move = np.array(
        ((scale, 0, width / 2 - scale * columns / 2 - (seen.x - width / 2) * seen.zoom), (0, scale, 0)), np.float32
    )
    first = int(max(0, np.floor(y)))
    if first >= height:
        return
    move[1, 2] = y - first
    moved = cv2.warpAffine(foreground, move, (width, height - first), flags=cv2.INTER_LINEAR)
    over(picture[first:], np.asarray(moved, np.uint8))


def _shaded(layers: Sequence[Layer], actors: Sequence[Actor], shape: VideoShape) -> tuple[Layer, ...]:
    """The set with the people's soft shadow on its nearest opaque layer."""
    if not actors:
        return tuple(layers)
    last = max(number for number, layer in enumerate(layers) if layer.picture.shape[2] == 3)
    layer = layers[last]
    dark = np.zeros((shape.height, shape.width), np.float32)
    for actor in actors:
        dark = np.maximum(dark, actor.shadow((shape.height, shape.width), SHADE_U * actor.place.u))
    rows, columns = layer.picture.shape[:2]
    margin_x, margin_y = (columns * layer.scale - shape.width) / 2, (rows * layer.scale - shape.height) / 2
    place = np.array(
        ((1 / layer.scale, 0, margin_x / layer.scale), (0, 1 / layer.scale, margin_y / layer.scale)), np.float32
    )
    spread = cv2.warpAffine(dark, place, (columns, rows), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    lit = (layer.picture * (1 - SHADE * spread[..., None])).astype(np.uint8)
    shaded = Layer(picture=lit, depth=layer.depth, scale=layer.scale)
    return (*layers[:last], shaded, *layers[last + 1 :])
