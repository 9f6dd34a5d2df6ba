"""A line that somebody recorded, ready for the mix: in the character's voice, or cleaned as it was recorded.

Its lips come from the sounds that the engine's speech makes of the words, each word's moved into the time in which the
recording has it: so m, b and p close although nobody gave the phonemes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.signal import istft, resample_poly, stft

from generation.engine import Recorded
from generation.errors import EngineError
from generation.portrait.aligned import warp
from generation.portrait.manner import Manner
from generation.portrait.phones import SAMPLE_RATE, Phone
from generation.portrait.retimed import retimed
from generation.portrait.speech import Speaker, Speech, Word
from generation.portrait.timing import Cue
from generation.recorded import TimedWord, pieces, plain, span

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

NOISE_DB: Final = 12.0  # background is taken down by up to this much
_WINDOW: Final = 1024


class Driven(msgspec.Struct, frozen=True):
    """A performance in its place: its line as speech, and where on the clip's clock that begins."""

    start_s: float
    speech: Speech


def driven(
    cues: Sequence[Cue], recorded: Sequence[Recorded], manners: Sequence[Manner], speaker: Speaker, language: str
) -> dict[int, Driven]:
    """By index of the cue. Blocks: as speaking the lines does, and .2 s more for a second of them.

    Raises EngineError where a performance has a sound and the screenplay no line with its words.
    """
    found: dict[int, Driven] = {}
    for one in recorded:
        if one.sound is None:
            continue
        own = [at for at, cue in enumerate(cues) if cue.line.speaker == one.speaker]
        parts = dict(zip(own, pieces(one.words, [cues[at].line.text for at in own]), strict=True))
        offset = offset_of(one, [cues[at] for at in own])
        sound = np.asarray(resample_poly(one.sound, 1, 2), np.float32)
        sound = cleaned(sound, one.words) if one.own_voice else sound
        for at, piece in parts.items():
            if piece is None:
                continue
            begin, end = span(one.words, piece)
            end = min(end, len(sound) / SAMPLE_RATE)
            words = tuple(
                TimedWord(word.text, word.start_s - begin, min(word.end_s, end) - begin)
                for word in one.words[piece.first : piece.last]
            )
            part = sound[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
            said = speaker.say(cues[at].line.text, manners[at].style, language=language, tone=manners[at].tone)
            found[at] = Driven(offset + begin, moved(said, part, words, own_voice=one.own_voice))
    return found


def offset_of(recorded: Recorded, cues: Sequence[Cue]) -> float:
    """Of the recording's clock on the clip's: where its first line was put. `cues` of its speaker, in order."""
    if not recorded.words:
        return 0.0
    for cue, piece in zip(cues, pieces(recorded.words, [cue.line.text for cue in cues]), strict=True):
        if piece is not None and cue.line.start_s is not None:
            return cue.line.start_s - span(recorded.words, piece)[0]
    raise EngineError("speech", f"no line of {recorded.speaker} has the words of its recording")


def moved(said: Speech, recording: Floats, words: Sequence[TimedWord], *, own_voice: bool) -> Speech:
    """`said` on the times of `words`, which are on the clock of `recording`, (N,) at 24 kHz."""
    seconds = len(recording) / SAMPLE_RATE
    knots = warp(said.samples, recording, _knots(said, words, seconds))
    samples = recording if own_voice else retimed(said.samples, knots, recording, seconds)

    def at(second: float) -> float:
        return float(np.interp(second, knots[1], knots[0]))

    return Speech(
        samples,
        tuple(Phone(phone.symbol, at(phone.start_s), at(phone.end_s)) for phone in said.phones),
        tuple(Word(word.text, word.start_s, word.end_s) for word in words),
        said.phonemes,
    )


def _knots(said: Speech, words: Sequence[TimedWord], seconds: float) -> tuple[Doubles, Doubles]:
    """Moments of the recording and of what was said that belong together: the borders of every word.

    A pause that only one of the two makes between words is squeezed into, or stretched out of, a few milliseconds.
    """
    there = [word for word in said.words if plain(word.text)]
    edges = np.linspace(0, len(there), len(words) + 1)
    new, old = [0.0], [0.0]
    for number, word in enumerate(words):
        first = there[min(int(edges[number]), len(there) - 1)]
        last = there[min(max(int(np.ceil(edges[number + 1])) - 1, 0), len(there) - 1)]
        for moment, origin in ((word.start_s, first.start_s), (word.end_s, last.end_s)):
            new.append(max(moment, new[-1] + 0.005))
            old.append(max(origin, old[-1] + 0.005))
    new.append(max(seconds, new[-1] + 0.005))
    old.append(max(said.seconds, old[-1] + 0.005))
    return np.array(new), np.array(old)


def cleaned(sound: Floats, words: Sequence[TimedWord]) -> Floats:
    """(N,) at 24 kHz with the steady noise between the words turned down everywhere (spectral gate, soft mask)."""
    _, moments, turns = stft(sound, SAMPLE_RATE, nperseg=_WINDOW)
    power = np.abs(turns) ** 2
    talking = np.zeros(len(moments), bool)
    for word in words:
        talking |= (moments > word.start_s - 0.15) & (moments < word.end_s + 0.15)
    quiet = power[:, ~talking] if (~talking).sum() >= 8 else np.sort(power, axis=1)[:, : max(1, len(moments) // 10)]
    noise = 2.0 * quiet.mean(1, keepdims=True)
    least = 10 ** (-NOISE_DB / 20)
    mask = np.maximum(least, np.sqrt(np.maximum(0.0, 1 - noise / np.maximum(power, 1e-14))))
    _, made = istft(turns * mask, SAMPLE_RATE, nperseg=_WINDOW)
    return np.asarray(made[: len(sound)], np.float32)


def starts(placed: Sequence[float], own: Mapping[int, Driven]) -> tuple[float, ...]:
    """Where lines begin, with the recorded ones at their own moment."""
    return tuple(own[at].start_s if at in own else start for at, start in enumerate(placed))
