"""The screenplay: the plan of a clip, made from the prompt before any pixels. Torch-free: the web process reads it.

Invariants (`check`): shots tile the clip exactly on the frame grid, 2-5 of them in 8 s and more (1-2 in 4 s), none
under 1 s; everyone named is cast; who speaks is in the shot's frame or the line is off-screen; at most two characters
speak; the words fit the time.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from generation.perception.references import References

Framing = Literal["wide", "two_shot", "medium", "close_up", "insert"]
Camera = Literal["static", "push_in", "pull_out", "pan_left", "pan_right", "handheld"]
Cut = Literal["cut", "fade"]
Emotion = Literal["neutral", "happy", "excited", "sad", "angry", "afraid", "surprised", "tender"]

MAX_CAST: Final = 4
MAX_SPEAKERS: Final = 2
MIN_SHOT_S: Final = 1.0
WORDS_PER_SECOND: Final = 3.0
SYLLABLES_PER_SECOND: Final = 6.0  # Mandarin and Japanese


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One utterance. `start_s` is on the clip's clock; None leaves the moment to the engine, inside the shot."""

    speaker: str  # "S1".."S4", as in CastMember
    text: str
    emotion: Emotion = "neutral"
    energy: float = 0.5  # 0..1
    start_s: float | None = None
    off_screen: bool = False


class Shot(msgspec.Struct, frozen=True, omit_defaults=True):
    """Between two cuts; seconds on the clip's clock, start included, end not. `cut` is how the shot begins."""

    start_s: float
    end_s: float
    framing: Framing
    camera: Camera = "static"
    who: tuple[str, ...] = ()  # speaker ids in frame, left to right
    action: str = ""
    lines: tuple[Line, ...] = ()
    sound: str = ""  # effects in words: "door slams"
    cut: Cut = "cut"


class Screenplay(msgspec.Struct, frozen=True):
    """The whole plan. `language` is BCP 47 of the lines; `setting` and `sound_bed` are words an engine can use."""

    title: str
    style: str
    setting: str
    shots: tuple[Shot, ...]
    sound_bed: str
    language: str = "en"

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return self.shots[-1].end_s if self.shots else 0.0

    @property
    def cuts_s(self) -> tuple[float, ...]:
        """Where one shot gives way to the next."""
        return tuple(shot.start_s for shot in self.shots[1:])

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
