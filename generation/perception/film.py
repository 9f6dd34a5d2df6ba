"""A finished clip, decoded once from its first frame to its last: what is measured is what people get."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Final

import av
import msgspec
import numpy as np
from av.video.reformatter import ColorRange, Interpolation
from numpy.typing import NDArray

from generation.errors import NotAVideo
from generation.perception.photos import Photo

SOUND_RATE: Final = 48_000
_THUMB_PX, _PICTURE_PX = 64, 1000  # longer sides

Floats = NDArray[np.float32]


class Moment(msgspec.Struct, frozen=True):
    """One frame. `picture` only where it was asked for: turning it into RGB costs more than decoding it."""

    number: int  # from 0
    thumb: Photo  # (rows, columns, 3), 64 on the longer side
    picture: Photo | None  # at most 1,000 on the longer side


def moments(file: Path, wanted: Container[int]) -> Iterator[Moment]:
    """Every frame in order, with the pictures of the `wanted` numbers; closing the iterator closes the file.

    Raises NotAVideo.
    """
    try:
        with av.open(str(file), "r") as container:
            if not container.streams.video:
                raise NotAVideo("the clip holds no pictures")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for number, frame in enumerate(container.decode(stream)):
                picture = _sized(frame, _PICTURE_PX) if number in wanted else None
                yield Moment(number, _sized(frame, _THUMB_PX), picture)
    except av.error.FFmpegError as broken:
        raise NotAVideo(f"the clip does not decode: {broken}") from broken


def last_picture(file: Path) -> Photo:
    """(height, width, 3) RGB of the last frame. Raises NotAVideo."""
    last = None
    try:
        with av.open(str(file), "r") as container:
            for frame in container.decode(video=0):
                last = frame
    except (av.error.FFmpegError, IndexError) as broken:
        raise NotAVideo(f"the clip does not decode: {broken}") from broken
    if last is None:
        raise NotAVideo("the clip holds no pictures")
    return _sized(last, max(last.width, last.height))


def sound(file: Path) -> Floats:
    """(2, samples) at 48 kHz; no samples for a clip without sound. Raises NotAVideo."""
    try:
        with av.open(str(file), "r") as container:
            if not container.streams.audio:
                return np.zeros((2, 0), np.float32)
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
            parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
            parts += resampler.resample(None)
            return np.concatenate([part.to_ndarray() for part in parts], axis=1).astype(np.float32)
    except av.error.FFmpegError as broken:
        raise NotAVideo(f"the clip's sound does not decode: {broken}") from broken


def _sized(frame: av.VideoFrame, longer_px: int) -> Photo:
    """RGB, shrunk by averaging where it is larger."""
    shrink = min(1.0, longer_px / max(frame.width, frame.height))
    size = (round(frame.width * shrink), round(frame.height * shrink))
    small = frame.reformat(*size, "rgb24", dst_color_range=ColorRange.JPEG, interpolation=Interpolation.AREA)
    return np.asarray(small.to_ndarray(), np.uint8)
