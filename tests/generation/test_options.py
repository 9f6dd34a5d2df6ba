"""What a maker may ask of the engine that an operator configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.languages import SPOKEN, language_of_line
from generation.options import ABILITIES, EngineOptions, abilities_of


@pytest.mark.parametrize("engine", ABILITIES)
def test_an_engine_that_is_named_is_asked_for_what_it_can_do(engine: str) -> None:
    assert abilities_of(EngineOptions(engine)) == ABILITIES[engine]


def test_without_weights_or_a_server_auto_is_the_portrait_engine() -> None:
    assert abilities_of(EngineOptions()) == ABILITIES["portrait"]
    assert abilities_of(EngineOptions("sora")) == ABILITIES["portrait"]


def test_auto_can_be_asked_for_whatever_one_of_the_engines_can_do_that_it_may_choose() -> None:
    both = abilities_of(EngineOptions(ltx_weights=Path("/w")))
    assert both.recordings
    assert set(SPOKEN) < set(both.languages)
    assert not abilities_of(EngineOptions(remote_url="http://gpu/v1")).recordings
    assert abilities_of(EngineOptions(echo_weights=Path("/w"))) == ABILITIES["portrait"]


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("¿Dónde está la biblioteca?", "es", "es"),
        ("Où est la gare, s'il te plaît ?", "en", "fr"),
        ("안녕하세요", "ko", "ko"),
        ("OK", "ko", "en"),
        ("你好", "es", "zh"),
        ("Good morning to you all", "en", "en"),
    ],
)
def test_lines_are_told_apart_in_every_language_that_is_spoken(text: str, declared: str, language: str) -> None:
    assert language_of_line(text, declared, ABILITIES["ltx"].languages) == language
