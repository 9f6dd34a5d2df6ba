"""The screenplay: the plan of a clip, made from the prompt before any pixels. Torch-free: the web process reads it.

Invariants (`check`): shots tile the clip exactly on the frame grid, 2-5 of them in 8 s and more (1-2 in 4 s), none
under 1 s; everyone named is cast; who speaks is in the shot's frame or the line is off-screen; at most two characters
speak; the words fit the time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from itertools import pairwise
from typing import Final, Literal

import msgspec

from generation.errors import ScreenplayError
from generation.perception.references import References
from generation.shapes import FRAME_RATE, frames_for, on_frame

Framing = Literal["wide", "two_shot", "medium", "close_up", "insert"]
Camera = Literal["static", "push_in", "pull_out", "pan_left", "pan_right", "handheld"]
Cut = Literal["cut", "fade", "continued"]
Emotion = Literal["neutral", "happy", "excited", "sad", "angry", "afraid", "surprised", "tender"]

MAX_CAST: Final = 4
MAX_SECONDS: Final = 60  # of a clip with all its extensions
MAX_SPEAKERS: Final = 2
MIN_SHOT_S: Final = 1.0
WORDS_PER_SECOND: Final = 3.0
SYLLABLES_PER_SECOND: Final = 6.0  # Mandarin and Japanese

_SYLLABLES: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]")
_LETTERS_A_WORD: Final = 14  # a longer run of letters is spoken like several words


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One utterance. `start_s` is on the clip's clock; None leaves the moment to the engine, inside the shot."""

    speaker: str  # "S1".."S4", as in CastMember
    text: str
    emotion: Emotion = "neutral"
    energy: float = 0.5  # 0..1
    start_s: float | None = None
    off_screen: bool = False


class Shot(msgspec.Struct, frozen=True, omit_defaults=True):
    """Between two cuts; seconds on the clip's clock, start included, end not. `cut` is how the shot begins.

    "continued": with no cut at all, the picture of the shot before goes on. A clip that was extended has such shots.
    """

    start_s: float
    end_s: float
    framing: Framing
    camera: Camera = "static"
    who: tuple[str, ...] = ()  # speaker ids in frame, left to right
    action: str = ""
    lines: tuple[Line, ...] = ()
    sound: str = ""  # effects in words: "door slams"
    cut: Cut = "cut"
    distance: float = 0.0  # -1 nearer .. 1 farther than the framing says


