"""Public figures without a character: written out of what is filmed, by what they are in place of who they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final

UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
ARTICLE: Final = r"(?:(?:president|senator|king|queen|pope|mr\.?|mrs\.?|ms\.?)\s+)?"


def written_out(text: str, cast: Collection[str]) -> str:
    """`Barack Obama juggles` -> `a president juggles`. `cast`: names of characters, who stay who they are."""
    kept = {" ".join(name.split()).casefold() for name in cast}
    pattern, called = _table()

    def other(found: re.Match[str]) -> str:
        name = " ".join(found["name"].split()).casefold()
        if name in kept:
            return found[0]
        words = called[name]
        return words[0].upper() + words[1:] if _begins(text, found.start()) else words

    return pattern.sub(other, text)


def named(text: str, cast: Collection[str]) -> tuple[str, str] | None:
    """The first public figure it names who is not in the cast, and what to call them."""
    kept = {" ".join(name.split()).casefold() for name in cast}
    pattern, called = _table()
    for found in pattern.finditer(text):
        if (name := " ".join(found["name"].split()).casefold()) not in kept:
            return found["name"], called[name]
    return None


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins there."""
    before = text[:at].rstrip(' "\u201c\u2018')
    return not before or before[-1] in ".!?:\n"


@cache
def _table() -> tuple[re.Pattern[str], dict[str, str]]:
    raw = tomllib.loads(files("social.safety").joinpath("figures.toml").read_text(encoding="utf-8"))
    called = {" ".join(name.split()).casefold(): words for words, names in raw.items() for name in names}
    names = sorted((name for group in raw.values() for name in group), key=len, reverse=True)
    spelled = "|".join(_pattern(name) for name in names)
    return re.compile(f"{ARTICLE}(?P<name>{spelled})", re.IGNORECASE), called


def _pattern(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    return words if UNSPACED.search(name) else rf"(?<![\w@]){words}(?!\w)"
