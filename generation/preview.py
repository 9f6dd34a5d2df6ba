"""The first shot of a take as a small file of its own, while the others are still rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np

from generation.encode import encode
from generation.engine import Frame, Take, Track
from generation.shapes import VideoShape, frames_for

CRF: Final = 26
SMALLER: Final = 2  # times, each way


class Preview:
    """Keeps the first shot's frames in half size until they are all there, then writes them beside the rendering."""

    def __init__(
        self, take: Take, shape: VideoShape, path: Path, *, title: str, seal: Callable[[Path, Path], None]
    ) -> None:
        """`path` appears at once and whole. A take of one shot has none: it would be the clip itself.

        `seal` makes of the first file, whole, the second, which is what people get.
        """
        self._take, self._path, self._title, self._seal = take, path, title, seal
        self._shape = VideoShape(shape.width // (2 * SMALLER) * 2, shape.height // (2 * SMALLER) * 2)
        self._pool = ThreadPoolExecutor(1, "preview")
        self._written: Future[None] | None = None

    def at(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The same frames. Waits for the file at the end, and passes on what went wrong with it."""
        kept: list[Frame] = []
        last = frames_for(self._take.cuts_s[0]) if self._take.cuts_s else 0
        size = (self._shape.width, self._shape.height)
        try:
            for index, frame in enumerate(frames):
                if index < last:
                    kept.append(np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8))
                if index + 1 == last:
                    self._written = self._pool.submit(self._write, kept)
                    kept = []
                yield frame
            if self._written is not None:
                self._written.result()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
            if close := getattr(frames, "close", None):
                close()

    def _write(self, frames: list[Frame]) -> None:
        sound = self._take.first_sound
        shot = msgspec.structs.replace(
            self._take,
            frames=iter(frames),
            seconds=self._take.cuts_s[0],
            cuts_s=(),
            track=lambda: Track(sound, ()),
        )
        plain, sealed = (self._path.with_name(f".{kind}-{self._path.name}") for kind in ("plain", "sealed"))
        try:
            encode(shot, self._shape, plain, title=self._title, on_progress=_quiet, crf=CRF)
            self._seal(plain, sealed)
            sealed.replace(self._path)
        finally:
            plain.unlink(missing_ok=True)
            sealed.unlink(missing_ok=True)


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Nobody watches."""
