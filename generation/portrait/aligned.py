"""Where the sounds of one utterance are in another one of the same words: dynamic time warping (Sakoe & Chiba 1978).

A recogniser's word borders are rough and give no sounds; the engine's own speech of the line knows its sounds, and the
warp carries them over.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.ndimage import gaussian_filter1d
from scipy.signal import stft

from generation.portrait.phones import SAMPLE_RATE

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

HOP_S: Final = 0.01
BAND_S: Final = 0.30  # how far the warp may go from where the word borders put it
_BANDS, _CEPSTRA = 32, 13
_SLOPE: Final = 0.12  # what a step costs that only one of the two takes, in standard deviations


def warp(said: Floats, recording: Floats, knots: tuple[Doubles, Doubles]) -> tuple[Doubles, Doubles]:
    """Better knots: moments of the recording and of what was said that belong together, both rising.

    Args:
        said: (N,) at 24 kHz.
        recording: (M,) at 24 kHz, of another voice.
        knots: a first guess, moments of the recording and of `said`.
    """
    ours, theirs = _cepstra(said), _cepstra(recording)
    if min(len(ours), len(theirs)) < 3:
        return knots
    guess = np.interp(np.arange(len(theirs)) * HOP_S, *knots) / HOP_S
    band = round(BAND_S / HOP_S)
    path = _path(ours, theirs, np.clip(np.round(guess).astype(int), 0, len(ours) - 1), band)
    even = gaussian_filter1d(path, 1.5, mode="nearest") * HOP_S
    moments = np.arange(len(theirs), dtype=np.float64) * np.float64(HOP_S)
    ends = np.concatenate([[0.0], np.maximum.accumulate(even)[1:-1], [len(said) / SAMPLE_RATE]])
    moments[-1] = len(recording) / SAMPLE_RATE
    return moments, np.asarray(np.maximum.accumulate(ends + np.arange(len(ends)) * 1e-6), np.float64)


def _path(ours: Doubles, theirs: Doubles, guess: NDArray[np.int_], band: int) -> Doubles:
    """For each frame of theirs, the frame of ours: the cheapest rising way from the first ones to the last ones."""
    rows, columns = len(theirs), len(ours)
    total = np.full((rows, columns), np.inf)
    came = np.zeros((rows, columns), np.int8)
    for row in range(rows):
        low, high = max(0, guess[row] - band), min(columns, guess[row] + band + 1)
        if row == 0:
            low = 0
        cost = np.linalg.norm(ours[low:high] - theirs[row], axis=1)
        for place, here in enumerate(cost):
            at = low + place
            if row == 0:
                total[row, at] = here + _SLOPE * at
                continue
            ways = (
                total[row - 1, at - 1] if at else np.inf,
                total[row - 1, at] + _SLOPE,
                total[row - 1, at - 2] + _SLOPE if at > 1 else np.inf,
                total[row, at - 1] + here + _SLOPE if at else np.inf,
            )
            best = int(np.argmin(ways))
            total[row, at] = ways[best] + (here if best < 3 else 0.0)
            came[row, at] = best
    finite = np.isfinite(total[-1])
    at = columns - 1 if finite[-1] else int(np.flatnonzero(finite)[-1])
    path, row = np.zeros(rows), rows - 1
    while row > 0:
        path[row] = at
        way = came[row, at]
        at -= {0: 1, 1: 0, 2: 2, 3: 1}[int(way)]
        row -= way < 3
    path[0] = at
    return path


def _cepstra(sound: Floats) -> Doubles:
    """(frames, 13) every 10 ms: the shape of the spectrum and how loud it is, each of unit deviation."""
    hop = round(HOP_S * SAMPLE_RATE)
    hz, _, turns = stft(sound, SAMPLE_RATE, nperseg=600, noverlap=600 - hop, padded=True)
    edges = np.geomspace(120, 8000, _BANDS + 1)
    bank = np.stack([(hz >= a) & (hz < max(b, a + 45)) for a, b in pairwise(edges)])
    power = bank @ (np.abs(turns) ** 2) / np.maximum(bank.sum(1, keepdims=True), 1)
    logs = np.log(np.maximum(power, 1e-3 * power.mean() + 1e-12))
    cepstra = dct(logs, axis=0, norm="ortho")[:_CEPSTRA].T
    return np.asarray((cepstra - cepstra.mean(0)) / np.maximum(cepstra.std(0), 1e-6), np.float64)
