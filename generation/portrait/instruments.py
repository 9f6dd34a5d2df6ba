"""The players of the sound bed: one note or stroke each, synthesised. (N,) at 24 kHz, about 1 at its loudest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

RATE: Final = 24_000
Floats = NDArray[np.float32]

# partials as (multiple of the fundamental, level, decay per second)
_PARTIALS: Final[dict[str, tuple[tuple[float, float, float], ...]]] = {
    "piano": ((1, 1, 1.6), (2.001, 0.45, 2.2), (3.004, 0.22, 3.2), (4.01, 0.10, 4.5), (5.02, 0.05, 6.0)),
    "guitar": ((1, 1, 3.0), (2, 0.55, 4.0), (3, 0.30, 5.5), (4, 0.16, 7.0), (5, 0.08, 9.0), (6, 0.04, 11)),
    "pizzicato": ((1, 1, 9.0), (2, 0.5, 12), (3, 0.3, 16), (4, 0.1, 22)),
    "marimba": ((1, 1, 6.0), (3.93, 0.22, 14), (9.5, 0.05, 30)),
    "bell": ((1, 1, 1.2), (2.0, 0.35, 1.6), (2.76, 0.16, 2.4), (5.40, 0.05, 4.0)),
    "bass": ((1, 1, 1.8), (2, 0.30, 3.0), (3, 0.08, 5.0)),
}
_ATTACK_S: Final = {"piano": 0.006, "guitar": 0.004, "pizzicato": 0.005, "marimba": 0.003, "bell": 0.010, "bass": 0.012}
_RELEASE_S: Final = 0.06


def hertz(note: float) -> float:
    """MIDI number -> fundamental."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def struck(instrument: str, note: float, seconds: float) -> Floats:
    """A string, bar or bell that was struck once and dies away; faded at `seconds`."""
    time = np.arange(round(seconds * RATE), dtype=np.float32) / np.float32(RATE)
    sound = np.zeros_like(time)
    for multiple, level, decay in _PARTIALS[instrument]:
        if hertz(note) * multiple < 0.45 * RATE:
            turn = np.float32(2 * np.pi * hertz(note) * multiple)
            sound += np.float32(level) * np.sin(turn * time) * np.exp(np.float32(-decay) * time)
    return _shaped(sound, _ATTACK_S[instrument], _RELEASE_S)


def bowed(note: float, seconds: float, detune: float) -> Floats:
    """A soft held voice of three strings, `detune` (about 0.002) apart: attack half a second, release longer."""
    time = np.arange(round(seconds * RATE), dtype=np.float32) / np.float32(RATE)
    sound = np.zeros_like(time)
    for apart in (-detune, 0.0, detune):
        for partial, level in ((1, 0.40), (2, 0.12), (3, 0.05)):
            turn = np.float32(2 * np.pi * hertz(note) * (1 + apart) * partial)
            sound += np.float32(level) * np.sin(turn * time + np.float32(7.0 * apart / detune + partial))
    return _shaped(sound, min(0.5, seconds / 4), min(0.9, seconds / 3))


def _shaped(sound: Floats, attack_s: float, release_s: float) -> Floats:
    attack, release = round(attack_s * RATE), min(round(release_s * RATE), len(sound))
    sound[:attack] *= np.sin(np.linspace(0, np.pi / 2, attack, dtype=np.float32))[: len(sound)] ** 2
    sound[len(sound) - release :] *= np.cos(np.linspace(0, np.pi / 2, release, dtype=np.float32)) ** 2
    return sound


def _noise(seconds: float, low: float, high: float, decay: float, seed: int) -> Floats:
    hiss = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    band = sosfilt(butter(2, (low, high), "bandpass", fs=RATE, output="sos"), hiss)
    time = np.arange(len(band)) / RATE
    return _shaped(np.asarray(band * np.exp(-decay * time) / np.abs(band).max(), np.float32), 0.001, 0.01)


def _kick() -> Floats:
    time = np.arange(round(0.28 * RATE)) / RATE
    phase = 2 * np.pi * (48 * time + 70 / 28 * (1 - np.exp(-28 * time)))
    return _shaped(np.asarray(np.sin(phase) * np.exp(-11 * time), np.float32), 0.002, 0.03)


def _heart() -> Floats:
    beat = _kick()
    both = np.zeros(len(beat) + round(0.22 * RATE), np.float32)
    both[: len(beat)] += beat
    both[-len(beat) :] += 0.6 * beat
    return both


def _block() -> Floats:
    time = np.arange(round(0.09 * RATE)) / RATE
    tone = np.sin(2 * np.pi * 1150 * time) + 0.5 * np.sin(2 * np.pi * 1730 * time)
    return _shaped(np.asarray(0.6 * tone * np.exp(-55 * time), np.float32), 0.001, 0.01)


DRUMS: Final[dict[str, Callable[[], Floats]]] = {
    "kick": _kick,
    "heart": _heart,
    "block": _block,
    "shaker": lambda: _noise(0.09, 5000, 10500, 45, 1),
    "clap": lambda: _noise(0.16, 900, 4500, 26, 2),
    "brush": lambda: _noise(0.22, 2500, 9000, 16, 3),
    "tick": lambda: _noise(0.03, 4000, 9000, 140, 4),
}
