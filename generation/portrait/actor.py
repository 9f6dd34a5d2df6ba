"""One person in one shot: the rig, lit to match the set, placed by ONE remap that carries head, body and camera."""

from __future__ import annotations

import threading
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.camera import View
from generation.portrait.light import ONE, Around, baked
from generation.portrait.place import Place
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.scene.kinds import Light
from generation.shapes import VideoShape

Bgra = NDArray[np.uint8]
CELL: Final = 20  # px of the frame between nodes of the coarse map
LEAN: Final = 0.028  # how much larger somebody gets who leans to the lens
HIPS_U: Final = 4.0  # below the chin: what a lean leaves in its place
CHEST: Final = 0.5  # growth across, for a breath of one u
SHOULDERS: Final = 0.45  # rad, for a sway of one u
SIDE_FEATHER_U: Final = 0.30  # a photo's cut shoulders fade over this


class Actor:
    """Made once a shot; threads render its frames at the same time, each on a texture of its own."""

    def __init__(self, rig: Rig, place: Place, light: Light, around: Around, shape: VideoShape) -> None:
        self.place = place
        self._rig = rig
        self._scale = rig.u / place.u  # texture px per frame px
        self._shape = shape
        gain, glow = baked(rig.texture, rig.eyes, rig.u, place, light, around)
        fade: Any = _side_fade(rig.width, rig.height, SIDE_FEATHER_U * rig.u)
        gain = np.asarray(cv2.multiply(gain, fade, scale=1 / 255), np.uint8)
        self._rest = _lit(rig.texture, gain, glow)
        x0, y0, patch = rig.render(Pose())
        moves = slice(y0, y0 + patch.shape[0]), slice(x0, x0 + patch.shape[1])
        self._gain, self._glow = np.ascontiguousarray(gain[moves]), np.ascontiguousarray(glow[moves])
        self._own = threading.local()
        self._chin = np.array(rig.chin, np.float32)
        self._eyes = np.array(rig.eyes, np.float32)

    def draw(self, frame: NDArray[np.uint8], pose: Pose, view: View) -> None:
        """Onto `frame` (height, width, 3) BGR, in place."""
        left, top, right, bottom = self._bounds(view)
        if right - left < 2 or bottom - top < 2:
            return
        x0, y0, patch = self._rig.render(pose)
        texture = self._working()
        texture[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = _lit(patch, self._gain, self._glow)
        where = self._map(pose, view, (left, top, right, bottom))
        seen = cv2.remap(texture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]  # a map of pairs needs no second
        over(frame[top:bottom, left:right], np.asarray(seen, np.uint8))

    def _bounds(self, view: View) -> tuple[int, int, int, int]:
        """The part of the frame the person can be in, with room for the head to move: left, top, right, bottom."""
        width, height = self._shape.width, self._shape.height
        room = 0.35 * self.place.u
        corners = np.array(((0, 0), (self._rig.width, self._rig.height)), np.float32)
        scene = (corners - self._eyes) / self._scale + (self.place.x, self.place.y)
        scene += np.array(((-room, -room), (room, room)), np.float32)
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
        x = ((x - width / 2) / view.zoom + view.x - self.place.x) * self._scale + self._eyes[0]
        y = ((y - height / 2) / view.zoom + view.y - self.place.y) * self._scale + self._eyes[1]
        u, chin = self._rig.u, self._chin
        near = 1 + LEAN * pose.lean
        x = chin[0] + (x - chin[0]) / near
        y = chin[1] + HIPS_U * u + (y - chin[1] - HIPS_U * u) / near
        body = np.clip((y - chin[1]) / (2 * u), 0, 1)
        head = np.clip((chin[1] + 1.15 * u - y) / (1.5 * u), 0, 1)
        head = head * head * (3 - 2 * head)  # all of it above the chin, none below the collar
        pivot_y = chin[1] + 0.35 * u
        cos, sin = np.cos(pose.roll), np.sin(pose.roll)
        rx, ry = x - chin[0] - pose.dx * u, y - pivot_y - pose.dy * u
        x = x + head * (cos * rx + sin * ry + chin[0] - x) - pose.sway * u * (1 - 0.4 * body)
        x = x - (x - chin[0]) * (CHEST * pose.breath * body)  # a chest that fills gets wider
        # weight on one foot: that shoulder hangs lower
        slope = (x - chin[0]) * (SHOULDERS * pose.sway * body)
        y = y + head * (-sin * rx + cos * ry + pivot_y - y) + pose.breath * u * body * (1 - 0.6 * body) - slope
        coarse = np.dstack([x, y]).astype(np.float32)
        return np.asarray(cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR), np.float32)

    def _working(self) -> Bgra:
        """This thread's own texture: what a pose changes is always the same part of it, so nothing is left over."""
        if not hasattr(self._own, "texture"):
            self._own.texture = self._rest.copy()
        texture: Bgra = self._own.texture
        return texture


def _lit(part: Bgra, gain: Bgra, glow: Bgra) -> Bgra:
    """A part of the texture in the set's light; stays premultiplied."""
    lit: Any = cv2.add(cv2.multiply(part, gain, scale=1 / ONE), glow)
    return np.asarray(cv2.min(lit, cv2.merge([lit[..., 3]] * 4)), np.uint8)


def over(ground: NDArray[np.uint8], premultiplied: Bgra) -> None:
    """Porter-Duff over, in place: (h, w, 3) BGR under (h, w, 4) premultiplied BGRA."""
    clear = cv2.cvtColor(cv2.bitwise_not(premultiplied[..., 3]), cv2.COLOR_GRAY2BGR)
    ground[:] = cv2.add(cv2.multiply(ground, clear, scale=1 / 255), cv2.cvtColor(premultiplied, cv2.COLOR_BGRA2BGR))


def _side_fade(width: int, height: int, reach: float) -> Bgra:
    """255 inside, falling to 0 at the photo's left and right borders: four equal channels."""
    away = np.minimum(np.arange(width), np.arange(width)[::-1]) / max(1.0, reach)
    ramp = np.clip(away, 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp) * 255
    return np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (height, width, 4))).astype(np.uint8)
