"""A small square picture of a person's choice, made anew from pixels: nothing of the file it came from is left."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
from PIL import Image

from generation.errors import NotAVideo, UnsafeOutput
from generation.perception import film
from generation.perception.photos import Photo, read_photo
from generation.perception.safety import LIMIT, MODEL, Nudity
from generation.shapes import frames_for

SIDE_PX: Final = 256
_HIGH: Final = 0.35  # of what is cut off from an upright picture, this part from above: faces are there


def of_picture(content: bytes, nudity: Nudity) -> bytes:
    """A WebP. Raises NotAPicture or UnsafeOutput."""
    return _small(read_photo(content), nudity)


def of_clip(file: Path, at_s: float, nudity: Nudity) -> bytes:
    """A WebP of the frame at that second. Raises NotAVideo, also where the clip is shorter, or UnsafeOutput."""
    wanted = frames_for(at_s)
    for moment in film.moments(file, {wanted}):
        if moment.picture is not None:
            return _small(moment.picture, nudity)
    raise NotAVideo(f"the clip has no frame at {at_s:g} s")


def _small(photo: Photo, nudity: Nudity) -> bytes:
    worst = nudity.score(photo)
    if worst >= LIMIT:
        raise UnsafeOutput(worst, LIMIT, MODEL)
    height, width = photo.shape[:2]
    side = min(height, width)
    top, left = int((height - side) * _HIGH), (width - side) // 2
    square = photo[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > SIDE_PX else cv2.INTER_CUBIC
    out = BytesIO()
    Image.fromarray(cv2.resize(square, (SIDE_PX, SIDE_PX), interpolation=way)).save(out, "WEBP", quality=82)
    return out.getvalue()
