from __future__ import annotations

import pytest

from generation.errors import LanguageNotSpoken
from generation.languages import SPOKEN, check_spoken, language_of_line
from generation.plan import Line, Screenplay, Shot


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Hello", "en", "en"),
        ("Hello", "en-GB", "en"),
        ("你好", "zh", "zh"),
        ("你好", "en", "zh"),
        ("東京", "ja", "ja"),
        ("東京", "zh-Hant-TW", "zh"),
        ("東京へ", "zh", "ja"),
        ("我爱Python", "zh", "zh"),
        ("OK!", "ja", "en"),
        ("café", "en", "en"),
    ],
)
def test_a_line_is_in_the_language_of_its_script(text: str, declared: str, language: str) -> None:
    assert language_of_line(text, declared) == language


@pytest.mark.parametrize(
    ("text", "declared", "named"),
    [
        ("Bonjour à tous", "fr", "fr"),
        ("안녕하세요", "en", "ko"),
        ("Привет", "en", "und-Cyrl"),
        ("你好", "yue", "yue"),
        ("Hola", "es-MX", "es-MX"),
    ],
)
def test_a_screenplay_with_an_unspoken_line_is_refused_by_the_name_of_its_language(
    text: str, declared: str, named: str
) -> None:
    lines = (Line("S1", "你好" if declared == "en" else text), Line("S1", text))
    with pytest.raises(LanguageNotSpoken) as refused:
        check_spoken(Screenplay("t", "s", "room", (Shot(0.0, 4.0, "wide", lines=lines),), "none", language=declared))
    assert refused.value.language == named
    assert refused.value.spoken == SPOKEN
