"""How many phrases the rules of words judge rightly: by category and by language, both sides (docs/safety.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from social.safety import rules
from tests.phrases import Phrase, phrases


def report() -> Iterator[str]:
    every = list(phrases())
    plain, hard = [one for one in every if not one.hard], [one for one in every if one.hard]
    yield f"rules {rules.version()}: {len(every)} phrases"
    yield from _table("category", plain, lambda one: f"{one.category} ({one.place}{', person' * one.person})")
    yield from _table("language", plain, lambda one: one.language)
    yield from _table("hard phrases", hard, lambda one: one.category)
    for one in every:
        if not one.judged:
            yield f"{'missed' if one.refused else 'refused wrongly'}: {one.language} {one.category}: {one.text}"


def _table(head: str, rows: Sequence[Phrase], key: Callable[[Phrase], str]) -> Iterator[str]:
    yield ""
    yield f"| {head} | refused of those that must be | passed of those that must |"
    yield "|---|---|---|"
    for name in dict.fromkeys(map(key, rows)):
        of = [one for one in rows if key(one) == name]
        sides = [
            f"{sum(one.judged for one in side)} / {len(side)}"
            for side in ([one for one in of if one.refused], [one for one in of if not one.refused])
        ]
        yield f"| {name} | {' | '.join(sides)} |"
