"""The repository's two sample people, and what a test makes of their photos."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from generation.perception.identity import Identity
from generation.perception.photos import Photo, read_photo

FOLDER = Path(__file__).parents[3] / "backend" / "samples"


def grace() -> Photo:
    return read_photo((FOLDER / "grace.jpg").read_bytes())


def eileen() -> Photo:
    return read_photo((FOLDER / "eileen.png").read_bytes())


@cache
def identity() -> Identity:
    return Identity()


def resized(photo: Photo, scale: float) -> Photo:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def packed(photo: Photo, kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.fromarray(photo).save(out, kind, compress_level=1)
    return out.getvalue()
