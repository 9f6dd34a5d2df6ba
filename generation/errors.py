"""What can go wrong between a screenplay and a clip.

GenerationError
├── ScreenplayError          the plan breaks an invariant (before any pixel)
│   └── PromptTooWordy       the spoken words do not fit the seconds
├── EngineError              the engine could not make the clip; the clip fails and is refunded
│   ├── EngineUnavailable    configured but cannot start: stops the worker
│   ├── CastIncomplete       somebody in the cast lacks a face or a voice that the engine needs
│   └── LanguageNotSpoken    a line is in a language no voice here speaks
├── Cancelled                raised through on_progress: stop now, nobody wants this clip
└── PerceptionError          what was given is not what it should be
    ├── NotAPicture          the bytes do not decode to a picture
    ├── NotASound            the bytes do not decode to a sound
    ├── NotAVideo            the bytes do not decode to a video
    └── CheckFailed          an enrolment check said no; says which, and how to do better
"""

from __future__ import annotations


class GenerationError(Exception):
    """Base of everything this package raises on purpose."""


class ScreenplayError(GenerationError):
    """A screenplay breaks an invariant; `broken` says which, with the offending value."""

    def __init__(self, broken: str) -> None:
        super().__init__(broken)
        self.broken = broken


class PromptTooWordy(ScreenplayError):
    """The lines need `needed_s` seconds and the clip has `given_s`."""

    def __init__(self, needed_s: float, given_s: float) -> None:
        super().__init__(f"the lines need {needed_s:.1f} s of speech; a clip of {given_s:g} s holds {given_s:g} s")
        self.needed_s = needed_s
        self.given_s = given_s


class EngineError(GenerationError):
    """`stage` failed; the message is a sentence for the person who asked."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage


class EngineUnavailable(EngineError):
    """An engine that is configured cannot start. The message names what is missing and the command that gets it."""


class CastIncomplete(EngineError):
    """`who` (a name, or the speaker id of somebody who is not there) lacks `what`."""

    def __init__(self, who: str, what: str, remedy: str) -> None:
        super().__init__("start", f"{who} has not got {what}: {remedy}")
        self.who = who
        self.what = what


class LanguageNotSpoken(EngineError):
    """`language` (BCP 47) has no front end or voice here."""

    def __init__(self, language: str, spoken: tuple[str, ...]) -> None:
        super().__init__("speech", f"no voice here speaks {language!r}; spoken: {', '.join(spoken)}")
        self.language = language
        self.spoken = spoken


class Cancelled(GenerationError):
    """Nobody wants this clip any more."""


class PerceptionError(GenerationError):
    """Base of what the small models refuse to look at or listen to."""


class NotAPicture(PerceptionError):
    """The bytes do not decode to a picture."""


class NotASound(PerceptionError):
    """The bytes do not decode to a sound."""


class NotAVideo(PerceptionError):
    """The bytes do not decode to a video."""


class CheckFailed(PerceptionError):
    """`check` is a refusal check of the API (digits, one_face, turn, face_match, voice, length, quality).

    The message says what was measured, what is wanted and what to do.
    """

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check
