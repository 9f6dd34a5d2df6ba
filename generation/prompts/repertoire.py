"""Lines for prompts that give none: the intent of a prompt, and a variant of it that fits topic and time.

The words stand in repertoire.toml (English), and in repertoire_zh.toml and repertoire_ja.toml.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Final, cast

import msgspec

from generation.plan import Emotion
from generation.prompts.topic import Topic, slots

SPOKEN: Final = ("en", "zh", "ja")
_FILLING: Final = ((0.55, 1.5), (0.42, 1.2), (0.3, 1.0))  # share of the clip that is spoken, and what that is worth
_LINE: Final = re.compile(r"([AB]) (\w+) ([\d.]+): (.+)")


class Beat(msgspec.Struct, frozen=True):
    """One line before it has a place in a shot."""

    speaker: str
    text: str
    emotion: Emotion
    energy: float
    off_screen: bool = False


class Pattern(msgspec.Struct, frozen=True):
    """One variant: (A or B, emotion, energy, words with slots), and the slots it needs."""

    lines: tuple[tuple[str, Emotion, float, str], ...]
    needs: frozenset[str]


class Intent(msgspec.Struct, frozen=True):
    """What people do in a prompt, and what they say then."""

    name: str
    cue: re.Pattern[str] | None
    topic: tuple[str, ...]
    titles: tuple[str, ...]
    duet: tuple[Pattern, ...]
    solo: tuple[Pattern, ...]
    owner: str  # whose "her" and "his" in the topic are
    infinitive: bool  # a bare verb may follow: "learn to juggle"


@lru_cache(maxsize=len(SPOKEN))
def intents(language: str) -> tuple[Intent, ...]:
    """The whole repertoire of a language of SPOKEN."""
    name = "repertoire.toml" if language == "en" else f"repertoire_{language}.toml"
    border = r"\b" if language == "en" else ""
    with Path(__file__).with_name(name).open("rb") as file:
        table = tomllib.load(file)
    return tuple(
        Intent(
            name=intent,
            cue=re.compile(f"{border}(?:{'|'.join(each['cues'])}){border}", re.IGNORECASE) if each["cues"] else None,
            topic=tuple(each["topic"]),
            titles=tuple(each["titles"]),
            duet=tuple(_pattern(lines) for lines in each["duet"]),
            solo=tuple(_pattern(lines) for lines in each["solo"]),
            owner=each.get("owner", "A"),
            infinitive=each.get("infinitive", False),
        )
        for intent, each in table.items()
    )


def intent_of(prose: str, language: str) -> Intent | None:
    """The intent whose cue comes first in `prose`; None where no cue is found."""
    hits = [
        (found.start(), place)
        for place, intent in enumerate(intents(language))
        if intent.cue and (found := intent.cue.search(prose))
    ]
    return intents(language)[min(hits)[1]] if hits else None


def named(name: str, language: str) -> Intent:
    """The intent called `name`."""
    return next(intent for intent in intents(language) if intent.name == name)


def choose(
    intent: Intent,
    topic: Topic | None,
    speakers: Sequence[tuple[str, str]],
    fits: Callable[[Sequence[Beat]], float],
    dice: random.Random,
) -> tuple[Beat, ...]:
    """One variant for `speakers` (id, name), slots filled. `fits` gives the share of the clip its words take.

    Of those that take at most the whole clip, variants about the topic come before others, and those that fill the
    clip before short ones; among equals `dice` decides. Empty where even the shortest does not fit.
    """
    best: list[tuple[float, float, tuple[Beat, ...]]] = []
    for pattern in intent.duet if len(speakers) > 1 else intent.solo:
        beats = filled(pattern, intent, topic, speakers)
        if beats is None or (share := fits(beats)) > 1.0:
            continue
        about_it = bool(pattern.needs - {"a", "b"})
        fills = next((worth for least, worth in _FILLING if share > least), 0.0)
        best.append((1.2 * about_it + fills, dice.random(), beats))
    return max(best, key=lambda each: each[:2])[2] if best else ()


def filled(
    pattern: Pattern, intent: Intent, topic: Topic | None, speakers: Sequence[tuple[str, str]]
) -> tuple[Beat, ...] | None:
    """The variant with its slots filled, or None where the topic cannot fill them."""
    people = {"a": speakers[0][1], "b": speakers[-1][1]}
    by_part = {part: slots(topic, mine=part == intent.owner or len(speakers) == 1) | people for part in "AB"}
    if not pattern.needs <= by_part["A"].keys():
        return None
    ids = {"A": speakers[0][0], "B": speakers[-1][0]}
    return tuple(
        Beat(ids[part], words.format_map(by_part[part]), emotion, energy)
        for part, emotion, energy, words in pattern.lines
    )


def _pattern(lines: Sequence[str]) -> Pattern:
    parsed = []
    for line in lines:
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"not a line of the repertoire: {line!r}")
        parsed.append((found[1], cast("Emotion", found[2]), float(found[3]), found[4]))
    fields = (name for *_, words in parsed for _, name, _, _ in Formatter().parse(words))
    return Pattern(tuple(parsed), frozenset(filter(None, fields)))
