"""Words on cards, as they are heard: few enough to read at a glance, broken where a reader would breathe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from generation.captions_file import Caption
from generation.portrait.speech import Word

CARD_CHARS: Final = 42  # two lines of them
WIDE_CHARS: Final = 32  # where Han and kana are among them, which count as two
LONE_CHARS: Final = 8  # so much may stand alone where a language puts no blanks between words
EARLY_S: Final = 0.05  # a card is up this long before its first word
LINGER_S: Final = 0.30  # and stays this long after its last

_CLINGS: Final = re.compile(
    r"an?|the|my|your|his|her|our|their|its|this|that|to|of|in|on|at|for|with|from|by|and|but|or|if|as|i|i['’](m|ll|d)|"
    r"is|are|was|were|be|can|will|would|should|could|don['’]t|not|no|very|so|mrs?\.|dr\.|ms\.",
    re.IGNORECASE,
)  # words that belong to the next one
_ORPHAN: Final = 20.0  # a word alone on a card, where the line has more
_SENTENCE, _CLAUSE, _MIDST, _CLINGING = 0.0, 0.15, 0.7, 1.3  # what a break costs after such a word


def captions(speaker: str, words: Sequence[Word], start_s: float, until_s: float) -> tuple[Caption, ...]:
    """One line's cards in order, none overlapping; every word is on one of them.

    Args:
        speaker: who says it.
        words: on the speech's own clock.
        start_s: where the speech begins on the clip's clock.
        until_s: the last card is gone by then: the next line or the clip's end.
    """
    cards = _cards([word.text for word in words])
    begins = [max(0.0, start_s + words[first].start_s - EARLY_S) for first, _ in cards]
    ends = [*begins[1:], max(begins[-1] + EARLY_S, min(until_s, start_s + words[-1].end_s + LINGER_S))] if cards else []
    return tuple(
        Caption(begin, end, speaker, joined([word.text for word in words[first:last]]))
        for (first, last), begin, end in zip(cards, begins, ends, strict=True)
    )


def joined(words: Sequence[str]) -> str:
    """As they are written: with blanks between them, but none beside Han or kana."""
    text = ""
    for word in words:
        text += word if not text or _wide(text[-1]) or _wide(word[0]) else f" {word}"
    return text


def width_of(text: str) -> int:
    """In letters; Han, kana and their marks are two wide."""
    return sum(1 + _wide(letter) for letter in text)


def _wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF" and unicodedata.category(letter) != "So"


def _cards(words: Sequence[str]) -> list[tuple[int, int]]:
    """(first, last + 1) of each card: the cheapest way to break the line, over all ways."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for last in range(1, len(words) + 1):
        choices = [
            (best[first][0] + _cost(words, first, last), first)
            for first in range(last)
            if first == last - 1 or _fits(joined(words[first:last]))
        ]
        best.append(min(choices))
    cards: list[tuple[int, int]] = []
    last = len(words)
    while last:
        first = best[last][1]
        cards.insert(0, (first, last))
        last = first
    return cards


def _most(text: str) -> int:
    return WIDE_CHARS if any(map(_wide, text)) else CARD_CHARS


def _fits(text: str) -> bool:
    return width_of(text) <= _most(text)


def _cost(words: Sequence[str], first: int, last: int) -> float:
    """Of one card: air on it, a lone word, a break in a bad place; and a little for being a card at all."""
    card = joined(words[first:last])
    air = max(0.0, 1 - width_of(card) / _most(card))
    lone = last - first == 1 and len(words) > 1 and not (_wide(card[0]) and width_of(card) >= LONE_CHARS)
    orphan = _ORPHAN if lone else 0.0
    return 0.5 + air * air + orphan + (break_cost(words[last - 1]) if last < len(words) else 0.0)


def break_cost(word: str) -> float:
    """Of a line or card that ends with `word` before its sentence does: 0 after a sentence, most after "the"."""
    if _CLINGS.fullmatch(word):
        return _CLINGING
    end = word.rstrip("\"')]”’」』）》")[-1:]
    return _SENTENCE if end in (*".!?…。！？",) else _CLAUSE if end in (*",;:—，、；：",) else _MIDST
