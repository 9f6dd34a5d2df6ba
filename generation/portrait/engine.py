"""The portrait engine: stored photos that speak, on a painted set, on a CPU. Composed, not joint, and says so."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from generation.engine import NOTHING, Given, Progress, Take
from generation.errors import EngineError
from generation.options import ABILITIES
from generation.plan import CastMember, Screenplay
from generation.portrait.filming import Filming
from generation.portrait.serial import Serial
from generation.portrait.soundtrack import Rehearsal
from generation.portrait.speech import Speaker
from generation.shapes import FRAME_RATE, VideoShape, frames_for


class PortraitEngine:
    """Warm for as long as it lives: the speech model is loaded. What it prepares of people lives as long as their clip.

    That costs each clip .3 to .5 s a person and size, while the first line is being spoken: no waiting.
    """

    name = "portrait"
    version = "1"
    abilities = ABILITIES["portrait"]

    def __init__(self) -> None:
        """Takes 3 s. Sets OpenCV to one thread: frames are what runs in parallel here."""
        cv2.setNumThreads(1)
        self.speaker = Speaker()
        self.speaker.say("Ready.", {self.speaker.voices[0]: 1.0})  # the network's first run is its slowest

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
        """See Engine.make."""
        if given.since_s and given.since_s != (screenplay.joins_s or (0.0,))[-1]:
            raise EngineError("join", f"the clip goes on at {given.since_s:g} s, which is not its last join")
        rehearsal: Rehearsal | Serial
        if screenplay.joins_s:
            rehearsal = Serial(screenplay, cast, self.speaker, given.recorded)
        else:
            rehearsal = Rehearsal(screenplay, cast, self.speaker, given.recorded)
        filming = Filming(screenplay, cast, size, seed, rehearsal, on_progress, given)
        filming.prepare(1)
        return Take(
            frames=filming.frames(),
            seconds=screenplay.seconds - given.since_s,
            cuts_s=tuple(
                frames_for(cut - given.since_s) / FRAME_RATE for cut in screenplay.cuts_s if cut > given.since_s
            ),
            first_sound=rehearsal.first(seed=seed)
            if isinstance(rehearsal, Serial) and given.since_s
            else rehearsal.sound(1, seed=seed),
            track=filming.track,
        )

    def close(self) -> None:
        """Nothing of a clip is kept, so there is nothing to free but what goes with the object."""
