"""Where a sound is heard: reflections and reverberation."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

Floats = NDArray[np.float32]

_REFLECTIONS: Final = ((0.0071, 0.50), (0.0113, 0.42), (0.0167, 0.35), (0.0231, 0.28), (0.0297, 0.20))
_DULL_HZ: Final = 4500.0  # walls swallow what is above


def reverberated(sound: Floats, rate: int, decay_s: float, wet: float, seed: int) -> Floats:
    """`sound` (2, N) with `wet` of a room's answer added; same shape.

    Args:
        sound: dry, at `rate`.
        rate: samples a second.
        decay_s: until the room is 60 dB down.
        wet: level of the answer against the dry sound.
        seed: another room of the same size.
    """
    answer = _impulse(rate, decay_s, seed % 16)
    heard = np.stack([fftconvolve(side, ear)[: sound.shape[1]] for side, ear in zip(sound, answer, strict=True)])
    return np.asarray(sound + wet * heard, np.float32)


@lru_cache(maxsize=16)
def _impulse(rate: int, decay_s: float, seed: int) -> Floats:
    """(2, decay_s * rate): five early reflections, then noise that dies away, of unit energy."""
    chance = np.random.default_rng(seed)
    time = np.arange(round(decay_s * rate)) / rate
    tail = chance.standard_normal((2, len(time))) * np.exp(-6.9 * time / decay_s) * (time > 0.018)
    tail /= np.sqrt((tail**2).sum(1, keepdims=True))
    for side in range(2):
        for at, level in _REFLECTIONS:
            tail[side, round(at * float(chance.uniform(0.85, 1.15)) * rate)] += level
    dull = sosfilt(butter(1, _DULL_HZ, "lowpass", fs=rate, output="sos"), tail, axis=1)
    return np.asarray(dull / np.sqrt((dull**2).sum(1, keepdims=True)), np.float32)
