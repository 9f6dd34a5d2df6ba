"""A screenplay performed for the ear: every line spoken, timed and mixed, and what the mouths do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.captions_file import Caption
from generation.engine import Progress, Recorded, Sound
from generation.errors import EngineError
from generation.languages import check_spoken, language_of_line
from generation.plan import CastMember, Emotion, Screenplay
from generation.portrait import performed_line
from generation.portrait.captions import captions
from generation.portrait.delivery import pace_of, tone_of
from generation.portrait.manner import Manner, manner_of
from generation.portrait.mix import Voice, mix, wide_band
from generation.portrait.performed_line import Driven
from generation.portrait.phones import Phone
from generation.portrait.pose import MouthTrack
from generation.portrait.speech import Speaker, Speech, tightened
from generation.portrait.timing import Cue, cues_of, overrun, starts_of, windows_of
from generation.portrait.visemes import loudness_of, mouth_track
from generation.shapes import SAMPLE_RATE, frames_for, samples_for

FASTEST: Final = 1.25  # to end inside the shot
RUSHED: Final = 1.6  # to end inside the clip
SHORT_PAUSE_S: Final = 0.14
PAN: Final = 0.35  # of the way to the side, for who stands at the picture's edge


class SpokenLine(msgspec.Struct, frozen=True):
    """A line as it is heard; seconds on the clip's clock."""

    start_s: float
    end_s: float
    speaker: str
    emotion: Emotion
    energy: float  # 0..1


class Performance(msgspec.Struct, frozen=True):
    """Everything the ear gets and the faces need, over the whole clip. Every cast member has a mouth and a loudness."""

    sound: Sound  # (2, samples_for(seconds)) at 48 kHz, -16 LUFS, true peak below -1 dBFS
    mouth: dict[str, MouthTrack]  # speaker -> (frames, 4); NaN rows: at rest
    loudness: dict[str, NDArray[np.float32]]  # speaker -> (frames,) 0..1
    captions: tuple[Caption, ...]
    lines: tuple[SpokenLine, ...]
    fallbacks: tuple[str, ...] = ()  # anything done otherwise than asked, in words


def perform(
    screenplay: Screenplay,
    cast: Sequence[CastMember],
    speaker: Speaker,
    *,
    seed: int,
    on_progress: Progress,
    recorded: Sequence[Recorded] = (),
) -> Performance:
    """Speak and mix a whole clip. Blocking: 0.25 s for a second of speech, and 0.6 s for the mix of 10 s.

    The same seed gives the same samples. Raises LanguageNotSpoken before anything is spoken, EngineError if a line's
    speaker is not cast, and whatever `on_progress` raises.
    """
    cues = cues_of(screenplay)
    check_spoken(screenplay)
    members = {member.speaker: member for member in cast}
    if strangers := {cue.line.speaker for cue in cues} - members.keys():
        raise EngineError("speech", f"nobody is cast as {', '.join(sorted(strangers))}")
    manners = [
        manner_of(members[cue.line.speaker], language_of_line(cue.line.text, screenplay.language)) for cue in cues
    ]
    driven = performed_line.driven(cues, recorded, manners, speaker, screenplay.language)
    speeches, fallbacks = _spoken(screenplay, cues, manners, speaker, on_progress, driven)
    starts = starts_of(windows_of(cues), [speech.seconds for speech in speeches], screenplay.seconds)
    starts = performed_line.starts(starts, driven)
    on_progress("sound", 0.8, 0)
    voices = [
        Voice(wide_band(speech.samples), start, _pan(cue), cue.line.off_screen, cue.line.emotion, cue.line.energy)
        for cue, speech, start in zip(cues, speeches, starts, strict=True)
    ]
    sound = mix(screenplay, voices, seed=seed)
    on_progress("sound", 1.0, 0)
    frames = frames_for(screenplay.seconds)
    mouth, loudness = {}, {}
    for member in members:
        own = [i for i, cue in enumerate(cues) if cue.line.speaker == member]
        loudness[member] = loudness_of(_alone([voices[i] for i in own], samples_for(screenplay.seconds)), frames)
        mouth[member] = mouth_track(_phones(own, speeches, starts), loudness[member], frames)
    ends = [min(start + speech.seconds, screenplay.seconds) for start, speech in zip(starts, speeches, strict=True)]
    untils = [*starts[1:], screenplay.seconds][: len(starts)]
    return Performance(
        sound,
        mouth,
        loudness,
        tuple(
            card
            for cue, speech, start, until in zip(cues, speeches, starts, untils, strict=True)
            for card in captions(cue.line.speaker, speech.words, start, until)
        ),
        tuple(
            SpokenLine(start, end, cue.line.speaker, cue.line.emotion, cue.line.energy)
            for cue, start, end in zip(cues, starts, ends, strict=True)
        ),
        fallbacks,
    )


