"""Looking for the mark in frames: any file, whole or a part of one, recompressed, resized, cropped, at another rate."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import cv2
import msgspec
import numpy as np
from av.video.reformatter import ColorRange, Interpolation
from numpy.typing import NDArray

from generation.errors import NotAVideo
from generation.watermark.payload import Signs, soft_bits
from generation.watermark.pictures import HZ, Floats, Grid, grid_of, layout_of, spread
from generation.watermark.reading import Reading, read

SPOT_PX: Final = 6  # of the detector's own picture
PART_SECONDS: Final = 1.0
CROPPED_MOST: Final = 0.12  # of a side
_STEP: Final = 0.01
_CLIP: Final = 8.0  # levels; more is the picture's own doing
_DECOYS: Final = 24

Swings = NDArray[np.complex64]


class Place(msgspec.Struct, frozen=True):
    """Where a file's picture lies in the marked one, in the detector's pixels, and how clearly."""

    width: int
    height: int
    left: int
    top: int
    phase: float  # radians
    score: float  # against what other keys' patterns find; noise gives about 1


def look(path: Path, key: bytes, seconds: float) -> Reading | None:
    """What the pictures of the first `seconds` say. Raises NotAVideo."""
    parts, grid = swings(path, seconds)
    if not len(parts):
        return None
    layout = layout_of(key, grid)
    for place in find(parts.sum(axis=0), key, grid):
        found = read([soft_bits(layout, chips_at(part, place, grid)) for part in parts], place.score)
        if found is not None:
            return found
    return None


def swings(path: Path, seconds: float) -> tuple[Swings, Grid]:
    """(parts, rows, columns): for every part of a clip what changes at HZ, and the grid a mark would have here."""
    parts: list[Swings] = []
    grid = grid_of(1, 2)
    before: deque[tuple[float, Floats]] = deque(maxlen=64)
    for time, plane in _planes(path, seconds):
        grid = grid_of(plane.shape[1], plane.shape[0])
        while len(before) > 1 and before[1][0] <= time - 0.5 / HZ + 1e-3:
            before.popleft()
        if before and time - before[0][0] > 0.3 / HZ:
            while len(parts) <= time / PART_SECONDS:
                parts.append(np.zeros(plane.shape, np.complex64))
            change = np.clip(plane - before[0][1], -_CLIP, _CLIP)
            parts[-1] += change * np.complex64(np.exp(-2j * np.pi * HZ * time))
        before.append((time, plane))
    return np.stack(parts) if parts else np.zeros((0, 1, 1), np.complex64), grid


def _planes(path: Path, seconds: float) -> Iterator[tuple[float, Floats]]:
    """When, and the brightness without its slow shades, in the detector's size."""
    try:
        with av.open(str(path), "r") as container:
            if not container.streams.video:
                return
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for number, frame in enumerate(container.decode(stream)):
                time = frame.time if frame.time is not None else number / 24
                if time > seconds:
                    return
                rows, columns = grid_of(frame.width, frame.height)
                grey = frame.reformat(
                    columns * SPOT_PX,
                    rows * SPOT_PX,
                    "gray",
                    dst_color_range=ColorRange.JPEG,
                    interpolation=Interpolation.AREA,
                ).to_ndarray()
                plane = grey.astype(np.float32)
                yield time, plane - cv2.blur(plane, (3 * SPOT_PX + 1, 3 * SPOT_PX + 1))
    except av.error.FFmpegError as broken:
        raise NotAVideo(f"the pictures do not decode: {broken}") from broken


def find(total: Swings, key: bytes, grid: Grid) -> Iterator[Place]:
    """Where a mark may be: the whole picture, then the best place in one that this is cropped from."""
    here = layout_of(key, grid).here
    height, width = total.shape
    noise = _noise(total, grid)
    yield _best(total, here, grid, width, height, noise)
    cropped = [
        _best(total, here, grid, round(width / (1 - columns)), round(height / (1 - rows)), noise)
        for rows in np.arange(0, CROPPED_MOST + 1e-6, _STEP)
        for columns in np.arange(0, CROPPED_MOST + 1e-6, _STEP)
    ]
    yield max(cropped, key=lambda one: one.score)


def _best(total: Swings, here: Signs, grid: Grid, width: int, height: int, noise: float) -> Place:
    pattern = spread(here, grid, (width, height))
    real, imaginary = (
        cv2.matchTemplate(pattern, np.ascontiguousarray(part), cv2.TM_CCORR) for part in (total.real, total.imag)
    )
    size = np.hypot(real, imaginary)
    top, left = np.unravel_index(int(size.argmax()), size.shape)
    phase = float(np.arctan2(imaginary[top, left], real[top, left]))
    return Place(width, height, int(left), int(top), phase, float(size[top, left]) / noise)


def _noise(total: Swings, grid: Grid) -> float:
    """What patterns of nobody find in the same picture: the root mean square."""
    height, width = total.shape
    found = []
    for number in range(_DECOYS):
        pattern = spread(layout_of(b"decoy %d" % number, grid).here, grid, (width, height))
        found.append(abs(np.vdot(pattern, total)) ** 2)
    return float(np.sqrt(np.mean(found))) + 1e-9


def chips_at(part: Swings, place: Place, grid: Grid) -> Signs:
    """One value for every spot of the marked picture; 0 for those that are cut off."""
    turned = np.asarray((part * np.exp(-1j * place.phase)).real, np.float32)
    canvas = np.zeros((place.height, place.width), np.float32)
    canvas[place.top : place.top + turned.shape[0], place.left : place.left + turned.shape[1]] = turned
    return cv2.resize(canvas, grid[::-1], interpolation=cv2.INTER_AREA).ravel().astype(np.float32)
