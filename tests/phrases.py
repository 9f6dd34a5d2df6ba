"""The phrases of tests/data/safety: what must be refused and what must pass, by rule, place and language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from social.safety import rules
from social.safety.rules import Place

FILE = Path(__file__).parent / "data" / "safety" / "phrases.toml"


class Phrase(msgspec.Struct, frozen=True):
    category: str
    place: Place
    person: bool
    language: str
    text: str
    refused: bool  # as it should be
    hard: bool  # measured, not promised

    @property
    def found(self) -> str | None:
        """The category that the rules refuse it for."""
        finding = rules.met(self.text, self.place, person=self.person)
        return None if finding is None else finding.category

    @property
    def judged(self) -> bool:
        """Rightly; for what another rule refuses first that is right too."""
        return (self.found is not None) == self.refused


def phrases() -> Iterator[Phrase]:
    for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["row"]:
        for side in ("refuse", "pass", "refuse_hard", "pass_hard"):
            for language, texts in row.get(side, {}).items():
                for text in texts:
                    yield Phrase(
                        row["category"],
                        row["place"],
                        row.get("person", False),
                        language,
                        text,
                        side.startswith("refuse"),
                        side.endswith("hard"),
                    )
