"""Which language a text in Latin letters is in: by its small words, and by letters that English never writes.

Made to err towards English: names, loans and calls are no reason to refuse a line. What it cannot know: languages that
have no list, and Japanese, Hindi and the like spelled in Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

ENOUGH: Final = 1.5  # different words of a language; a particle is half a one
SPELLED: Final = 0.8  # of a word that is known by a letter alone, which several languages may have
SHARE: Final = 0.25  # of a text's words, at least


class _Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    letters: str
    words: frozenset[str]


class _Latin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    loans: tuple[str, ...]
    particles: frozenset[str]
    english: frozenset[str]
    languages: dict[str, _Language]


_LATIN: Final = msgspec.toml.decode(Path(__file__).with_name("latin.toml").read_bytes(), type=_Latin)
_LOANS: Final = re.compile(rf"\b(?:{'|'.join(_LATIN.loans)})\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def latin_language(text: str) -> str:
    """BCP 47 of the words in Latin letters; English where nothing speaks against it."""
    written = _WORD.findall(_LOANS.sub(" ", text.replace("’", "'")))
    names: set[int] = set()
    for i in reversed(range(len(written) - 1)):  # "de la Cruz": before a name a particle is part of it
        if written[i].lower() in _LATIN.particles and (i + 1 in names or written[i + 1][0].isupper()):
            names.add(i)
    words = [word for i, word in enumerate(written) if i not in names]
    if set("¿¡") & set(text):
        return "es"
    scores = {code: _score(words, language) for code, language in _LATIN.languages.items()}
    best = max(scores, key=lambda code: scores[code])
    known = _LATIN.languages[best].words
    english = {word.lower() for word in words} & _LATIN.english - known
    found = sum(_is_of(word, _LATIN.languages[best]) for word in words)
    enough = scores[best] >= ENOUGH and scores[best] > len(english) and found >= SHARE * len(words)
    return best if enough else "en"


def _score(words: Sequence[str], language: _Language) -> float:
    listed = {word.lower() for word in words} & language.words - _LATIN.english
    spelled = {word.lower() for word in words if _is_of(word, language)} - listed
    return len(listed) - 0.5 * len(listed & _LATIN.particles) + SPELLED * len(spelled)


def _is_of(word: str, language: _Language) -> bool:
    """A large first letter makes a name of whatever is not in the list."""
    if word.lower() in _LATIN.english:
        return False
    return word.lower() in language.words or (word[0].islower() and any(letter in language.letters for letter in word))
