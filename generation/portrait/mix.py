"""The finished sound of a clip: voices in their place, music and surroundings under them, at one level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d
from scipy.signal import butter, resample_poly, sosfilt

from generation.engine import Sound
from generation.plan import Emotion, Screenplay
from generation.portrait.ambience import Surroundings, ambience, surroundings_of
from generation.portrait.bed import mood_of, music
from generation.portrait.effects import effect, effects_in, lasting, lasts, unmade_in
from generation.portrait.loudness import gain_to, limited, lufs, mastered
from generation.portrait.room import reverberated
from generation.shapes import SAMPLE_RATE, samples_for

Floats = NDArray[np.float32]

LUFS: Final = -16.0
QUIET_LUFS: Final = -34.0  # of a clip with neither words nor music nor effects: only its surroundings
BED_LUFS: Final = -25.0  # music, where nobody speaks
DUCK_DB: Final = -11.0  # music and surroundings, while somebody speaks
SPEECH_RMS: Final = 0.10  # of a line while it sounds
EFFECT_RMS: Final = 0.075  # of an effect's loudest fifth of a second
EFFECT_PEAK: Final = 0.5  # and no peak above
LASTING_RMS: Final = 0.035  # of rain or a crowd, while nobody speaks
FADE_IN_S: Final = 0.08
FADE_OUT_S: Final = 0.35
LEAD: Final = round(FADE_OUT_S * SAMPLE_RATE)  # samples: a part that goes on begins under the end of the one before
MOOD_DB: Final[dict[Emotion, float]] = {
    "neutral": 0.0, "happy": 0.5, "excited": 1.5, "sad": -1.5, "angry": 1.5, "afraid": -1.0, "surprised": 1.0,
    "tender": -1.5,
}  # fmt: skip

_VOICE_BAND: Final = butter(2, 70, "highpass", fs=SAMPLE_RATE, output="sos")
_AUDIBLE: Final = butter(2, 180, "highpass", fs=SAMPLE_RATE, output="sos")  # what small loudspeakers give
_BEHIND: Final = butter(1, 3200, "lowpass", fs=SAMPLE_RATE, output="sos")  # a voice from outside the picture


class Voice(msgspec.Struct, frozen=True):
    """One spoken line, dry."""

    samples: Floats  # (N,) at 48 kHz
    start_s: float
    pan: float  # -1 left .. 1 right
    off_screen: bool
    emotion: Emotion
    energy: float  # 0..1


class Stems(msgspec.Struct, frozen=True):
    """What is mixed, each (2, samples) at 48 kHz, at the levels they have against each other."""

    speech: Sound
    music: Sound
    surroundings: Sound
    effects: Sound

    @property
    def whole(self) -> Sound:
        return np.asarray(self.speech + self.music + self.surroundings + self.effects, np.float32)

    @property
    def target_lufs(self) -> float:
        """How loud it should be."""
        foreground = (self.speech, self.music, self.effects)
        return LUFS if any(np.abs(stem).max(initial=0.0) > 0 for stem in foreground) else QUIET_LUFS


def mix(screenplay: Screenplay, voices: Sequence[Voice], *, seed: int) -> Sound:
    """(2, samples) at 48 kHz, as long as the screenplay: -16 LUFS, true peak below -1 dBFS, faded at both ends."""
    stems = stems_of(screenplay, voices, seed=seed)
    return mastered(stems.whole, stems.target_lufs)


def sequel(screenplay: Screenplay, voices: Sequence[Voice], *, seed: int, number: int, gain: float) -> Sound:
    """(2, LEAD + samples): part `number` of a clip that goes on, 0 being its beginning, mixed as a clip of its own.

    Music and surroundings rise through LEAD while those of the part before fall. What was before had `gain`; this is
    not louder than that, nor than a clip would be.
    """
    stems = stems_of(screenplay, voices, seed=seed)
    place, samples = surroundings_of(screenplay.setting), samples_for(screenplay.seconds)
    air = ambience(place.kind, screenplay.seconds + FADE_OUT_S, seed + number) * np.float32(10 ** (place.level_db / 20))
    duck = np.pad(_ducked(voices, samples), (LEAD, 0), mode="edge")
    under = _bed(screenplay, seed, FADE_OUT_S)[:, : len(duck)] * duck + air[:, : len(duck)] * np.sqrt(duck)
    under[:, :LEAD] *= np.linspace(0, 1, LEAD, dtype=np.float32)
    under[:, -LEAD:] *= np.linspace(1, 0, LEAD, dtype=np.float32)
    over = np.pad(stems.speech + stems.effects, ((0, 0), (LEAD, 0)))
    level = min(gain, gain_to(stems.whole, stems.target_lufs))
    return limited(np.asarray((over + under) * np.float32(level), np.float32))


def stems_of(screenplay: Screenplay, voices: Sequence[Voice], *, seed: int) -> Stems:
    """Everything that sounds, ducked under the speech and faded, before the last gain."""
    samples = samples_for(screenplay.seconds)
    place = surroundings_of(screenplay.setting)
    speech = _speech(voices, place, samples, seed)
    duck = _ducked(voices, samples)
    fade = np.ones(samples, np.float32)
    rise, fall = round(FADE_IN_S * SAMPLE_RATE), round(FADE_OUT_S * SAMPLE_RATE)
    fade[:rise] = np.linspace(0, 1, rise) ** 2
    fade[-fall:] = np.linspace(1, 0, fall) ** 2
    last_words = np.ones(samples, np.float32)
    last_words[-480:] = np.linspace(1, 0, 480)  # a line may end with the clip, and still without a click
    air = ambience(place.kind, screenplay.seconds, seed) * np.float32(10 ** (place.level_db / 20))
    return Stems(
        speech * last_words,
        _bed(screenplay, seed) * duck * fade,
        air * np.sqrt(duck) * fade,
        _effects(screenplay, place, duck, seed) * fade,
    )


def wide_band(speech: Floats) -> Floats:
    """(N,) at 24 kHz -> (2N,) at 48 kHz."""
    return np.asarray(resample_poly(speech, 2, 1), np.float32)


def _speech(voices: Sequence[Voice], place: Surroundings, samples: int, seed: int) -> Sound:
    """Lines levelled alike, panned, in the room; a voice from outside the picture is duller and further off."""
    near, far = np.zeros((2, samples), np.float32), np.zeros((2, samples), np.float32)
    for voice in voices:
        dry = sosfilt(_VOICE_BAND, voice.samples)
        sounding = np.abs(dry) > 0.03 * max(float(np.abs(dry).max(initial=0.0)), 1e-6)
        level = SPEECH_RMS / max(float(np.sqrt(np.mean(dry[sounding] ** 2))) if sounding.any() else 1.0, 1e-6)
        gain = level * 10 ** ((MOOD_DB[voice.emotion] + 3 * (voice.energy - 0.5)) / 20)
        if voice.off_screen:
            dry, gain = sosfilt(_BEHIND, dry), 0.7 * gain
        first = round(voice.start_s * SAMPLE_RATE)
        part = dry[: samples - first] * gain
        sides = np.sqrt(((1 - voice.pan) / 2, (1 + voice.pan) / 2))[:, None] * np.sqrt(2)
        (far if voice.off_screen else near)[:, first : first + len(part)] += (sides * part).astype(np.float32)
    wet = near + far
    if place.room_s > 0 and voices:
        wet = reverberated(wet, SAMPLE_RATE, place.room_s, 0.16 if place.room_s < 1 else 0.24, seed)
    return reverberated(far, SAMPLE_RATE, 0.6, 0.35, seed) - far + wet if far.any() else wet


def _ducked(voices: Sequence[Voice], samples: int) -> Floats:
    """(samples,) gain for what lies under the speech: down just before a line, up gently after it."""
    blocks = np.zeros(samples // 480 + 1)
    for voice in voices:
        first, last = voice.start_s, voice.start_s + len(voice.samples) / SAMPLE_RATE
        if voice.samples.any():
            blocks[max(0, round((first - 0.18) * 100)) : round((last + 0.15) * 100)] = 1.0
    depth = gaussian_filter1d(blocks, 7.0, mode="nearest")
    curve = np.interp(np.arange(samples), np.arange(len(blocks)) * 480, 10 ** (DUCK_DB / 20 * depth))
    return np.asarray(curve, np.float32)


def _bed(screenplay: Screenplay, seed: int, more_s: float = 0.0) -> Sound:
    mood = mood_of(screenplay.sound_bed)
    if mood is None:
        return np.zeros((2, samples_for(screenplay.seconds + more_s)), np.float32)
    played = music(mood, screenplay.seconds + more_s, seed)
    level = screenplay.music * 10 ** ((BED_LUFS - lufs(played)) / 20)
    return np.asarray(played * level, np.float32)


def _effects(screenplay: Screenplay, place: Surroundings, duck: Floats, seed: int) -> Sound:
    """What the shots name: one after the other from their beginning, or throughout, under the words."""
    tape = np.zeros((2, samples_for(screenplay.seconds)), np.float32)
    for number, shot in enumerate(screenplay.shots):
        at = shot.start_s + 0.04
        for name in effects_in(shot.sound):
            first = round(at * SAMPLE_RATE)
            if lasts(name):
                first, last = samples_for(shot.start_s), samples_for(shot.end_s)
                heard = lasting(name, shot.end_s - shot.start_s, seed + number)[:, : last - first]
                rise = np.minimum(np.arange(heard.shape[1]), np.arange(heard.shape[1])[::-1]) / (0.2 * SAMPLE_RATE)
                tape[:, first:last] += LASTING_RMS * heard * np.minimum(rise, 1).astype(np.float32) * duck[first:last]
                continue
            sound = wide_band(effect(name, seed + number))
            part = sound[: max(0, tape.shape[1] - first)] * _level_of(sound)
            tape[:, first : first + len(part)] += part
            at += min(0.8, len(sound) / SAMPLE_RATE)
    return reverberated(tape, SAMPLE_RATE, place.room_s, 0.2, seed) if place.room_s > 0 and tape.any() else tape


def _level_of(sound: Floats) -> np.float32:
    """Alike for the ear and on a telephone: a click may peak higher than a siren, and only what lies above counts."""
    fifth = SAMPLE_RATE // 5
    above = sosfilt(_AUDIBLE, np.pad(sound, (0, max(0, fifth - len(sound)))).astype(np.float64))
    power = uniform_filter1d(above**2, fifth)
    return np.float32(min(EFFECT_RMS / np.sqrt(power.max()), EFFECT_PEAK / np.abs(sound).max()))


def unmade(screenplay: Screenplay) -> tuple[str, ...]:
    """What the shots name and nobody here can make, in words for the take's fallbacks."""
    return tuple(
        f"the sound {part!r} of shot {number} cannot be made here and is left out"
        for number, shot in enumerate(screenplay.shots, 1)
        for part in unmade_in(shot.sound)
    )
