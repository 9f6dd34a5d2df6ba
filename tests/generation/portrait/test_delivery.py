from __future__ import annotations

from itertools import combinations
from typing import get_args

import numpy as np
import pytest
from scipy.signal import resample_poly

from generation.perception.hearing import Hearing
from generation.perception.tone import PLAIN, Tone
from generation.perception.voices import pitches
from generation.plan import Emotion, Line
from generation.portrait.delivery import pace_of, tone_of
from generation.portrait.speech import Speaker, Speech
from generation.portrait.world import toned

TEXT = "The garden show opens on Sunday, and I will bring roses."
VOICES = ({"af_heart": 0.7, "bf_emma": 0.3}, {"am_michael": 1.0})
STEP = np.array([1.0, 0.2, 0.08])  # semitones of the median, share of neutral's range, share of its rate

Measured = dict[Emotion, np.ndarray[tuple[int], np.dtype[np.float64]]]


def said(speaker: Speaker, voice: dict[str, float], line: Line) -> Speech:
    return speaker.say(line.text, voice, pace_of(line), tone=tone_of(line))


def prosody(speech: Speech) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Median pitch in semitones, its range (10 to 90 %) in semitones, sounds a second."""
    semitones = 12 * np.log2(pitches(np.asarray(resample_poly(speech.samples, 2, 3), np.float32)))
    low, middle, high = np.quantile(semitones, (0.1, 0.5, 0.9))
    sounds = sum(phone.symbol.strip() != "" for phone in speech.phones)
    return np.array([middle, high - low, sounds / speech.seconds])


@pytest.fixture(scope="module", params=VOICES, ids=("hers", "his"))
def spoken(request: pytest.FixtureRequest, speaker: Speaker) -> dict[Emotion, Speech]:
    """The same words with every emotion."""
    return {emotion: said(speaker, request.param, Line("S1", TEXT, emotion)) for emotion in get_args(Emotion)}


def test_any_two_emotions_differ_in_measured_pitch_range_or_rate(spoken: dict[Emotion, Speech]) -> None:
    measured: Measured = {emotion: prosody(speech) for emotion, speech in spoken.items()}
    for one, other in combinations(measured, 2):
        apart = np.abs(measured[one] - measured[other]) / (1, *measured["neutral"][1:])
        assert (apart > STEP).any(), (one, other, measured[one], measured[other])


def test_more_energy_is_faster_and_higher(speaker: Speaker) -> None:
    calm, lively = (prosody(said(speaker, VOICES[0], Line("S1", TEXT, energy=energy))) for energy in (0.0, 1.0))
    assert lively[2] > 1.08 * calm[2]
    assert lively[0] > calm[0] + 0.6


@pytest.mark.parametrize("emotion", get_args(Emotion))
def test_every_word_is_still_understood_and_nothing_clips(
    spoken: dict[Emotion, Speech], hearing: Hearing, emotion: Emotion
) -> None:
    speech = spoken[emotion]
    heard = " ".join(word.text for word in hearing.words(np.asarray(resample_poly(speech.samples, 2, 3), np.float32)))
    assert heard.lower().replace(",", "") == TEXT.lower().replace(",", "")
    assert np.abs(speech.samples).max() < (1.06 if emotion == "neutral" else 0.99)


def test_a_tone_moves_no_sound_in_time(speaker: Speaker) -> None:
    plain = speaker.say(TEXT, VOICES[0])
    high = speaker.say(TEXT, VOICES[0], tone=Tone(3.0, 1.3, 1.04))
    assert high.phones == plain.phones
    assert len(high.samples) == len(plain.samples)

    def loudness(speech: Speech) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        even = speech.samples[: len(speech.samples) // 480 * 480].astype(np.float64).reshape(-1, 480)
        return np.asarray(np.sqrt((even**2).mean(1)))

    lags = [np.corrcoef(np.roll(loudness(high), lag), loudness(plain))[0, 1] for lag in range(-5, 6)]
    assert int(np.argmax(lags)) == 5  # 20 ms steps: not moved


def test_nothing_is_done_for_a_plain_tone_or_to_silence(speaker: Speaker) -> None:
    spoken = speaker.say(TEXT, VOICES[0])
    assert toned(spoken.samples, PLAIN) is spoken.samples
    assert not toned(np.zeros(9_600, np.float32), Tone(3.0)).any()


def test_two_tones_are_one() -> None:
    low, bright = Tone(-2.0, 0.8), Tone(0.5, 1.5, 1.02, (1.0,) * 16)
    assert low.joined(bright) == Tone(-1.5, 1.2, 1.02, (1.0,) * 16)
    assert low.joined(PLAIN) == low
