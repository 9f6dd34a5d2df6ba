"""Restrictions: what an owner forbids, in words, against the words of a prompt. English, by rules.

A sentence that forbids ("never holding a weapon", "no alcohol") is broken by a prompt that mentions the thing; one
that wishes ("always wears a red scarf") never is. Where a prompt leaves it open, the mention counts: "no weapons" is
not one, "no fear, and a sword" is. "Never without my glasses" is broken by taking them away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from character_store.subjects import (
    BETWEEN,
    DENIES,
    FAINT,
    FORBIDS,
    HARMLESS,
    SMALL,
    SUBJECTS,
    WISHES,
    WORD,
    Phrase,
    stems,
)

EXCEPTION: Final = re.compile(r"\b(?:except|unless|other than|apart from)\b.*")
CLAUSE: Final = re.compile(r"[.;:!?\n]+|\bbut\b|\binstead\b|\bthen\b|\bwhile\b|\byet\b")
ITEM: Final = re.compile(r"[,/&]|\b(?:and|or|nor)\b")
MENTION: Final = re.compile(r"@[\w.]+")
UNSAID: Final = re.compile(r"\b\w+-free\b|\bnon-\w+|\bunarmed\b|\bfree (?:of|from) (?:any )?\w+")
REACH: Final = 12  # words from a denial to what it denies
DOUBLED: Final = DENIES | {"why"}  # before a denial they turn it round: "never without a gun"
TAKES_OFF: Final = re.compile(
    r"\b(?:remov\w+|los(?:es|ing|t|e)|(?:tak\w+|took|pull\w*|rip\w*|tear\w*|tore)\b.*\boff)\b"
)


class _Ban(msgspec.Struct, frozen=True):
    """One thing forbidden: a mention of any of `signs`, or all of `words`; `absence`: its lack is."""

    signs: tuple[Phrase, ...]
    words: Phrase
    absence: bool


def broken(restrictions: Sequence[str], prompt: str) -> str | None:
    """The first restriction that this prompt breaks."""
    said = list(_mentions(prompt))
    for restriction in restrictions:
        if any(_breaks(ban, said) for ban in _bans(restriction)):
            return restriction
    return None


def _plain(text: str) -> str:
    """Lower case, in plain letters; apostrophes and invisible characters gone: `don't` is one word."""
    text = unicodedata.normalize("NFKC", text).lower()
    return "".join(one for one in text if one not in "'\u2019`" and unicodedata.category(one) != "Cf")


def _bans(restriction: str) -> Iterator[_Ban]:
    """What a sentence forbids; a part after a comma inherits the `no` of the part before it."""
    for clause in CLAUSE.split(EXCEPTION.sub("", _plain(restriction))):
        forbidding = absence = False
        for part in ITEM.split(clause):
            words = WORD.findall(part)
            cues = [at for at, word in enumerate(words) if word in FORBIDS]
            if cues:
                forbidding = True
                absence = "without" in words[cues[0] + 1 :]
                words = [word for word in words[cues[0] + 1 :] if word not in FORBIDS]
            elif WISHES.intersection(words):
                forbidding = False
            if forbidding and (ban := _ban(words, absence=absence)) is not None:
                yield ban


def _ban(words: list[str], *, absence: bool) -> _Ban | None:
    """A known subject stands for everything that shows it; other words must all be said."""
    heard = stems(words)
    if not absence:
        for subject in SUBJECTS:
            if any(_at(heard, name) >= 0 for name in subject.names):
                return _Ban(subject.signs, (), absence=False)
    said = [word for word in words if word not in SMALL]
    content = stems([word for word in said if word not in FAINT] or said)
    return _Ban((), content, absence) if content else None


class _Clause(msgspec.Struct, frozen=True):
    """Stems of one clause of the prompt; `denied` says which of them are said not to be there."""

    heard: Phrase
    words: Phrase
    takes_off: bool


def _mentions(prompt: str) -> Iterator[_Clause]:
    text = _plain(MENTION.sub(" ", prompt))
    for phrase in HARMLESS:
        text = text.replace(phrase, " ")
    for clause in CLAUSE.split(UNSAID.sub(" ", text)):
        words = tuple(WORD.findall(clause))
        if words:
            yield _Clause(stems(words), words, TAKES_OFF.search(clause) is not None)


def _breaks(ban: _Ban, said: Sequence[_Clause]) -> bool:
    if ban.absence:
        return any(
            word in clause.heard and (clause.takes_off or _denied(clause, clause.heard.index(word), (word,)))
            for clause in said
            for word in ban.words
        )
    if ban.signs:
        return any(_said(clause, sign, ban.signs) for clause in said for sign in ban.signs)
    return all(any(_said(clause, (word,), ((word,),)) for clause in said) for word in ban.words)


def _said(clause: _Clause, sign: Phrase, related: Sequence[Phrase]) -> bool:
    """The sign stands in the clause at least once without being denied."""
    alike = tuple(word for one in related for word in one)
    at = _at(clause.heard, sign)
    while at >= 0:
        if not _denied(clause, at, alike):
            return True
        at = _at(clause.heard, sign, at + 1)
    return False


def _denied(clause: _Clause, at: int, alike: Phrase) -> bool:
    """A denial right before it, with nothing but small words or more of the same between: "no guns or any knives"."""
    for back in range(at - 1, max(-1, at - REACH), -1):
        word = clause.words[back]
        if word in DENIES:
            return clause.words[back + 1] != "only" and (back == 0 or clause.words[back - 1] not in DOUBLED)
        if word == "and" and clause.heard[back - 1] in alike:
            continue
        if word not in BETWEEN and clause.heard[back] not in alike:
            return False
    return False


def _at(heard: Phrase, sign: Phrase, start: int = 0) -> int:
    """Where the words of the sign stand in a row; -1 where they do not."""
    while True:
        try:
            start = heard.index(sign[0], start)
        except ValueError:
            return -1
        if heard[start : start + len(sign)] == sign:
            return start
        start += 1
