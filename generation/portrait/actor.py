"""One person in one shot: the rig, lit to match the set, placed by ONE remap that carries head, body and camera."""

from __future__ import annotations

import threading
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.camera import View
from generation.portrait.place import Place
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.scene.kinds import Light
from generation.shapes import VideoShape

Bgra = NDArray[np.uint8]
CELL: Final = 20  # px of the frame between nodes of the coarse map
MATCH: Final = 0.7  # how far a person takes on the set's light
KEY: Final = (190.0, 215.0, 235.0)  # BGR of the light along an edge, before the set's warmth
RIM: Final = 0.30  # strength of the light's edge on a person
LEAN: Final = 0.028  # how much larger somebody gets who leans to the lens
HIPS_U: Final = 4.0  # below the chin: what a lean leaves in its place
CHEST: Final = 0.5  # growth across, for a breath of one u
SHOULDERS: Final = 0.45  # rad, for a sway of one u
SIDE_FEATHER_U: Final = 0.30  # a photo's cut shoulders fade over this


class Actor:
    """Read-only after it is made: threads render frames of one shot at the same time."""

    def __init__(self, rig: Rig, place: Place, light: Light, shape: VideoShape) -> None:
        self.place = place
        self._rig = rig
        self._scale = rig.u / place.u  # texture px per frame px
        self._shape = shape
        self._gain: Any = (*(MATCH * gain * light.brightness + (1 - MATCH) for gain in light.warmth), 1.0)
        self._rim = rim(rig.texture, light, rig.u)
        self._fade = _side_fade(rig.width, rig.height, SIDE_FEATHER_U * rig.u)
        self._texture = self._lit(rig.texture, 0, 0)
        self._own = threading.local()
        self._chin = np.array(rig.chin, np.float32)
        self._eyes = np.array(rig.eyes, np.float32)

    def draw(self, frame: NDArray[np.uint8], pose: Pose, view: View) -> None:
        """Onto `frame` (height, width, 3) BGR, in place."""
        left, top, right, bottom = self._bounds(view)
        if right - left < 2 or bottom - top < 2:
            return
        x0, y0, patch = self._rig.render(pose)
        texture = getattr(self._own, "texture", None)
        if texture is None:  # a patch always covers the same box, so each thread's copy serves all of its frames
            texture = self._own.texture = self._texture.copy()
        texture[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = self._lit(patch, x0, y0)
        where = self._map(pose, view, (left, top, right, bottom))
        seen = cv2.remap(texture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]  # a map of pairs needs no second
        over(frame[top:bottom, left:right], np.asarray(seen, np.uint8))

    def shadow(self, shape: VideoShape, reach_px: float) -> NDArray[np.float32]:
        """(height, width) 0..1: where this person keeps light from the set, softly; the unmoved frame."""
        view = View(1.0, shape.width / 2, shape.height / 2)
        left, top, right, bottom = self._bounds(view)
        where = self._map(Pose(), view, (left, top, right, bottom))
        alpha = cv2.remap(self._texture[..., 3], where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]  # a map of pairs needs no second
        return shade(np.asarray(alpha, np.uint8), (left, top), shape, reach_px)

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

    def _lit(self, part: Bgra, x0: int, y0: int) -> Bgra:
        """A part of the texture in the set's light; stays premultiplied."""
        rows, columns = slice(y0, y0 + part.shape[0]), slice(x0, x0 + part.shape[1])
        lit: Any = cv2.multiply(part, self._gain)
        lit = cv2.add(lit, self._rim[rows, columns])
        alpha = cv2.merge([part[..., 3]] * 4)
        lit = cv2.min(lit, alpha)
        fade = self._fade[rows, columns]
        return np.asarray(cv2.multiply(lit, fade, scale=1 / 255), np.uint8)


def over(ground: NDArray[np.uint8], premultiplied: Bgra) -> None:
    """Porter-Duff over, in place: (h, w, 3) BGR under (h, w, 4) premultiplied BGRA."""
    clear = cv2.cvtColor(cv2.bitwise_not(premultiplied[..., 3]), cv2.COLOR_GRAY2BGR)
    ground[:] = cv2.add(cv2.multiply(ground, clear, scale=1 / 255), cv2.cvtColor(premultiplied, cv2.COLOR_BGRA2BGR))


def shade(alpha: NDArray[np.uint8], corner: tuple[int, int], shape: VideoShape, reach_px: float) -> NDArray[np.float32]:
    """(height, width) 0..1 of the frame: (h, w) alpha with its upper left at `corner` (x, y), blurred by `reach_px`."""
    canvas = np.zeros((shape.height, shape.width), np.uint8)
    canvas[corner[1] : corner[1] + alpha.shape[0], corner[0] : corner[0] + alpha.shape[1]] = alpha
    small = cv2.resize(canvas, (shape.width // 4, shape.height // 4), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small.astype(np.float32) / 255, (0, 0), max(1.0, reach_px / 4))
    return np.asarray(cv2.resize(soft, (shape.width, shape.height)), np.float32)


def rim(texture: Bgra, light: Light, u: float) -> Bgra:
    """What the key light adds along somebody's edge on its side: premultiplied BGR, alpha 0."""
    alpha = texture[..., 3].astype(np.float32) / 255
    shift = np.array(((1, 0, -light.side * 0.06 * u), (0, 1, 0.04 * u)), np.float32)
    moved = cv2.warpAffine(alpha, shift, (alpha.shape[1], alpha.shape[0]))
    edge = cv2.GaussianBlur(np.clip(alpha - moved, 0, 1), (0, 0), 0.03 * u) * alpha * RIM * light.brightness
    glow = edge[..., None] * np.array(KEY, np.float32) * light.warmth
    return np.dstack([glow, np.zeros_like(alpha)]).clip(0, 255).astype(np.uint8)


def _side_fade(width: int, height: int, reach: float) -> Bgra:
    """255 inside, falling to 0 at the photo's left and right borders: four equal channels."""
    away = np.minimum(np.arange(width), np.arange(width)[::-1]) / max(1.0, reach)
    ramp = np.clip(away, 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp) * 255
    return np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (height, width, 4))).astype(np.uint8)
