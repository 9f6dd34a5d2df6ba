from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.plan import Emotion, Line, Role, Screenplay, Shot
from generation.portrait import effects
from generation.portrait.ambience import surroundings_of
from generation.portrait.bed import SCORES, mood_of, music
from generation.portrait.effects import effect, effects_in, unmade_in
from generation.portrait.loudness import lufs, mastered
from generation.portrait.mix import Voice, mix, stems_of, unmade, wide_band
from generation.portrait.speech import Speaker
from generation.prompts.scenery import SCENERY
from generation.screenwriter import write
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
    assert effects_in("a cat purrs") == ("purr",)
    assert effects_in("knocking on a door, doorbell rings") == ("knock", "bell")
    assert effects_in("steady rain, a dog barks") == ("rain", "bark")
    shots = (Shot(0.0, 2.0, "wide"), Shot(2.0, 4.0, "wide", sound="door slams"))
    stems = stems_of(Screenplay("t", "s", "a garden", shots, "none"), [], seed=1)
    heard = np.flatnonzero(np.abs(stems.effects).max(0) > 1e-3) / SAMPLE_RATE
    assert 2.0 < heard[0] < 2.2
    assert heard[-1] < 4.0


SHORT = tuple(effects._WORDS)
NAMED = {
    "glass": "glass breaks", "door": "door slams", "steps": "footsteps", "shot": "gunshot", "purr": "a cat purrs",
    "tweets": "chirping", "claps": "claps twice, claps once", "snap": "finger snap", "howl": "a wolf howls",
    "cheers": "the crowd cheers", "creak": "a door creaks", "magic": "magic sparkle",
    "zap": "laser", "coin": "cash register", "boos": "the audience boos", "sea": "waves", "birds": "birds sing",
    "engine": "a motorbike", "pouring": "pouring water", "clang": "swords clang", "pop": "a cork pops",
    "heartbeat": "heartbeat", "sizzle": "sizzling", "hooves": "a horse gallops", "ticking": "a clock ticks",
}  # fmt: skip


@pytest.mark.parametrize("name", SHORT)
def test_an_effect_begins_and_ends_in_silence(name: str) -> None:
    sound = effect(name, 1)
    assert abs(float(sound[0])) < 1e-3
    assert abs(float(sound[-1])) < 1e-3
    assert np.abs(sound).max() == pytest.approx(1)
    assert np.abs(sound.mean()) < 0.01
    assert 0.1 < len(sound) / 24_000 <= 3.0


def third_octaves(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power in bands from 180 Hz, what a telephone's loudspeaker gives, to 11 kHz."""
    power = np.abs(np.fft.rfft(sound.mean(0))) ** 2
    edges = 180 * 2 ** (np.arange(19) / 3)
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE)
    return np.array([power[(hertz >= low) & (hertz < high)].sum() for low, high in itertools.pairwise(edges)])


@pytest.fixture(scope="module")
def under() -> NDArray[np.float32]:
    """Music and surroundings of the second shot, nobody speaks."""
    shots = (Shot(0.0, 2.0, "wide"), Shot(2.0, 6.0, "wide"))
    stems = stems_of(Screenplay("t", "s", "a garden", shots, "warm piano"), [], seed=1)
    return (stems.music + stems.surroundings)[:, 2 * SAMPLE_RATE :]


