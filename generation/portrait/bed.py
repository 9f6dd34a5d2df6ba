"""The sound bed: a few bars of music in the mood that the screenplay names, ending on the home chord with the clip."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.engine import Sound
from generation.portrait.instruments import DRUMS, RATE, bowed, struck
from generation.portrait.room import reverberated
from generation.shapes import samples_for

Floats = NDArray[np.float32]
Mood = Literal["calm", "upbeat", "tense", "sad", "playful", "spacey", "epic"]
Chord = tuple[int, ...]  # semitones above the key's root, bass first

HUMAN_S: Final = 0.006  # strokes are this far off the grid, at most


class Score(msgspec.Struct, frozen=True):
    """Patterns have sixteen steps a bar: a digit is a tone of the chord (4 and up an octave higher), x a stroke."""

    tempo: float  # beats a minute, bent a little so that whole bars fill the clip
    chords: tuple[Chord, ...]  # a bar each, played round; the last bar goes home to the first
    melody: str  # instrument
    steps: tuple[str, ...]  # the melody's pattern, a bar each, played round
    octave: int  # of the melody, in semitones above the chord
    pad: float  # level of the held chord
    bass: str
    drums: tuple[tuple[str, str, float], ...] = ()  # drum, pattern, level
    ring_s: float = 1.6  # how long a melody note may sound
    hall_s: float = 1.2  # reverberation
    wet: float = 0.25


SCORES: Final[dict[Mood, Score]] = {
    "calm": Score(
        76, ((0, 4, 7, 14), (9, 12, 16, 19), (5, 9, 12, 16), (7, 12, 14, 19)), "piano",
        ("0...2...3...2.1.", "0...2...3.5.3...", "0...3...2...5...", "0...2...1...3.2."), 12, 0.55,
        "x.......x.......", (("brush", "....x.......x...", 0.05),), 2.4, 1.6, 0.30,
    ),
    "upbeat": Score(
        116, ((0, 4, 7, 12), (7, 11, 14, 19), (9, 12, 16, 21), (5, 9, 12, 17)), "guitar",
        ("0.2.3.2.5.3.2.3.", "0.2.3.5.3.2.0.2."), 12, 0.30, "x..x..x.x..x..x.",
        (("kick", "x.......x.x.....", 0.55), ("clap", "....x.......x...", 0.22), ("shaker", "x.x.x.x.x.x.x.xx", 0.10)),
        1.0, 0.8, 0.18,
    ),
    "tense": Score(
        92, ((0, 3, 7, 12), (0, 3, 8, 12), (-2, 3, 7, 10), (0, 2, 7, 12)), "pizzicato",
        ("0.0.1.0.0.0.2.0.", "0.0.1.0.2.0.1.0."), 0, 0.55, "x...............",
        (("heart", "x.......x.......", 0.45), ("tick", "x.x.x.x.x.x.x.x.", 0.07)), 0.7, 1.8, 0.28,
    ),
    "sad": Score(
        62, ((0, 3, 7, 10), (-4, 3, 8, 12), (3, 7, 10, 14), (-2, 5, 10, 14)), "piano",
        ("0.......3...2...", "1.......2.......", "0...3...2.......", "2.......1...0..."), 12, 0.60, "x...............",
        (), 3.2, 2.2, 0.38,
    ),
    "playful": Score(
        126, ((0, 4, 7, 12), (9, 12, 16, 21), (2, 5, 9, 14), (7, 11, 14, 19)), "marimba",
        ("0..2..3.5.3...2.", "0..3..2...5.3.2.", "2..3..5.3...0.2.", "0.2.3.2.3.5....."), 12, 0.0, "x...x...x...x...",
        (("block", "....x.......x.x.", 0.10), ("shaker", "..x...x...x...x.", 0.08), ("kick", "x.......x.......", 0.30)),
        0.8, 0.7, 0.16,
    ),
    "spacey": Score(
        58, ((0, 7, 11, 16), (2, 6, 9, 14), (-3, 4, 7, 12), (0, 7, 11, 14)), "bell",
        ("..3.......5.....", "....2.......6...", "..5.......3....."), 12, 0.80, "x...............", (), 4.0, 3.2, 0.55,
    ),
    "epic": Score(
        96, ((0, 3, 7, 12), (-4, 3, 8, 12), (3, 7, 10, 15), (-2, 5, 10, 14)), "pizzicato",
        ("0.2.3.2.0.2.3.2.",), 12, 0.85, "x...x...x...x...",
        (("kick", "x.....x.x.......", 0.6), ("clap", "............x...", 0.15)), 0.8, 2.4, 0.35,
    ),
}  # fmt: skip

_WORDS: Final[tuple[tuple[Mood | None, str], ...]] = (
    (None, r"none|no music|silence|silent|without music|room tone|ambien(ce|t) only"),
    ("spacey", r"spac|cosmic|dream|ethereal|ambient|synth|sci-?fi|float|mystic|magic|under ?water"),
    ("tense", r"tens|suspense|dark|thrill|horror|scary|spooky|ominous|eerie|danger|myster|chase|drone"),
    ("sad", r"sad|melanchol|sorrow|lonel|mourn|grief|bittersweet|nostalg|wistful|rainy|heartbreak"),
    ("epic", r"epic|cinematic|heroic|triumph|orchestra|dramatic|grand|trailer|battle|adventur"),
    ("playful", r"playful|funny|comic|quirky|silly|cartoon|whims|mischie|bouncy|cheeky|ukulele|goofy"),
    ("upbeat", r"upbeat|happy|joy|energetic|dance|party|pop|disco|funk|rock|hip.?hop|cheer|fun|sunny|bright|fast|drum"),
)


def mood_of(words: str) -> Mood | None:
    """The mood that a screenplay's `sound_bed` asks for; calm if nothing better is known, None for no music."""
    if not words.strip():
        return None
    return next((mood for mood, pattern in _WORDS if re.search(rf"\b(?:{pattern})", words, re.IGNORECASE)), "calm")


