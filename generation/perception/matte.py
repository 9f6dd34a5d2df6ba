"""The person cut out of the photo: a soft mask.

A halo of the old background is the first thing seen on a new one. So the network's mask, right but vague, only seeds
GrabCut (Rother 2004), which finds the contour, and a guided filter (He 2010) gives it the photo's own hair. Whoever
draws the person takes the edge's colours from inside.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.perception.face import Face, Floats
from generation.perception.photos import Photo

CUT_SIDE: Final = 360  # pixels of the longer side that GrabCut sees: its time grows faster than its use
FAST_RADIUS: Final = 5  # pixels
HALF_AGREED: Final = 0.4  # of the network's mask
SURE_IN, SURE_OUT = 0.16, 0.08  # of the unit, from the network's border: between them colours decide
NEARNESS: Final = 14.0  # one unit away is as different as this much of Lab's colour
REACH: Final = 1.2  # of the unit: how far a pixel looks for its like
NEIGHBOURS: Final = 6
MOST_SAMPLES: Final = 6000
AGREED: Final = 0.90  # of the likeness and half the network, beside the neck
CLEAR: Final = 0.14  # from here on the likeness of colours overrules the cut
SEED: Final = 1  # of GrabCut's clustering


def matte(photo: Photo, face: Face, coarse: Floats) -> Floats:
    """Alpha of the person in an upright photo, (H, W), 0..1; `coarse` is FaceMeter.person of the same photo.

    Takes 0.3 s for a megapixel.
    """
    unit = face.inter_ocular
    inside = _face(face.points, photo.shape[:2], unit)
    coarse = np.maximum(coarse, inside)
    beside_neck = face.points[13, 1] + 0.20 * unit, face.points[152, 1] - 0.02 * unit
    cut = _cut(photo, coarse, unit, (float(beside_neck[0]), float(beside_neck[1])))
    contour = np.float32(0.35) * coarse + np.float32(0.65) * cut
    guide = np.asarray(photo, np.float32) / np.float32(255)
    steep = np.clip((contour - 0.5) * 3 + 0.5, 0, 1).astype(np.float32)
    fine = guided(guide, steep, max(2, round(0.09 * unit)), 1e-3)
    # Levels that lean inwards: a hair too little is invisible, a rim of the old background is not.
    alpha = np.maximum(np.clip((fine - 0.30) / 0.55, 0, 1), inside)
    return _one_piece(alpha.astype(np.float32))


def _face(points: Floats, shape: tuple[int, ...], unit: float) -> Floats:
    """1 within the face's own outline, soft just inside it: no cut may bite into that."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points[:, :2]).astype(np.int32)), 255)
    core = cv2.erode(mask, _disc(0.05 * unit))
    return np.asarray(cv2.blur(core, (2 * max(1, round(0.03 * unit)) + 1,) * 2), np.float32) / np.float32(255)


