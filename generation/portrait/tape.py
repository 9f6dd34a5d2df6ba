"""What effects are glued together from: moments, noises, sweeps, knocks. Everything is (N,) float64 at 24 kHz."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from generation.portrait.ambience import coloured
from generation.portrait.instruments import RATE

Floats = NDArray[np.float64]
Chance = np.random.Generator


def time_of(seconds: float) -> Floats:
    """Every sample's second."""
    return np.arange(round(seconds * RATE)) / RATE


def laid(parts: Sequence[tuple[float, Floats]]) -> Floats:
    """Sounds at their second, on one tape."""
    tape = np.zeros(max(round(at * RATE) + len(part) for at, part in parts))
    for at, part in parts:
        tape[round(at * RATE) : round(at * RATE) + len(part)] += part
    return tape


def burst(chance: Chance, seconds: float, low: float, high: float, decay: float) -> Floats:
    """Noise between two frequencies that dies away by `decay` nepers a second."""
    return np.asarray(coloured(round(seconds * RATE), chance, low, high, 0.2) * np.exp(-decay * time_of(seconds)))


def thud(chance: Chance, pitch: float, decay: float) -> Floats:
    """Something heavy meets wood."""
    time = time_of(0.3)
    wood = np.sin(2 * np.pi * pitch * time * (1 - 0.3 * time)) + 0.5 * np.sin(2 * np.pi * 2.7 * pitch * time)
    rattle = 0.7 * coloured(len(time), chance, 250, 3000, 0.4) * np.exp(-2 * decay * time)
    return np.asarray(wood * np.exp(-decay * time) + rattle)


def swept(hertz: Floats, partials: Sequence[float]) -> Floats:
    """A tone whose pitch follows `hertz` (N,), with its harmonics at these levels."""
    turn = 2 * np.pi * np.cumsum(hertz) / RATE
    return np.asarray(sum(level * np.sin(k * turn) for k, level in enumerate(partials, 1)))


def bump(time: Floats, middle_s: float, wide_s: float) -> Floats:
    """A bell curve of height 1."""
    return np.asarray(np.exp(-(((time - middle_s) / wide_s) ** 2)))


def through(sound: Floats, *formants: tuple[float, float, float]) -> Floats:
    """Through a throat or a body: (hertz, width, level) for each of its resonances."""
    return np.asarray(
        sum(
            level * sosfilt(butter(1, (max(hertz - wide, 40), hertz + wide), "bandpass", fs=RATE, output="sos"), sound)
            for hertz, wide, level in formants
        )
    )


def swell(time: Floats, rise_s: float, fall_s: float) -> Floats:
    """From silence to 1 and back, over the whole of `time`."""
    return np.asarray(np.clip(time / rise_s, 0, 1) * np.clip((time[-1] - time) / fall_s, 0, 1))
