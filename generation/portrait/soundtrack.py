"""A screenplay performed for the ear: every line spoken, timed and mixed, and what the mouths do meanwhile."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from generation.portrait.loudness import gain_to
from generation.portrait.manner import manner_of
from generation.portrait.mix import Voice, mix, sequel, stems_of, unmade, wide_band
from generation.portrait.performed_line import Driven
from generation.portrait.phones import Phone
from generation.portrait.pose import MouthTrack
from generation.portrait.speech import Speaker, Speech, tightened
from generation.portrait.timing import Cue, cues_of, overrun, starts_of, windows_of
from generation.portrait.visemes import loudness_of, mouth_track
from generation.shapes import SAMPLE_RATE, frames_for, samples_for

LINES_AT_ONCE: Final = 2
FASTEST: Final = 1.25  # to end inside the shot
RUSHED: Final = 1.6  # to end inside the clip
SHORT_PAUSE_S: Final = 0.14
GAP_S: Final = 0.12  # kept free around each line of a clip that is full
PAN: Final = 0.35  # of the way to the side, for who stands at the picture's edge


class SpokenLine(msgspec.Struct, frozen=True):
    """A line as it is heard; seconds on the clip's clock."""

    start_s: float
    end_s: float
    speaker: str
    emotion: Emotion
    energy: float  # 0..1


class Performance(msgspec.Struct, frozen=True):
    """What faces and captions need, up to the end of a shot. Every cast member has a mouth and a loudness."""

    mouth: dict[str, MouthTrack]  # speaker -> (frames, 4); NaN rows: at rest
    loudness: dict[str, NDArray[np.float32]]  # speaker -> (frames,) 0..1
    captions: tuple[Caption, ...]
    lines: tuple[SpokenLine, ...]


