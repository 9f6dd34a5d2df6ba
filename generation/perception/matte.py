"""Who is person and who is background, pixel by pixel, and which colour the person has where both meet."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.perception.face import Face, Floats
from generation.perception.photos import Photo

Mask = NDArray[np.uint8]

_CUT_PX: Final = 360  # longer side at which GrabCut looks: finer costs seconds and finds texture
_HEAD: Final = 1.15  # face heights around the face's middle
_ROUNDS: Final = 4
_GROW_U: Final = 0.05  # inter-ocular distances that the cut may leave the network's mask
_SHRINK_U: Final = 0.05  # and how deep it may bite: the network rounds off what is thin
_HOLE_U: Final = 0.8  # side of the largest gap between clothes that is filled
_EDGE_U: Final = 0.06  # radius of the guided filter
_EPSILON: Final = 1e-4  # of the guided filter: smaller follows fainter edges


def matte(photo: Photo, face: Face, coarse: Floats) -> Floats:
    """Alpha of the person in an upright photo, (H, W), 0..1; `coarse` is FaceMeter.person of the same photo.

    The network knows what a person is, GrabCut (Rother et al. 2004) where its colours end, the guided filter (He et
    al. 2010) how hair ends.
    """
    cut = _cut(photo, face.points, face.inter_ocular, coarse)
    # the head once more, in its own colours and finer: its edge is what everybody looks at
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    x0, x1 = max(0, round(x - _HEAD * face.height)), min(photo.shape[1], round(x + _HEAD * face.height))
    y0, y1 = max(0, round(y - _HEAD * face.height)), min(photo.shape[0], round(face.box[3]))
    shift = np.array((x0, y0, 0), np.float32)
    cut[y0:y1, x0:x1] = _cut(photo[y0:y1, x0:x1], face.points - shift, face.inter_ocular, coarse[y0:y1, x0:x1])
    radius = max(2, round(_EDGE_U * face.inter_ocular))
    alpha = _guided(photo, cut, radius)
    return np.asarray(np.clip((alpha - 0.15) / 0.75, 0, 1), np.float32)


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


def _cut(photo: Photo, points: Floats, apart: float, coarse: Floats) -> Floats:
    """GrabCut between what the network is sure of, (H, W), soft over a pixel of the small picture."""
    height, width = photo.shape[:2]
    scale = min(1.0, _CUT_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small, rough = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (photo, coarse))
    reach = max(1, round(_GROW_U * apart * scale))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    labels = np.where(rough > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.dilate((rough > 0.3).astype(np.uint8), disc) == 0] = cv2.GC_BGD
    reach = max(1, round(_SHRINK_U * apart * scale))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    labels[cv2.erode((rough > 0.9).astype(np.uint8), disc, borderValue=1) == 1] = cv2.GC_FGD
    hull = cv2.convexHull(np.round(points[:, :2] * scale).astype(np.int32))
    cv2.fillConvexPoly(labels, hull, cv2.GC_FGD)
    no_box = (0, 0, 0, 0)  # not read: the labels are the start
    cv2.setRNGSeed(1)
    # Lab tells dark blue from black, which RGB hardly does
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    cv2.grabCut(lab, labels, no_box, np.zeros((1, 65)), np.zeros((1, 65)), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    whole = _whole(person, (_HOLE_U * apart * scale) ** 2).astype(np.float32)
    return np.clip(cv2.resize(whole, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)


def _whole(person: Mask, hole: float) -> Mask:
    """The largest part, without its holes of less than `hole` pixels: those are clothes, the others lie under arms."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(person)
    one = (parts == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    _, holes, stats, _ = cv2.connectedComponentsWithStats(1 - one, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < hole
    small[0] = False
    return np.asarray(one | small[holes], np.uint8)


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
    return np.asarray((cv2.blur(slope, size) * guide).sum(-1) + cv2.blur(offset, size), np.float32)
