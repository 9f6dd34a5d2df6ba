"""How far the sound runs behind the lips: mouth opening against speech envelope, by cross-correlation.

The measure of SyncNet (Chung & Zisserman 2016), offset and confidence, with landmarks and an envelope where it has two
networks: coarser, and it needs a mouth that opens for vowels. Viewers notice sound
45 ms early or 125 ms late (ITU-R BT.1359).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import msgspec
import numpy as np
from scipy.signal import butter, sosfiltfilt

from generation.perception.face import CHIN, FOREHEAD, Floats
from generation.perception.recordings import RATE

MODEL: Final = "MediaPipe face mesh mouth opening x speech envelope"
STEP_S: Final = 0.01  # of the envelope and of the offset
FURTHEST_S: Final = 0.5  # an offset beyond this is not looked for
LEAST_S: Final = 0.8  # of visible speech, all lines together; less says nothing

_BAND_HZ: Final = (500.0, 1500.0)  # an open mouth raises the first formant into it, a shut one takes it out
_SYLLABLE_STEPS, _SLOW_STEPS = 4.0, 25.0  # standard deviations of the smoothing, in steps
_UPPER_LIP, _LOWER_LIP = 13, 14  # their inner edges


class Mouthing(msgspec.Struct, frozen=True):
    """One visible stretch of a speaker: opening of the mouth, a share of the face's height, at times of the clip."""

    times_s: Floats  # (N,), rising
    opening: Floats  # (N,)


class Sync(msgspec.Struct, frozen=True):
    """`offset_ms` > 0: the sound comes late. `confidence` is the correlation at that offset, 0..1."""

    offset_ms: int
    confidence: float


def opening(points: Floats) -> float:
    """Gap between the inner lips as a share of the face's height."""
    gap = float(np.linalg.norm(points[_UPPER_LIP, :2] - points[_LOWER_LIP, :2]))
    return gap / max(float(np.linalg.norm(points[FOREHEAD] - points[CHIN])), 1e-6)


def envelope(voice: Floats) -> Floats:
    """Level of the vowels every 10 ms of (N,) mono at 16 kHz: amplitude where their first formants lie."""
    hop = round(STEP_S * RATE)
    if len(voice) < RATE // 10:
        return np.zeros(0, np.float32)
    band = sosfiltfilt(butter(2, _BAND_HZ, "bandpass", fs=RATE, output="sos"), voice)
    power = (band[: len(band) // hop * hop].reshape(-1, hop) ** 2).mean(1).astype(np.float32)
    return _syllables(np.sqrt(_smooth(power, _SYLLABLE_STEPS)))


def synchrony(mouthings: Sequence[Mouthing], loud: Floats) -> Sync | None:
    """The offset at which all stretches together fit best; None where too little of speech is seen to tell.

    A stretch weighs by how much its mouth moves. A best fit at the border of the search has confidence 0.
    """
    reach = round(FURTHEST_S / STEP_S)
    total, power, steps_seen = np.zeros(2 * reach + 1), 0.0, 0
    for one in mouthings:
        steps = np.arange(one.times_s[0], one.times_s[-1], STEP_S) if len(one.times_s) > 1 else np.zeros(0)
        if len(steps) * STEP_S < LEAST_S / 2 or not len(loud):
            continue
        mouth = _syllables(np.interp(steps, one.times_s, one.opening).astype(np.float32))
        mouth = mouth - mouth.mean()
        first = round(float(steps[0]) / STEP_S)
        at = np.clip(first + np.arange(-reach, len(steps) + reach), 0, len(loud) - 1)
        heard = np.lib.stride_tricks.sliding_window_view(loud[at], len(steps))
        heard = heard - heard.mean(1, keepdims=True)
        heard = heard / np.maximum(heard.std(1, keepdims=True), 1e-9)
        total += heard @ mouth
        power += float((mouth**2).sum())
        steps_seen += len(steps)
    if steps_seen * STEP_S < LEAST_S or power <= 0:
        return None
    fit = total / np.sqrt(power * steps_seen)
    best = int(fit.argmax())
    confidence = 0.0 if best in {0, 2 * reach} else max(0.0, float(fit[best]))
    return Sync(round((best - reach) * STEP_S * 1000), round(confidence, 3))


def _syllables(track: Floats) -> Floats:
    """Without what changes more slowly than syllables do: a smile, a crescendo, the bed of music."""
    return track - _smooth(track, _SLOW_STEPS)


def _smooth(track: Floats, steps: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(track, np.float32)[None], (0, 0), steps)[0], np.float32)
