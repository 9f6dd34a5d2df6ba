"""Levels: integrated loudness, true peaks, and the last gain before a sound leaves the house."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import resample_poly
from torchaudio.functional import loudness

from generation.engine import Sound
from generation.shapes import SAMPLE_RATE

CEILING_DB: Final = -1.5  # true peak, with room for the encoder
SILENT_LUFS: Final = -69.0  # the gate of BS.1770 is at -70

_AHEAD: Final = SAMPLE_RATE // 200  # the limiter looks 5 ms ahead
_CLOSE: Final = 0.1  # LU: near enough to stop


def lufs(sound: Sound) -> float:
    """Integrated loudness of (2, samples) at 48 kHz, ITU-R BS.1770; -inf or nan where all of it is gated."""
    return float(loudness(torch.from_numpy(np.ascontiguousarray(sound)), SAMPLE_RATE))


def mastered(sound: Sound, target_lufs: float) -> Sound:
    """`sound` at the target, true peak under the ceiling; silence stays silence."""
    measured = lufs(sound)
    for _ in range(4):
        if not measured > SILENT_LUFS:  # nan too
            return sound
        sound = limited(sound * np.float32(10 ** ((target_lufs - measured) / 20)))
        measured = lufs(sound)
        if abs(measured - target_lufs) < _CLOSE:
            break
    return sound


def gain_to(sound: Sound, target_lufs: float) -> float:
    """What brings `sound` to the target, before its peaks are limited; 1 for silence."""
    measured = lufs(sound)
    return float(10 ** ((target_lufs - measured) / 20)) if measured > SILENT_LUFS else 1.0


def limited(sound: Sound) -> Sound:
    """Peaks brought under the ceiling, those between the samples too (four times oversampled); the gain looks ahead."""
    ceiling = 10 ** (CEILING_DB / 20)
    peaks = np.abs(sound).max(0)
    blocks = np.flatnonzero(np.pad(peaks, (0, -len(peaks) % 4800)).reshape(-1, 4800).max(1) > 0.7 * ceiling)
    for block in blocks:  # only where a peak can be is it looked for between the samples
        first, last = max(0, block * 4800 - 64), min(len(peaks), (block + 1) * 4800 + 64)
        between = np.abs(resample_poly(sound[:, first:last], 4, 1, axis=1)).max(0).reshape(-1, 4).max(1)
        peaks[first:last] = np.maximum(peaks[first:last], between)
    if not peaks.max(initial=0.0) > ceiling:
        return sound
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    gain = uniform_filter1d(minimum_filter1d(needed, 2 * _AHEAD + 1), _AHEAD)
    return np.asarray(sound * gain, np.float32)
