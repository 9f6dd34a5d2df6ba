"""What a video's pictures look like, one a second: 256 bits of each that outlive recompression.

The lowest 16 x 16 changing waves of a 64 x 64 grey picture, each above or below their median (PDQ: Facebook 2019, whose
package has to be compiled).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Interpolation
from numpy.typing import NDArray
from scipy.fft import dctn

from generation.errors import NotAVideo
from generation.perception.photos import read_photo

SIDE: Final = 64
WAVES: Final = 16
FLAT: Final = 3.0  # levels that neighbouring pixels differ by at most, on average: such pictures are all alike
MOST_SECONDS: Final = 60


def of_picture(content: bytes) -> tuple[str, ...]:
    """One print of a JPEG, PNG or WebP, none of a flat one. Raises NotAPicture."""
    grey = cv2.cvtColor(read_photo(content), cv2.COLOR_RGB2GRAY)
    return tuple(_print(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)))


def prints(video: Path | BinaryIO) -> tuple[str, ...]:
    """256 digits 0 or 1 for every second of at most a minute, but for flat pictures. Raises NotAVideo."""
    found: list[str] = []
    wanted = 0.0
    try:
        with av.open(str(video) if isinstance(video, Path) else video, "r") as container:
            if not container.streams.video:
                return ()
            for number, picture in enumerate(container.decode(video=0)):
                time = picture.time if picture.time is not None else number / 24
                if time > MOST_SECONDS:
                    break
                if time + 1e-6 >= wanted:
                    wanted = time + 1.0
                    small = picture.reformat(
                        SIDE, SIDE, "gray", dst_color_range=ColorRange.JPEG, interpolation=Interpolation.AREA
                    )
                    found += _print(small.to_ndarray().astype(np.float32))
    except av.error.FFmpegError as broken:
        raise NotAVideo(f"the pictures do not decode: {broken}") from broken
    return tuple(found)


def _print(grey: NDArray[np.float32]) -> list[str]:
    if np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=0)).mean() < FLAT:
        return []
    waves = dctn(grey, norm="ortho")[1 : WAVES + 1, 1 : WAVES + 1]
    return ["".join("1" if bit else "0" for bit in (waves > np.median(waves)).ravel())]
