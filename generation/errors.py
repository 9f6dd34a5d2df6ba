"""What can go wrong between a screenplay and a clip.

GenerationError
├── ScreenplayError          the plan breaks an invariant (before any pixel); says where
│   └── PromptTooWordy       the spoken words do not fit the seconds
├── ControlRefused           no such slider, or not a value it can have
├── EditRefused              an instruction that cannot be carried out on this screenplay
├── UnsafeOutput             what was made may not be shown to anybody
├── EngineError              the engine could not make the clip; the clip fails and is refunded
│   ├── EngineUnavailable    configured but cannot start: stops the worker
│   ├── CastIncomplete       somebody in the cast lacks a face or a voice that the engine needs
│   └── LanguageNotSpoken    a line is in a language no voice here speaks
├── Cancelled                raised through on_progress: stop now, nobody wants this clip
└── PerceptionError          what was given is not what it should be
    ├── NotAPicture          the bytes do not decode to a picture
    ├── NotASound            the bytes do not decode to a sound
    ├── NotAVideo            the bytes do not decode to a video
    ├── CheckFailed          an enrolment check said no; says which, and how to do better
    └── GivenRefused         a recording or picture beside the prompt cannot be used; the clip fails and is refunded
"""

from __future__ import annotations

from collections.abc import Mapping


class GenerationError(Exception):
    """Base of everything this package raises on purpose."""


class ScreenplayError(GenerationError):
    """A screenplay breaks an invariant; `broken` says which, with the offending value.

    `at` is where in the screenplay, such as `shots[1].lines[0]`; empty for the whole of it.
    """

    def __init__(self, broken: str, at: str = "") -> None:
        super().__init__(broken)
        self.broken = broken
        self.at = at
        self.param: str | None = None  # of a request, where it came with one


class PromptTooWordy(ScreenplayError):
    """The lines need `needed_s` seconds and the clip has `given_s`."""

    def __init__(self, needed_s: float, given_s: float) -> None:
        super().__init__(f"the lines need {needed_s:.1f} s of speech; a clip of {given_s:g} s holds {given_s:g} s")
        self.needed_s = needed_s
        self.given_s = given_s


class ControlRefused(GenerationError):
    """`param` holds `value`; `allowed` says in words what would do."""

    def __init__(self, param: str, value: object, allowed: str) -> None:
        super().__init__(f"{param} is {repr(value)[:80]}; allowed: {allowed}")
        self.param = param


class EditRefused(GenerationError):
    """`part` of an instruction was not carried out, and so nothing of it; `allowed` says in words what would do."""

    def __init__(self, part: str, why: str, allowed: str) -> None:
        super().__init__(f"prompt: {part.strip()[:120]!r} {why}; allowed: {allowed}")
        self.part = part
        self.param = "prompt"


class UnsafeOutput(GenerationError):
    """A picture of what was made scores `score` for nudity, and `limit` is allowed."""

    def __init__(self, score: float, limit: float, model: str) -> None:
        super().__init__(
            f"a picture of this clip scores {score:.2f} for nudity ({model}); below {limit:g} is allowed: "
            "ask for something else"
        )
        self.score = score
        self.limit = limit


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
    """`language` (BCP 47) has no front end or voice here. The message has its English name, if `names` has."""

    def __init__(self, language: str, spoken: tuple[str, ...], names: Mapping[str, str]) -> None:
        def named(code: str) -> str:
            name = names.get(code.partition("-")[0].lower())
            return f"{name} ({code})" if name else repr(code)

        super().__init__("speech", f"no voice here speaks {named(language)}; spoken: {', '.join(map(named, spoken))}")
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


class GivenRefused(PerceptionError):
    """What a maker gave beside the words cannot be used.

    `code` is what the failed clip says; the message names what was found and what is allowed.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
