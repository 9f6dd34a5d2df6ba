"""What may be asked for and said, by the table in rules.toml: which rule a text meets, if any.

Pure and quick: the web process asks before anything is paid for, a worker again of what it hears.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from social.safety import folding

Place = Literal["clip", "said", "name"]
Category = Literal[
    "child_safety",
    "non_consensual_intimate",
    "sexual",
    "violence",
    "threat",
    "hate",
    "self_harm",
    "terrorism",
    "scam",
    "impersonation",
]
UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
ARABIC: Final = re.compile("[\u0600-\u06ff]")
LONGEST: Final = 20_000  # characters that are read; what is stored anywhere is shorter


class Finding(msgspec.Struct, frozen=True):
    """The rule that was met, and the version of the table."""

    rule: str
    category: Category
    version: str


class _Rule(msgspec.Struct, frozen=True):
    id: str
    category: Category
    places: frozenset[Place]
    all: tuple[str, ...]
    reach: int = 0  # characters from the first term to the last
    only: frozenset[Literal["person", "young"]] = frozenset()


class _Table(msgspec.Struct, frozen=True):
    version: str
    harmless: re.Pattern[str]
    classes: dict[str, re.Pattern[str]]
    rules: tuple[_Rule, ...]


def met(text: str, place: Place, *, person: bool = False, young: bool = False) -> Finding | None:
    """The first rule that it meets. `person`: a real person's character is cast; `young`: the writer is under 18."""
    table = _table()
    standing = {name for name, holds in (("person", person), ("young", young)) if holds}
    rules = [rule for rule in table.rules if place in rule.places and (not rule.only or rule.only & standing)]
    for reading in folding.readings(text[:LONGEST], names=place == "name"):
        words = table.harmless.sub(" ", reading)
        for rule in rules:
            if _meets(words, rule, table.classes):
                return Finding(rule.id, rule.category, table.version)
    return None


def version() -> str:
    return _table().version


def _meets(words: str, rule: _Rule, classes: dict[str, re.Pattern[str]]) -> bool:
    """Whether a stretch of the text no longer than its reach holds a term of every class."""
    if len(rule.all) == 1:
        return classes[rule.all[0]].search(words) is not None
    found = sorted((*one.span(), name) for name in rule.all for one in classes[name].finditer(words))
    latest: dict[str, int] = {}
    for start, end, name in found:
        latest[name] = start
        if len(latest) == len(rule.all) and end - min(latest.values()) <= rule.reach:
            return True
    return False


@cache
def _table() -> _Table:
    raw = tomllib.loads(files("social.safety").joinpath("rules.toml").read_text(encoding="utf-8"))
    return _Table(
        raw["version"],
        re.compile(
            "|".join(f"(?<![^\\W_])(?:{one})(?![^\\W_])" if one.isascii() else _term(one) for one in raw["harmless"])
        ),
        {name: re.compile("|".join(_terms(by_language))) for name, by_language in raw["class"].items()},
        msgspec.convert(raw["rule"], tuple[_Rule, ...]),
    )


def _terms(by_language: dict[str, list[str]]) -> Iterator[str]:
    for terms in by_language.values():
        yield from map(_term, terms)


def _term(term: str) -> str:
    """As a pattern over folded words."""
    words = r"\w* ".join(folding.folded(part) for part in term.removesuffix("*").split("* "))
    words += r"\w*" * term.endswith("*")
    if UNSPACED.search(term):
        return words.replace(" ", " ?")
    if ARABIC.search(term):
        return rf"(?<!\w)[وفبلك]?(?:ال)?{words}(?!\w)"
    return rf"(?<!\w){words}(?!\w)"
