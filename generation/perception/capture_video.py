"""Bytes that claim to be a short phone video, decoded with care: they come from strangers.

Decodes H.264, HEVC, VP8, VP9 and AV1 in MP4, MOV and WebM. Memory stays at a few frames however long the video is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import av
import cv2
import msgspec
import numpy as np

from generation.errors import CheckFailed, NotAVideo
from generation.perception.photos import Photo
from generation.perception.recordings import TORN, Floats, decoded

MAX_BYTES: Final = 80_000_000
MIN_SECONDS: Final = 4.0
MAX_SECONDS: Final = 60.0
MAX_PIXELS: Final = 4096 * 2304
MAX_FRAMES: Final = 7_500  # a minute at 120 a second
EVERY_S: Final = 0.1  # between two samples
LONGER_PX: Final = 1280  # longer side of a sample

_MAGIC: Final = ((4, b"ftyp", "mp4"), (0, b"\x1aE\xdf\xa3", "matroska"))


class Sample(msgspec.Struct, frozen=True):
    """One frame, upright as the file's rotation says."""

    time_s: float  # since the first frame
    picture: Photo


def sound(video: bytes) -> Floats:
    """(N,) mono at 16 kHz, -1..1. Raises NotAVideo, NotASound, and CheckFailed("length") over two minutes."""
    _kind(video)
    return decoded(video, MAX_BYTES)


def samples(
    video: bytes, *, every_s: float = EVERY_S, least_s: float = MIN_SECONDS, longer_px: int = LONGER_PX
) -> Iterator[Sample]:
    """A frame every so often, fewer where the video has fewer. Closing the iterator closes the file.

    The container is chosen by its first bytes, never guessed. Raises NotAVideo for anything else, torn bytes and
    pictures over MAX_PIXELS, CheckFailed("length") outside `least_s`..MAX_SECONDS.
    """
    kind = _kind(video)
    try:
        with av.open(io.BytesIO(video), "r", format=kind, metadata_errors="ignore") as container:
            if not container.streams.video:
                raise NotAVideo("the file holds no pictures")
            yield from _sampled(container, container.streams.video[0], every_s, least_s, longer_px)
    except (av.error.FFmpegError, ValueError, EOFError, OverflowError) as broken:
        raise NotAVideo(f"the {kind} bytes do not decode: {broken}") from broken


def _kind(video: bytes) -> str:
    if len(video) > MAX_BYTES:
        raise NotAVideo(f"the video has {len(video) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read")
    kind = next((name for at, magic, name in _MAGIC if video[at : at + len(magic)] == magic), None)
    if kind is None:
        raise NotAVideo("this is none of the video formats that are read: MP4, MOV, WebM")
    return kind


def _sampled(
    container: av.container.InputContainer, stream: av.VideoStream, every_s: float, least_s: float, longer_px: int
) -> Iterator[Sample]:
    scale = float(stream.time_base) if stream.time_base else 0.0
    stated_s = (stream.duration or 0) * scale or (container.duration or 0) / av.time_base
    if stated_s > MAX_SECONDS + 1:
        raise _too_long(stated_s)
    _refuse_giants(stream.codec_context.width, stream.codec_context.height)
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    stream.thread_type = "AUTO"
    first_s, now_s, due_s = None, 0.0, 0.0
    for count, frame in enumerate(container.decode(stream)):
        if count >= MAX_FRAMES:
            raise NotAVideo(f"the video has over {MAX_FRAMES} frames: record at 30 frames a second")
        if frame.pts is None:  # damaged
            continue
        first_s = frame.time if first_s is None else first_s
        now_s = max(now_s, frame.time - first_s)
        if now_s > MAX_SECONDS:
            raise _too_long(now_s)
        if now_s >= due_s - 1e-3:
            due_s = max(due_s + every_s, now_s)
            yield Sample(now_s, _upright(frame, longer_px))
    if now_s < TORN * stated_s - 1:
        raise NotAVideo(f"the video breaks off after {now_s:.1f} of {stated_s:.1f} s: send it again")
    if now_s < least_s - 0.2:  # the last frame's own time is not counted
        raise CheckFailed(
            "length", f"the video is {now_s:.1f} s long, at least {least_s:g} s are needed: take your time"
        )


def _too_long(seconds: float) -> CheckFailed:
    return CheckFailed(
        "length", f"the video is {seconds:.0f} s long, at most {MAX_SECONDS:g} s are allowed: 10 s are enough"
    )


def _upright(frame: av.VideoFrame, longer_px: int) -> Photo:
    """RGB, at most `longer_px`, turned as the file says (`rotation` is anticlockwise, as numpy turns)."""
    _refuse_giants(frame.width, frame.height)
    picture = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    shrink = longer_px / max(picture.shape[:2])
    if shrink < 1:
        size = (max(1, round(picture.shape[1] * shrink)), max(1, round(picture.shape[0] * shrink)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90) % 4))


def _refuse_giants(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise NotAVideo(
            f"the video's pictures have {width * height / 1e6:.0f} megapixels; {MAX_PIXELS / 1e6:.0f} are allowed"
        )