def music(mood: Mood, seconds: float, seed: int) -> Sound:
    """(2, samples) at 48 kHz, unlevelled. The seed chooses key and the player's small liberties."""
    score, chance = SCORES[mood], np.random.default_rng(seed)
    bars = max(1, round(seconds * score.tempo / 240))
    step_s = seconds / bars / 16
    root = 48 + int(chance.integers(-4, 4))
    tape = np.zeros((2, round(seconds * RATE)), np.float32)
    for bar in range(bars):
        chord = score.chords[0 if bar == bars - 1 else bar % len(score.chords)]
        begin = bar * 16 * step_s
        _hold(tape, tuple(root + tone for tone in chord), begin, 16 * step_s + 0.5, score.pad)
        for step, mark in enumerate(score.steps[bar % len(score.steps)]):
            late = float(chance.uniform(0, HUMAN_S))
            if mark.isdecimal() and (bar < bars - 1 or step < 8):
                tone = root + score.octave + chord[int(mark) % len(chord)] + 12 * (int(mark) // len(chord))
                side = float(chance.uniform(-0.35, 0.35))
                _add(
                    tape,
                    _note(score.melody, tone, score.ring_s),
                    begin + step * step_s + late,
                    _touch(chance, step),
                    side,
                )
            if score.bass[step] == "x" and (bar < bars - 1 or step == 0):
                _add(tape, _note("bass", root + chord[0] - 12, 1.4), begin + step * step_s, 0.6, 0.0)
            for drum, pattern, level in score.drums:
                if pattern[step] == "x" and (bar < bars - 1 or step == 0):
                    _add(tape, _stroke(drum), begin + step * step_s + late / 2, level * _touch(chance, step), 0.15)
    wide = reverberated(tape, RATE, score.hall_s, score.wet, seed)
    return np.asarray(resample_poly(wide, 2, 1, axis=1)[:, : samples_for(seconds)], np.float32)


def _touch(chance: np.random.Generator, step: int) -> float:
    """Loudness of a stroke: the beat a little stronger than what lies between."""
    return float(chance.uniform(0.8, 1.0)) * (1.0 if step % 4 == 0 else 0.8)


def _hold(tape: Floats, notes: Chord, begin_s: float, seconds: float, level: float) -> None:
    """A bar's chord in long notes, spread over both sides."""
    for i, note in enumerate(notes if level > 0 else ()):
        _add(tape, bowed(note, seconds, 0.0022), begin_s, 0.22 * level, (i / (len(notes) - 1) - 0.5) * 1.2)


def _add(tape: Floats, sound: Floats, at_s: float, level: float, pan: float) -> None:
    first = round(at_s * RATE)
    part = sound[: tape.shape[1] - first]
    for side, share in enumerate((np.sqrt((1 - pan) / 2), np.sqrt((1 + pan) / 2))):
        tape[side, first : first + len(part)] += np.float32(level * share) * part


@cache
def _note(instrument: str, note: int, seconds: float) -> Floats:
    return struck(instrument, note, seconds)


@cache
def _stroke(drum: str) -> Floats:
    return DRUMS[drum]()
