"""Speech moved onto the timing and the melody of a recording, with WORLD (Morise et al. 2016)."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyworld
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from generation.portrait.phones import SAMPLE_RATE
from generation.portrait.world import CEILING_HZ, FLOOR_HZ, LOUDEST

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

FRAME_S: Final = 0.005  # of WORLD
WIDEST_ST: Final = 10.0  # a moment's pitch is at most this far from the voice's own median
LOUDER_DB: Final = 9.0  # a moment is made at most this much louder or quieter
SYLLABLE_S: Final = 0.04  # over which loudness is followed


def retimed(said: Floats, knots: tuple[Doubles, Doubles], recording: Floats, seconds: float) -> Floats:
    """What was `said`, (N,) at 24 kHz, at a recording's pace, melody and loudness; (M,) at 24 kHz, `seconds` long.

    Args:
        said: the voice to be heard.
        knots: moments of the result and the moments of `said` that belong there, both rising, seconds.
        recording: (K,) at 24 kHz, on the clock of the result.
        seconds: of the result.
    """
    sound = said.astype(np.float64)
    pitch, moments = _pitch(sound)
    envelope = pyworld.cheaptrick(sound, pitch, moments, SAMPLE_RATE)
    breath = pyworld.d4c(sound, pitch, moments, SAMPLE_RATE)
    frames = round(seconds / FRAME_S) + 1
    times = np.arange(frames, dtype=np.float64) * np.float64(FRAME_S)
    origin = np.interp(times, *knots) / FRAME_S
    at = np.clip(np.round(origin).astype(int), 0, len(pitch) - 1)
    melody = _melody(recording, times)
    voiced = pitch[at] > 0
    moved = np.where(voiced, _sung(pitch, melody, at), 0.0)
    made = pyworld.synthesize(
        moved, np.ascontiguousarray(envelope[at]), np.ascontiguousarray(breath[at]), SAMPLE_RATE, FRAME_S * 1000
    )[: round(seconds * SAMPLE_RATE)]
    made = _as_loud(made, recording)
    return np.asarray(made * min(1.0, LOUDEST / max(float(np.abs(made).max(initial=0.0)), 1e-9)), np.float32)


def melody_st(recording: Floats) -> tuple[Doubles, Doubles]:
    """Moments (s) and semitones from the recording's own median, where (K,) at 24 kHz is voiced."""
    pitch, moments = _pitch(recording.astype(np.float64))
    steady = median_filter(pitch, 5)
    voiced = (pitch > 0) & (steady > 0)
    if not voiced.any():
        return np.zeros(0), np.zeros(0)
    logs = 12 * np.log2(steady[voiced])
    return moments[voiced], logs - float(np.median(logs))


def _pitch(sound: Doubles) -> tuple[Doubles, Doubles]:
    rough, moments = pyworld.dio(
        sound,
        SAMPLE_RATE,
        f0_floor=FLOOR_HZ,
        f0_ceil=CEILING_HZ,
        channels_in_octave=4.0,
        frame_period=FRAME_S * 1000,
        allowed_range=0.2,
    )
    return pyworld.stonemask(sound, rough, moments, SAMPLE_RATE), moments


def _melody(recording: Floats, times: Doubles) -> Doubles | None:
    """Semitones at every moment, carried over what is unvoiced; None where nothing is voiced."""
    moments, semitones = melody_st(recording)
    if not len(moments):
        return None
    return np.asarray(gaussian_filter1d(np.interp(times, moments, semitones), 2.0), np.float64)


def _sung(pitch: Doubles, melody: Doubles | None, at: NDArray[np.int_]) -> Doubles:
    """The melody around the voice's own median; the voice's own pitch without one."""
    voiced = pitch > 0
    if melody is None or not voiced.any():
        return pitch[at]
    middle = float(np.median(np.log2(pitch[voiced])))
    return np.asarray(2 ** (middle + np.clip(melody, -WIDEST_ST, WIDEST_ST) / 12))


def _as_loud(made: Doubles, recording: Floats) -> Doubles:
    """With the recording's rise and fall, as far as it stays a voice: pauses are neither dug out nor filled."""
    wanted, found = _level(recording, len(made)), _level(made, len(made))
    floor = 0.05 * max(float(wanted.max(initial=0.0)), 1e-6), 0.05 * max(float(found.max(initial=0.0)), 1e-6)
    gains_db = 20 * np.log10(np.maximum(wanted, floor[0]) / np.maximum(found, floor[1]))
    gains_db -= float(np.median(gains_db[found > floor[1]])) if (found > floor[1]).any() else 0.0
    return np.asarray(made * 10 ** (np.clip(gains_db, -LOUDER_DB, LOUDER_DB) / 20))


def _level(sound: NDArray[np.floating], samples: int) -> Doubles:
    """(samples,) amplitude, smoothed over a syllable."""
    hop = SAMPLE_RATE // 100
    whole = np.zeros((samples // hop + 1) * hop)
    whole[: min(len(sound), samples)] = sound[:samples]
    steps = gaussian_filter1d(np.sqrt((whole.reshape(-1, hop) ** 2).mean(1)), SYLLABLE_S * 100)
    return np.asarray(np.interp(np.arange(samples), (np.arange(len(steps)) + 0.5) * hop, steps), np.float64)
