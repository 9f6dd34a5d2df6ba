"""The finished sound of a clip: voices in their place, and a level that every player expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import resample_poly
from torchaudio.functional import loudness

from generation.engine import Sound
from generation.plan import Emotion, Screenplay
from generation.shapes import SAMPLE_RATE, samples_for

Floats = NDArray[np.float32]

LUFS: Final = -16.0
CEILING_DB: Final = -1.5  # true peak, with room for the encoder


class Voice(msgspec.Struct, frozen=True):
    """One spoken line, dry."""

    samples: Floats  # (N,) at 48 kHz
    start_s: float
    pan: float  # -1 left .. 1 right
    off_screen: bool
    emotion: Emotion
    energy: float


def wide_band(speech: Floats) -> Floats:
    """(N,) at 24 kHz -> (2N,) at 48 kHz."""
    return np.asarray(resample_poly(speech, 2, 1), np.float32)


def mix(screenplay: Screenplay, voices: Sequence[Voice], *, seed: int) -> Sound:
    """(2, samples) at 48 kHz of exactly the screenplay's length."""
    sound = np.zeros((2, samples_for(screenplay.seconds)), np.float32)
    for voice in voices:
        first = round(voice.start_s * SAMPLE_RATE)
        part = voice.samples[: sound.shape[1] - first]
        left, right = np.sqrt((1 - voice.pan) / 2), np.sqrt((1 + voice.pan) / 2)
        sound[:, first : first + len(part)] += np.stack([part * left, part * right])
    return mastered(sound)


def mastered(sound: Sound, lufs: float = LUFS) -> Sound:
    """`sound` at `lufs` integrated (BS.1770), true peak under the ceiling; silence stays silence."""
    for _ in range(3):
        measured = loudness_of(sound)
        if not np.isfinite(measured) or measured < -69:
            return sound
        sound = limited(sound * np.float32(10 ** ((lufs - measured) / 20)))
    return sound


def loudness_of(sound: Sound) -> float:
    """LUFS, integrated over the whole of (2, samples) at 48 kHz."""
    return float(loudness(torch.from_numpy(sound), SAMPLE_RATE))


def limited(sound: Sound) -> Sound:
    """Peaks between the samples too (four times oversampled) brought under the ceiling by a gain that looks ahead."""
    ceiling = 10 ** (CEILING_DB / 20)
    peaks = np.abs(resample_poly(sound, 4, 1, axis=1)).max(0).reshape(-1, 4).max(1)
    if peaks.max() <= ceiling:
        return sound
    ahead = SAMPLE_RATE // 200
    gain = uniform_filter1d(
        minimum_filter1d(np.minimum(1.0, ceiling / np.maximum(peaks, ceiling)), 2 * ahead + 1), ahead
    )
    return np.asarray(sound * gain.astype(np.float32), np.float32)
