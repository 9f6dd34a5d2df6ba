"""What was heard against what should have been said: the word error rate, of English.

Both sides are first read aloud (`portrait.reading`: figures, times, money, abbreviations as words) and freed of marks,
case and British spellings, as Whisper's own evaluation does (Radford et al. 2022, appendix C).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from generation.portrait.reading import read

_WORD: Final = re.compile(r"[a-z]+")
_CLOCK: Final = re.compile(r"\b(\d{1,2})\s?\.(\d\d)\b(?!\s*(?:percent|%|dollars|euros|pounds))")
_APART: Final = re.compile(r"(?<=\d)\s+(?=[-,]\d)|(?<=\w)\s+(?=\.\w)")  # the recogniser writes 1 ,200 and castmate .org
_SPELLINGS: Final = (
    (re.compile(r"(?<=[a-z]{3})our(?=s?$|ed$|ing$|ite$|s$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=e$|es$|ed$|ing$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})tre(?=s?$)"), "ter"),
)
_SAME: Final = {"ok": "okay", "hm": "hmm", "mr": "mister", "mrs": "missus", "ay": "a"}


def words(text: str) -> tuple[str, ...]:
    """`"It's 7:30, neighbour!"` -> its, seven, thirty, neighbor."""
    clocks = _CLOCK.sub(r"\1:\2", _APART.sub("", text))  # and half past seven as 7 .30
    said = " ".join(token.said for token in read(clocks)).lower().replace("'", "")
    return tuple(_spelled(word) for word in _WORD.findall(said))


def error_rate(said: Sequence[str], heard: Sequence[str]) -> float | None:
    """Substitutions, deletions and insertions for each word said; over 1 where much was added, None for no words."""
    if not said:
        return None
    costs = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        before, costs[0] = costs[0], row
        for column, other in enumerate(heard, 1):
            before, costs[column] = (
                costs[column],
                min(costs[column] + 1, costs[column - 1] + 1, before + (word != other)),
            )
    return costs[-1] / len(said)


def _spelled(word: str) -> str:
    for british, american in _SPELLINGS:
        word = british.sub(american, word)
    return _SAME.get(word, word)
