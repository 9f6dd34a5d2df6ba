from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import resample_poly

from generation.errors import EngineUnavailable
from generation.perception.hearing import Hearing, Word, digit_words, digits
from generation.perception.recordings import Floats
from tests.captures import DIGITS, speaker


def words(text: str) -> tuple[Word, ...]:
    return tuple(Word(word, 0.3 * at, 0.3 * at + 0.2, 0.9) for at, word in enumerate(text.split()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 0 2 9 1 7", "402917"),
        ("402917.", "402917"),
        ("402,917", "402917"),
        ("40 29 17", "402917"),
        ("402 -917", "402917"),
        ("4-0-2, 9-1-7!", "402917"),
        ("four zero two nine one seven", "402917"),
        ("Four, oh, two, nine, one, seven.", "402917"),
        ("four O two 9 one 7", "402917"),
        ("forty twenty-nine seventeen", "402917"),
        ("forty two ninety one seven", "42917"),
        ("forty, zero, two", "4002"),
        ("double four triple seven", "44777"),
        ("double oh seven", "007"),
        ("treble nine", "999"),
        ("four for two", "442"),
        ("one to three", "123"),
        ("I ate nothing for you, too", ""),
        ("I did it for one two three", "4123"),
        ("double trouble", ""),
        ("nought nil naught", "000"),
        ("ten eleven twelve", "101112"),
        ("niner", "9"),
        ("My code is 4 0 2 9 1 7 and that is it", "402917"),
        ("fünf vier", ""),
        ("", ""),
        ("…", ""),
    ],
)
def test_digits_are_read_however_they_are_said(text: str, expected: str) -> None:
    assert digits(words(text)) == expected


@given(st.text("0123456789", min_size=1, max_size=12), st.sampled_from([" ", ", ", ". ", "-", " - "]))
def test_any_digits_come_back_from_numerals_and_from_words(said: str, between: str) -> None:
    assert digits(words(between.join(said))) == said
    assert digits(words(between.join(DIGITS[int(one)] for one in said))) == said


@given(st.text(max_size=80))
def test_any_text_gives_only_digits(text: str) -> None:
    assert set(digits(words(text))) <= set("0123456789")


def test_only_words_that_are_digits_tell_how_clear_they_were() -> None:
    assert [word.text for word in digit_words(words("my code is four 29. thanks for it"))] == ["four", "29."]


@pytest.fixture(scope="module")
def hearing() -> Hearing:
    return Hearing()


@pytest.mark.parametrize(("pack", "said"), [("af_nova", "402917"), ("am_onyx", "830556")])
def test_digits_read_aloud_are_heard_with_their_times(hearing: Hearing, pack: str, said: str) -> None:
    voice = aloud(said, pack)
    heard = hearing.words(voice)
    assert said in digits(heard)
    assert all(0 <= word.start_s <= word.end_s <= len(voice) / 16_000 + 0.5 for word in heard)
    assert np.mean([word.probability for word in digit_words(heard)]) > 0.4


def test_a_missing_model_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(EngineUnavailable, match="install the worker packages"):
        Hearing().words(np.zeros(16_000, np.float32))


def aloud(said: str, pack: str) -> Floats:
    speech = speaker().say(", ".join(DIGITS[int(one)] for one in said) + ".", {pack: 1.0}, 0.9)
    return np.asarray(0.6 * resample_poly(speech.samples, 2, 3), np.float32)
