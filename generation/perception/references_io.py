"""The pictures and points of references, packed and unpacked."""

from __future__ import annotations

import cv2
import numpy as np

from generation.errors import PerceptionError
from generation.perception.face import Floats
from generation.perception.photos import Photo
from generation.perception.references import FaceReference, FigureReference

_FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)  # a quarter larger than the best, ten times as fast


def png(picture: Photo) -> bytes:
    """PNG of (H, W, 3) RGB or (H, W) grey."""
    stored = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    made, data = cv2.imencode(".png", stored, _FAST)
    if not made:
        raise PerceptionError("the picture could not be packed as PNG")
    return data.tobytes()


def decode(face: FaceReference) -> tuple[Photo, Floats, Floats]:
    """The photo (H, W, 3) uint8 RGB, its alpha (H, W) float32 0..1 and the points (468, 3) float32.

    The photo still shows its background, also in the colours under the matte's edge.
    """
    photo, alpha = _pictures(face)
    return photo, alpha, np.frombuffer(face.points, "<f4").reshape(468, 3).astype(np.float32)


def decode_figure(figure: FigureReference) -> tuple[Photo, Floats]:
    """The photo (H, W, 3) uint8 RGB, its colours continued beyond the figure, and its alpha (H, W) float32 0..1."""
    return _pictures(figure)


def _pictures(kept: FaceReference | FigureReference) -> tuple[Photo, Floats]:
    photo = cv2.imdecode(np.frombuffer(kept.photo_png, np.uint8), cv2.IMREAD_COLOR)
    alpha = cv2.imdecode(np.frombuffer(kept.matte_png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if photo is None or alpha is None or photo.shape[:2] != alpha.shape:
        raise PerceptionError("the kept photo does not decode: it and its matte must be PNG of one size")
    return np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB), np.uint8), (alpha / 255).astype(np.float32)
