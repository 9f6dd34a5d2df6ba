"""A file that somebody else's model made, as our frames and sound: checked, brought to our rates and sizes."""

from __future__ import annotations

import io
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from generation.engine import Frame, Sound
from generation.errors import EngineError
from generation.joint.geometry import at_our_rate
from generation.joint.pictures import laid_over
from generation.shapes import SAMPLE_RATE, VideoShape, frames_for, samples_for

MOST_FRAMES: Final = 12 * 60  # a server's own rate may be 60 a second
SHORT: Final = 0.95  # of what was asked for: a clip that ends earlier is not what was asked for


def opened(file: bytes, size: VideoShape, seconds: float) -> tuple[NDArray[np.uint8], Sound]:
    """(frames, height, width, 3) RGB at 24 a second and (2, samples) at 48 kHz, both exactly `seconds` long.

    Raises EngineError for what does not decode, has no picture or no sound, or is too short.
    """
    try:
        with av.open(io.BytesIO(file), "r", format="mp4") as container:
            if not container.streams.video or not container.streams.audio:
                missing = "sound" if container.streams.video else "picture"
                raise EngineError("download", f"the server's clip has no {missing}")
            rate = float(container.streams.video[0].average_rate or 0)
            pictures, sound = _decoded(container, size)
    except (av.error.FFmpegError, ValueError, EOFError) as broken:
        raise EngineError("download", f"the server's clip does not decode: {broken}") from broken
    if rate <= 0 or len(pictures) / rate < SHORT * seconds:
        length = len(pictures) / rate if rate > 0 else 0.0
        raise EngineError("download", f"the server's clip is {length:.2f} s long; {seconds:g} s were asked for")
    shown = np.stack([pictures[number] for number in at_our_rate(frames_for(seconds), rate, len(pictures))])
    heard = np.zeros((2, samples_for(seconds)), np.float32)
    heard[:, : sound.shape[1]] = sound[:, : heard.shape[1]]
    return shown, heard


def _decoded(container: Any, size: VideoShape) -> tuple[list[Frame], Sound]:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
    pictures: list[Frame] = []
    sounds: list[Sound] = [np.zeros((2, 0), np.float32)]
    for frame in container.decode(video=0, audio=0):
        if isinstance(frame, av.VideoFrame):
            if len(pictures) == MOST_FRAMES:
                raise EngineError("download", f"the server's clip has more than {MOST_FRAMES} frames")
            pictures.append(laid_over(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), size.width, size.height))
        else:
            sounds += [np.asarray(part.to_ndarray(), np.float32) for part in resampler.resample(frame)]
    sounds += [np.asarray(part.to_ndarray(), np.float32) for part in resampler.resample(None)]
    return pictures, np.clip(np.concatenate(sounds, axis=1), -1.0, 1.0)
