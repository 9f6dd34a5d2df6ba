from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.languages import script_of
from generation.portrait import english
from generation.portrait.reading import read


def aloud(text: str) -> str:
    return " ".join(token.said for token in read(text) if token.said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Meet me at 10:30 in the café.", "Meet me at ten thirty in the cafe."),
        ("It's 7:05pm, not 9 a.m.", "It's seven oh five PM, not nine A.M."),
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


CLASSES = {
    "times": (
        ("at 7 pm or 19:05", "at seven PM or nineteen oh five"),
        ("7:00 pm", "seven PM"),
        ("9 am", "nine A.M"),
        ("I AM here", "I am here"),
        ("00:15", "zero fifteen"),
    ),
    "dates": (
        ("3 May 2024", "the third of May twenty twenty-four"),
        ("25/12/2024", "december twenty-fifth, twenty twenty-four"),
        ("12/25/2024", "december twenty-fifth, twenty twenty-four"),
        ("24.12.2026", "december twenty-fourth, twenty twenty-six"),
        ("Dec 25 or Jan. 3", "december twenty-fifth or january third"),
        ("1995-2024", "nineteen ninety-five to twenty twenty-four"),
        ("since 1066", "since ten sixty-six"),
        ("Fri 3pm", "friday three PM"),
    ),
    "money": (
        ("$5.50", "five dollars and fifty cents"),
        ("€3", "three euros"),
        ("3€", "three euros"),
        ("20 USD", "twenty U S dollars"),
        ("$20-$30", "twenty to thirty dollars"),
        ("$1.2M", "one point two million dollars"),
    ),
    "figures": (
        ("0.5", "zero point five"),
        ("1,5", "one point five"),
        ("10 000", "ten thousand"),
        ("2½ cups", "two and a half cups"),
        ("50/50", "fifty fifty"),
        ("3:2", "three to two"),
        ("5+5=10", "five plus five equals ten"),
        ("~5", "about five"),
        ("Super Bowl LVIII", "Super Bowl fifty-eight"),
        ("4K and 5G", "four K and five G"),
        ("COVID-19", "COVID nineteen"),
        ("No. 5", "number five"),
        ("room 101", "room one oh one"),
        ("Room 4B", "Room four B"),
        ("3-5 days", "three to five days"),
    ),
    "telephones": (
        ("Call +1 (415) 555-0132.", "Call one, four one five, five five five, zero one three two."),
        ("0171 2345678", "zero one seven one, two three four five six seven eight"),
        ("1-800-555-0199", "one, eight zero zero, five five five, zero one nine nine"),
        ("555-123-4567", "five five five, one two three, four five six seven"),
        ("room 12, row 34", "room twelve, row thirty-four"),
    ),
    "abbreviations": (
        ("Mt. Everest", "mount Everest"),
        ("Lt. Dan", "lieutenant Dan"),
        ("U.S.A.", "USA."),
        ("the US", "the U S"),
        ("tell us", "tell us"),
        ("a Ph.D. in C++", "a P H D in C plus plus"),
        ("AT&T", "ay T and T"),
        ("I got an A+ and a B-.", "I got an ay plus and a B minus."),
        ("He sat in the gen.", "He sat in the gen."),
    ),
    "hearts": (("I ❤️ you", "I love you"), ("I <3 this", "I love this"), ("love you ❤️", "love you")),
    "stretched": (("nooooo", "no"), ("What???", "What???"), ("wait…", "wait…"), ("shhhh", "shh"), ("hmmm", "hm")),
}


@pytest.mark.parametrize(("written", "said"), [pair for pairs in CLASSES.values() for pair in pairs])
def test_every_class_of_written_words_is_said(written: str, said: str) -> None:
    assert aloud(written) == said


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("Zoë", "zˈOi"),
        ("José", "hOzˈA"),
        ("Siobhan", "ʃəvˈɔn"),
        ("Chloe's", "klˈOiz"),
        ("Beyoncé", "biˈɑnsA"),
        ("Łódź", "wˈuʤ"),
        ("résumé", "ɹˈɛzəmˌA"),
        ("resume", "ɹəzˈum"),
        ("café", "kæfˈA"),
        ("U.S.", "jˈu ˈɛs."),
        ("USA", "jˌuˌɛsˈA"),
        ("9 a.m. now", "nˈIn ˌAˈɛm nˈW"),
    ],
)
def test_names_and_letters_have_their_own_sounds(name: str, sounds: str) -> None:
    assert english.sounds(aloud(name)) == sounds


def test_every_sound_of_a_name_is_one_that_the_dictionary_uses() -> None:
    dictionary = {c for value in english.lexicon().silvers.values() for c in str(value)}
    assert {c for sounds in english.NAMES.values() for c in sounds} <= dictionary


@pytest.mark.parametrize("written", ["😂 🎉", "...", "!?", "", "   ", "[waves]"])
def test_nothing_but_pictures_and_marks_is_not_said(written: str) -> None:
    assert not any(c.isalnum() for c in aloud(written))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Привет друг", "ru"),
        ("こんにちは世界", "ja"),
        ("你好", "zh"),
        ("안녕", "ko"),
        ("Hello", None),
        ("🎉", None),
    ],
)
def test_another_script_is_named(text: str, language: str | None) -> None:
    assert script_of(text) == language


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("1,204.5", "one thousand two hundred and four point five"),
        ("2,5.3", "twenty-five point three"),
    ],
)
def test_where_two_marks_stand_in_a_figure_the_last_is_its_point(figure: str, said: str) -> None:
    assert aloud(figure) == said


@pytest.mark.parametrize("text", ["²", "x² + 10³", "8 ①"])
def test_figures_that_are_no_decimals_break_nothing(text: str) -> None:
    assert len(read(text)) == len(text.split())


def test_a_number_that_looks_like_a_face_is_a_number() -> None:
    assert aloud("83") == "eighty-three"


@given(st.text(max_size=60))
def test_any_text_is_read_without_losing_a_written_word(text: str) -> None:
    tokens = read(text)
    silent = "\u200d\ufe0f"
    written = [word for word in text.split() if word.strip(silent)]
    assert len(tokens) in (0, len(written), len(text.split()))


@given(st.lists(st.from_regex(r"[A-Za-z]{1,8}[.,!?]?", fullmatch=True), min_size=1, max_size=8))
def test_every_word_of_letters_is_said(words: list[str]) -> None:
    emoticon = re.compile("x(d+|[po]+)", re.IGNORECASE)  # XD is a face
    for token in read(" ".join(words)):
        assert any(c.isalpha() for c in token.said) or emoticon.fullmatch(token.shown.rstrip(".,!?"))


@given(st.from_regex(r"[$£€]?[0-9]{1,18}([.:,/-][0-9]{1,4}){0,2}(%|km|th|am|k)?", fullmatch=True))
def test_any_figure_is_read_in_letters(figure: str) -> None:
    said = aloud(figure)
    assert said
    assert not any(c.isdigit() for c in said)
