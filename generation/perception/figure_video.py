"""Pictures out of a short video: what a pet that will not sit still, or a toy, is enrolled from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import av
import numpy as np

from generation.errors import CheckFailed, NotAPicture
from generation.perception.figure_checks import sharpness
from generation.perception.photos import Photo
from generation.perception.references_io import png

MAX_BYTES: Final = 60_000_000
MAX_SECONDS: Final = 60.0
MAX_MEGAPIXELS: Final = 9.0  # of one frame: 4K has 8.3
MAX_FRAMES: Final = 7_500  # a minute at 120 a second
KEPT_PX: Final = 1280  # longer side of a still
LOOKS: Final = 4  # frames looked at for each still that is wanted

_MAGIC: Final = ((4, b"ftyp", "mp4"), (4, b"moov", "mp4"), (4, b"wide", "mp4"), (0, b"\x1aE\xdf\xa3", "matroska"))


def stills(video: bytes, most: int = 6) -> list[bytes]:
    """Up to `most` PNG frames spread over an MP4, MOV or WebM, sharpest first: one from each part of the clip.

    The container is chosen by its first bytes, never guessed: FFmpeg also knows playlists, which open other files.
    Raises NotAPicture for anything else, torn bytes or giant frames, CheckFailed("length") over MAX_SECONDS.
    """
    if len(video) > MAX_BYTES:
        raise NotAPicture(f"the video has {len(video) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read")
    kind = next((name for at, magic, name in _MAGIC if video[at : at + len(magic)] == magic), None)
    if kind is None:
        raise NotAPicture("this is none of the video formats that are read: MP4, MOV, WebM")
    parts: dict[int, tuple[float, Photo]] = {}
    try:
        with av.open(io.BytesIO(video), "r", format=kind, metadata_errors="ignore") as container:
            for part, frame in _spread(container, most):
                sharp = sharpness(frame, np.ones(frame.shape[:2], np.float32))
                if part not in parts or sharp > parts[part][0]:
                    parts[part] = (sharp, frame)
    except (av.error.FFmpegError, ValueError, EOFError) as broken:
        raise NotAPicture(f"the video does not decode: {broken}") from broken
    if not parts:
        raise NotAPicture("the video holds no picture")
    return [png(frame) for _, frame in sorted(parts.values(), key=lambda found: -found[0])]


def _spread(container: av.container.InputContainer, most: int) -> Iterator[tuple[int, Photo]]:
    """Frames evenly over the clip, each with the number of the part it lies in, 0 .. most - 1."""
    if not container.streams.video:
        raise NotAPicture("the file holds no video")
    stream = container.streams.video[0]
    _refuse_giants(stream.width, stream.height)
    stream.codec_context.options = {"max_pixels": str(round(MAX_MEGAPIXELS * 1_000_000))}
    scale = float(stream.time_base) if stream.time_base else 0.0
    length_s = (stream.duration or 0) * scale or (container.duration or 0) / av.time_base
    _refuse_long(length_s)
    step_s = max(length_s, 1.0) / (most * LOOKS)
    due_s, began_s = 0.0, None
    for count, frame in enumerate(container.decode(stream)):
        if count >= MAX_FRAMES:
            raise NotAPicture(f"the video has over {MAX_FRAMES} frames: film at 30 frames a second")
        if frame.pts is None:  # then it has no time either
            continue
        began_s = frame.time if began_s is None else began_s
        at_s = frame.time - began_s
        _refuse_long(at_s)
        if at_s + 1e-6 < due_s:
            continue
        due_s = at_s + step_s
        yield min(most - 1, int(at_s / (step_s * LOOKS))), _upright(frame)


def _refuse_long(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise CheckFailed(
            "length", f"the video is {seconds:.0f} s long, at most {MAX_SECONDS:g} s are read: send a shorter one"
        )


def _refuse_giants(width: int, height: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise NotAPicture(
            f"the video has {width * height / 1e6:.0f} megapixels a frame; "
            f"at most {MAX_MEGAPIXELS:g} are read: film at 1080p"
        )


def _upright(frame: av.VideoFrame) -> Photo:
    """RGB, at most KEPT_PX, turned as the phone says it was held."""
    _refuse_giants(frame.width, frame.height)  # a stream may grow on its way
    shrink = min(1.0, KEPT_PX / max(frame.width, frame.height))
    small = frame.reformat(width=round(frame.width * shrink), height=round(frame.height * shrink), format="rgb24")
    quarters = round(frame.rotation / 90) % 4
    turned = np.rot90(small.to_ndarray(), quarters)
    return np.ascontiguousarray(turned).astype(np.uint8)
