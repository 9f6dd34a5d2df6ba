"""Sounds -> what the mouth does, frame by frame.

Each sound pulls the lips towards its shape with a dominance that dies away to both sides (Cohen & Massaro 1993), so a
tongue sound takes the lips of its neighbours. Lips come 55 ms before the sound and are smoothed by a Gauss of 30 ms.
Closures are not averaged: m, b and p shut the mouth in at least one frame each, f and v tuck the lower lip in.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from generation.portrait.phones import Phone
from generation.portrait.pose import JAW, PRESS, ROUND, WIDE, MouthTrack
from generation.shapes import FRAME_RATE, SAMPLES_PER_FRAME

Floats = NDArray[np.float32]
Shape = tuple[float, float, float]  # jaw, wide, round

# sound -> shapes passed through, dominance: how much it insists on them
SHAPES: Final[dict[str, tuple[tuple[Shape, ...], float]]] = {
    "A": (((0.48, 0.35, 0), (0.25, 0.45, 0)), 1.0),
    "I": (((0.78, 0.05, 0), (0.28, 0.35, 0)), 1.0),
    "O": (((0.45, 0, 0.6), (0.20, 0, 0.95)), 1.0),
    "Q": (((0.35, 0, 0.1), (0.20, 0, 0.9)), 1.0),
    "W": (((0.78, 0, 0), (0.24, 0, 0.9)), 1.0),
    "Y": (((0.50, 0, 0.7), (0.27, 0.3, 0)), 1.0),
    **dict.fromkeys("æa", (((0.72, 0.25, 0),), 1.0)),
    **dict.fromkeys("ɑɐ", (((0.80, 0, 0),), 1.0)),
    **dict.fromkeys("ɒɔ", (((0.58, 0, 0.35),), 1.0)),
    **dict.fromkeys("ɛe", (((0.52, 0.2, 0),), 1.0)),
    "ʌ": (((0.52, 0, 0),), 1.0),
    **dict.fromkeys("ɜɚ", (((0.36, 0, 0.3),), 0.9)),
    **dict.fromkeys("əᵊ", (((0.27, 0.1, 0),), 0.5)),
    **dict.fromkeys("ɪᵻ", (((0.28, 0.3, 0),), 0.8)),
    "i": (((0.22, 0.6, 0),), 1.0),
    "ʊ": (((0.27, 0, 0.6),), 0.9),
    "u": (((0.20, 0, 1.0),), 1.1),
    "w": (((0.12, 0, 1.0),), 1.4),
    "ɹ": (((0.20, 0, 0.5),), 0.8),
    "j": (((0.20, 0.45, 0),), 0.7),
    **dict.fromkeys("ʃʒʧʤ", (((0.18, 0, 0.65),), 1.1)),
    **dict.fromkeys("tdszn", (((0.15, 0.2, 0),), 0.8)),
    **dict.fromkeys("lθðɾT", (((0.22, 0.1, 0),), 0.7)),
    **dict.fromkeys("kɡgŋ", (((0.25, 0, 0),), 0.4)),
    **dict.fromkeys("hʔ", (((0.30, 0, 0),), 0.15)),
    # Mandarin and Japanese
    **dict.fromkeys("ɤɨɯ", (((0.24, 0.25, 0),), 0.8)),
    "o": (((0.40, 0, 0.7),), 1.0),
    **dict.fromkeys("yɥ", (((0.18, 0, 1.0),), 1.1)),
    **dict.fromkeys("ꭧʂɻ", (((0.18, 0, 0.4),), 1.0)),
    **dict.fromkeys("ʦʣ", (((0.14, 0.2, 0),), 0.9)),
    **dict.fromkeys("ʨʥɕɲç", (((0.16, 0.45, 0),), 0.9)),
    **dict.fromkeys("ɸβ", (((0.12, 0, 0.35),), 1.0)),
    **dict.fromkeys("xɴ", (((0.26, 0, 0),), 0.3)),
    **dict.fromkeys("mbp", (((0.10, 0, 0),), 1.2)),
    **dict.fromkeys("fv", (((0.21, 0.1, 0),), 1.2)),  # the upper teeth show over the tucked lip
}
CLOSURES: Final = {"m": 1.0, "b": 1.0, "p": 1.0, "f": 0.30, "v": 0.28}  # press while they last

LEAD_S: Final = 0.055
GAUSS_S: Final = 0.030
DECAY_S: Final = 0.045  # a sound's dominance is 1/e this far outside it
BEFORE_S: Final = 0.20  # the mouth leaves rest this long before the first sound ...
AFTER_S: Final = 0.18  # ... and is back this long after the last
PAUSE: Final[Shape] = (0.06, 0.0, 0.0)
RELEASE_S: Final = 0.02  # a closure opens this much before it is heard to

_FINE: Final = 240  # steps a second: ten a frame


def mouth_track(phones: Sequence[Phone], loudness: Floats, frames: int, *, cuts: Sequence[int] = ()) -> MouthTrack:
    """The mouth of one person over a whole clip.

    Args:
        phones: every sound the person makes, on the clip's clock, in order; lines and pauses need not join.
        loudness: (frames,) 0..1, as from `loudness_of`; louder vowels open the jaw wider.
        frames: of the clip. Frame i is seen from i / 24 s on; its value is that of its middle.
        cuts: the first frames of the shots but the first. No lips move before a cut for what begins after it.
    """
    track = np.full((frames, 4), np.nan, np.float32)
    for first, last in pairwise([0, *cuts, frames]):
        begun = [phone for phone in phones if phone.start_s < last / FRAME_RATE]
        _write(track[:last], first, begun, loudness[:last])
    return track


def _write(track: MouthTrack, first: int, phones: Sequence[Phone], loudness: Floats) -> None:
    """Fill in the rows from `first` on, as far as `track` goes."""
    last = len(track)
    begin = max(0, first - round(6 * GAUSS_S * FRAME_RATE))
    per_frame = _FINE // FRAME_RATE
    times = (np.arange(begin * per_frame, last * per_frame) + 0.5) / _FINE
    effort = np.interp(times, (np.arange(last) + 0.5) / FRAME_RATE, 0.55 + 0.60 * np.sqrt(loudness))
    weights = np.full(len(times), 0.1)  # where no sound is near, the lips are as in a pause
    pull = weights[:, None] * np.array(PAUSE)
    press = np.zeros(len(times))
    active = np.zeros(len(times), bool)
    for phone in phones:
        start, end = phone.start_s - LEAD_S, phone.end_s - LEAD_S
        if phone.symbol.strip():
            active |= (times >= phone.start_s - BEFORE_S) & (times <= phone.end_s + AFTER_S)
        elif phone.symbol == " " or end - start < 2 * DECAY_S:
            continue
        shapes, insists = SHAPES.get(phone.symbol, ((PAUSE,), 1.0 if phone.symbol == "" else 0.0))
        part = (end - start) / len(shapes)
        near = slice(*np.searchsorted(times, (start - 6 * DECAY_S, end + 6 * DECAY_S)))
        for i, (jaw, wide, rounded) in enumerate(shapes):
            outside = np.maximum(np.abs(times[near] - (start + (i + 0.5) * part)) - part / 2, 0.0)
            dominance = insists * np.exp(-outside / DECAY_S)
            opened = jaw * effort[near] if jaw > 0.1 else np.full_like(dominance, jaw)
            pull[near] += dominance[:, None] * np.stack(
                [opened, np.full_like(opened, wide), np.full_like(opened, rounded)], 1
            )
            weights[near] += dominance
        if phone.symbol in CLOSURES:
            press = np.maximum(press, _shut(times, start, end + LEAD_S - RELEASE_S) * CLOSURES[phone.symbol])
    shape = gaussian_filter1d(pull / weights[:, None], GAUSS_S * _FINE, axis=0, mode="nearest")
    middle = np.arange(first - begin, last - begin) * per_frame + per_frame // 2
    spoken = first + np.flatnonzero(active[middle])
    middle = middle[spoken - first]
    track[spoken, JAW], track[spoken, WIDE], track[spoken, ROUND] = shape[middle].T.clip(-1, 1)
    # A closure may fall between two frame middles: the whole frame's peak is what is seen.
    track[spoken, PRESS] = maximum_filter1d(press, per_frame)[middle]


def _shut(times: NDArray[np.float64], start_s: float, end_s: float) -> NDArray[np.float64]:
    """1 from start to end, with ramps of 40 ms outside."""
    outside = np.maximum(np.maximum(start_s - times, times - max(end_s, start_s + 0.5 / FRAME_RATE)), 0.0)
    return np.clip(1.0 - outside / 0.04, 0.0, 1.0)


def loudness_of(voice: Floats, frames: int, *, spans: Sequence[tuple[float, float]] | None = None) -> Floats:
    """(frames,) 0..1: RMS around each frame of a voice, (N,) at 48 kHz.

    1 = the loud tenth of the frames with sound of the same one of `spans` (start and end of each line, s); None = the
    voice is one line.
    """
    square = np.zeros(frames * SAMPLES_PER_FRAME, np.float64)
    square[: len(voice)] = voice[: len(square)].astype(np.float64) ** 2
    levels = np.sqrt(square.reshape(frames, -1).mean(1))
    loudness = np.zeros(frames, np.float32)
    for start_s, end_s in [(0.0, frames / FRAME_RATE)] if spans is None else spans:
        line = slice(int(start_s * FRAME_RATE), min(frames, int(np.ceil(end_s * FRAME_RATE))))
        if line.stop <= line.start:
            continue
        even = gaussian_filter1d(levels[line], 0.6)
        sounding = even[even > 0.05 * max(float(even.max()), 1e-6)]
        loud = float(np.quantile(sounding, 0.9)) if sounding.size else 1.0
        loudness[line] = np.maximum(loudness[line], np.clip(even / loud, 0.0, 1.0))
    return loudness
