"""Curves over the frames of a clip: what the motions are made of. Frame i of a longer curve is frame i of a shorter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Track = NDArray[np.float64]
"""(frames,)"""


def chance(seed: int, number: int) -> np.random.Generator:
    """One stream of several that know nothing of each other: what one of them draws moves nothing in the others."""
    return np.random.default_rng((seed, number))


def even(values: Any, sigma: float) -> Track:
    return np.asarray(gaussian_filter1d(np.asarray(values, np.float64), sigma, mode="nearest"))


def wander(rng: np.random.Generator, frames: int, sigma: float) -> Track:
    """Slow noise of unit deviation."""
    pad = round(4 * sigma)
    noise = gaussian_filter1d(rng.standard_normal(frames + 2 * pad), sigma)[pad : pad + frames]
    return np.asarray(noise * np.sqrt(2 * np.sqrt(np.pi) * sigma))


def later(track: Track, frames: int) -> Track:
    return np.concatenate([np.full(min(frames, len(track)), track[0]), track[:-frames]])[: len(track)]


def ease(share: Any) -> Any:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def stress(loudness: NDArray[np.float32]) -> Track:
    """0..1: how far each moment stands out of the voice around it."""
    voice = gaussian_filter1d(loudness.astype(np.float64), 1.5)
    return even(np.clip(voice - gaussian_filter1d(voice, 8), 0, 0.4) / 0.4, 1.5)
