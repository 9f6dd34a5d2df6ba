"""Our frames and pixels on the grid of a video model that packs 32 x 32 pixels and 8 frames into one latent.

A clip of 8k + 1 frames has k + 1 latents: latent 0 is frame 0 alone, latent i covers frames 8i - 7 to 8i.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.engine import Frame
from generation.shapes import FRAME_RATE, VideoShape

SPATIAL: Final = 32  # pixels a latent is wide and tall
TEMPORAL: Final = 8  # frames a latent is long


class Canvas(msgspec.Struct, frozen=True):
    """What a model renders, at least as large and as long as what was asked for."""

    width: int
    height: int
    frames: int

    @property
    def latent_tokens(self) -> int:
        """Video tokens the transformer sees: one for each latent."""
        return (self.width // SPATIAL) * (self.height // SPATIAL) * ((self.frames - 1) // TEMPORAL + 1)

    @property
    def halved(self) -> Canvas:
        """The canvas of a first stage that an upsampler doubles."""
        return Canvas(self.width // 2, self.height // 2, self.frames)


def canvas_for(size: VideoShape, frames: int, *, stages: int, downscale: int = 1) -> Canvas:
    """The smallest legal one; sides are multiples of 32, and of 64 for two stages, whose first renders half of it.

    A reference that is `downscale` times smaller has sides of 32 too.
    """
    step = SPATIAL * stages * downscale
    return Canvas(_up(size.width, step), _up(size.height, step), legal_frames(frames))


def legal_frames(frames: int) -> int:
    """The smallest 8k + 1 that is not less: 240 -> 241."""
    return _up(frames - 1, TEMPORAL) + 1


def latent_at(frame: int) -> int:
    """The first latent that begins at `frame` or after it: what is pinned there does not show before a cut."""
    return 0 if frame <= 0 else -(-(frame - 1) // TEMPORAL) + 1


def first_frame_of(latent: int) -> int:
    """The first frame that a latent covers: where LTX places a keyframe of that index."""
    return 0 if latent == 0 else TEMPORAL * (latent - 1) + 1


def cropped(frames: NDArray[np.uint8], size: VideoShape) -> NDArray[np.uint8]:
    """The middle of (frames, height, width, 3), as a view."""
    top, left = (frames.shape[1] - size.height) // 2, (frames.shape[2] - size.width) // 2
    return frames[:, top : top + size.height, left : left + size.width]


def covering(picture: Frame, width: int, height: int) -> tuple[float, float, float]:
    """(scale, x, y) that lay a picture over the whole of width x height, its middle in the middle."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    return scale, (width - scale * picture.shape[1]) / 2, (height - scale * picture.shape[0]) / 2


def at_our_rate(frames: int, rate: float, available: int) -> NDArray[np.intp]:
    """For each of `frames` at 24 a second, the number of the source frame whose time stamp is nearest.

    Args:
        frames: wanted.
        rate: of the source, frames a second.
        available: frames the source has; its last one is held where it ends early.
    """
    numbers = np.rint(np.arange(frames) * (rate / FRAME_RATE)).astype(np.intp)
    return np.asarray(np.minimum(numbers, available - 1), np.intp)


def _up(value: int, step: int) -> int:
    return -(-value // step) * step
