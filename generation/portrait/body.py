"""A person's body below the chin: made narrower or wider by build, and continued below where the photo ends."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.landmarks import Floats

WIDTH: Final = {"slim": 0.93, "average": 1.0, "athletic": 1.04, "broad": 1.08, "heavy": 1.13}
"""Times the photo's own width, at the shoulders and below."""

BELOW_U: Final = 9.0  # from the eyes down to which a body is continued
DARK: Final = 0.45  # how much light is left at the end of that
MIRRORED_U: Final = 0.8  # of the photo's last part, which is seen over and over

NECK_U: Final = 0.15  # below the chin, where the change begins
SHOULDERS_U: Final = 1.15  # and where it is whole
SIDE_U: Final = 0.9  # next to a side at which the photo cuts the body: no change, or the cut would come into view


def built(photo: NDArray[np.uint8], alpha: Floats, points: Floats, build: str) -> tuple[NDArray[np.uint8], Floats]:
    """(H, W, 3) and (H, W) as given, both warped across by one smooth field; `points` (468, 3) in the same pixels.

    A build that is not known is average. Averages are given back as they are.
    """
    width = WIDTH.get(build, 1.0)
    if width == 1.0:
        return photo, alpha
    u = float(np.linalg.norm(points[[33, 133], :2].mean(0) - points[[263, 362], :2].mean(0)))
    chin_x, chin_y = points[152, :2]
    rows, columns = alpha.shape
    down = _ease((np.arange(rows, dtype=np.float32) - (chin_y + NECK_U * u)) / ((SHOULDERS_U - NECK_U) * u))
    away = np.arange(columns, dtype=np.float32) - chin_x
    move = away * (1 / width - 1)
    if width < 1:
        body = alpha[round(float(min(chin_y + SHOULDERS_U * u, rows - 1))) :]
        near = np.arange(columns, dtype=np.float32) / (SIDE_U * u)
        if float(body[:, :2].max()) > 0.3:
            move = move * _ease(near)
        if float(body[:, -2:].max()) > 0.3:
            move = move * _ease(near[::-1])
    across = np.arange(columns, dtype=np.float32)[None] + down[:, None] * move[None]
    along = np.repeat(np.arange(rows, dtype=np.float32)[:, None], columns, axis=1)
    field = np.ascontiguousarray(across, np.float32)
    shaped = cv2.remap(photo, field, along, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    matte = cv2.remap(alpha, field, along, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shaped, np.uint8), np.clip(np.asarray(matte, np.float32), 0, 1)


def continued(photo: NDArray[np.uint8], alpha: Floats, points: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """The same, and rows below it down to BELOW_U under the eyes: cloth mirrored there and back, ever softer, darker.

    Nobody should see much of it: a foreground hides it, unless a shorter person's face would be hidden too.
    """
    u = float(np.linalg.norm(points[[33, 133], :2].mean(0) - points[[263, 362], :2].mean(0)))
    missing = round(float(points[[33, 133, 362, 263], 1].mean()) + BELOW_U * u) - len(photo)
    if missing <= 0:
        return photo, alpha
    part = photo[-max(2, round(MIRRORED_U * u)) :]
    there_and_back = np.concatenate([part[::-1], part])
    cloth = np.tile(there_and_back, (missing // len(there_and_back) + 1, 1, 1))[:missing].astype(np.float32)
    size = (max(1, cloth.shape[1] // 8), max(1, missing // 8))
    small = cv2.GaussianBlur(cv2.resize(cloth, size, interpolation=cv2.INTER_AREA), (0, 0), 0.03 * u)
    soft = np.asarray(cv2.resize(small, (cloth.shape[1], missing), interpolation=cv2.INTER_LINEAR))
    share = np.linspace(0, 1, missing, dtype=np.float32)[:, None, None]
    faded = np.clip(share * BELOW_U * u / (3 * u), 0, 1) ** 0.5
    cloth = (cloth + (soft - cloth) * faded) * (1 - (1 - DARK) * share)
    below = np.repeat(np.asarray(cv2.blur(alpha[-3:], (5, 1)))[-1:], missing, axis=0)
    return np.concatenate([photo, cloth.astype(np.uint8)]), np.concatenate([alpha, below]).astype(np.float32)


def _ease(share: Floats) -> Floats:
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
