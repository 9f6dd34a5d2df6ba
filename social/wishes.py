"""What somebody tells their feed, read by rules: "more dogs, less shouting, nothing political" is three wishes.

A wish is a direction and the words it is about. English, German, French and Spanish say the direction before the words,
Japanese after them, Chinese either way. Whatever else stands there, SQL or HTML, is only words.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final, Literal

import msgspec

Direction = Literal["more", "less", "none"]
WORDS_MOST: Final = 6  # of one wish
UNSPACED_MOST: Final = 20  # characters of one in Chinese or Japanese
WISHES_MOST: Final = 20
_LEAST_FIRST: Final[tuple[Direction, ...]] = ("none", "less", "more")

_KANJI: Final = "\u30a0-\u30ff\u3400-\u9fff"
_SYLLABIC: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_END_OF_SENTENCE: Final = re.compile("[.!?;。！？；\n]")
_END_OF_CLAUSE: Final = re.compile(
    r"[^\w\s'’\-]+|\s-+\s|\n"
    r"|(?<!nothing )(?<!anything )(?<!everything )\b(?:and|but|or|then|also|und|aber|oder|auch|et|mais|ou|y|e|pero|o)\b"
)
_LISTED: Final = re.compile(rf"(?<=[{_KANJI}])[とや和跟与及](?=[{_KANJI}])|\s+")


class _Markers(msgspec.Struct, frozen=True):
    direction: Direction
    patterns: tuple[str, ...]


class _Speech(msgspec.Struct, frozen=True):
    """wishes.toml."""

    spaced: tuple[_Markers, ...]
    unspaced: tuple[_Markers, ...]
    fillers: dict[str, str]


_SPEECH: Final = msgspec.toml.decode(Path(__file__).with_name("wishes.toml").read_bytes(), type=_Speech)
_SPACED: Final = re.compile(
    "|".join(rf"(?P<m{n}>\b(?:{'|'.join(one.patterns)})(?=\s|$))" for n, one in enumerate(_SPEECH.spaced))
)
_UNSPACED: Final = re.compile("|".join(f"(?P<m{n}>{'|'.join(one.patterns)})" for n, one in enumerate(_SPEECH.unspaced)))
_FILLERS: Final = frozenset(word for words in _SPEECH.fillers.values() for word in words.split())
_PARTICLES: Final = re.compile(
    r"^(?:请|我|给|看|的|关于|有关|を|は|が|の|も|に|で)+"
    r"|(?:的|视频|内容|动画片?|了|吧|動画|系|ください|下さい|して|です|にして|を|は|が|の|も|に|で|な)+$"
)


class Wish(msgspec.Struct, frozen=True):
    """`words`: what it is about, lower case, without accents."""

    direction: Direction
    words: str


def read(text: str) -> tuple[tuple[Wish, ...], tuple[str, ...]]:
    """The wishes in the order they were said, and the clauses that say none. Of two about the same the last counts."""
    wishes: dict[str, Wish] = {}
    lost: list[str] = []
    for sentence in _END_OF_SENTENCE.split(_plain(text)):
        before: Direction | None = None
        heard: str | None = None  # a clause of a direction alone: "more: dogs, cats"
        for clause in filter(None, (part.strip() for part in _END_OF_CLAUSE.split(sentence))):
            for direction, words in _clause(clause, before):
                heard = clause if direction and not words else None
                if direction is None or len(wishes) >= WISHES_MOST:
                    lost.append(clause)
                elif words:
                    wishes.pop(words, None)
                    wishes[words] = Wish(direction, words)
                before = direction
        lost += [heard] if heard else []
    return tuple(wishes.values()), tuple(dict.fromkeys(lost))


def _clause(clause: str, before: Direction | None) -> list[tuple[Direction | None, str]]:
    return _unspaced(clause, before) if _SYLLABIC.search(clause) else _spaced(clause, before)


def _plain(text: str) -> str:
    """Lower case, no accents on Latin letters, nothing that is not seen; pictures by their names."""
    seen = "".join(map(_seen, unicodedata.normalize("NFKC", text)))
    bare = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", seen.casefold()))
    elided = re.sub(r"\b([cdjlmnst])['’]", r"\1 ", unicodedata.normalize("NFC", bare))
    return re.sub(r"['’]", "", elided)


def _seen(one: str) -> str:
    match unicodedata.category(one):
        case "Cf" | "Cc" | "Cs" | "Co" | "Cn":
            return " " if one in "\n\r\t" else ""
        case "So":
            return f" {unicodedata.name(one, '').removesuffix(' FACE').replace('-', ' ')} "
        case _:
            return "" if "\ufe00" <= one <= "\ufe0f" else one


def _spaced(clause: str, before: Direction | None) -> list[tuple[Direction | None, str]]:
    """A clause at its markers. What stands before the first has the direction of the clause before, if any."""
    marks = list(_SPACED.finditer(clause))
    lead = _content(clause[: marks[0].start() if marks else None])
    found: list[tuple[Direction | None, str]] = []
    for mark, following in zip(marks, [*marks[1:], None][: len(marks)], strict=True):
        direction = _SPEECH.spaced[int(str(mark.lastgroup)[1:])].direction
        words = _content(clause[mark.end() : following.start() if following else None])
        if words:
            found.append((direction, words))  # of markers in a row the last counts: "I want no politics"
        elif following is None and not found:
            return [(direction, lead)]  # "dogs, more"
        elif following is None and direction != "more":
            found[-1] = (direction, found[-1][1])  # "ich mag Katzen nicht"
    return [(before, lead), *found] if lead else found


def _content(text: str) -> str:
    words = [word for word in re.findall(r"\w+", text) if word not in _FILLERS]
    return " ".join(words[:WORDS_MOST])


def _unspaced(clause: str, before: Direction | None) -> list[tuple[Direction | None, str]]:
    """Japanese and Chinese: one direction a clause, wherever it stands; of several the one that wants least."""
    said = {_SPEECH.unspaced[int(str(mark.lastgroup)[1:])].direction for mark in _UNSPACED.finditer(clause)}
    direction = next((one for one in _LEAST_FIRST if one in said), before)
    listed = [_PARTICLES.sub("", one)[:UNSPACED_MOST] for one in _LISTED.split(_UNSPACED.sub(" ", clause))]
    return [(direction, words) for words in listed if words] or [(direction, "")]
