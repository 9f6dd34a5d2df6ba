"""Sounds with times, out of the frame counts that Kokoro predicts.

How exact: the sound comes a steady 50 ms before the frames say (eight voice and speed settings, median of six sentences
each), which is taken off here. What is left, on 283 s and sh sounds: starts within 25 ms (90 %: 65 ms), ends within
10 ms (90 %: 30 ms). The last sound before a pause is given far too many frames; its end is taken from the loudness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 24_000
FRAME_S: Final = 0.025
LEAD_S: Final = 0.05  # the sound is this much earlier than its frames
QUIET: Final = 0.02  # of the loudest 10 ms: silence, for the end of the last sound before a pause

_PAUSES: Final = frozenset(';:,.!?—…"()“” ')
_BEFORE: Final = frozenset("ˈˌ")  # stress marks: their frames belong to the sound after
_AFTER: Final = frozenset("ːʰʲᵝ→↗↓↘\u0303")  # length, colour and tone marks: to the sound before


class Phone(msgspec.Struct, frozen=True):
    """A sound, a pause (symbol "") or a word border (symbol " ": mostly 25 ms and no silence, lips move on)."""

    symbol: str  # one letter of misaki's alphabet; A I O W Y are the diphthongs of day, eye, go, how, boy
    start_s: float
    end_s: float

    def moved(self, seconds: float) -> Phone:
        """The same sound that much later."""
        return Phone(self.symbol, self.start_s + seconds, self.end_s + seconds)


def phones_of(phonemes: str, frames: NDArray[np.float32]) -> list[Phone]:
    """Phones from 0 to the end of the sound. Marks join sounds, pauses join each other.

    `frames` (symbols + 2,): the frame count of the border mark, of each symbol, of the other border mark.
    """
    phones: list[Phone] = []
    edges = np.concatenate([[0.0], np.cumsum(frames)]) * FRAME_S
    edges[1:-1] = np.maximum(edges[1:-1] - LEAD_S, 0.0)
    held: float | None = None  # start of a stress mark that waits for its sound
    for i, symbol in enumerate("." + phonemes + "."):
        start, end = float(edges[i]), float(edges[i + 1])
        quiet = " " if symbol == " " else "" if symbol in _PAUSES else None
        if symbol in _BEFORE:
            held = start if held is None else held
        elif symbol in _AFTER and phones:
            phones[-1] = msgspec.structs.replace(phones[-1], end_s=end)
        elif quiet is not None and phones and phones[-1].symbol.strip() == "":
            phones[-1] = Phone(min(quiet, phones[-1].symbol), phones[-1].start_s, end)  # a pause beats a border
        else:
            phones.append(Phone(symbol if quiet is None else quiet, start if held is None else held, end))
            held = None
    return phones


def cut_tails(phones: Sequence[Phone], samples: NDArray[np.float32]) -> list[Phone]:
    """Move the start of each pause back to where the sound before it has died away. `samples` (N,) at 24 kHz."""
    step = SAMPLE_RATE // 100
    loud = np.sqrt(np.mean(samples[: samples.size // step * step].reshape(-1, step) ** 2, axis=1))
    heard = loud > QUIET * loud.max()
    cut: list[Phone] = []
    end = 0.0
    for phone, after in zip(phones, [*phones[1:], None], strict=True):
        start, end = end, phone.end_s
        if phone.symbol.strip() and after is not None and after.symbol == "":
            window = np.flatnonzero(heard[round(start * 100) : round(after.end_s * 100)])
            last = round(start * 100) + int(window[-1]) + 1 if window.size else 0  # in 10 ms
            end = min(max(start + FRAME_S, last / 100), phone.end_s)
        cut.append(Phone(phone.symbol, start, end))
    return cut
