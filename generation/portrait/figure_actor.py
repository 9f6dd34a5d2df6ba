"""One figure in one shot: a cut-out that squashes, leans and hops about its feet, and the shadow it stands on."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.perception.references import FigureKind
from generation.portrait.actor import over
from generation.portrait.camera import View
from generation.portrait.figure import FigureRig
from generation.portrait.light import ONE, Around, baked
from generation.portrait.place import Place
from generation.portrait.pose import Pose
from generation.portrait.scene.kinds import Light
from generation.shapes import VideoShape

CELL: Final = 10  # px of the frame between nodes of the coarse map
MATCH: Final[dict[FigureKind, float]] = {
    "pet": 0.7,
    "object": 0.7,
    "drawn": 0.45,
}  # how far it takes on the set's light
REACH: Final = 0.30  # of its size: how far it may leave its own box
SQUEEZE: Final = 0.6  # it gets narrower by this share of what it gets taller
BEND: Final = 0.6  # of a lean, that grows towards the top
LIPS_WIDE: Final = 0.085  # of the height: half the width of what moves around known lips
LIPS_OPEN: Final = 0.55  # how much taller an open mouth is
CONTACT: Final = 0.50  # how dark the ground gets right under it
FLAT: Final = 0.20  # of its width: how deep the contact shadow is


class FigureActor:
    """Read-only after it is made: threads render frames of one shot at the same time."""

    def __init__(self, rig: FigureRig, place: Place, light: Light, around: Around, shape: VideoShape) -> None:
        self.place = place
        self._rig = rig
        self._scale = rig.u / place.u  # texture px per frame px
        self._shape = shape
        gain, glow = baked(rig.texture, rig.eyes, rig.u, place, light, around, match=MATCH[rig.kind], face=False)
        lit: Any = cv2.add(cv2.multiply(rig.texture, gain, scale=1 / ONE), glow)
        self._texture = np.asarray(cv2.min(lit, cv2.merge([lit[..., 3]] * 4)), np.uint8)
        self._foot = (
            place.x + (rig.foot[0] - rig.eyes[0]) / self._scale,
            place.y + (rig.foot[1] - rig.eyes[1]) / self._scale,
        )

    def draw(self, frame: NDArray[np.uint8], pose: Pose, view: View) -> None:
        """Onto `frame` (height, width, 3) BGR, in place."""
        box = self._bounds(view)
        left, top, right, bottom = box
        if right - left < 2 or bottom - top < 2:
            return
        self._ground(frame, pose, view)
        where = self._map(pose, view, box)
        seen = cv2.remap(self._texture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]  # a map of pairs needs no second
        over(frame[top:bottom, left:right], np.asarray(seen, np.uint8))

    def _bounds(self, view: View) -> tuple[int, int, int, int]:
        """The part of the frame the figure can be in: left, top, right, bottom."""
        width, height = self._shape.width, self._shape.height
        corners = np.array(((0, 0), (self._rig.width, self._rig.height)), np.float32)
        scene = (corners - self._rig.eyes) / self._scale + (self.place.x, self.place.y)
        room = REACH * self._rig.tall / self._scale
        scene += np.array(((-room, -room), (room, 0.1 * room)), np.float32)
        low, high = (scene - (view.x, view.y)) * view.zoom + (width / 2, height / 2)
        return max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0]) + 1), min(height, int(high[1]) + 1)

    def _map(self, pose: Pose, view: View, box: tuple[int, int, int, int]) -> NDArray[np.float32]:
        """(h, w, 2): the texture's pixel for every pixel of the box. Worked out on a coarse grid, then enlarged."""
        left, top, right, bottom = box
        width, height = self._shape.width, self._shape.height
        columns, rows = max(2, (right - left) // CELL), max(2, (bottom - top) // CELL)
        xs = left + (np.arange(columns, dtype=np.float32) + 0.5) * ((right - left) / columns) - 0.5
        ys = top + (np.arange(rows, dtype=np.float32) + 0.5) * ((bottom - top) / rows) - 0.5
        x, y = np.meshgrid(xs, ys)
        x = ((x - width / 2) / view.zoom + view.x - self._foot[0]) * self._scale
        y = ((y - height / 2) / view.zoom + view.y - self._foot[1]) * self._scale
        tall = self._rig.tall
        y = y + pose.hop * tall
        up = np.clip(-y / tall, 0, 1.2)
        angle = pose.roll * (1 - BEND + BEND * up)
        cos, sin = np.cos(angle), np.sin(angle)
        x, y = cos * x + sin * y, -sin * x + cos * y
        y = y / (1 + pose.stretch)
        x = x / ((1 - SQUEEZE * pose.stretch * (1 - 0.5 * up)) * (1 - 0.35 * abs(pose.yaw)))
        x, y = x + self._rig.foot[0], y + self._rig.foot[1]
        if self._rig.lips is not None:
            lips_x, lips_y = self._rig.lips
            reach = LIPS_WIDE * tall
            near = np.exp(-(((x - lips_x) / (1.5 * reach)) ** 2 + ((y - lips_y) / reach) ** 2) / 2)
            y = lips_y + (y - lips_y) / (1 + LIPS_OPEN * pose.jaw * near)
        coarse = np.dstack([x, y]).astype(np.float32)
        return np.asarray(cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR), np.float32)

    def _ground(self, frame: NDArray[np.uint8], pose: Pose, view: View) -> None:
        """The soft shadow under its feet; paler and smaller while it is in the air."""
        width, height = self._shape.width, self._shape.height
        x = (self._foot[0] - view.x) * view.zoom + width / 2
        y = (self._foot[1] - view.y) * view.zoom + height / 2
        air = 1 - 4 * min(0.2, pose.hop)
        wide = 1.12 * self._rig.stance / self._scale * view.zoom * (0.85 + 0.15 * air)
        deep = max(3.0, FLAT * wide)
        left, right = max(0, int(x - 2 * wide)), min(width, int(x + 2 * wide) + 1)
        top, bottom = max(0, int(y - 3 * deep)), min(height, int(y + 3 * deep) + 1)
        if right - left < 2 or bottom - top < 2:
            return
        across = (np.arange(left, right, dtype=np.float32)[None] - x) / wide
        down = (np.arange(top, bottom, dtype=np.float32)[:, None] - y) / deep
        dark = CONTACT * air * np.exp(-(np.abs(across) ** 3) - down * down)
        part = frame[top:bottom, left:right]
        part[:] = (part * (1 - dark[..., None])).astype(np.uint8)
