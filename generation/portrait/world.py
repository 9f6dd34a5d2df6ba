"""Pitch and timbre of finished speech, changed with WORLD (Morise et al. 2016; PyPI pyworld-prebuilt, MIT).

Speech is taken apart into pitch, envelope and breath every 5 ms and put together again with some of them changed. No
sound moves in time, so phoneme times stay true. 0.1 s for a second of speech on one core.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyworld
from numpy.typing import NDArray

from generation.perception.tone import BANDS_HZ, PLAIN, Tone
from generation.portrait.phones import SAMPLE_RATE

Floats = NDArray[np.float32]

FLOOR_HZ, CEILING_HZ = 60.0, 500.0
WIDEST_ST: Final = 9.0  # a moment's pitch is at most this far from the line's median
LOUDEST: Final = 0.98


def toned(samples: Floats, tone: Tone) -> Floats:
    """(N,) at 24 kHz -> the same words at the same moments, as loud as before, with the tone's pitch and timbre."""
    if tone == PLAIN or not samples.any():
        return samples
    sound = samples.astype(np.float64)
    rough, moments = pyworld.dio(
        sound, SAMPLE_RATE, f0_floor=FLOOR_HZ, f0_ceil=CEILING_HZ, channels_in_octave=4.0, allowed_range=0.2
    )
    pitch = pyworld.stonemask(sound, rough, moments, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(sound, pitch, moments, SAMPLE_RATE)
    breath = pyworld.d4c(sound, pitch, moments, SAMPLE_RATE)
    made = pyworld.synthesize(_moved(pitch, tone), _shaped(envelope, tone), breath, SAMPLE_RATE)
    made = made[: len(samples)] * _rms(sound) / max(_rms(made), 1e-9)
    return np.asarray(made * min(1.0, LOUDEST / float(np.abs(made).max())), np.float32)


def _moved(pitch: NDArray[np.float64], tone: Tone) -> NDArray[np.float64]:
    """(frames,) Hz, 0 where unvoiced."""
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    middle = float(np.median(np.log2(pitch[voiced])))
    apart = (np.log2(pitch[voiced]) - middle) * tone.pitch_range
    moved = np.zeros_like(pitch)
    moved[voiced] = 2 ** (middle + tone.shift_st / 12 + np.clip(apart, -WIDEST_ST / 12, WIDEST_ST / 12))
    return moved


def _shaped(envelope: NDArray[np.float64], tone: Tone) -> NDArray[np.float64]:
    """(frames, bins) power, 0 Hz to half the sample rate."""
    hz = np.linspace(0, SAMPLE_RATE / 2, envelope.shape[1])
    if tone.warp != 1.0:
        # Only the formants move: from 5 kHz on the stretch runs out, or the hiss of s would leave or pile up on top.
        origin = np.interp(hz, (0, 5000 * tone.warp, SAMPLE_RATE / 2), (0, 5000, SAMPLE_RATE / 2))
        logs = np.log(envelope)
        at = origin / hz[1]
        low = np.minimum(at.astype(int), len(hz) - 2)
        part = at - low
        envelope = np.exp(logs[:, low] * (1 - part) + logs[:, low + 1] * part)
    if tone.bands_db:
        gains_db = np.interp(np.log(np.maximum(hz, 1.0)), np.log(BANDS_HZ), tone.bands_db)
        envelope = envelope * 10 ** (gains_db / 10)
    return np.ascontiguousarray(envelope)


def _rms(sound: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(sound**2)))
