"""Full names of people nobody knows: written out of what is filmed, unless somebody in the cast is called so.

A guess by spelling, for Latin letters: two or three capitalised words whose first is a common given name, or that do
something only people do, and that are no place or thing. What is said in quotation marks stays: naming shows nobody.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

PERSON: Final = "a person"
QUOTED: Final = re.compile('"[^"]*"|\u201c[^\u201d]*\u201d|\u201e[^\u201c]*\u201c|\u00ab[^\u00bb]*\u00bb')
WORD: Final = r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff]+(?:[-'\u2019][A-Z\u00c0-\u00de]?[a-z\u00df-\u00ff]+)?"
ORDERS: Final = "Make|Let|Show|Watch|Film|Have|Starring|Featuring|With|Then|When"
NAME: Final = re.compile(
    rf"(?<![\w@.'\u2019-])(?!(?:{ORDERS})\b){WORD}"
    rf"(?:[ \t]+(?:(?:van|von|de|da|del|di|bin|al)[ \t]+)?{WORD}){{1,2}}(?![\w@])"
)


class _Words(msgspec.Struct, frozen=True):
    given: frozenset[str]
    no_name: frozenset[str]
    places: frozenset[str]
    after: re.Pattern[str]
    before: re.Pattern[str]


def written_out(text: str, cast: Collection[str]) -> str:
    """`Xaver Unbekannt juggles` -> `A person juggles`. `cast`: names of characters, who stay who they are."""
    kept = {word.casefold() for name in cast for word in name.split()}
    quotes = [found.span() for found in QUOTED.finditer(text)]

    def other(found: re.Match[str]) -> str:
        if any(begin <= found.start() < end for begin, end in quotes) or not _is_person(text, found, kept):
            return found[0]
        before = text[: found.start()].rstrip()
        return PERSON.capitalize() if not before or before[-1] in ".!?:" else PERSON

    return NAME.sub(other, text)


def _is_person(text: str, found: re.Match[str], kept: Collection[str]) -> bool:
    words, name = _words(), found[0].casefold().split()
    if name[0] in words.no_name or name[-1] in words.places or not {name[0], name[-1]}.isdisjoint(kept):
        return False
    return (
        name[0] in words.given
        or words.after.match(text, found.end()) is not None
        or words.before.search(text[: found.start()]) is not None
    )


@cache
def _words() -> _Words:
    raw = tomllib.loads(files("social.safety").joinpath("names.toml").read_text(encoding="utf-8"))
    lists = {name: raw[name].split() for name in raw}
    return _Words(
        frozenset(lists["given"]),
        frozenset(lists["no_name"]),
        frozenset(lists["places"]),
        re.compile(rf"(?:['\u2019]s)?\s+(?:{'|'.join(lists['after'])})(?!\w)"),
        re.compile(rf"(?<!\w)(?:{'|'.join(lists['before'])})\s+$", re.IGNORECASE),
    )
