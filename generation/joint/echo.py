"""JoyAI-Echo: faces and voices go in as memory, one call of the model for each shot, cut together hard.

The model runs at 25 frames a second and for at most 241 frames; a longer shot is two calls, the second of which begins
with the first one's last frame. Frames are taken by their time stamp, sound is left as it is. Eight distilled steps,
no guidance. The weights are for non-commercial use: nothing loads until the operator says that this is one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from generation.engine import NOTHING, Frame, Given, Progress, Sound, Take, Track
from generation.errors import EngineUnavailable
from generation.joint import casting, echo_memory, echo_prompt, frames, sound
from generation.joint.continued import rest_of
from generation.joint.echo_blocks import loaded
from generation.joint.echo_memory import Slot
from generation.joint.geometry import Canvas, at_our_rate, canvas_for, legal_frames
from generation.joint.lines import planned
from generation.joint.pictures import laid_over
from generation.joint.placing import Placing
from generation.joint.residency import Residency, placing_for
from generation.joint.weights import Source, fingerprint, required
from generation.options import ABILITIES
from generation.plan import CastMember, Screenplay, Shot
from generation.shapes import FRAME_RATE, SAMPLES_PER_FRAME, VideoShape, frames_for

SOURCE: Final = Source("echo", "jdopensource/JoyAI-Echo", "CASTMATE_ECHO_WEIGHTS")
RATE: Final = 25.0  # frames a second
MOST_FRAMES: Final = 241
STEPS: Final = 8
_MODULES: Final = ("transformer", "text_encoder", "connectors", "vae", "audio_vae", "vocoder")


class Call(msgspec.Struct, frozen=True):
    """One call of the model: a shot, or a part of it, in frames of ours."""

    number: int  # of the shot, from 1
    first: int
    last: int  # not included
    continues: bool  # begins where the call before it ended

    @property
    def frames(self) -> int:
        """What the model is asked for: enough at its own rate, 8k + 1."""
        return legal_frames(max(2, math.ceil((self.last - self.first) * RATE / FRAME_RATE)))


def calls_for(screenplay: Screenplay) -> tuple[Call, ...]:
    """In order; they tile the clip."""
    longest = math.floor(MOST_FRAMES * FRAME_RATE / RATE)
    made: list[Call] = []
    for number, shot in enumerate(screenplay.shots, 1):
        first, last = frames_for(shot.start_s), frames_for(shot.end_s)
        parts = -(-(last - first) // longest)
        borders = [first + round(part * (last - first) / parts) for part in range(parts + 1)]
        goes_on = number > 1 and shot.cut == "continued"
        made += [Call(number, borders[part], borders[part + 1], continues=part > 0 or goes_on) for part in range(parts)]
    return tuple(made)


class EchoEngine:
    """Warm for as long as it lives. One caller at a time."""

    name = "echo"
    abilities = ABILITIES["echo"]

    def __init__(
        self,
        pipeline: Any,
        *,
        version: str,
        device: torch.device,
        placing: Placing | None = None,
        allowed_gb: float | None = None,
    ) -> None:
        """Lays the pipeline's parts out on `device`; they are the engine's from here on. Raises EngineUnavailable."""
        modules = {name: getattr(pipeline, name) for name in _MODULES}
        chosen = placing or placing_for(modules, device, allowed_gb)
        self._residency = Residency(modules, device, chosen).__enter__()
        self._pipeline = pipeline
        self.version = f"{version} {chosen.precision}"
        if chosen.tiled:
            pipeline.vae.enable_tiling()

    @classmethod
    def load(
        cls, folder: Path | None, device: torch.device, *, noncommercial: bool, allowed_gb: float | None = None
    ) -> Self:
        """From a folder or the hub's cache; never from the hub. Raises EngineUnavailable naming what to do."""
        if not noncommercial:
            raise EngineUnavailable(
                "start",
                "the weights of 'echo' may not be used commercially: set CASTMATE_ACCEPT_NONCOMMERCIAL=1 where that "
                "holds for this instance, or another CASTMATE_ENGINE",
            )
        found = required(SOURCE, folder)
        kind = torch.bfloat16 if device.type == "cuda" else torch.float32
        return cls(loaded(found, kind), version=fingerprint(found), device=device, allowed_gb=allowed_gb)

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
        """See Engine.make. Frames are made before this returns too."""
        screenplay = rest_of(screenplay, given.since_s)
        casting.possible(screenplay, cast, given, self.abilities)
        with self._residency.working("render"):
            shown, spoken = self._rendered(screenplay, cast, size, seed, on_progress, given.first)
        cuts_s = tuple(frames_for(cut) / FRAME_RATE for cut in screenplay.cuts_s)
        return frames.taken(shown, cuts_s, Track(spoken, planned(screenplay)))

    def warm_up(self, size: VideoShape, seconds: float, *, backend: str = "inductor") -> None:
        """Compile what may be compiled, by a shot of this shape with nobody in it. `backend` is torch.compile's."""
        if not self._residency.placing.compiled:
            return
        self._residency.compile(backend)
        empty = Screenplay("", "", "a plain room", (Shot(0.0, seconds, "wide"),), "")
        self.make(empty, (), size, seed=0, on_progress=lambda _stage, _at, _shot: None)

    def close(self) -> None:
        """Give the device back."""
        del self._pipeline
        self._residency.__exit__(None, None, None)

    def _rendered(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        size: VideoShape,
        seed: int,
        on_progress: Progress,
        begun: Frame | None,
    ) -> tuple[NDArray[np.uint8], Sound]:
        """Frames and sound of the whole clip. A frame that can be cleared."""
        calls = calls_for(screenplay)
        whole = sum(call.frames for call in calls)
        pictures: list[NDArray[np.uint8]] = []
        sounds: list[Sound] = []
        before = 0
        last = begun
        for turn, call in enumerate(calls):
            shot = screenplay.shots[call.number - 1]

            def told(step: int, done: int = before, call: Call = call) -> None:
                share = (done + call.frames * (step + 1) / STEPS) / whole
                on_progress("denoise", 0.98 * share, call.number)

            told(-1)
            canvas = canvas_for(size, call.frames, stages=1)
            memory = echo_memory.slots(echo_prompt.remembered(shot, cast), canvas.width, canvas.height)
            words = echo_prompt.prompt(screenplay, shot, cast)
            begins = None
            if last is not None and (call.continues or turn == 0):
                begins = Image.fromarray(laid_over(last, canvas.width, canvas.height))
            picture, heard = self._called(words, memory, canvas, seed + turn, told, begins)
            wanted = call.last - call.first
            picture = picture[:, at_our_rate(wanted, RATE, picture.shape[1])]
            last = frames.as_bytes(picture[:, -1:], VideoShape(canvas.width, canvas.height))[0]
            pictures.append(frames.as_bytes(picture, size))
            rate = self._pipeline.vocoder.config.output_sampling_rate
            sounds.append(sound.at_48k(heard, rate, wanted * SAMPLES_PER_FRAME))
            before += call.frames
        return np.concatenate(pictures), np.concatenate(sounds, axis=1)

    def _called(
        self, words: str, memory: Sequence[Slot], canvas: Canvas, seed: int, told: Any, first: Image.Image | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(3, frames, height, width) in -1..1 at RATE, and (2, samples) at the vocoder's."""
        made = self._pipeline(
            prompt=words,
            image=first,
            width=canvas.width,
            height=canvas.height,
            num_frames=canvas.frames,
            frame_rate=RATE,
            max_sequence_length=self._pipeline.tokenizer.model_max_length,
            generator=torch.Generator("cpu").manual_seed(seed),
            output_type="pt",
            told=told,
            output=["videos", "audio"],
            **echo_memory.arguments(memory),
        )
        return made["videos"][0].transpose(0, 1) * 2 - 1, made["audio"][0]