def _cut(photo: Photo, coarse: Floats, inter_ocular_px: float, beside_neck: tuple[float, float]) -> Floats:
    """GrabCut's mask at the photo's size, a little soft: sure inside, sure outside, and a band to decide.

    `beside_neck` are the photo's rows, first and last, between the mouth and the shoulders.
    """
    shrink = min(1.0, CUT_SIDE / max(photo.shape[:2]))
    unit = inter_ocular_px * shrink
    size = (max(1, round(photo.shape[1] * shrink)), max(1, round(photo.shape[0] * shrink)))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    vague = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_AREA), np.float32)
    inside = cv2.erode((vague > 0.9).astype(np.uint8), _disc(SURE_IN * unit))
    outside = cv2.dilate((vague > 0.5).astype(np.uint8), _disc(SURE_OUT * unit)) == 0
    if not inside.any() or not outside.any():
        return coarse
    like = _likeness(small, inside > 0, outside, unit)
    guess = np.where(0.5 * vague + 0.5 * like > 0.55, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    labels = np.where(inside > 0, cv2.GC_FGD, np.where(outside, cv2.GC_BGD, guess)).astype(np.uint8)
    cv2.setRNGSeed(SEED)
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    cv2.grabCut(bgr, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    # Dark cloth before a dark wall is bitten into: notches are filled where the network half agrees.
    filled = cv2.morphologyEx(person, cv2.MORPH_CLOSE, _disc(0.25 * unit))
    person = np.where((vague > HALF_AGREED) & (like > 0.45), filled, person)
    person = np.where(like > 0.5 + CLEAR, person | (vague > HALF_AGREED), person)
    # Beside the neck the network smears from hair to shoulder, and the cut knows all of the picture's colours but not
    # their places: red ribbons make a red flag a person. There both must agree.
    top, bottom = (round(shrink * row) for row in beside_neck)
    strict = 0.5 * vague[top:bottom] + like[top:bottom] > AGREED
    person[top:bottom] = np.where(like[top:bottom] < 0.5 + CLEAR, person[top:bottom] & strict, person[top:bottom])
    person = cv2.medianBlur(person.astype(np.uint8), 5)
    soft = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 0.8)
    big = cv2.resize(soft, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(big, np.float32), 0, 1)


def _likeness(small: Photo, inside: NDArray[np.bool_], outside: NDArray[np.bool_], unit: float) -> Floats:
    """0 the old background .. 1 the person: whose nearest pixels, in place and colour, are more like each pixel.

    After KNN matting (Chen, Li & Tang 2013), without its matrix; 1 and 0 where it is already known.
    """
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    rows, columns = np.mgrid[0 : small.shape[0], 0 : small.shape[1]].astype(np.float32) * np.float32(NEARNESS / unit)
    features = np.dstack([lab, columns, rows])
    like = inside.astype(np.float32)
    unknown = ~(inside | outside)
    far = []
    for known in (inside, outside):
        near = known & (cv2.dilate(unknown.astype(np.uint8), _disc(REACH * unit)) > 0)
        samples = features[near]
        tree = cKDTree(samples[:: max(1, len(samples) // MOST_SAMPLES)])
        far.append(tree.query(features[unknown], k=min(NEIGHBOURS, tree.n))[0].reshape(int(unknown.sum()), -1).mean(1))
    like[unknown] = far[1] / np.maximum(far[0] + far[1], 1e-3)
    return like


def guided(guide: NDArray[np.float32], mask: Floats, radius: int, ridge: float) -> Floats:
    """Guided filter with a colour guide (h, w, 3) 0..1: grey alone cannot tell brown hair from a grey wall.

    The slopes are found on a smaller picture (He 2015), of which a window is still FAST_RADIUS pixels.
    """
    shrink = max(1, radius // FAST_RADIUS)
    full = (mask.shape[1], mask.shape[0])
    size = (max(1, full[0] // shrink), max(1, full[1] // shrink))
    small = np.asarray(cv2.resize(guide, size, interpolation=cv2.INTER_AREA), np.float32)
    vague = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)
    window = (2 * max(1, radius // shrink) + 1,) * 2

    def mean(values: NDArray[Any]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, window), np.float32)

    middle, level = mean(small), mean(vague)
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    matrix = np.empty((*vague.shape, 3, 3), np.float32)
    for i, j in pairs:
        matrix[..., i, j] = matrix[..., j, i] = mean(small[..., i] * small[..., j]) - middle[..., i] * middle[..., j]
    matrix[..., range(3), range(3)] += ridge
    both = np.stack([mean(small[..., i] * vague) - middle[..., i] * level for i in range(3)], -1)
    slope = np.linalg.solve(matrix, both[..., None])[..., 0].astype(np.float32)
    line = mean(np.dstack([slope, level - np.sum(slope * middle, -1)]))
    big = np.asarray(cv2.resize(line, full, interpolation=cv2.INTER_LINEAR))
    return np.asarray(np.clip(np.sum(big[..., :3] * guide, -1) + big[..., 3], 0, 1), np.float32)


def _one_piece(alpha: Floats) -> Floats:
    """The biggest patch, without those that hang on nothing."""
    _, labels, figures, _ = cv2.connectedComponentsWithStats((alpha > 0.5).astype(np.uint8))
    if len(figures) < 2:
        return alpha
    biggest = 1 + int(np.argmax(figures[1:, cv2.CC_STAT_AREA]))
    keep = cv2.dilate((labels == biggest).astype(np.uint8), np.ones((7, 7), np.uint8))
    return np.asarray(alpha * keep, np.float32)


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