class Rehearsal:
    """The lines of one screenplay, spoken from its first shot on. What was spoken keeps its moment.

    So the first shots can be rendered before the last lines are spoken, and a line changes nothing before its shot.
    """

    def __init__(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        speaker: Speaker,
        recorded: Sequence[Recorded] = (),
    ) -> None:
        """`recorded` lines are heard as and when they were recorded.

        Raises LanguageNotSpoken, and EngineError if a line's speaker is not cast.
        """
        check_spoken(screenplay)
        self._screenplay, self._speaker = screenplay, speaker
        self._cues = cues_of(screenplay)
        members = {member.speaker: member for member in cast}
        if strangers := {cue.line.speaker for cue in self._cues} - members.keys():
            raise EngineError("speech", f"nobody is cast as {', '.join(sorted(strangers))}")
        self._cast = tuple(members)
        self._manners = [
            manner_of(members[cue.line.speaker], language_of_line(cue.line.text, screenplay.language))
            for cue in self._cues
        ]
        self._windows = windows_of(self._cues)
        self._recorded, self._driven = recorded, dict[int, Driven]()
        self._speeches: list[Speech] = []
        self._starts: tuple[float, ...] = ()
        self.fallbacks = unmade(screenplay)  # and whatever else is done otherwise than asked, in words

    def speak(self, shots: int, on_progress: Progress) -> None:
        """Speak what is not spoken yet of the first `shots` shots, two lines at a time, as fast as each shot wants it.

        Blocking: 0.25 s for a second of speech. Raises whatever `on_progress` raises; fraction 0..1 of this call.
        """
        if self._recorded and not self._driven:
            self._driven = performed_line.driven(
                self._cues, self._recorded, self._manners, self._speaker, self._screenplay.language
            )
        new = range(len(self._speeches), self._cues_in(shots))
        with ThreadPoolExecutor(LINES_AT_ONCE, "portrait-speech") as pool:
            try:
                told = _Told(on_progress, len(new))
                said = self._said(pool, {i: self._usual_pace(i) for i in new}, told)
                self._speeches += [said[i] for i in new]
                self._fit(pool, new, told)
                if shots == len(self._screenplay.shots):
                    self._hurry(pool, new, told)
            finally:
                pool.shutdown(cancel_futures=True)
                self._speaker.forget()
        windows = [window for window in self._windows if window.last <= len(self._speeches)]
        end = self._screenplay.seconds if shots == len(self._screenplay.shots) else math.inf
        starts = starts_of(windows, [speech.seconds for speech in self._speeches], end, self._starts)
        self._starts = performed_line.starts(starts, self._driven)

    def performance(self, shots: int) -> Performance:
        """Of the first `shots` shots, which must be spoken: nothing in it depends on what comes after them."""
        seconds = self._screenplay.shots[shots - 1].end_s
        frames, count = frames_for(seconds), self._cues_in(shots)
        cuts = [frames_for(shot.start_s) for shot in self._screenplay.shots[1:shots]]
        mouth, loudness = {}, {}
        for member in self._cast:
            own = [i for i in range(count) if self._cues[i].line.speaker == member]
            alone = _alone([self._voice(i) for i in own], samples_for(seconds))
            spans = [(self._starts[i], self._starts[i] + self._speeches[i].seconds) for i in own]
            loudness[member] = loudness_of(alone, frames, spans=spans)
            mouth[member] = mouth_track(_phones(own, self._speeches, self._starts), loudness[member], frames, cuts=cuts)
        cards = [card for i in range(count) for card in self._captions(i)]
        lines = [self._line(i) for i in range(count)]
        return Performance(mouth, loudness, tuple(cards), tuple(lines))

    def sound(self, shots: int, *, seed: int) -> Sound:
        """(2, samples) at 48 kHz of the first `shots` shots: -16 LUFS, true peak below -1 dBFS. 0.06 s for a second.

        The same seed gives the same samples.
        """
        play = msgspec.structs.replace(self._screenplay, shots=self._screenplay.shots[:shots])
        return mix(play, [self._voice(i) for i in range(self._cues_in(shots))], seed=seed)

    def gain(self, *, seed: int) -> float:
        """What the whole was brought to its level with, before its peaks were limited."""
        stems = stems_of(self._screenplay, [self._voice(i) for i in range(len(self._cues))], seed=seed)
        return gain_to(stems.whole, stems.target_lufs)

    def sequel(self, *, seed: int, number: int, gain: float) -> Sound:
        """See mix.sequel; of the whole."""
        voices = [self._voice(i) for i in range(len(self._cues))]
        return sequel(self._screenplay, voices, seed=seed, number=number, gain=gain)

    def _cues_in(self, shots: int) -> int:
        return sum(cue.shot < shots for cue in self._cues)

    def _said(self, pool: ThreadPoolExecutor, paces: Mapping[int, float], told: _Told) -> dict[int, Speech]:
        """Lines by number, at these speeds."""
        waiting = {i: pool.submit(self._say, i, pace) for i, pace in paces.items()}
        said = {}
        for i, one in waiting.items():
            told.before(self._cues[i].shot + 1)
            said[i] = one.result()
        return said

    def _say(self, i: int, speed: float) -> Speech:
        if i in self._driven:
            return self._driven[i].speech
        line, manner = self._cues[i].line, self._manners[i]
        tone = manner.tone.joined(tone_of(line))
        return self._speaker.say(line.text, manner.style, speed, language=self._screenplay.language, tone=tone)

    def _usual_pace(self, i: int) -> float:
        return round(pace_of(self._cues[i].line) * self._manners[i].pace, 3)

    def _fit(self, pool: ThreadPoolExecutor, new: range, told: _Told) -> None:
        """Lines too long for the time they share: shorter pauses, then faster."""
        paces: dict[int, float] = {}
        for window in self._windows:
            if window.first not in new or overrun(window, [one.seconds for one in self._speeches]) <= 1:
                continue
            members = [i for i in range(window.first, window.last) if i not in self._driven]
            for i in members:
                self._speeches[i] = tightened(self._speeches[i], SHORT_PAUSE_S)
            if (factor := overrun(window, [one.seconds for one in self._speeches])) > 1:
                paces |= {
                    i: round(max(own, min(FASTEST, own * factor)), 2) for i in members for own in [self._usual_pace(i)]
                }
        for i, speech in self._said(pool, paces, told).items():
            self._speeches[i] = tightened(speech, SHORT_PAUSE_S)

    def _hurry(self, pool: ThreadPoolExecutor, new: range, told: _Told) -> None:
        """Everything spoken, and too much for the clip: the lines that have no moment yet are rushed."""
        room = self._screenplay.seconds - GAP_S * (len(self._cues) + 1)
        room -= sum(one.seconds for one in self._speeches[: new.start])
        talk = sum(self._speeches[i].seconds for i in new)
        free = [i for i in new if i not in self._driven]
        if talk <= room or not free:
            return
        rushed = round(min(RUSHED, FASTEST * talk / max(room, 0.1)), 2)
        for i, speech in self._said(pool, dict.fromkeys(free, rushed), told).items():
            self._speeches[i] = tightened(speech, SHORT_PAUSE_S)
        cut = " and still cut off at its end" if sum(self._speeches[i].seconds for i in new) > room else ""
        self.fallbacks += (f"the lines are spoken {rushed:g} times as fast as usual, to fit the clip{cut}",)

    def _voice(self, i: int) -> Voice:
        cue = self._cues[i]
        samples = wide_band(self._speeches[i].samples)
        return Voice(samples, self._starts[i], _pan(cue), cue.line.off_screen, cue.line.emotion, cue.line.energy)

    def _line(self, i: int) -> SpokenLine:
        line, start = self._cues[i].line, self._starts[i]
        end = min(start + self._speeches[i].seconds, self._screenplay.seconds)
        return SpokenLine(start, end, line.speaker, line.emotion, line.energy)

    def _captions(self, i: int) -> tuple[Caption, ...]:
        """Gone when the next line begins; where that is not spoken yet, it begins after the shots that are."""
        until = self._starts[i + 1] if i + 1 < len(self._starts) else self._screenplay.seconds
        return captions(self._cues[i].line.speaker, self._speeches[i].words, self._starts[i], until)


class _Told:
    """Progress of the lines of one call."""

    def __init__(self, on_progress: Progress, lines: int) -> None:
        self._on_progress, self._lines, self._done = on_progress, max(1, lines), 0

    def before(self, shot: int) -> None:
        self._on_progress("speech", min(1.0, self._done / self._lines), shot)
        self._done += 1


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
