"""What a picture must be to become a pet, an object or a drawn figure here; each refusal says how to do better.

The first of them keeps people out: whoever has a face is cast through a capture of their own, or not at all. It sees
faces, so a person from behind or in full profile passes.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from generation.errors import CheckFailed
from generation.perception.face import Face, Floats
from generation.perception.photos import Photo
from generation.perception.references import FigureKind

MIN_SIDE_PX: Final = 200  # of the picture's shorter side
MIN_FIGURE_PX: Final = 160  # of the cut-out figure's longer side
MIN_SHARPNESS: Final = 0.012
HUMAN_SCORE: Final = 0.60  # of the detector in photos of pets and objects; people score .67 and more, blurred or dark
TURNED_SCORE: Final = 0.80  # the same for faces that lie on their side or head: what paws and wheels pass for
FLAT: Final = 0.25  # share of a face without any shading: photos .01 to .16, drawn .26 and more, mostly .4
FLAT_AND_PLAIN: Final = 0.83  # the same and the share of its three commonest colours: drawn .84 to 1.5
_FACE_PX: Final = 96  # face height at which texture is compared
_LOOK_PX: Final = 200  # figure's longer side at which detail is compared


def check_no_human(photo: Photo, faces: tuple[Face, ...], kind: FigureKind, number: int) -> None:
    """Raise CheckFailed("one_face") for a person's face; `faces` are FaceMeter's, `number` counts photos from 1.

    In pictures of pets and objects any face is taken for one. A drawing may have a face, unless that is shaded like
    skin. Of 157 faces in photos (dark, blurred, noisy, painted over by filters) 153 are known for photos, the others
    were filtered to flat patches. Of 40 faces that the detector sees in drawings 37 pass, the others had noise added.
    """
    for face in faces:
        sure = face.score >= (TURNED_SCORE if face.turn else HUMAN_SCORE)
        human = photographic(photo, face) if kind == "drawn" else sure
        if human:
            raise CheckFailed(
                "one_face",
                f"a human face was found in photo {number}: a person's character needs a capture by that person; "
                "send pictures without people in them",
            )


def photographic(photo: Photo, face: Face) -> bool:
    """Whether a face that was found has skin's shading and many colours, which drawn ones lack."""
    flat, common = texture(photo, face)
    return flat < FLAT or flat + common < FLAT_AND_PLAIN


def texture(photo: Photo, face: Face) -> tuple[float, float]:
    """Shares 0..1 of the middle of a face: without a gradient, and of its three commonest colours."""
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in face.box)
    patch = photo[y0 : max(y1, y0 + 8), x0 : max(x1, x0 + 8)]
    scale = _FACE_PX / max(face.height, 1.0)
    size = (max(16, round(patch.shape[1] * scale)), max(16, round(patch.shape[0] * scale)))
    small = cv2.resize(patch, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(small.astype(np.float32) / 255, (0, 0), 1.0)
    down, across = size[1] // 10, size[0] // 8
    lab = np.asarray(cv2.cvtColor(soft[down:-down, across:-across], cv2.COLOR_RGB2LAB), np.float32)
    level = lab[..., 0]
    span = max(3.0, float(np.ptp(np.percentile(level, (5, 95)))))
    slope = np.hypot(cv2.Sobel(level, cv2.CV_32F, 1, 0), cv2.Sobel(level, cv2.CV_32F, 0, 1)) / 8 * 50 / span
    counts, _ = np.histogramdd(lab.reshape(-1, 3), bins=(20, 20, 20), range=((0, 100), (-60, 60), (-60, 60)))
    commonest = np.sort(counts.ravel())[-3:].sum() / max(1.0, float(counts.sum()))
    return float((slope < 0.15).mean()), float(commonest)


def sharpness(photo: Photo, alpha: Floats) -> float:
    """Variance of the Laplacian over variance in the figure and its outline, at 200 px: size does not make up for blur.

    Sharp pictures .08 to 1.7; blurred by a hundredth of their size under .015.
    """
    scale = _LOOK_PX / max(photo.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = (max(8, round(photo.shape[1] * scale)), max(8, round(photo.shape[0] * scale)))
    grey = cv2.cvtColor(cv2.resize(photo, size, interpolation=way), cv2.COLOR_RGB2GRAY).astype(np.float32)
    shape = (np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)) > 0.5).astype(np.uint8)
    inside = np.asarray(cv2.dilate(shape, np.ones((5, 5), np.uint8))) > 0
    if inside.sum() < 16:
        return 0.0
    detail = float(np.var(np.asarray(cv2.Laplacian(grey, cv2.CV_32F))[inside]))
    return detail / max(float(np.var(grey[inside])), 1.0)


def check_size(photo: Photo, number: int) -> None:
    """Whether the picture has pixels enough to look for a figure in it."""
    side = min(photo.shape[:2])
    if side < MIN_SIDE_PX:
        raise CheckFailed(
            "quality",
            f"photo {number} is {side} pixels on its shorter side, at least {MIN_SIDE_PX} are needed: "
            "send the original picture, not a preview",
        )


def check_figure(figure_px: int, sharp: float, number: int) -> None:
    """Whether there is enough of the figure to see; `figure_px` is its longer side, `sharp` its `sharpness`."""
    if figure_px < MIN_FIGURE_PX:
        raise CheckFailed(
            "quality",
            f"the figure in photo {number} is {figure_px} pixels on its longer side, at least {MIN_FIGURE_PX} are "
            "needed: come closer or send a larger picture",
        )
    if sharp < MIN_SHARPNESS:
        raise CheckFailed(
            "quality",
            f"the sharpness of photo {number} is {sharp:.3f}, at least {MIN_SHARPNESS:.3f} is needed: "
            "hold still, wipe the lens, use more light",
        )
