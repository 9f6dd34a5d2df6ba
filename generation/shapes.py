"""Seconds, frames, samples and pixels: every conversion has a name here.

Time runs on two exact grids, 24 frames/s and 48,000 samples/s: one frame is 2,000 samples.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

FRAME_RATE: Final = 24
SAMPLE_RATE: Final = 48_000
SAMPLES_PER_FRAME: Final = SAMPLE_RATE // FRAME_RATE

Seconds = Literal["4", "8", "10", "12"]
Size = Literal["720x1280", "1280x720", "1024x1792", "1792x1024", "480x848", "384x640"]
SECONDS: Final[tuple[Seconds, ...]] = ("4", "8", "10", "12")
SIZES: Final[tuple[Size, ...]] = ("720x1280", "1280x720", "1024x1792", "1792x1024", "480x848", "384x640")


class VideoShape(msgspec.Struct, frozen=True):
    """Width and height in pixels, both even (4:2:0 chroma)."""

    width: int
    height: int

    @classmethod
    def of(cls, size: Size) -> VideoShape:
        """`"720x1280"` -> VideoShape(720, 1280)."""
        width, _, height = size.partition("x")
        return cls(int(width), int(height))


def frames_for(seconds: float) -> int:
    """Frames in `seconds`, on the nearest frame."""
    return round(seconds * FRAME_RATE)


def samples_for(seconds: float) -> int:
    """Samples per channel in `seconds`."""
    return round(seconds * SAMPLE_RATE)


def on_frame(seconds: float) -> float:
    """`seconds` moved to the nearest frame border: where a hard cut can really fall."""
    return frames_for(seconds) / FRAME_RATE
