"""One eye: a lid that comes down over it and an iris that turns, both painted into the photo before it is warped.

The lash strip travels rigidly with the lid's edge. What it uncovers is not stretched skin, which would draw a rim of
glasses or a glint down with it, but skin of this lid's own colour with the grain of this person's cheek.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.landmarks import Face, Floats, Row
from generation.portrait.warp import NO_MAP

OPEN: Final = 0.035  # u; an eye less open than this is photographed shut or squinting
LID_LIGHT: Final = 0.42  # of the skin's; a darker lid is brow and shadow, with no colour to close the eye with
GAZE_X, GAZE_Y = 0.17, 0.10  # of the eye's width, at gaze 1
SQUEEZE: Final = 0.35  # the lash strip is seen from above when the lid is down
_OUTSIDE: Final = cv2.BORDER_REPLICATE


class Eye:
    """Axes in its patch: across and down from the middle between the corners, pixels. Reading only after __init__."""

    def __init__(self, face: Face, lids: tuple[Row, Row], picture: NDArray[np.uint8]) -> None:
        """`picture` (h, w, 4): the face box, premultiplied BGRA, to be given to `paint` unchanged."""
        above, below = face.flat[list(lids[0])], face.flat[list(lids[1])]
        middle = (above[0] + above[-1]) / 2
        self._right, self._down = face.right.astype(np.float32), face.down.astype(np.float32)
        self._width = float(np.linalg.norm(above[0] - above[-1]))
        height, width = picture.shape[:2]
        x0, y0 = np.floor(middle - (0.8 * self._width, 0.75 * self._width)).astype(int).clip(0)
        x1, y1 = np.ceil(middle + (0.8 * self._width, 0.75 * self._width)).astype(int)
        self.box = int(x0), int(y0), min(width, int(x1)), min(height, int(y1))
        patch = picture[y0 : self.box[3], x0 : self.box[2]]
        rows, columns = np.mgrid[0 : patch.shape[0], 0 : patch.shape[1]].astype(np.float32)
        self._identity: Floats = np.dstack([columns, rows])
        pixels = self._identity + (x0, y0) - middle
        self._across = np.asarray(pixels @ face.right, np.float32)
        self._v = np.asarray(pixels @ face.down, np.float32)
        self._upper, self._lower = (self._curve(line - middle, face) for line in (above, below))
        self._tall = np.maximum(self._lower - self._upper, 0)
        self._opening = float(self._tall.max())
        edge = np.clip((1.10 - np.abs(self._across) / (self._width / 2)) / 0.25, 0, 1)
        self._fade = np.asarray(edge * edge * (3 - 2 * edge), np.float32)
        self._strip = max(1.5, 0.26 * self._opening)
        self._lash = 0.06 * self._opening + 0.5  # the line's own thickness below the lid's edge
        self._iris = self._find_iris(patch)
        skin = face.skin(picture).astype(np.float32)
        self._skin, light = self._lid_skin(patch, skin)
        self._skin += self._grain(face, picture, patch.shape)
        self._dark = np.percentile(patch[self._inside() > 0.3].reshape(-1, 4), 6, axis=0).astype(np.float32)
        self.can_close = self._opening > OPEN * face.u and light > LID_LIGHT

    def _curve(self, line: NDArray[Any], face: Face) -> Floats:
        at, value = line @ face.right, line @ face.down
        fit = np.polynomial.Polynomial.fit(at, value, 4)
        return np.asarray(fit(np.clip(self._across, at.min(), at.max())), np.float32)

    def _inside(self) -> Floats:
        """1 on the eyeball, 0 on the lids, a pixel or two soft."""
        soft = 0.8 + 0.05 * self._opening
        near = np.minimum(self._v - self._upper - 0.04 * self._opening, self._lower - self._v)
        return np.asarray(np.clip(near / soft, 0, 1) * self._fade, np.float32)

    def _find_iris(self, patch: NDArray[np.uint8]) -> float:
        """Across-coordinate of the dark disc's middle."""
        grey = patch[..., :3].astype(np.float32).mean(-1)
        inside = (self._inside() > 0.5) & (np.abs(self._across) < 0.36 * self._width)
        if not inside.any():
            return 0.0
        dark = np.clip(np.percentile(grey[inside], 45) - grey, 0, None) * inside
        middle = float((dark * self._across).sum() / max(float(dark.sum()), 1e-3))
        return float(np.clip(middle, -0.12 * self._width, 0.12 * self._width))

    def _lid_skin(self, patch: NDArray[np.uint8], skin: Floats) -> tuple[Floats, float]:
        """The closed lid's colours (h, w, 4), and how light the photographed lid is beside the skin."""
        rows = []
        for line in (self._upper - 1.15 * self._strip - 1, self._lower + 0.45 * self._opening + 1):
            at = self._identity + ((line - self._v)[..., None] * self._down)
            row = np.asarray(cv2.remap(patch, at, NO_MAP, cv2.INTER_LINEAR, borderMode=_OUTSIDE))
            wide = max(3, int(0.20 * self._width) | 1)
            calm = np.asarray(cv2.medianBlur(row, min(wide, 255)), np.float32)
            rows.append(np.asarray(cv2.GaussianBlur(calm, (0, 0), sigmaX=0.12 * self._width, sigmaY=1.0)))
        above, below = rows
        middle = np.abs(self._across) < 0.3 * self._width
        light = float(above[middle][:, :3].mean() / max(float(skin[:3].mean()), 1.0))
        trust = np.clip((light - 0.35) / 0.35, 0, 1)
        above = above * trust + (0.8 * skin + (0, 0, 0, 0.2 * 255)) * (1 - trust)
        share = np.clip((self._v - self._upper) / np.maximum(self._tall, 1), 0, 1)[..., None]
        return np.asarray(above + (below - above) * (0.45 * share), np.float32), light

    def _grain(self, face: Face, picture: NDArray[np.uint8], shape: tuple[int, ...]) -> Floats:
        """The fine structure of the cheek under this eye, (h, w, 4), alpha 0."""
        x0, y0, x1, y1 = self.box
        down = round(0.85 * face.u)
        top = max(0, min(picture.shape[0] - shape[0], y0 + down))
        cheek = picture[top : top + shape[0], x0:x1, :3].astype(np.float32)
        fine = cheek - np.asarray(cv2.GaussianBlur(cheek, (0, 0), max(1.0, 0.025 * face.u)))
        return np.dstack([np.clip(fine, -10, 10), np.zeros(shape[:2], np.float32)])

    def paint(self, picture: NDArray[np.uint8], *, blink: float, gaze_x: float, gaze_y: float) -> None:
        """In place, into (h, w, 4) pixels that are still the photo's."""
        x0, y0, x1, y1 = self.box
        patch = picture[y0:y1, x0:x1].astype(np.float32)
        if abs(gaze_x) > 0.01 or abs(gaze_y) > 0.01:
            patch = self._turned(patch, gaze_x, gaze_y)
        shut = min(1.0, max(blink, 0.0) + 0.22 * max(gaze_y, 0.0) * (1 - blink))  # a lid follows the gaze down
        if shut > 0.01 and self.can_close:
            patch = self._lowered(patch, shut)
        picture[y0:y1, x0:x1] = np.clip(patch + 0.5, 0, 255)

    def _turned(self, patch: Floats, gaze_x: float, gaze_y: float) -> Floats:
        """The iris goes as a disc; the white beside it gives way up to the corners."""
        radius = 0.24 * self._width
        off = self._across - self._iris
        room = np.where(off > 0, 0.5 * self._width - self._iris, 0.5 * self._width + self._iris) - radius
        disc = np.clip(1 - (np.abs(off) - radius) / np.maximum(room, 1), 0, 1)
        across = gaze_x * GAZE_X * self._width * disc
        down = gaze_y * GAZE_Y * self._width * disc
        shift = across[..., None] * self._right + down[..., None] * self._down
        at = (self._identity - shift).astype(np.float32)
        moved = np.asarray(cv2.remap(patch, at, NO_MAP, cv2.INTER_LINEAR, borderMode=_OUTSIDE), np.float32)
        return np.asarray(patch + (moved - patch) * self._inside()[..., None], np.float32)

    def _lowered(self, patch: Floats, shut: float) -> Floats:
        travel = self._tall * (shut * 0.98) * self._fade
        edge = self._upper + travel
        thin = 1 - SQUEEZE * shut
        strip = self._strip * thin
        # inside the strip: the photo's own lash line; above it: lid
        from_edge = (self._v - edge) / thin
        at = self._identity + ((self._upper + from_edge - self._v)[..., None] * self._down)
        band = np.asarray(cv2.remap(patch, at, NO_MAP, cv2.INTER_LINEAR, borderMode=_OUTSIDE), np.float32)
        height = np.maximum(edge - strip - (self._upper - self._strip), 1)
        up = np.clip((self._v - (self._upper - self._strip)) / height, 0, 1)  # 0 at the fold, 1 at the lashes
        skin = self._skin.copy()
        skin[..., :3] *= (1 + shut * (0.07 * np.sin(np.pi * up) - 0.06 * up))[..., None]
        skin_share = np.clip((edge - strip - self._v) / (0.5 * self._strip) + 0.7, 0, 1)[..., None]
        lid = band + (skin - band) * skin_share
        line = np.exp(-(((self._v - edge - 0.5 * self._lash) / (0.05 * self._opening + 0.7)) ** 2)) * self._fade
        lid += (self._dark - lid) * (0.35 * shut * line)[..., None]
        covers = np.clip(edge + self._lash - self._v + 0.5, 0, 1)
        begins = np.clip((self._v - (self._upper - 1.1 * self._strip)) / (0.5 * self._strip), 0, 1)
        opened = np.clip(travel / (0.5 * self._strip), 0, 1)  # nothing changes where the lid has not moved
        return np.asarray(patch + (lid - patch) * (covers * begins * opened)[..., None], np.float32)
