"""Who is person and who is background, pixel by pixel, and which colour the person has where both meet."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from generation.perception.face import Face, Floats
from generation.perception.photos import Photo

_CUT_PX: Final = 360  # longer side at which GrabCut looks: finer costs seconds and finds texture
_ROUNDS: Final = 4
_GROW_U: Final = 0.07  # inter-ocular distances that the cut may leave the network's mask
_EDGE_U: Final = 0.10  # radius of the guided filter
_EPSILON: Final = 1e-4  # of the guided filter: smaller follows fainter edges


def matte(photo: Photo, face: Face, coarse: Floats) -> Floats:
    """Alpha of the person in an upright photo, (H, W), 0..1; `coarse` is FaceMeter.person of the same photo.

    The network knows what a person is, GrabCut (Rother et al. 2004) where its colours end, the guided filter (He et
    al. 2010) how hair ends.
    """
    cut = _cut(photo, face, coarse)
    radius = max(2, round(_EDGE_U * face.inter_ocular))
    alpha = _guided(photo, cut, radius)
    return np.clip((alpha - 0.08) / 0.84, 0, 1).astype(np.float32)


def own_colours(photo: Photo, alpha: Floats) -> Photo:
    """The photo with the background's light taken out of half-covered pixels, and the person's colours beyond them.

    Blur fusion in two passes (Forte, "Approximate Fast Foreground Colour Estimation", 2021).
    """
    image, a = photo.astype(np.float32) / 255, alpha[..., None]
    front, back = image, image
    for radius in (90, 6):
        size = (radius, radius)
        covered = cv2.blur(alpha, size)[..., None]
        front_mean = cv2.blur(front * a, size) / (covered + 1e-5)
        back = cv2.blur(back * (1 - a), size) / (1 - covered + 1e-5)
        front = np.clip(front_mean + a * (image - a * front_mean - (1 - a) * back), 0, 1)
    return np.clip(front * 255 + 0.5, 0, 255).astype(np.uint8)


def _cut(photo: Photo, face: Face, coarse: Floats) -> Floats:
    """GrabCut between what the network is sure of, (H, W), soft over a pixel of the small picture."""
    height, width = photo.shape[:2]
    scale = min(1.0, _CUT_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small, rough = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (photo, coarse))
    reach = max(1, round(_GROW_U * face.inter_ocular * scale))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    labels = np.where(rough > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.dilate((rough > 0.3).astype(np.uint8), disc) == 0] = cv2.GC_BGD
    labels[cv2.erode((rough > 0.9).astype(np.uint8), disc, borderValue=1) == 1] = cv2.GC_FGD
    hull = cv2.convexHull(np.round(face.points[:, :2] * scale).astype(np.int32))
    cv2.fillConvexPoly(labels, hull, cv2.GC_FGD)
    cv2.setRNGSeed(1)
    cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    whole = _largest(person).astype(np.float32)
    return np.clip(cv2.resize(whole, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)


def _largest(person: Floats) -> Floats:
    """The largest part, with its holes filled."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(person)
    one = (parts == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    return one


def _guided(photo: Photo, mask: Floats, radius: int) -> Floats:
    """The guided filter with a colour guide: within each window alpha is a linear function of R, G, B."""
    guide = photo.astype(np.float32) / 255
    size = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_mask = cv2.blur(guide, size), cv2.blur(mask, size)
    with_mask = cv2.blur(guide * mask[..., None], size) - mean_guide * mean_mask[..., None]
    spread = np.empty((*mask.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            spread[..., i, j] = cv2.blur(guide[..., i] * guide[..., j], size) - mean_guide[..., i] * mean_guide[..., j]
            spread[..., j, i] = spread[..., i, j]
    spread += _EPSILON * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, with_mask[..., None])[..., 0]
    offset = mean_mask - (slope * mean_guide).sum(-1)
    return ((cv2.blur(slope, size) * guide).sum(-1) + cv2.blur(offset, size)).astype(np.float32)
