"""One picture that stands for a clip: a sharp frame from the middle of its best shot."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Final

import blurhash
import cv2
import numpy as np
from PIL import Image

from generation.engine import Frame
from generation.shapes import frames_for

WINDOW: Final = 4  # frames either side of a shot's middle that are looked at
_HASH_PX: Final = 32  # longer side of the picture that is hashed: more adds nothing to 4x5 cosines


class Poster:
    """Sees every frame once, keeps a copy of the best one only.

    Ranked by contrast of fine detail (variance of the Laplacian at 256 px) times how evenly it is exposed.
    """

    def __init__(self, cuts_s: Sequence[float], frames: int) -> None:
        borders = [0, *(frames_for(cut) for cut in cuts_s), frames]
        middles = [(start + end) // 2 for start, end in pairwise(borders)]
        self._wanted = {index for middle in middles for index in range(middle - WINDOW, middle + WINDOW + 1, 2)}
        self._wanted.add(0)  # a clip shorter than every window still has a poster
        self._best: Frame | None = None
        self._score = -1.0

    def wants(self, index: int) -> bool:
        """Whether `see` would look at this frame."""
        return index in self._wanted

    def see(self, index: int, frame: Frame) -> None:
        """Frames come in order; `index` counts from 0."""
        if index in self._wanted and (score := _worth(frame)) > self._score:
            self._best, self._score = frame.copy(), score

    def webp(self) -> bytes:
        """The poster at full size. Raises ValueError before any frame was seen."""
        out = BytesIO()
        Image.fromarray(self._kept()).save(out, "WEBP", quality=82, method=2)
        return out.getvalue()

    def blurhash(self) -> str:
        """About 40 characters to show until the picture is there (blurha.sh); 5 x 4 parts, 5 on the longer side."""
        frame = self._kept()
        height, width = frame.shape[:2]
        scale = _HASH_PX / max(height, width)
        small = cv2.resize(
            frame, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        across, down = (4, 5) if height > width else (5, 4)
        return str(blurhash.encode(small.tolist(), components_x=across, components_y=down))

    def _kept(self) -> Frame:
        if self._best is None:
            raise ValueError("a poster needs at least one frame")
        return self._best


def _worth(frame: Frame) -> float:
    height, width = frame.shape[:2]
    grey = cv2.cvtColor(cv2.resize(frame, (256, max(1, round(256 * height / width)))), cv2.COLOR_RGB2GRAY)
    detail = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    # 1 at mid grey, towards 0 for a frame that is all black or all white
    exposure = 1.0 - abs(float(np.mean(grey)) / 127.5 - 1.0)
    return detail * (0.05 + exposure)
