"""Which of the 468 face-mesh points are which, and where they lie on one face.

Indices are MediaPipe's canonical face model; rows run from the picture's left to its right.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Row = tuple[int, ...]

UPPER_IN: Final[Row] = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_IN: Final[Row] = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_OUT: Final[Row] = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUT: Final[Row] = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
UPPER_MID: Final[Row] = (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306)  # halfway from red border to opening
LOWER_MID: Final[Row] = (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306)
CORNERS: Final[Row] = (61, 291, 76, 306, 78, 308)
BESIDE_CORNERS: Final[Row] = (57, 287)
LIDS: Final = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
BROWS: Final = ((70, 63, 105, 66, 107, 46, 53, 52, 65, 55), (336, 296, 334, 293, 300, 285, 295, 282, 283, 276))
NOSE: Final[Row] = (1, 2, 4, 5, 6, 168, 197, 98, 327, 48, 278, 64, 294, 129, 358, 164)
CHEEKS: Final[Row] = (
    *(50, 280, 205, 425, 116, 345, 36, 266, 187, 411, 57, 287, 186, 410, 216, 436, 212, 432, 43, 273, 202, 422),
)
CHIN: Final[Row] = (
    *(152, 148, 176, 149, 377, 400, 378, 18, 200, 199, 175, 83, 313, 201, 421, 32, 262, 106, 335, 204, 424),
)
OVAL: Final[Row] = (
    *(10, 338, 109, 297, 67, 284, 54, 454, 234, 323, 93, 361, 132, 288, 58, 397, 172, 365, 136, 379, 150),
)
AROUND_EYES: Final[Row] = (33, 133, 159, 145, 263, 362, 386, 374, 23, 253, 27, 257, 130, 359, 226, 446, 110, 339)
LIPS: Final[Row] = tuple(dict.fromkeys((*UPPER_IN, *LOWER_IN, *UPPER_MID, *LOWER_MID, *UPPER_OUT, *LOWER_OUT)))
SKIN: Final[Row] = (50, 280, 205, 425, 200, 199, 5, 151, 101, 330)  # seldom under hair or a beard

SHUT_GAP: Final = 0.031  # u; a smaller gap between the inner lips is a closed mouth


class Face:
    """One face's points in the pixels of a picture, and its own axes: right across the eyes, down at right angles.

    `u` is the inter-ocular distance in those pixels. All attributes are read-only by convention.
    """

    def __init__(self, points: Floats, u: float) -> None:
        """`points` (468, 3): x, y, depth, smaller = nearer."""
        self.flat = points[:, :2].astype(np.float64)
        self.u = u
        outline = points[list(OVAL), 2].mean()
        self.depth = (points[:, 2] - outline).astype(np.float64)
        across = self.flat[263] - self.flat[33]
        self.right = across / np.linalg.norm(across)
        self.down = np.array([-self.right[1], self.right[0]])
        self.eyes = self.flat[[33, 133, 362, 263]].mean(0)
        self.chin = self.flat[152]
        self.mouth = self.flat[[78, 308]].mean(0)
        self.half = float(np.linalg.norm(self.flat[61] - self.flat[291])) / 2 / u
        self.gap = float(np.linalg.norm(self.flat[13] - self.flat[14])) / u
        self.lips_apart = self.gap > SHUT_GAP

    def axes(self, xy: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Across and down from the middle of the mouth, in u."""
        return (xy - self.mouth) @ self.right / self.u, (xy - self.mouth) @ self.down / self.u

    def pixels(self, across: NDArray[Any], down: NDArray[Any]) -> NDArray[Any]:
        """The vector of `axes`, back in pixels."""
        vector: NDArray[Any] = (across[..., None] * self.right + down[..., None] * self.down) * self.u
        return vector

    def skin(self, picture: NDArray[Any]) -> NDArray[np.float64]:
        """Mean colour around cheeks, chin, forehead and nose, in the picture's own channels and scale."""
        height, width = picture.shape[:2]
        size = max(1, round(0.03 * self.u))
        patches = []
        for x, y in np.round(self.flat[list(SKIN)]).astype(int):
            if size <= x < width - size and size <= y < height - size:
                patches.append(np.median(picture[y - size : y + size + 1, x - size : x + size + 1], axis=(0, 1)))
        return np.asarray(np.median(patches, axis=0) if patches else np.full(picture.shape[2], 140.0), np.float64)

    def light(self, picture: NDArray[Any]) -> float:
        """How light white looks on this face, 0..1: from the whites of the eyes or, where they hide, the skin.

        `picture` (h, w, 3 or more) 0..255.
        """
        mask = np.zeros(picture.shape[:2], np.uint8)
        for above, below in LIDS:
            cv2.fillPoly(mask, [np.round(self.flat[[*above, *below[::-1]]]).astype(np.int32)], 1)
        eyes = picture[mask > 0][:, :3].mean(-1)
        white = float(np.percentile(eyes, 88)) / 200 if len(eyes) else 0.0
        return float(np.clip(max(white, float(self.skin(picture)[:3].max()) / 205), 0.35, 1.0))
