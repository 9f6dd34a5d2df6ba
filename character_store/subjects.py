"""The words of subjects.toml: what people really forbid, and how a prompt shows it. English, compared by stems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

Phrase = tuple[str, ...]  # of stems
WORD: Final = re.compile(r"[^\W_]+")
VOWEL: Final = re.compile("[aeiouy]")
IRREGULAR: Final = {
    "children": "child",
    "drunken": "drunk",
    "dying": "die",
    "fought": "fight",
    "hate": "hatred",  # no hat
    "knives": "knife",
    "shot": "shoot",
    "stole": "steal",
    "stolen": "steal",
    "swore": "swear",
    "wept": "weep",
    "wives": "wife",
}


class Subject(msgspec.Struct, frozen=True):
    """`names` are looked for in a restriction, `signs` in a prompt."""

    names: tuple[Phrase, ...]
    signs: tuple[Phrase, ...]


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    named: str
    shown: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    forbids: str
    wishes: str
    denies: str
    between: str
    small: str
    faint: str
    harmless: str
    subject: tuple[_Listed, ...]


def stem(word: str) -> str:
    """Number and tense off: weapons, smoking, stabbed. Crude, and the same on both sides."""
    word = IRREGULAR.get(word, word)
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    for suffix in ("ing", "ed", "es", "s"):
        head = word.removesuffix(suffix)
        if head != word and len(head) >= 3 and VOWEL.search(head) and not (suffix == "s" and head.endswith("s")):
            word = head
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def stems(words: Sequence[str]) -> Phrase:
    return tuple(stem(word) for word in words)


def _phrases(text: str) -> tuple[Phrase, ...]:
    return tuple(stems(WORD.findall(phrase)) for phrase in text.split(",") if phrase.strip())


_FILE: Final = msgspec.toml.decode(Path(__file__).with_name("subjects.toml").read_bytes(), type=_File)
FORBIDS: Final = frozenset(_FILE.forbids.split())
WISHES: Final = frozenset(_FILE.wishes.split())
DENIES: Final = frozenset(_FILE.denies.split())
BETWEEN: Final = frozenset(_FILE.between.split())
SMALL: Final = frozenset(_FILE.small.split())
FAINT: Final = frozenset(_FILE.faint.split())
HARMLESS: Final = tuple(" ".join(phrase.split()) for phrase in _FILE.harmless.split(","))
SUBJECTS: Final = tuple(
    Subject((*_phrases(one.named), *_phrases(one.shown)), _phrases(one.shown)) for one in _FILE.subject
)
