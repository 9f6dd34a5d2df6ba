"""A recording as somebody sent it -> mono samples: any of the formats that phones and browsers record."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from generation.errors import CheckFailed, NotASound

Floats = NDArray[np.float32]

RATE: Final = 16_000
MAX_BYTES: Final = 20_000_000
MAX_SECONDS: Final = 120.0
TORN: Final = 0.85  # of the length the file itself states: less was cut off on the way

_MAGIC: Final = (
    (0, b"OggS", "ogg"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"fLaC", "flac"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mp4"),
    (8, b"WAVE", "wav"),
    (8, b"AIFF", "aiff"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"\xff\xf3", "mp3"),
    (0, b"\xff\xf2", "mp3"),
)


def decoded(sound: bytes, most_bytes: int = MAX_BYTES, *, rate: int = RATE) -> Floats:
    """(N,) mono at `rate`, -1..1: of a recording, or of the sound of a video, which may have more bytes.

    The container is chosen by its first bytes, never guessed: FFmpeg also knows playlists, which open other files.
    Raises NotASound for anything else or torn bytes, CheckFailed("length") over two minutes.
    """
    if len(sound) > most_bytes:
        raise NotASound(f"the recording has {len(sound) / 1e6:.0f} MB; at most {most_bytes / 1e6:.0f} MB are read")
    kind = next((name for at, magic, name in _MAGIC if sound[at : at + len(magic)] == magic), None)
    if kind is None:
        raise NotASound("this is none of the sound formats that are read: WAV, MP3, M4A, OGG, WebM, FLAC")
    try:
        with av.open(io.BytesIO(sound), "r", format=kind, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise NotASound("the file holds no sound")
            stream = container.streams.audio[0]
            scale = float(stream.time_base) if stream.time_base else 0.0
            stated_s = (stream.duration or 0) * scale or (container.duration or 0) / av.time_base
            samples = np.concatenate([np.zeros(0, np.float32), *_resampled(container, stream, rate)])
    except (av.error.FFmpegError, ValueError, EOFError) as broken:
        raise NotASound(f"the {kind} bytes do not decode: {broken}") from broken
    if kind == "wav":
        stated_s = max(stated_s, _riff_seconds(sound))
    if len(samples) < TORN * stated_s * rate:
        heard = len(samples) / rate
        raise NotASound(f"the recording breaks off after {heard:.1f} of {stated_s:.1f} s: send it again")
    return samples


def wav(voice: Floats) -> bytes:
    """16-bit PCM WAV, mono, 16 kHz, of (N,) samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.clip(voice, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _resampled(container: av.container.InputContainer, stream: av.AudioStream, rate: int) -> Iterator[Floats]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    count = 0
    for frame in container.decode(stream):
        for part in resampler.resample(frame):
            block = part.to_ndarray().reshape(-1)
            count += len(block)
            if count > MAX_SECONDS * rate:
                raise CheckFailed("length", f"the recording is over {MAX_SECONDS:g} s long: 10 s of speech are enough")
            yield np.nan_to_num(block).astype(np.float32)
    for part in resampler.resample(None):
        yield part.to_ndarray().reshape(-1).astype(np.float32)


def _riff_seconds(sound: bytes) -> float:
    """What a WAV file says of its own length; 0 where it says nothing (streams state the largest number)."""
    fmt, data = sound.find(b"fmt ", 12, 4096), sound.find(b"data", 12, 1 << 16)
    if fmt < 0 or data < 0 or len(sound) < max(fmt + 20, data + 8):
        return 0.0
    a_second = int.from_bytes(sound[fmt + 16 : fmt + 20], "little")
    size = int.from_bytes(sound[data + 4 : data + 8], "little")
    return size / a_second if a_second and size < 0x7FFFFFFF else 0.0
