"""Slips of the keyboard that trigrams do not see: two letters in the wrong order."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 24  # characters of a word that is looked at


def swapped(word: str) -> list[str]:
    """`dgos` -> dogs among others: every word that two neighbouring letters of this one, changed over, give."""
    return [
        word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        for at in range(min(len(word), LONGEST) - 1)
        if word[at] != word[at + 1]
    ]
