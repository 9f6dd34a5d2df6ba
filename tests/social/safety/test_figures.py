"""Public figures: named, they are written out; characters of their name and everybody else's names stay."""

from __future__ import annotations

import pytest

from social.safety import figures


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Barack Obama juggles in a park", "A president juggles in a park"),
        ("a dance with taylor swift and @maya", "a dance with a singer and @maya"),
        ("She meets President  Trump.", "She meets a president."),
        ("习近平在公园跳舞", "A president在公园跳舞"),
        ("Встречает Дональда Трампа", "Встречает a president"),
        ('Elon Musk says: "Hi, Tom Hanks!"', 'A founder of a company says: "Hi, a film star!"'),
        ("a president gives a speech", "a president gives a speech"),
        ("Tom Hankson and Taylor Swiftly run", "Tom Hankson and Taylor Swiftly run"),
        ("@tom.hanks waves", "@tom.hanks waves"),
        ("swift taylor birds over Trump Street", "swift taylor birds over Trump Street"),
    ],
)
def test_a_figure_without_a_character_is_called_by_what_they_are(text: str, told: str) -> None:
    assert figures.written_out(text, ["Maya"]) == told
    assert figures.written_out(told, ["Maya"]) == told


def test_a_character_of_that_name_stays_who_they_are() -> None:
    assert figures.written_out("Will Smith sings to Tom Hanks", ["Will  smith"]) == "Will Smith sings to a film star"
    assert figures.named("Will Smith sings", ["Will Smith"]) is None
    assert figures.named("Will Smith sings", []) == ("Will Smith", "a film star")
