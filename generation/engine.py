"""The seam between the flow and whatever makes frames and sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.captions_file import Caption
from generation.options import Abilities
from generation.plan import CastMember, Screenplay
from generation.recorded import TimedWord
from generation.shapes import VideoShape

Frame = NDArray[np.uint8]  # (height, width, 3) RGB
Sound = NDArray[np.float32]  # (2, samples) at 48 kHz, -1..1

Progress = Callable[[str, float, int], None]
"""`on_progress(stage, fraction, shot)`: stage in words, fraction 0..1 of the whole take, shot counted from 1 (0 = no
shot in particular). May raise Cancelled; the engine lets it pass and frees what it holds."""


class Recorded(msgspec.Struct, frozen=True):
    """A performance: a recorded person who drives one speaker's line."""

    speaker: str  # "S1".."S4": whose line it is
    sound: NDArray[np.float32] | None = None  # (samples,) mono at 48 kHz; None leaves the line to the engine's speech
    frames: tuple[Frame, ...] = ()  # RGB at 24 a second, one face; none leaves the face to the engine
    own_voice: bool = False  # heard as it was recorded, instead of in the character's voice
    words: tuple[TimedWord, ...] = ()  # of the sound; the lines of the screenplay that have them are driven
    borrowed: bool = False  # from another clip: nobody claims that the voice is the speaker's


class Given(msgspec.Struct, frozen=True):
    """What the maker gave beside the words."""

    scene: Frame | None = None  # becomes the set
    recorded: tuple[Recorded, ...] = ()  # at most one for each speaker
    since_s: float = 0.0  # up to here the clip is made already: the screenplay's last join
    first: Frame | None = None  # what a joint model's clip goes on from: its very first picture
    looks: tuple[tuple[str, ...], ...] = ()  # `generation.prints` of each picture and film, as they were sent


class Track(msgspec.Struct, frozen=True):
    """What belongs to a take's frames and is known once they all have been made."""

    sound: Sound  # exactly samples_for(seconds) long, and `lead` before them
    captions: tuple[Caption, ...]
    fallbacks: tuple[str, ...] = ()  # anything done otherwise than asked, in words
    lead: int = 0  # samples before the first frame, that are added to the end of what the clip continues


class Take(msgspec.Struct, frozen=True):
    """What an engine made; where the clip was begun already, only what is new, on a clock of its own.

    `frames` is lazy and may be read once, to its end or until it is closed.
    """

    frames: Iterator[Frame]  # exactly frames_for(seconds) of them
    seconds: float
    cuts_s: tuple[float, ...]  # shot borders really realised
    first_sound: Sound  # of the first shot, as it sounds by itself: for a preview
    track: Callable[[], Track]  # to be called after the last frame


NOTHING: Final = Given()


class Engine(Protocol):
    """One engine, warm for as long as the object lives. `make` blocks: call it from a thread, one at a time."""

    name: str
    version: str
    abilities: Abilities

    def make(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        size: VideoShape,
        *,
        seed: int,
        on_progress: Progress,
        given: Given = NOTHING,
    ) -> Take:
        """Blocks until the first frames can be made; the rest is made while they are read. A seed gives the same take.

        What comes after a shot changes nothing in its frames, where the engine makes shots one by one.

        Raises EngineError (the clip fails and is refunded) or Cancelled.
        """
        ...

    def close(self) -> None:
        """Free models and threads."""
        ...
