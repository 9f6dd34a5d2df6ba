"""Figures as masks: what hangs together, how ragged it is, which pixels are the picture's border."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

RING: Final = 0.03  # of the longer side: the border that shows the background


def border_of(height: int, width: int) -> NDArray[np.bool_]:
    """(height, width): top and sides whole, of the bottom only the corners: figures stand there."""
    thick = max(2, round(RING * max(height, width)))
    border = np.zeros((height, width), bool)
    border[:thick] = border[:, :thick] = border[:, -thick:] = True
    return border


def whole(figure: NDArray[np.bool_], *, least: float) -> NDArray[np.bool_]:
    """The biggest patch and those with `least` of its area; holes too small to see through are closed."""
    count, parts, figures, _ = cv2.connectedComponentsWithStats(figure.astype(np.uint8))
    if count < 2:
        return figure
    areas = figures[1:, cv2.CC_STAT_AREA]
    kept = np.isin(parts, 1 + np.flatnonzero(areas >= least * areas.max()))
    count, holes, figures, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8))
    small = 1 + np.flatnonzero(figures[1:, cv2.CC_STAT_AREA] < 0.004 * float(kept.sum()))
    return np.asarray(kept | np.isin(holes, small), bool)


def hull_area(figure: NDArray[np.bool_]) -> float:
    """Pixels of the convex hull."""
    points = cv2.findNonZero(figure.astype(np.uint8))
    return float(cv2.contourArea(cv2.convexHull(points))) if points is not None else 0.0


def raggedness(figure: NDArray[np.bool_]) -> float:
    """The outline's length over that of a disc of the same area: at least 1."""
    contours, _ = cv2.findContours(figure.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(contour, closed=True) for contour in contours)
    return around / max(1e-6, 2 * float(np.sqrt(np.pi * figure.sum())))


def disc(radius: float) -> NDArray[np.uint8]:
    """A round kernel for erode and dilate; `radius` px, at least 1."""
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
