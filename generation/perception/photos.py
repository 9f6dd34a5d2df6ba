"""Bytes that claim to be a photo, decoded with care: they come from strangers."""

from __future__ import annotations

import struct
import warnings
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from generation.errors import NotAPicture

Photo = NDArray[np.uint8]
"""`(height, width, 3)` RGB, upright as its EXIF orientation says."""
Alpha = NDArray[np.float32]
"""`(height, width)`, 0..1."""

MAX_MEGAPIXELS: Final = 40
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_BEHIND: Final = (128, 128, 128)  # what a transparent picture stands on


def read_photo(data: bytes) -> Photo:
    """Decode a JPEG, PNG or WebP.

    The header is read before any pixel, so a picture that would not fit in memory costs nothing.
    Raises NotAPicture for other formats, truncated files and more than MAX_MEGAPIXELS.
    """
    return read_cut_out(data)[0]


def read_cut_out(data: bytes) -> tuple[Photo, Alpha | None]:
    """The same, and the picture's alpha channel where it has one: what it hides is grey in the photo."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of big pictures, which are refused below, and of odd EXIF, which harms nothing
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                _refuse_giants(*image.size)
                upright = ImageOps.exif_transpose(image)
                upright.load()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as broken:
        raise NotAPicture(f"this is not a whole JPEG, PNG or WebP picture ({broken})") from broken
    alpha = None
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        cut_out = upright.convert("RGBA")
        alpha = np.asarray(cut_out.getchannel("A"), np.float32) / np.float32(255)
        upright = Image.new("RGBA", cut_out.size, (*_BEHIND, 255))
        upright.alpha_composite(cut_out)
    return np.array(upright.convert("RGB"), np.uint8), alpha


def _refuse_giants(width: int, height: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise NotAPicture(
            f"the picture has {width * height / 1e6:.0f} megapixels; {MAX_MEGAPIXELS} are allowed: save it smaller"
        )