@pytest.mark.parametrize("name", effects.EFFECTS)
def test_an_effect_is_heard_above_the_music_in_its_own_shot_and_nowhere_else(
    name: str, under: NDArray[np.float32]
) -> None:
    words = NAMED.get(name, name)
    assert name in effects_in(words)
    assert unmade_in(words) == ()
    shots = (Shot(0.0, 2.0, "wide"), Shot(2.0, 6.0, "wide", sound=words))
    tape = stems_of(Screenplay("t", "s", "a garden", shots, "none"), [], seed=1).effects
    assert not tape[:, : 2 * SAMPLE_RATE].any()
    heard = tape[:, 2 * SAMPLE_RATE :]
    half = SAMPLE_RATE // 2
    loudest = int(np.argmax([(heard[:, i : i + half] ** 2).sum() for i in range(0, 3 * SAMPLE_RATE, half // 2)])) * (
        half // 2
    )
    part = slice(loudest, loudest + half)
    above_db = 10 * np.log10(third_octaves(heard[:, part]) / (third_octaves(under[:, part]) + 1e-9))
    assert above_db.max() > 10
    assert np.abs(heard).max() < 0.7


@pytest.mark.parametrize(
    "words", ["door slams, glass shatters", "applause", "steady rain", "siren passes, a dog barks"]
)
def test_an_effect_changes_neither_loudness_nor_peak(voice: Voice, words: str) -> None:
    sound = mix(play(sound=words), [voice], seed=1)
    assert lufs(sound) == pytest.approx(-16, abs=0.5)
    assert 20 * np.log10(np.abs(resample_poly(sound, 8, 1, axis=1)).max()) <= -1
    without = mix(play(), [voice], seed=1)
    assert np.abs(sound - without).max() > 0.02


def test_what_lasts_is_lower_while_somebody_speaks(voice: Voice) -> None:
    tape = stems_of(play(sound="steady rain", bed="none"), [voice], seed=1).effects
    talk = slice(round(0.9 * SAMPLE_RATE), round(1.6 * SAMPLE_RATE))
    after = slice(-SAMPLE_RATE, -SAMPLE_RATE // 2)
    assert 10 * np.log10(np.mean(tape[:, after] ** 2) / np.mean(tape[:, talk] ** 2)) > 6


def test_what_nobody_can_make_is_told_with_its_shot() -> None:
    shots = (
        Shot(0.0, 2.0, "wide", sound="door slams, a didgeridoo drones"),
        Shot(2.0, 4.0, "wide", sound="soft music and silence"),
        Shot(4.0, 6.0, "wide", sound="bagpipes"),
    )
    told = unmade(Screenplay("t", "s", "a garden", shots, "none"))
    assert len(told) == 2
    assert "didgeridoo" in told[0]
    assert "shot 1" in told[0]
    assert "bagpipes" in told[1]
    assert "shot 3" in told[1]


def test_every_effect_of_the_screenwriters_repertoire_can_be_made() -> None:
    for _, words in SCENERY.effects:
        assert effects_in(words), words
        assert unmade_in(words) == (), words


def test_a_prompt_that_names_a_sound_has_it_in_its_shot() -> None:
    cast = (Role("S1", "Maya", "maya"),)
    for prompt, name in (
        ("Maya sits in the kitchen. The phone rings.", "phone"),
        ("Maya is at home when a dog barks and glass breaks.", "glass"),
        ("Maya bakes. SFX: a rooster crows.", "rooster"),
        ("Maya tells a joke, then a rimshot.", "rimshot"),
        ("Maya waits and the crowd cheers.", "cheers"),
    ):
        shots = write(prompt, cast, 10, seed=3).shots
        assert name in {found for shot in shots for found in effects_in(shot.sound)}, (prompt, shots)


def mood_figures(mood: str) -> NDArray[np.float64]:
    """Brightness (octaves), attacks a second, bass (dB of all), how far it dies away between notes (dB)."""
    found = mood_of(mood)
    assert found is not None
    sound = music(found, 8.0, 1).mean(0)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    level = np.sqrt((sound[: len(sound) // 480 * 480].reshape(-1, 480) ** 2).mean(1))[50:-50]
    attacks = np.maximum(np.diff(np.log(level + 0.02 * level.max())), 0).sum() / 7
    low, high = np.quantile(level, (0.15, 0.9))
    bass = 10 * np.log10(power[hertz < 120].sum() / power.sum())
    return np.array([np.log2((power * hertz).sum() / power.sum()), attacks, bass, 20 * np.log10(high / low)])


def test_any_two_moods_differ_in_brightness_attacks_bass_or_breath() -> None:
    figures = {mood: mood_figures(mood) for mood in SCORES}
    for one, other in itertools.combinations(figures, 2):
        apart = np.abs(figures[one] - figures[other]) / (0.15, 0.6, 1.5, 2.0)
        assert apart.max() > 1.2, (one, other, figures[one], figures[other])


def test_more_energy_is_louder_and_a_shout_is_louder_than_a_sigh(voice: Voice) -> None:
    def level(energy: float, emotion: Emotion) -> float:
        changed = msgspec.structs.replace(voice, energy=energy, emotion=emotion)
        return float(10 * np.log10(np.mean(stems_of(play(bed="none"), [changed], seed=1).speech ** 2)))

    assert level(1.0, "neutral") - level(0.0, "neutral") == pytest.approx(3.0, abs=0.1)
    assert level(0.5, "angry") - level(0.5, "tender") == pytest.approx(3.0, abs=0.1)
    both = [msgspec.structs.replace(voice, energy=0.0), msgspec.structs.replace(voice, start_s=2.5, energy=1.0)]
    sound = mix(play(bed="none"), both, seed=1)
    assert lufs(sound) == pytest.approx(-16, abs=0.5)
    first, second = (sound[:, round(at * SAMPLE_RATE) :][:, :SAMPLE_RATE] for at in (0.8, 2.5))
    assert 10 * np.log10(np.mean(second**2) / np.mean(first**2)) > 1.5