class Screenplay(msgspec.Struct, frozen=True):
    """The whole plan. `language` is BCP 47 of the lines; `setting` and `sound_bed` are words an engine can use."""

    title: str
    style: str
    setting: str
    shots: tuple[Shot, ...]
    sound_bed: str
    language: str = "en"
    warmth: float = 0.0  # of the light: -1 cold .. 1 warm
    contrast: float = 0.0  # of the light: -1 flat .. 1 hard
    music: float = 1.0  # times its usual level, 0..2
    title_card: bool = False  # the title is seen over the beginning

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return self.shots[-1].end_s if self.shots else 0.0

    @property
    def cuts_s(self) -> tuple[float, ...]:
        """Where one picture gives way to the next."""
        return tuple(shot.start_s for shot in self.shots[1:] if shot.cut != "continued")

    @property
    def joins_s(self) -> tuple[float, ...]:
        """Where the clip was extended: what follows was planned, and is rehearsed, by itself."""
        return tuple(shot.start_s for shot in self.shots[1:] if shot.cut == "continued")

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who speaks, in order of first line."""
        return tuple(dict.fromkeys(line.speaker for shot in self.shots for line in shot.lines))


class Role(msgspec.Struct, frozen=True):
    """What the screenwriter may know of a cast character: no face, no voice."""

    speaker: str  # "S1".."S4"
    name: str
    handle: str
    preferences: str = ""
    restrictions: tuple[str, ...] = ()


class CastMember(msgspec.Struct, frozen=True):
    """What the vault gave for one character, for as long as the clip is being made."""

    speaker: str  # "S1".."S4"
    name: str
    key: str  # character and version: what caches of prepared faces are keyed by
    references: References
    height_cm: float | None = None
    build: str = "average"


def words_of(screenplay: Screenplay) -> str:
    """Everything that it says, shows or plays, one text below the other."""
    texts = [screenplay.title, screenplay.style, screenplay.setting, screenplay.sound_bed]
    for shot in screenplay.shots:
        texts += [shot.action, shot.sound, *(line.text for line in shot.lines)]
    return "\n".join(filter(None, texts))


def spoken_s(text: str) -> float:
    """The least seconds a person needs for `text`: 3 words/s; a Chinese character, kana or hangul counts as a syllable.

    Numbers count a word for every two digits, very long words as several.
    """
    syllables = len(_SYLLABLES.findall(text))
    words = 0
    for word in _SYLLABLES.sub(" ", text).split():
        digits = sum(letter.isdigit() for letter in word)
        letters = sum(letter.isalpha() for letter in word)
        words += math.ceil(digits / 2) + math.ceil(letters / _LETTERS_A_WORD)
    return syllables / SYLLABLES_PER_SECOND + words / WORDS_PER_SECOND


def check(screenplay: Screenplay, speakers: Collection[str], seconds: float) -> None:
    """Every invariant of this module, for a cast of `speakers` and a clip of `seconds`.

    Raises ScreenplayError naming the broken one, the value found and the value allowed.
    """
    _check_shots(screenplay.shots, seconds)
    _check_range("warmth", screenplay.warmth, -1, 1)
    _check_range("contrast", screenplay.contrast, -1, 1)
    _check_range("music", screenplay.music, 0, 2)
    for number, shot in enumerate(screenplay.shots, 1):
        _check_range(f"shots[{number - 1}].distance", shot.distance, -1, 1)
        _check_people(number, shot, speakers)
        _check_words(number, shot)
    if len(screenplay.speakers) > MAX_SPEAKERS:
        raise ScreenplayError(f"{len(screenplay.speakers)} characters speak; at most {MAX_SPEAKERS} may")


def shots_allowed(seconds: float) -> tuple[int, int]:
    """Fewest and most shots in a clip of `seconds`, or in what a clip was extended by."""
    return (2, 5) if seconds >= 8 else (1, 2)


def _check_shots(shots: tuple[Shot, ...], seconds: float) -> None:
    joins = [shot.start_s for shot in shots[1:] if shot.cut == "continued" and math.isfinite(shot.start_s)]
    for first, last in pairwise((0.0, *joins, seconds)):
        count = sum(first <= shot.start_s < last for shot in shots) if joins else len(shots)
        fewest, most = shots_allowed(last - first)
        if not fewest <= count <= most:
            raise ScreenplayError(f"{count} shots in {last - first:g} s; {fewest} to {most} are allowed", "shots")
    border = 0.0
    for number, shot in enumerate(shots, 1):
        at = f"shots[{number - 1}]"
        if not (math.isfinite(shot.start_s) and math.isfinite(shot.end_s)):
            raise ScreenplayError(f"shot {number} runs from {shot.start_s} to {shot.end_s}; times are finite", at)
        if shot.start_s != border:
            raise ScreenplayError(
                f"shot {number} starts at {shot.start_s:g} s; it must start at {border:g} s, where the one before ends",
                f"{at}.start_s",
            )
        if shot.end_s != on_frame(shot.end_s):
            raise ScreenplayError(
                f"shot {number} ends at {shot.end_s!r} s; cuts fall on whole frames, 1/{FRAME_RATE} s",
                f"{at}.end_s",
            )
        if frames_for(shot.end_s) - frames_for(shot.start_s) < frames_for(MIN_SHOT_S):
            raise ScreenplayError(
                f"shot {number} lasts {shot.end_s - shot.start_s:.3f} s; a shot lasts at least {MIN_SHOT_S:g} s",
                at,
            )
        if shot.cut == "continued":
            _check_continued(shot, shots[number - 2] if number > 1 else None, at)
        border = shot.end_s
    if border != seconds:
        raise ScreenplayError(f"the shots end at {border:g} s; the clip ends at {seconds:g} s", f"{at}.end_s")


def _check_continued(shot: Shot, before: Shot | None, at: str) -> None:
    if before is None:
        raise ScreenplayError("shot 1 is continued; cut or fade is allowed: nothing comes before it", f"{at}.cut")
    for name in ("framing", "who", "distance"):
        if getattr(shot, name) != getattr(before, name):
            raise ScreenplayError(
                f"{at} is continued and has {name} {getattr(shot, name)!r}; "
                f"{getattr(before, name)!r} is allowed, as in the shot that it continues",
                f"{at}.{name}",
            )


def _check_range(at: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ScreenplayError(f"{at} is {value:g}; {least:g} to {most:g} is allowed", at)


def _check_people(number: int, shot: Shot, speakers: Collection[str]) -> None:
    cast = ", ".join(sorted(speakers)) or "nobody"
    at = f"shots[{number - 1}]"
    named = [(who, f"{at}.who[{index}]") for index, who in enumerate(shot.who)]
    named += [(line.speaker, f"{at}.lines[{index}].speaker") for index, line in enumerate(shot.lines)]
    for who, where in named:
        if who not in speakers:
            raise ScreenplayError(f"shot {number} has {who!r}, who is not cast; cast: {cast}", where)
    if len(set(shot.who)) < len(shot.who):
        raise ScreenplayError(f"shot {number} shows somebody twice: {', '.join(shot.who)}; once each is allowed", at)
    for index, line in enumerate(shot.lines):
        if line.speaker not in shot.who and not line.off_screen:
            raise ScreenplayError(
                f"{line.speaker} speaks in shot {number} but is not in frame; in frame or off_screen is allowed",
                f"{at}.lines[{index}]",
            )


def _check_words(number: int, shot: Shot) -> None:
    at = f"shots[{number - 1}]"
    for index, line in enumerate(shot.lines):
        where = f"{at}.lines[{index}]"
        if not any(letter.isalnum() for letter in line.text):
            raise ScreenplayError(
                f"a line of {line.speaker} in shot {number} is {line.text!r}; a line has words", where
            )
        if not 0.0 <= line.energy <= 1.0:
            raise ScreenplayError(
                f"a line in shot {number} has energy {line.energy:g}; 0 to 1 is allowed", f"{where}.energy"
            )
        if line.start_s is not None and not shot.start_s <= line.start_s <= shot.end_s - spoken_s(line.text):
            raise ScreenplayError(
                f"a line of {spoken_s(line.text):.2f} s starts at {line.start_s:g} s; "
                f"it must lie inside shot {number}, {shot.start_s:g} to {shot.end_s:g} s",
                where,
            )
    needed = sum(spoken_s(line.text) for line in shot.lines)
    # half a millisecond of grace: thirds of a second do not add up exactly
    if needed > shot.end_s - shot.start_s + 5e-4:
        raise ScreenplayError(
            f"the words of shot {number} need {needed:.2f} s; it lasts {shot.end_s - shot.start_s:.2f} s", at
        )