def _spoken(
    screenplay: Screenplay,
    cues: Sequence[Cue],
    manners: Sequence[Manner],
    speaker: Speaker,
    on_progress: Progress,
    own: Mapping[int, Driven],
) -> tuple[list[Speech], tuple[str, ...]]:
    """Every line, as fast as its shot wants it and faster only if it must; recorded ones as they are."""

    def speak(i: int, speed: float) -> Speech:
        line = cues[i].line
        manner = manners[i]
        return speaker.say(
            line.text, manner.style, speed, language=screenplay.language, tone=manner.tone.joined(tone_of(line))
        )

    def usual_pace(i: int) -> float:
        line = cues[i].line
        return round(pace_of(line) * manners[i].pace, 3)

    say = _unless_recorded(speak, own)
    speeches: list[Speech] = []
    for i in range(len(cues)):
        on_progress("speech", 0.7 * i / len(cues), cues[i].shot + 1)
        speeches.append(say(i, usual_pace(i)))
    for window in windows_of(cues):
        members = sorted({*range(window.first, window.last)} - own.keys())
        if overrun(window, [speech.seconds for speech in speeches]) <= 1:
            continue
        for i in members:
            speeches[i] = tightened(speeches[i], SHORT_PAUSE_S)
        if (factor := overrun(window, [speech.seconds for speech in speeches])) <= 1:
            continue
        on_progress("speech", 0.72, cues[window.first].shot + 1)
        for i in members:
            pace = usual_pace(i)
            speeches[i] = tightened(say(i, round(max(pace, min(FASTEST, pace * factor)), 2)), SHORT_PAUSE_S)
    talk, room = sum(speech.seconds for speech in speeches), screenplay.seconds - 0.12 * (len(cues) + 1)
    if talk <= room or len(own) == len(cues):
        return speeches, ()
    rushed = round(min(RUSHED, FASTEST * talk / room), 2)
    hurried = _hurried(say, rushed, len(cues), own)
    cut = " and still cut off at its end" if sum(speech.seconds for speech in hurried) > screenplay.seconds else ""
    return hurried, (f"the lines are spoken {rushed:g} times as fast as usual, to fit the clip{cut}",)


Say = Callable[[int, float], Speech]
"""A cue's number and a speed -> its line."""


def _unless_recorded(speak: Say, own: Mapping[int, Driven]) -> Say:
    return lambda i, speed: own[i].speech if i in own else speak(i, speed)


def _hurried(say: Say, speed: float, count: int, own: Mapping[int, Driven]) -> list[Speech]:
    return [say(i, speed) if i in own else tightened(say(i, speed), SHORT_PAUSE_S) for i in range(count)]


def _pan(cue: Cue) -> float:
    """-1 left .. 1 right: where the speaker stands in the picture."""
    who = cue.place.who
    if cue.line.speaker not in who:
        return 0.0
    return PAN * (2 * (who.index(cue.line.speaker) + 0.5) / len(who) - 1)


def _alone(voices: Sequence[Voice], samples: int) -> NDArray[np.float32]:
    """One person's lines, dry, (samples,) at 48 kHz."""
    track = np.zeros(samples, np.float32)
    for voice in voices:
        first = round(voice.start_s * SAMPLE_RATE)
        part = voice.samples[: samples - first]
        track[first : first + len(part)] += part
    return track


def _phones(own: Sequence[int], speeches: Sequence[Speech], starts: Sequence[float]) -> list[Phone]:
    return [phone.moved(starts[i]) for i in own for phone in speeches[i].phones]
