"""The opening between the lips and what lies behind it: cavity, tongue, teeth."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.landmarks import LOWER_IN, UPPER_IN, Face, Floats
from generation.portrait.warp import Box, Sheets

SMOOTH: Final = 5  # drawn points for each lip landmark
OWN_TEETH: Final = 0.070  # u: a photographed gap from here on shows teeth worth keeping
HIDDEN: Final = 0.034  # u of the drawn teeth lie above the edge of the resting upper lip
_SHADE: Final = np.array((0.68, 0.70, 0.78), np.float32)  # BGR, of the light right under a lip
_BEHIND: Final = np.array((0.48, 0.56, 0.74, 0.45), np.float32)  # BGRA, what is seen of teeth behind rounded lips
TEETH_UP: Final = 0.020  # u, by which rounded lips hide more of them
_RED: Final = np.array((0.34, 0.36, 0.22), np.float32)  # BGR, what the line between shut lips takes away
_FLAGS: Final = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


class Mouth:
    """Painted once in its own box of the face box, moved every frame. Reading only after __init__."""

    def __init__(self, face: Face, sheets: Sheets, picture: NDArray[np.uint8]) -> None:
        """`picture` (h, w, 4): the face box, premultiplied BGRA."""
        self._face, self._sheets = face, sheets
        height, width = picture.shape[:2]
        x, y = face.mouth
        wide, above, below = 1.35 * face.half * face.u, 0.37 * face.u, 0.53 * face.u
        self.box: Box = (
            max(0, round(x - wide)),
            max(0, round(y - above)),
            min(width, round(x + wide)),
            min(height, round(y + below)),
        )
        x0, y0, x1, y1 = self.box
        self._shape = (y1 - y0, x1 - x0)
        pixels = np.dstack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)))
        self._u, self._v = face.axes(pixels)
        skin = face.skin(picture)[2::-1]  # RGB from here to _bgra
        self._light = face.light(picture)
        self._tint = np.clip(0.7 + 0.3 * skin / max(skin.mean(), 20), 0.85, 1.12)
        self._cavity = self._make_cavity()
        self._tongue = self._make_tongue()
        self._own_teeth = face.gap > OWN_TEETH
        self._teeth = self._photo_teeth(picture) if self._own_teeth else self._drawn_teeth()
        rim = max(2, round(0.045 * face.u))
        middle = np.zeros(self._shape, np.float32)
        middle[rim:-rim, rim:-rim] = 1
        self._fade = np.asarray(cv2.blur(middle, (rim, rim)), np.float32)
        self._along = ((self._u * face.u) + face.mouth @ face.right).astype(np.float32)  # across, in pixels of the box

    def _make_cavity(self) -> Floats:
        side = np.exp(-((self._u / self._face.half) ** 2))[..., None]
        return _bgra(np.array((44, 14, 13)) * self._light * side + 6, None)

    def _make_tongue(self) -> Floats:
        """A soft mound, its top about one third of the way up a wide open mouth."""
        half, u = self._face.half, self._u
        v = self._v - self._face.axes(self._face.flat[14])[1]  # it lies behind the lower lip
        mound = np.clip(1 - (u / (0.72 * half)) ** 2, 0, 1) ** 0.5 * 0.10
        body = 1 / (1 + np.exp(-(v - (0.026 - mound)) / 0.015))
        groove = 1 - 0.14 * np.exp(-((u / 0.026) ** 2))
        shade = np.clip(0.85 + 4.5 * v, 0.35, 1.0) * groove
        return _bgra(np.array((160, 72, 70)) * self._light * shade[..., None], body * (np.abs(u) < half))

    def _photo_teeth(self, picture: NDArray[np.uint8]) -> Floats:
        x0, y0, x1, y1 = self.box
        inner = self._face.flat[[*UPPER_IN, *LOWER_IN[::-1]]] - (x0, y0)
        inner -= 0.020 * self._face.u * self._face.down  # some lip above passes for gum, lip below would not
        alpha = _polygon(inner, self._shape)
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.0066 * self._face.u + 0.4))
        layer = picture[y0:y1, x0:x1].astype(np.float32)
        layer[..., 3] = alpha
        return layer

    def _drawn_teeth(self) -> Floats:
        """Upper teeth: two wide incisors, then narrower; edges on a shallow arc that turns away from the light."""
        face, u, v = self._face, self._u, self._v
        u_lip, v_lip = face.axes(face.flat[list(UPPER_IN)])
        top = np.interp(u, u_lip, v_lip)
        edges = np.array((0.0, 0.103, 0.185, 0.264, 0.330, 0.387, 0.431)) * (face.half / 0.33)
        lengths = np.array((0.066, 0.059, 0.063, 0.053, 0.044, 0.033)) * (face.half / 0.33) ** 0.5
        size = np.abs(u)
        which = np.clip(np.searchsorted(edges, size.ravel(), "right") - 1, 0, 5).reshape(u.shape)
        middle, wide = (edges[which] + edges[which + 1]) / 2, np.diff(edges)[which]
        side = np.abs(size - middle) / (wide / 2)  # 0 in the middle of a tooth, 1 at its borders
        bottom = float(v_lip[5]) - HIDDEN + lengths[which] - 0.010 * side**4
        alpha = (
            1 / (1 + np.exp(np.clip((v - bottom) / 0.0045, -30, 30))) * np.clip((0.90 - size / face.half) / 0.30, 0, 1)
        )
        gaps = 1 - 0.34 * np.clip((side - 0.80) / 0.2, 0, 1) ** 2
        arch = np.clip(1 - 0.85 * (size / face.half) ** 2, 0.12, 1)
        lip = np.clip((v - top + HIDDEN) / 0.055, 0, 1) * 0.3 + 0.7
        light = (gaps * arch * lip)[..., None]
        # light is lost to the red of the mouth around: darker means warmer, never grey
        tooth = np.array((236, 223, 202)) * self._tint * self._light * light ** np.array((0.75, 1.0, 1.15))
        return _bgra(tooth, alpha)

    def paint(
        self,
        frame: NDArray[np.uint8],
        source: NDArray[np.uint8],
        shifts: Floats,
        head: Floats,
        backs: tuple[Floats, Floats],
        *,
        rounded: float,
    ) -> None:
        """Into `frame` (the warped face box): the lower sheet, over it the upper one, and the opening between.

        `rounded` 0..1: lips that go forward leave the teeth behind, higher and in the dark.
        """
        face, (x0, y0, x1, y1) = self._face, self.box
        moved = self._sheets.lips(shifts, head)
        top, bottom = (_smooth_line(line) - (x0, y0) for line in moved)
        crossed = (bottom - top) @ face.down < 0  # touching lips meet half way
        centre = (top + bottom) / 2
        top[crossed], bottom[crossed] = centre[crossed], centre[crossed]
        upper, lower = (self._sheets.sample(source, back, self.box) for back in backs)
        share = self._upper_share(centre, moved)
        mixed = np.asarray(cv2.blendLinear(upper, lower, share, 1 - share), np.uint8)
        gap = float((moved[1][5] - moved[0][5]) @ face.down) / face.u
        # lips that only just part show no more than the line the photo has
        shown = gap / 0.012 if face.lips_apart else (gap - max(face.gap, 0.006)) / 0.02
        if shown > 0:
            self._open(mixed, head, moved, np.vstack([top, bottom[::-1]]), min(shown, 1.0), rounded)
        if face.lips_apart:  # lips that the photo shows apart have no shadow where they meet
            self._touch(mixed, top, bottom, centre)
        frame[y0:y1, x0:x1] = cv2.blendLinear(mixed, frame[y0:y1, x0:x1], self._fade, 1 - self._fade)

    def _upper_share(self, centre: NDArray[Any], moved: list[NDArray[Any]]) -> Floats:
        """1 on the upper sheet, 0 on the lower; softer towards the corners, where both agree."""
        face = self._face
        reach = face.right * 4 * face.half * face.u
        left, right, far = centre[0] - reach, centre[-1] + reach, face.down * -9 * face.u
        sharp = _polygon(np.vstack([left, centre, right, right + far, left + far]), self._shape)
        soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 0.022 * face.u))
        middle = np.float32((moved[0][0] + moved[0][-1]) / 2 @ face.right)
        half = np.float32(np.linalg.norm(moved[0][-1] - moved[0][0]) / 2)
        edge = np.clip(np.abs(self._along - middle) * (4 / half) - 3, 0, 1)
        return np.asarray(sharp + (soft - sharp) * edge, np.float32)

    def _touch(self, mixed: NDArray[np.uint8], top: NDArray[Any], bottom: NDArray[Any], centre: NDArray[Any]) -> None:
        """In place: the soft dark line between lips that nearly meet."""
        near = 1 - float(np.linalg.norm(top - bottom, axis=1).max()) / (0.026 * self._face.u)
        if near <= 0:
            return
        line = np.zeros(self._shape, np.uint8)
        cv2.polylines(line, [np.round(centre[SMOOTH:-SMOOTH] * 16).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
        dark = np.asarray(cv2.GaussianBlur(line.astype(np.float32), (0, 0), 0.010 * self._face.u + 0.3))
        share = dark[..., None] * (_RED * np.float32(near / max(1.0, float(dark.max()))))
        mixed[..., :3] = (mixed[..., :3] * (1 - share)).astype(np.uint8)

    def _open(
        self,
        mixed: NDArray[np.uint8],
        head: Floats,
        moved: list[NDArray[Any]],
        rim: NDArray[Any],
        shown: float,
        rounded: float,
    ) -> None:
        """In place: cavity, tongue (with the jaw) and upper teeth (with the skull), darker under the lips."""
        face, pad = self._face, 0.05 * self._face.u + 2
        x0, y0 = np.floor(rim.min(0) - pad).astype(int).clip(0).tolist()
        x1, y1 = (np.ceil(rim.max(0) + pad).astype(int)).clip(0, self._shape[::-1]).tolist()
        part = x0, y0, x1, y1
        opening = _polygon(rim - (x0, y0), (y1 - y0, x1 - x0))
        corners = (moved[0][0] + moved[0][-1]) / 2
        span = float(np.linalg.norm(moved[0][-1] - moved[0][0]) / np.linalg.norm(face.flat[308] - face.flat[78]))
        skull = self._sheets.at(head, face.flat[[13]])[0]
        behind = face.down * (TEETH_UP * rounded * face.u)
        teeth = self._place(self._teeth, face.mouth + skull - behind, span**0.5, part)
        teeth *= _BEHIND ** np.float32(rounded)
        jaw = face.mouth + (moved[1][5] - face.flat[14]) * 0.85 + (corners - face.mouth) * 0.15
        tongue = self._place(self._tongue, jaw, span, part)
        cavity = self._cavity[y0:y1, x0:x1]
        inside = cavity + (tongue - cavity) * (tongue[..., 3:] * np.float32(0.9))
        inside += (teeth - inside) * teeth[..., 3:]
        gap = float(np.linalg.norm(moved[0][5] - moved[1][5]))
        fall = face.down * 9 * face.u
        under = _polygon(np.vstack([rim[: len(rim) // 2], rim[len(rim) // 2 :] + fall]) - (x0, y0), opening.shape)
        depth = np.asarray(cv2.GaussianBlur(under, (0, 0), max(1.0, 0.16 * gap + 0.009 * face.u)))
        lit = np.clip(depth * 1.5 - 0.45, 0, 1)[..., None]
        inside[..., :3] *= _SHADE + (1 - _SHADE) * lit
        inside[..., 3] = 255
        alpha = np.asarray(cv2.GaussianBlur(opening, (0, 0), 0.0048 * face.u + 0.35)) * np.float32(shown)
        lips = mixed[y0:y1, x0:x1]
        lips[:] = np.clip(lips + (inside - lips) * alpha[..., None] + np.float32(0.5), 0, 255)

    def _place(self, layer: Floats, middle: NDArray[Any], span: float, part: Box) -> Floats:
        """A part of a layer of the mouth's box, moved so that the mouth's middle lies there, `span` times as wide."""
        face, corner = self._face, self.box[:2]
        turn = np.stack([face.right, face.down], 1)
        back = turn @ np.diag((1 / span, 1.0)) @ turn.T
        matrix = np.column_stack([back, (face.mouth - corner) - back @ (middle - corner - part[:2])])
        size = part[2] - part[0], part[3] - part[1]
        return np.asarray(cv2.warpAffine(layer, matrix, size, flags=_FLAGS, borderMode=cv2.BORDER_CONSTANT), np.float32)


def _bgra(rgb: NDArray[Any], alpha: NDArray[Any] | None) -> Floats:
    """(h, w, 4) float32: BGR 0..255 and an alpha 0..1 (None: none needed)."""
    last = np.zeros(rgb.shape[:2]) if alpha is None else alpha
    return np.ascontiguousarray(np.dstack([rgb[..., ::-1], last]), np.float32)


def _polygon(points: NDArray[Any], shape: tuple[int, int]) -> Floats:
    """1 inside, antialiased."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    return np.asarray(mask.astype(np.float32) / np.float32(255), np.float32)


def _smooth_line(points: NDArray[Any]) -> NDArray[np.float64]:
    """More points on a Catmull-Rom curve through the given ones."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = (np.arange(SMOOTH) / SMOOTH)[:, None]
    parts = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*parts, points[-1:]])
