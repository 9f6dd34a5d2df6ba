"""The mark in sound: a secret noise under what is heard, that begins anew every second.

It follows the sound's own spectrum some 20 decibels below it, and is looked for where that spectrum has been made flat
(spread spectrum: Cox et al. 1997; Kirovski and Malvar 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import ShortTimeFFT, resample
from scipy.signal.windows import hann

from generation.engine import Sound
from generation.shapes import SAMPLE_RATE
from generation.watermark.payload import Layout, Signs, layout, soft_bits
from generation.watermark.reading import Reading, read

CHIPS: Final = 16_000  # a second's: the mark ends at 8 kHz, which every encoder keeps
HERE_SHARE: Final = 0.25
BELOW: Final = 0.06  # amplitude, of the sound's own
WINDOW: Final = 2048  # samples
SMOOTH: Final = (3, 9)  # windows and bins over which the sound's spectrum is taken
SILENCE: Final = 1e-12  # power in a bin
MANY_PLACES: Final = 1.3  # a second begins at one of 48,000 samples: noise finds more there than at one place

Floats = NDArray[np.float32]
Spectra = NDArray[np.complex128]


def layout_of(key: bytes) -> Layout:
    return layout(key, CHIPS, HERE_SHARE, "sound")


def marked(sound: Sound, mark: int, key: bytes) -> Sound:
    """The same sound with the mark in it, as long; what is shorter than a window stays as it is."""
    if sound.shape[1] < WINDOW:
        return sound
    stft, samples = _transform(), sound.shape[1]
    second = resample(layout_of(key).chips(mark), SAMPLE_RATE)
    noise = stft.stft(np.resize(second / second.std(), samples))
    noise /= np.sqrt(np.mean(np.abs(noise) ** 2))
    added = [
        stft.istft(BELOW * noise * np.sqrt(_around(stft.stft(channel))), k1=samples).astype(np.float32)
        for channel in sound
    ]
    return np.asarray(sound + np.stack(added), np.float32)


def listen(sound: Sound, key: bytes) -> Reading | None:
    """What a sound says, whole or a part of one."""
    if sound.shape[1] < WINDOW:
        return None
    seconds = _flat(sound)
    plan = layout_of(key)
    here = resample(plan.here, SAMPLE_RATE)
    whole = np.sum(seconds, axis=0)
    alike = irfft(rfft(whole) * np.conj(rfft(here)), SAMPLE_RATE)
    begins = int(alike.argmax())
    score = float(alike[begins] / (alike.std() + 1e-12))
    return read([soft_bits(plan, _chips(one, begins)) for one in seconds], score / MANY_PLACES)


def _chips(second: Floats, begins: int) -> Signs:
    return np.asarray(resample(np.roll(second, -begins), CHIPS), np.float32)


def _flat(sound: Sound) -> Sequence[Floats]:
    """Whole seconds with every pitch equally loud; the last is filled with silence."""
    stft = _transform()
    spectra = stft.stft(sound.mean(axis=0))
    flat = stft.istft(spectra / np.sqrt(_around(spectra) + SILENCE), k1=sound.shape[1])
    count = -(-len(flat) // SAMPLE_RATE)
    filled = np.zeros(count * SAMPLE_RATE, np.float32)
    filled[: len(flat)] = flat
    return list(filled.reshape(count, SAMPLE_RATE))


def _around(spectra: Spectra) -> NDArray[np.float64]:
    """(bins, windows) of power, smoothed."""
    smooth = cv2.blur(np.abs(spectra) ** 2, SMOOTH)
    return np.asarray(np.maximum(smooth, 0), np.float64)  # a running sum ends a little below zero after something loud


def _transform() -> ShortTimeFFT:
    return ShortTimeFFT(hann(WINDOW, sym=False), WINDOW // 2, SAMPLE_RATE)
