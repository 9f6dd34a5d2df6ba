"""A figure ready to be shown: its cut-out at one size, where it stands, and where its face would be."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.perception.face import Floats
from generation.perception.references import FigureCut, FigureKind, FigureReference
from generation.perception.references_io import decode_figure

USUAL_CM: Final[dict[FigureKind, float]] = {"pet": 45.0, "object": 25.0, "drawn": 120.0}
FACE_AT: Final = 0.30  # of the height from the top, where nothing says where the face is
ROOM: Final = 0.04  # of the longer side: clear pixels around the cut-out, for soft edges
PAPER: Final = 0.022  # of the longer side: the white rim that makes a card a print
FEET: Final = 0.06  # of the height, from below: what touches the ground
BUST: Final = 0.45  # of the width at the picture's lower edge: a figure that fills more goes on below
MOST_ENLARGED: Final = 2.0  # times its picture: beyond that there is nothing to gain
SHARPEN: Final = 0.4  # of what enlarging blurred


class FigureRig:
    """Read-only once made: threads may share one.

    Texture pixels, x right and y down. `.texture` (height, width, 4) premultiplied BGRA; `.u` what 6.3 cm are, as in a
    person's Rig; `.eyes` what blocking places: the middle of where a face would be; `.foot` (x, y) the middle of what
    it stands on; `.stance` half the width of that; `.lips` where its speech comes from, None = unknown.
    """

    def __init__(self, figure: FigureReference, *, tall_px: float, height_cm: float) -> None:
        """`tall_px` is the wanted height of the figure, of which it gets what its picture can give; 20 ms at 500 px."""
        colour, alpha = decode_figure(figure)
        x0, y0, x1, y1 = box(alpha)
        colour, alpha = colour[y0:y1, x0:x1], alpha[y0:y1, x0:x1]
        tall_px = min(tall_px, MOST_ENLARGED * (y1 - y0))
        scale = tall_px / (y1 - y0)
        size = (max(2, round((x1 - x0) * scale)), max(2, round(tall_px)))
        self.kind, self.cut = figure.kind, figure.cut
        self.texture = _texture(colour, alpha, size, figure.cut)
        self.height, self.width = self.texture.shape[:2]
        left, top = (self.width - size[0]) / 2, (self.height - size[1]) / 2
        self.u = 6.3 * tall_px / height_cm
        self.tall = float(size[1])
        lips = _within(figure.mouth, (x0, y0, x1, y1), alpha_shape(figure))
        self.lips = None if lips is None else (left + lips[0] * size[0], top + lips[1] * size[1])
        feet = self.texture[round(top + (1 - FEET) * size[1]) : round(top + size[1]), :, 3].max(0) > 127
        stand = np.flatnonzero(feet) if feet.any() else np.array((left, left + size[0]))
        self.foot = (float(stand[0] + stand[-1]) / 2, top + size[1])
        self.stance = max(0.12 * size[0], float(stand[-1] - stand[0]) / 2)
        self.eyes = (self.width / 2, top + FACE_AT * size[1])


def box(alpha: Floats) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of what is seen of (H, W) alpha."""
    columns, rows = np.flatnonzero(alpha.max(0) > 0.3), np.flatnonzero(alpha.max(1) > 0.3)
    if not columns.size:
        return 0, 0, alpha.shape[1], alpha.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def wide_over_tall(figure: FigureReference) -> float:
    """Of the cut-out itself."""
    x0, y0, x1, y1 = box(decode_figure(figure)[1])
    return (x1 - x0) / (y1 - y0)


def ends_below(figure: FigureReference) -> bool:
    """Whether the picture cut the figure off at its lower edge: that edge must not be seen."""
    if figure.cut == "card":
        return False
    alpha = decode_figure(figure)[1]
    x0, _, x1, _ = box(alpha)
    return float((alpha[-1] > 0.5).sum()) > BUST * (x1 - x0)


def alpha_shape(figure: FigureReference) -> tuple[int, int]:
    """(height, width) of the kept pictures, read off the PNG's header."""
    header = figure.matte_png
    return int.from_bytes(header[20:24], "big"), int.from_bytes(header[16:20], "big")


def _within(
    point: tuple[float, float] | None, part: tuple[int, int, int, int], shape: tuple[int, int]
) -> tuple[float, float] | None:
    """A point 0..1 of the whole picture as 0..1 of its part."""
    if point is None:
        return None
    x0, y0, x1, y1 = part
    return (point[0] * shape[1] - x0) / (x1 - x0), (point[1] * shape[0] - y0) / (y1 - y0)


def _texture(colour: NDArray[np.uint8], alpha: Floats, size: tuple[int, int], cut: FigureCut) -> NDArray[np.uint8]:
    shrinks = size[0] < alpha.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    scale = size[0] / alpha.shape[1]
    big = np.asarray(cv2.resize(colour[..., ::-1].astype(np.float32), size, interpolation=way))
    if scale > 1.15:
        big = cv2.addWeighted(big, 1 + SHARPEN, cv2.GaussianBlur(big, (0, 0), 0.55 * scale), -SHARPEN, 0)
    matte = np.clip(np.asarray(cv2.resize(alpha, size, interpolation=way)), 0, 1)
    if scale > 1.6:
        matte = np.clip((np.asarray(cv2.GaussianBlur(matte, (0, 0), 0.7 * scale)) - 0.5) * 1.8 + 0.5, 0, 1)
    if cut == "card":
        rim = max(2.0, PAPER * max(size))
        inner = np.clip(matte, 0, 1)
        padded = np.pad((inner > 0.5).astype(np.uint8), 1)  # what is outside the picture is not paper either
        depth = np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3), np.float32)[1:-1, 1:-1]
        paper = np.clip(rim + 0.5 - depth, 0, 1)
        big = big * (1 - paper[..., None]) + np.array((238.0, 243.0, 246.0)) * paper[..., None]
    flat = np.dstack([np.clip(big, 0, 255) * matte[..., None] + 0.5, matte * 255 + 0.5]).clip(0, 255).astype(np.uint8)
    room = max(2, round(ROOM * max(size)))
    return np.asarray(
        cv2.copyMakeBorder(flat, room, room, room, room, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)), np.uint8
    )
