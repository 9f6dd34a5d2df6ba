from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.languages import script_of
from generation.portrait.reading import read


def aloud(text: str) -> str:
    return " ".join(token.said for token in read(text) if token.said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Meet me at 10:30 in the café.", "Meet me at ten thirty in the cafe."),
        ("It's 7:05pm, not 9 a.m.", "It's seven oh five PM, not nine AM."),
        ("12:00 sharp", "twelve o'clock sharp"),
        ("It costs $5.99!", "It costs five dollars and ninety-nine cents!"),
        ("$3 million or £0.50", "three million dollars or fifty pence"),
        ("on the 3rd of May, 2026", "on the third of May, twenty twenty-six"),
        ("May 3 and the 1990s", "May third and the nineteen nineties"),
        ("2026-11-22", "november twenty-second, twenty twenty-six"),
        ("1,204 people", "one thousand two hundred and four people"),
        ("3.14 and -5°C", "three point one four and minus five degrees celsius"),
        ("5 km, 30km/h, 1 kg", "five kilometers, thirty kilometers per hour, one kilogram"),
        ("20% off", "twenty percent off"),
        ("555-1234", "five five five, one two three four"),
        ("Dr. Smith, e.g. Mr. Jones", "doctor Smith, for example mister Jones"),
        ("St. Paul lives on Main St.", "saint Paul lives on Main street."),
        ("World War II", "World War two"),
        ("ask @maya_b at castmate.org/new", "ask at maya b at castmate dot org slash new"),
        ("me@x.com #fun", "me at x dot com hashtag fun"),
        ("STOP THAT NOW PLEASE", "stop that now please"),
        ("I saw NASA", "I saw NASA"),
        ("sooo goooood, yesss", "so good, yes"),
        ("Hi...you", "Hi… you"),
        ("[laughs] Well *sighs* okay :)", "Well okay"),
        ("Great 🎉👍🏽!", "Great!"),
        ("naïve Zoë's jalapeño", "naive Zoe's jalapeno"),
    ],
)
def test_text_is_read_as_a_person_reads_it(written: str, said: str) -> None:
    assert aloud(written) == said


@pytest.mark.parametrize("written", ["😂 🎉", "...", "!?", "", "   ", "[waves]"])
def test_nothing_but_pictures_and_marks_is_not_said(written: str) -> None:
    assert not any(c.isalnum() for c in aloud(written))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Привет друг", "und-Cyrl"),
        ("こんにちは世界", "ja"),
        ("你好", "zh"),
        ("안녕", "ko"),
        ("Hello", None),
        ("🎉", None),
    ],
)
def test_another_script_is_named(text: str, language: str | None) -> None:
    assert script_of(text) == language


@given(st.text(max_size=60))
def test_any_text_is_read_without_losing_a_written_word(text: str) -> None:
    tokens = read(text)
    silent = "\u200d\ufe0f"
    written = [word for word in text.split() if word.strip(silent)]
    assert len(tokens) in (0, len(written), len(text.split()))


@given(st.from_regex(r"[$£€]?[0-9]{1,18}([.:,/-][0-9]{1,4}){0,2}(%|km|th|am|k)?", fullmatch=True))
def test_any_figure_is_read_in_letters(figure: str) -> None:
    said = aloud(figure)
    assert said
    assert not any(c.isdigit() for c in said)
