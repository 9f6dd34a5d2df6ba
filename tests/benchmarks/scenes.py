"""Short films and sounds that nobody marked, of many kinds, from a number: the same number makes the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from PIL import Image

from generation.engine import Frame, Sound
from generation.shapes import FRAME_RATE, SAMPLE_RATE, VideoShape

SAMPLES: Final = Path("backend/samples")
KINDS: Final = (
    "photograph panned",
    "photograph held by hand",
    "drawn shapes",
    "drifting clouds",
    "film grain",
    "strobe",
)
SOUNDS: Final = ("speech", "noise", "melody", "clicks", "hum that repeats every second")


def film(number: int, shape: VideoShape, seconds: float) -> Iterator[Frame]:
    """One of KINDS."""
    chance = np.random.default_rng(number)
    kind, count = KINDS[number % len(KINDS)], round(seconds * FRAME_RATE)
    wide = (shape.width * 5 // 4, shape.height * 5 // 4)
    if kind.startswith("photograph"):
        photos = _photos()
        still = cv2.resize(photos[int(chance.integers(len(photos)))], wide, interpolation=cv2.INTER_AREA)
    elif kind == "drifting clouds":
        still = cv2.resize(chance.integers(0, 256, (20, 12, 3), np.uint8), wide, interpolation=cv2.INTER_CUBIC)
    else:
        still = np.full((wide[1], wide[0], 3), chance.integers(30, 220, 3), np.uint8)
    shapes = [_shape(chance, shape) for _ in range(8)] if kind == "drawn shapes" else []
    hertz = float(chance.uniform(2, 4)) if chance.random() < 0.7 else 3.0
    for index in range(count):
        at = index / max(1, count - 1)
        shake = chance.normal(0, 1.5, 2) if kind == "photograph held by hand" else np.zeros(2)
        left, top = (np.array(wide) - (shape.width, shape.height)) * (0.1 + 0.8 * at) + shake
        frame = still[int(max(0, top)) :, int(max(0, left)) :][: shape.height, : shape.width].copy()
        for colour, size, begin, speed in shapes:
            x, y = (int(value) for value in begin + speed * index)
            cv2.circle(frame, (x, y), size, colour, -1)
        if kind == "film grain":
            frame = np.clip(frame + chance.normal(0, 12, frame.shape), 0, 255)
        if kind == "strobe" and (index / FRAME_RATE * hertz) % 1 < 0.5:
            frame = np.clip(frame + np.linspace(0, 40, shape.width)[None, :, None], 0, 255)
        yield np.asarray(frame, np.uint8)


def _shape(chance: np.random.Generator, shape: VideoShape) -> tuple[tuple[int, ...], int, np.ndarray, np.ndarray]:
    colour = tuple(int(one) for one in chance.integers(0, 256, 3))
    begin = chance.uniform(0, (shape.width, shape.height))
    return colour, int(chance.integers(10, shape.width // 4)), begin, chance.normal(0, 3, 2)


@cache
def _photos() -> list[Frame]:
    files = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".jpg", ".png"}]
    return [np.asarray(Image.open(path).convert("RGB"), np.uint8) for path in files]


def sound(number: int, seconds: float) -> Sound:
    """One of SOUNDS, -20 dB or so."""
    chance = np.random.default_rng(number)
    count = round(seconds * SAMPLE_RATE)
    at = np.arange(count) / SAMPLE_RATE
    match SOUNDS[number % len(SOUNDS)]:
        case "speech":
            voices = _voices()
            voice = voices[int(chance.integers(len(voices)))]
            one = np.roll(np.resize(voice, count), int(chance.integers(count)))
        case "noise":
            one = 0.1 * np.convolve(chance.normal(size=count), chance.normal(size=16), "same")
        case "melody":
            notes = np.repeat(220 * 2 ** (chance.integers(0, 24, int(seconds * 4) + 1) / 12), SAMPLE_RATE // 4)[:count]
            phase = np.cumsum(2 * np.pi * notes / SAMPLE_RATE)
            one = 0.1 * np.sum([np.sin(over * phase) / over for over in range(1, 9)], axis=0)
        case "clicks":
            one = np.where(chance.random(count) < 0.0005, chance.normal(size=count), 0.001 * chance.normal(size=count))
        case _:
            one = np.resize(0.1 * chance.normal(size=SAMPLE_RATE), count) + 0.05 * np.sin(2 * np.pi * 100 * at)
    return np.stack([one, 0.9 * one]).astype(np.float32)


@cache
def _voices() -> list[np.ndarray]:
    from generation.perception import film as films  # noqa: PLC0415 — its models are loaded only where speech is wanted

    return [films.sound(path)[0] for path in sorted(SAMPLES.glob("*.wav"))]


def write(path: Path, frames: list[Frame], crf: int, rate: int = FRAME_RATE) -> Path:
    """H.264, pictures only."""
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode(None))
    return path
