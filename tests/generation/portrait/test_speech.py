from __future__ import annotations

import numpy as np
import pytest

from generation.errors import EngineUnavailable, LanguageNotSpoken
from generation.portrait.phones import SAMPLE_RATE
from generation.portrait.speech import Speaker, Speech, tightened

STYLE = {"af_heart": 0.7, "bf_emma": 0.3}


@pytest.fixture(scope="module")
def speech(speaker: Speaker) -> Speech:
    return speaker.say("Hello there, my friend. Bob baked a pie at 10:30! 🥧", STYLE)


def test_every_sound_has_its_time_and_none_is_left_out(speech: Speech) -> None:
    assert speech.phones[0].start_s == 0
    assert speech.phones[-1].end_s == pytest.approx(speech.seconds, abs=1e-6)
    for phone, after in zip(speech.phones, speech.phones[1:], strict=False):
        assert phone.start_s <= phone.end_s
        assert phone.end_s == pytest.approx(after.start_s)
    spoken = "".join(phone.symbol for phone in speech.phones if phone.symbol.strip())
    assert spoken == "".join(c for c in speech.phonemes if c not in 'ˈˌ ;:,.!?—…"()“”')


def test_words_are_as_written_and_follow_each_other(speech: Speech) -> None:
    written = [word.text for word in speech.words]
    assert written == ["Hello", "there,", "my", "friend.", "Bob", "baked", "a", "pie", "at", "10:30! 🥧"]
    for word, after in zip(speech.words, speech.words[1:], strict=False):
        assert 0 <= word.start_s < word.end_s <= after.start_s


def test_a_vowel_is_louder_than_a_pause(speech: Speech) -> None:
    def rms(symbol: str) -> float:
        parts = [
            speech.samples[round(phone.start_s * SAMPLE_RATE) : round(phone.end_s * SAMPLE_RATE)]
            for phone in speech.phones[1:-1]
            if phone.symbol == symbol
        ]
        return float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))

    assert rms("A") > 3 * rms("")


def test_the_edges_are_silent(speech: Speech) -> None:
    assert max(abs(float(speech.samples[0])), abs(float(speech.samples[-1]))) < 0.01


def test_faster_speech_is_shorter(speaker: Speaker, speech: Speech) -> None:
    text = " ".join(word.text for word in speech.words)
    assert speaker.say(text, STYLE, 1.25).seconds < 0.9 * speech.seconds


def test_what_was_said_is_not_made_twice(speaker: Speaker, speech: Speech) -> None:
    again = speaker.say("Hello there, my friend. Bob baked a pie at 10:30! 🥧", STYLE)
    assert again is speech


def test_shorter_pauses_keep_the_words_in_order(speech: Speech) -> None:
    short = tightened(speech, 0.1)
    assert short.seconds < speech.seconds
    assert [word.text for word in short.words] == [word.text for word in speech.words]
    assert short.phones[-1].end_s == pytest.approx(short.seconds, abs=1e-3)
    assert all(p.end_s - p.start_s < 0.1 + 1e-3 for p in short.phones[1:-1] if p.symbol == "")
    assert float(np.abs(np.diff(short.samples)).max()) <= float(np.abs(np.diff(speech.samples)).max()) + 1e-6


@pytest.mark.parametrize("text", ["😂", "...", "?!", "🎉 🎉"])
def test_text_without_a_word_is_silence(speaker: Speaker, text: str) -> None:
    silence = speaker.say(text, STYLE)
    assert silence.seconds > 0
    assert not silence.samples.any()
    assert [word.text for word in silence.words] == [text]


@pytest.mark.parametrize(("text", "language"), [("Bonjour à tous", "fr"), ("안녕하세요", "en"), ("Привет", "en-GB")])
def test_another_language_is_refused_by_name(speaker: Speaker, text: str, language: str) -> None:
    with pytest.raises(LanguageNotSpoken) as refused:
        speaker.say(text, STYLE, language=language)
    assert refused.value.spoken == ("en", "zh", "ja")


def test_an_unknown_voice_is_named(speaker: Speaker) -> None:
    with pytest.raises(EngineUnavailable, match="af_nobody"):
        speaker.say("Hello.", {"af_nobody": 1.0})


def test_a_long_text_is_spoken_whole(speaker: Speaker) -> None:
    text = "This sentence is said a few times, so that no single breath could hold it. " * 3
    assert len(speaker.say(text, STYLE, 2.0).words) == len(text.split())
