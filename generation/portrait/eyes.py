"""One eye: a lid that comes down over it and an iris that turns, both painted into the photo before it is warped.

A lid closes by carrying its lash strip down and unfolding the skin above it. Under glasses that would draw the rim and
the lens's glints down as well: there the uncovered part is painted in the lid's own colour with the cheek's grain.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.landmarks import Face, Floats, Row
from generation.portrait.warp import NO_MAP, Box

OPEN: Final = 0.035  # u; an eye less open than this is photographed shut or squinting
LID_LIGHT: Final = 0.42  # of the skin's; a darker lid is brow and shadow, with no colour to close the eye with
GAZE_X, GAZE_Y = 0.17, 0.10  # of the eye's width, at gaze 1
LENS_TINT: Final = 0.85  # of the way to the colour seen below the eye, at a lid's lower end
SQUINT: Final = 0.35  # of lids, that the warp narrows an eye for nothing; what is more a lid must cover
NARROW: Final = 0.45  # of the way down, for every 1 of that
SQUEEZE: Final = 0.35  # the lash strip is seen from above when the lid is down
_LID_SHADE: Final = np.array((0.93, 0.94, 0.95, 1.0), np.float32)  # BGRA: it lies deeper than the skin around
_OUTSIDE: Final = cv2.BORDER_REPLICATE


class Eye:
    """Axes in its patch: across and down from the middle between the corners, pixels. Reading only after __init__."""

    def __init__(
        self, face: Face, lids: tuple[Row, Row], brow: Row, picture: NDArray[np.uint8], *, glasses: bool
    ) -> None:
        """`picture` (h, w, 4): the face box, premultiplied BGRA, to be given to `paint` unchanged."""
        above, below = face.flat[list(lids[0])], face.flat[list(lids[1])]
        middle = (above[0] + above[-1]) / 2
        self._right, self._down = face.right.astype(np.float32), face.down.astype(np.float32)
        self._width = float(np.linalg.norm(above[0] - above[-1]))
        self.box = _box(middle, self._width, picture.shape)
        x0, y0, x1, y1 = self.box
        patch = picture[y0:y1, x0:x1]
        rows, columns = np.mgrid[0 : y1 - y0, 0 : x1 - x0].astype(np.float32)
        self._identity: Floats = np.dstack([columns, rows])
        pixels = self._identity + np.array((x0, y0), np.float32) - middle
        self._across = np.asarray(pixels @ face.right, np.float32)
        self._v = np.asarray(pixels @ face.down, np.float32)
        self._upper, self._lower = (self._curve(line - middle, face, 4) for line in (above, below))
        order = np.argsort(self._across.ravel())[:: max(1, self._across.size // 200)]
        self._table = tuple(line.ravel()[order] for line in (self._across, self._upper, self._lower - self._upper))
        self._tall = np.maximum(self._lower - self._upper, 0)
        self._opening = float(self._tall.max())
        edge = np.clip((1.10 - np.abs(self._across) / (self._width / 2)) / 0.25, 0, 1)
        self._fade = np.asarray(edge * edge * (3 - 2 * edge), np.float32)
        free = (self._upper - self._curve(face.flat[list(brow)] - middle, face, 2)) * 0.72
        fold = np.clip(free, 0.30 * self._opening, 1.25 * self._opening)
        self._strip = np.minimum(0.34 * self._opening, 0.45 * fold)
        self._fold = np.asarray(1.15 * self._strip if glasses else fold, np.float32)
        self._lash = 0.06 * self._opening + 0.5  # the line's own thickness below the lid's edge
        self._eyeball = self._inside()
        self._iris = self._find_iris(patch)
        skin = face.skin(picture).astype(np.float32)
        calm, light = self._lid_skin(patch, skin)
        self._skin = self._hued(calm, patch) * _LID_SHADE + self._grain(face, picture, patch.shape) if glasses else None
        ball = patch[self._eyeball > 0.3]
        self._dark = np.percentile(ball, 6, axis=0).astype(np.float32) if len(ball) else skin * np.float32(0.3)
        self.can_close = self._opening > OPEN * face.u and light > LID_LIGHT

    def _curve(self, line: NDArray[Any], face: Face, degree: int) -> Floats:
        """Down-coordinate of a line of points at every pixel's across, level beyond its ends."""
        at, value = line @ face.right, line @ face.down
        fit = np.polynomial.Polynomial.fit(at, value, degree)
        return np.asarray(fit(np.clip(self._across, at.min(), at.max())), np.float32)

    def _inside(self) -> Floats:
        """1 on the eyeball, 0 on the lids, a pixel or two soft."""
        soft = 0.8 + 0.05 * self._opening
        near = np.minimum(self._v - self._upper - 0.04 * self._opening, self._lower - self._v)
        return np.asarray(np.clip(near / soft, 0, 1) * self._fade, np.float32)

    def _find_iris(self, patch: NDArray[np.uint8]) -> float:
        """Across-coordinate of the dark disc's middle."""
        grey = patch[..., :3].astype(np.float32).mean(-1)
        inside = (self._eyeball > 0.5) & (np.abs(self._across) < 0.36 * self._width)
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
        return np.asarray(above + (below - above) * (LENS_TINT * share), np.float32), light

    def _hued(self, calm: Floats, patch: NDArray[np.uint8]) -> Floats:
        """`calm` in the hue seen under the eye: a lens colours all that lies behind it."""
        below = (self._v > self._lower + 0.2 * self._opening) & (np.abs(self._across) < 0.4 * self._width)
        if not below.any():
            return calm
        hue = np.median(patch[below][:, :3].astype(np.float32), axis=0)
        light = calm[..., :3].mean(-1, keepdims=True) / max(float(hue.mean()), 1.0)
        coloured = calm.copy()
        coloured[..., :3] += (hue * light - calm[..., :3]) * np.float32(0.8)
        return coloured

    def _grain(self, face: Face, picture: NDArray[np.uint8], shape: tuple[int, ...]) -> Floats:
        """The fine structure of the cheek under this eye, (h, w, 4), alpha 0."""
        x0, y0, x1, _ = self.box
        down = round(0.85 * face.u)
        top = max(0, min(picture.shape[0] - shape[0], y0 + down))
        cheek = picture[top : top + shape[0], x0:x1, :3].astype(np.float32)
        fine = cheek - np.asarray(cv2.GaussianBlur(cheek, (0, 0), max(1.0, 0.025 * face.u)))
        return np.dstack([np.clip(fine, -10, 10), np.zeros(shape[:2], np.float32)])

    def paint(self, picture: NDArray[np.uint8], *, blink: float, narrow: float, gaze_x: float, gaze_y: float) -> None:
        """In place, into (h, w, 4) pixels that are still the photo's."""
        x0, y0, x1, y1 = self.box
        patch = picture[y0:y1, x0:x1].astype(np.float32)
        if abs(gaze_x) > 0.01 or abs(gaze_y) > 0.01:
            patch = self._turned(patch, gaze_x, gaze_y)
        hang = 0.28 * max(gaze_y, 0.0) + NARROW * max(narrow - SQUINT, 0.0)  # a lid follows the gaze down
        shut = min(1.0, max(blink, 0.0) + hang * (1 - blink))
        if shut > 0.03 and self.can_close:
            patch = self._lowered(patch, shut)
        picture[y0:y1, x0:x1] = np.clip(patch + 0.5, 0, 255)

    def _turned(self, patch: Floats, gaze_x: float, gaze_y: float) -> Floats:
        """The iris goes as a disc, along the lids' own curves; the white beside it gives way up to the corners."""
        radius = 0.24 * self._width
        off = self._across - self._iris
        room = np.where(off > 0, 0.5 * self._width - self._iris, 0.5 * self._width + self._iris) - radius
        disc = np.clip(1 - (np.abs(off) - radius) / np.maximum(room, 1), 0, 1)
        across = np.float32(gaze_x * GAZE_X * self._width) * disc
        gaze_y = max(gaze_y, 0.6 * gaze_y)  # upwards the white below the iris would have to be invented
        upper, tall = (np.interp(self._across - across, self._table[0], line) for line in self._table[1:])
        share = np.clip((self._v - self._upper) / np.maximum(self._tall, 1), 0, 1)
        # what the iris leaves is white drawn out from the far lid, not that lid's skin
        held = np.minimum(1, 1.6 * (share if gaze_y > 0 else 1 - share))
        come = upper + share * tall - np.float32(gaze_y * GAZE_Y * self._width) * disc * held
        at = self._identity - across[..., None] * self._right + (come - self._v)[..., None] * self._down
        moved = cv2.remap(patch, at.astype(np.float32), NO_MAP, cv2.INTER_LINEAR, borderMode=_OUTSIDE)
        return np.asarray(patch + (np.asarray(moved) - patch) * self._eyeball[..., None], np.float32)

    def _lowered(self, patch: Floats, shut: float) -> Floats:
        travel = self._tall * np.float32(shut * 0.98) * self._fade
        edge = self._upper + travel
        thin = np.float32(1 - SQUEEZE * shut)
        top, begin = edge - self._strip * thin, self._upper - self._fold
        unfolded = np.clip((self._v - begin) / np.maximum(top - begin, 1), 0, 1)  # 0 at the fold, 1 at the lash strip
        come = np.where(
            self._v < top, begin + unfolded * (self._fold - self._strip), self._upper + (self._v - edge) / thin
        )
        at = self._identity + ((come - self._v)[..., None] * self._down)
        lid = np.asarray(cv2.remap(patch, at, NO_MAP, cv2.INTER_LINEAR, borderMode=_OUTSIDE), np.float32)
        if self._skin is not None:
            share = np.clip((top - self._v) / (0.5 * self._strip + 0.5) + 0.7, 0, 1)
            lid += (self._skin - lid) * share[..., None]
            # without the fold above it, and the ball that it goes over, a painted lid is a patch
            crease = np.exp(-(((unfolded - 0.16) / 0.11) ** 2)) * 0.17 + 0.10 * unfolded**3
            lid[..., :3] *= (1 - np.float32(shut) * crease * self._fade)[..., None]
        else:  # lashes above the strip would be drawn out into streaks
            calm = np.asarray(cv2.GaussianBlur(lid, (0, 0), sigmaX=0.07 * self._width, sigmaY=0.02 * self._width))
            drawn = np.clip((top - self._v) / (0.6 * self._strip), 0, 1) * (travel / max(self._opening, 1.0))
            lid += (calm - lid) * (drawn * np.clip(unfolded * 3, 0, 1))[..., None]
        bulge = np.clip((self._v - self._upper) / np.maximum(travel, 1), 0, 1)
        lid[..., :3] *= (1 + np.float32(0.10 * shut) * (unfolded * (1 - unfolded) * 2 - 0.8 * bulge))[..., None]
        line = np.exp(-(((self._v - edge - 0.5 * self._lash) / (0.05 * self._opening + 0.7)) ** 2)) * self._fade
        lid += (self._dark - lid) * (np.float32(0.35 * shut) * line)[..., None]
        covers = np.clip(edge + self._lash - self._v + 0.5, 0, 1)
        covers *= np.clip((self._v - begin) / (0.8 * self._strip) + (self._skin is None), 0, 1)
        covers *= np.clip(self._tall * self._fade / (0.5 * self._opening), 0, 1)
        covers *= np.clip(travel / (0.5 * self._strip), 0, 1)  # nothing changes where the lid has not moved
        return np.asarray(patch + (lid - patch) * covers[..., None], np.float32)


def _box(middle: NDArray[Any], width: float, shape: tuple[int, ...]) -> Box:
    x, y = middle
    return (
        max(0, int(x - 0.72 * width)),
        max(0, int(y - 0.62 * width)),
        min(shape[1], int(x + 0.72 * width) + 1),
        min(shape[0], int(y + 0.42 * width) + 1),
    )
