"""A clip as a server sends it."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np


@cache
def film(seconds: float = 4.0, rate: int = 30, *, sound: bool = True, picture: bool = True) -> bytes:
    """Red until the cut at 1.5 s, green after it, with a tone; at a size and rate of the server's own."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        if picture:
            stream: Any = container.add_stream("libx264", rate=rate)
            stream.width, stream.height, stream.pix_fmt = 64, 96, "yuv420p"
        if sound:
            heard: Any = container.add_stream("aac", rate=44_100, layout="mono")
        if picture:
            for number in range(round(seconds * rate)):
                colour = (200, 30, 30) if number < 1.5 * rate else (30, 200, 30)
                shown = av.VideoFrame.from_ndarray(np.full((96, 64, 3), colour, np.uint8), format="rgb24")
                shown.pts, shown.time_base = number, Fraction(1, rate)
                container.mux(stream.encode(shown))
            container.mux(stream.encode())
        if sound:
            tone = 0.3 * np.sin(np.arange(round(seconds * 44_100)) * 2 * np.pi * 440 / 44_100)
            part = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], format="fltp", layout="mono")
            part.sample_rate = 44_100
            container.mux(heard.encode(part))
            container.mux(heard.encode())
    return file.getvalue()
