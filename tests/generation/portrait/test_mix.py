from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from generation.plan import Line, Screenplay, Shot
from generation.portrait.ambience import surroundings_of
from generation.portrait.bed import SCORES, mood_of, music
from generation.portrait.effects import effect, effects_in
from generation.portrait.loudness import lufs, mastered
from generation.portrait.mix import Voice, mix, stems_of, wide_band
from generation.portrait.speech import Speaker
from generation.shapes import SAMPLE_RATE, samples_for


def play(setting: str = "a garden", bed: str = "warm piano", seconds: float = 4.0, sound: str = "") -> Screenplay:
    return Screenplay("t", "s", setting, (Shot(0.0, seconds, "wide", lines=(Line("S1", "Hi"),), sound=sound),), bed)


@pytest.fixture(scope="module")
def voice(speaker: Speaker) -> Voice:
    samples = wide_band(speaker.say("Wonderful, I will bring my best roses.", {"bf_emma": 1.0}).samples)
    return Voice(samples, 0.8, 0.2, off_screen=False, emotion="neutral", energy=0.5)


@pytest.mark.parametrize(
    ("setting", "bed"), [("a garden", "warm"), ("kitchen", "upbeat"), ("cathedral", "sad"), ("a street", "none")]
)
def test_a_clip_is_as_long_and_as_loud_as_it_should_be(voice: Voice, setting: str, bed: str) -> None:
    sound = mix(play(setting, bed), [voice], seed=1)
    assert sound.shape == (2, samples_for(4))
    assert sound.dtype == np.float32
    assert lufs(sound) == pytest.approx(-16, abs=0.5)
    assert 20 * np.log10(np.abs(resample_poly(sound, 8, 1, axis=1)).max()) <= -1
    assert np.abs(sound.mean(1)).max() < 1e-3
    assert np.abs(sound[:, [0, -1]]).max() < 1e-3


def test_the_words_stand_well_above_everything_else(voice: Voice) -> None:
    stems = stems_of(play(bed="upbeat drums"), [voice], seed=1)
    talk = slice(round(0.8 * SAMPLE_RATE), round(0.8 * SAMPLE_RATE) + len(voice.samples))
    under = stems.music + stems.surroundings
    ratio = np.mean(stems.speech[:, talk] ** 2) / np.mean(under[:, talk] ** 2)
    assert 10 * np.log10(ratio) >= 12
    before = slice(round(0.1 * SAMPLE_RATE), round(0.5 * SAMPLE_RATE))
    assert np.mean(under[:, before] ** 2) > 3 * np.mean(under[:, talk] ** 2)


def test_the_same_seed_gives_the_same_samples(voice: Voice) -> None:
    first, again, other = (mix(play(), [voice], seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_voice_is_heard_where_its_speaker_stands(voice: Voice) -> None:
    left = Voice(voice.samples, 0.5, -0.3, off_screen=False, emotion="neutral", energy=0.5)
    energy = (stems_of(play(), [left], seed=1).speech ** 2).sum(1)
    assert energy[0] > 1.3 * energy[1]


def test_indoors_has_a_room_and_outdoors_has_none(voice: Voice) -> None:
    short = Voice(voice.samples[: SAMPLE_RATE // 2], 0.5, 0.0, off_screen=False, emotion="neutral", energy=0.5)
    tail = slice(round(1.05 * SAMPLE_RATE), round(1.3 * SAMPLE_RATE))
    outside, inside = (stems_of(play(place), [short], seed=1).speech[:, tail] for place in ("a garden", "kitchen"))
    assert not outside.any()
    assert np.abs(inside).max() > 1e-4


def test_a_clip_without_a_word_or_a_note_stays_quiet() -> None:
    assert lufs(mix(play(bed="none"), [], seed=1)) == pytest.approx(-34, abs=0.5)


def test_silence_is_not_raised() -> None:
    assert not mastered(np.zeros((2, SAMPLE_RATE), np.float32), -16).any()


@pytest.mark.parametrize("mood", SCORES)
def test_each_mood_is_music_that_fits_the_clip(mood: str) -> None:
    found = mood_of(mood)
    assert found is not None
    sound = music(found, 4.0, 3)
    assert sound.shape == (2, samples_for(4))
    power = np.abs(np.fft.rfft(sound.mean(0))) ** 2
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE)
    assert power[(hertz > 60) & (hertz < 4000)].sum() > 0.9 * power.sum()
    assert np.abs(np.diff(sound)).max() < 0.5 * np.abs(sound).max()


@pytest.mark.parametrize(
    ("words", "mood"),
    [("gentle warm guitar", "calm"), ("none", None), ("", None), ("Suspenseful strings", "tense"),
     ("dreamy synth pads", "spacey"), ("happy ukulele", "playful"), ("melancholy", "sad"), ("jazz trio", "calm")],
)  # fmt: skip
def test_the_bed_is_chosen_by_its_words(words: str, mood: str | None) -> None:
    assert mood_of(words) == mood


def test_a_setting_is_heard() -> None:
    kinds = [surroundings_of(s).kind for s in ("A sunny beach", "city rooftop", "forest", "busy café", "her kitchen")]
    assert kinds == ["waves", "city", "nature", "crowd", "room"]


def test_effects_are_named_in_the_order_of_the_words_and_placed_in_their_shot() -> None:
    assert effects_in("A knock, then the door slams and the audience claps") == ("knock", "door", "applause")
    assert effects_in("a cat purrs") == ()
    shots = (Shot(0.0, 2.0, "wide"), Shot(2.0, 4.0, "wide", sound="door slams"))
    stems = stems_of(Screenplay("t", "s", "a garden", shots, "none"), [], seed=1)
    heard = np.flatnonzero(np.abs(stems.effects).max(0) > 1e-3) / SAMPLE_RATE
    assert 2.0 < heard[0] < 2.2
    assert heard[-1] < 4.0


@pytest.mark.parametrize("name", ["door", "knock", "applause", "whoosh", "thunder", "phone", "bell", "steps", "splash"])
def test_an_effect_begins_and_ends_in_silence(name: str) -> None:
    sound = effect(name, 1)
    assert abs(float(sound[0])) < 1e-3
    assert abs(float(sound[-1])) < 1e-3
    assert np.abs(sound).max() == pytest.approx(1)
