"""LTX-2: one call of one model makes picture and sound of the whole clip, every shot of it.

Faces come from pictures pinned where the shots begin, and from a sheet of the cast where adapters that look at one are
configured; voices from reference tokens where adapters that hear them are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from diffusers import LTX2InContextPipeline
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from numpy.typing import NDArray

from generation.engine import NOTHING, Given, Progress, Sound, Take, Track
from generation.joint import casting, frames, ltx_prompt, sound, voice_reference
from generation.joint.adapters import Lora, downscale_of, melt
from generation.joint.cache import Cache
from generation.joint.continued import rest_of
from generation.joint.distilled import Distilled, Pin, Prompt, Shown
from generation.joint.geometry import Canvas, canvas_for
from generation.joint.ground import ground_of
from generation.joint.lines import planned, turns
from generation.joint.pictures import keyframe, laid_over, look_of
from generation.joint.placing import Placing
from generation.joint.residency import Residency, placing_for
from generation.joint.sheet import sheet_of
from generation.joint.steps import Steps
from generation.joint.voice_reference import Voice
from generation.joint.weights import Source, fingerprint, required
from generation.options import ABILITIES
from generation.perception.recordings import RATE
from generation.plan import CastMember, Screenplay
from generation.shapes import VideoShape, frames_for, samples_for

SOURCE: Final = Source("ltx", "diffusers/LTX-2.3-Distilled-Diffusers", "CASTMATE_LTX_WEIGHTS")
UPSAMPLER: Final = "latent_upsampler"  # folder beside the pipeline's own parts
MOST_PINS: Final = 5  # a clip has no more shots
PROMPT_BYTES: Final = 2e9  # of the machine's memory; a prompt of LTX-2 takes 0.39 GB
_MODULES: Final = ("transformer", "text_encoder", "connectors", "vae", "audio_vae", "vocoder")


class LtxEngine:
    """Warm for as long as it lives. One caller at a time."""

    name = "ltx"
    abilities = ABILITIES["ltx"]

    def __init__(
        self,
        pipeline: LTX2InContextPipeline,
        upsampler: LTX2LatentUpsamplerModel | None = None,
        *,
        version: str,
        device: torch.device,
        placing: Placing | None = None,
        allowed_gb: float | None = None,
        hears_voices: bool = False,
        sheet_downscale: int | None = None,
    ) -> None:
        """Lays the pipeline's parts out on `device`; they are the engine's from here on. Raises EngineUnavailable.

        `hears_voices` and `sheet_downscale` (how many times smaller than the clip a sheet is; None: looks at none) say
        what the weights were trained with.
        """
        modules = {name: getattr(pipeline, name) for name in _MODULES}
        if upsampler is not None:
            modules[UPSAMPLER] = upsampler
        chosen = placing or placing_for(modules, device, allowed_gb)
        self._residency = Residency(modules, device, chosen).__enter__()
        self._hears_voices, self._looks_at_sheets = hears_voices, sheet_downscale is not None
        self._prompts = Cache(PROMPT_BYTES)
        self._writer = pipeline
        self._distilled = Distilled(pipeline, upsampler, downscale=sheet_downscale or 1)
        self.version = f"{version} {chosen.precision} {self._distilled.stages}-stage"
        if chosen.tiled:
            pipeline.vae.enable_tiling()

    @classmethod
    def load(
        cls, folder: Path | None, device: torch.device, *, allowed_gb: float | None = None, loras: Sequence[Lora] = ()
    ) -> Self:
        """From a folder or the hub's cache; never from the hub. Raises EngineUnavailable naming repo and command."""
        found = required(SOURCE, folder)
        kind = torch.bfloat16 if device.type == "cuda" else torch.float32
        pipeline = LTX2InContextPipeline.from_pretrained(
            found, dtype=kind, local_files_only=True, processor=None, prompt_enhancer=None
        )
        upsampler = None
        if (found / UPSAMPLER).is_dir():
            upsampler = LTX2LatentUpsamplerModel.from_pretrained(found / UPSAMPLER, dtype=kind, local_files_only=True)
        melt(pipeline, loras)
        adapted = "".join(f"+{lora.file.stem}:{lora.scale:g}" for lora in loras)
        return cls(
            pipeline,
            upsampler,
            version=fingerprint(found) + adapted,
            device=device,
            allowed_gb=allowed_gb,
            hears_voices=any(lora.sees == "voices" for lora in loras),
            sheet_downscale=downscale_of(loras),
        )

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
        canvas = self._canvas(size, screenplay.seconds)
        steps = self._steps(on_progress, canvas)
        with self._residency.working("render"):
            shown, spoken = self._rendered(screenplay, cast, size, canvas, seed, given, steps)
        track = Track(spoken, planned(screenplay), self._described(screenplay, cast))
        return frames.taken(shown, frames.realised_cuts(shown, screenplay.cuts_s), track)

    def warm_up(self, size: VideoShape, seconds: float, *, backend: str = "inductor") -> None:
        """Compile what may be compiled, by a clip of this shape for each number of pins that it may have.

        `backend` is torch.compile's.
        """
        if not self._residency.placing.compiled:
            return
        self._residency.compile(backend)
        canvas = self._canvas(size, seconds)
        pipeline = self._distilled.pipeline
        with self._residency.working("warm-up"):
            prompt = self._encoded("warm-up")
            grey = np.full((canvas.height, canvas.width, 3), 128, np.uint8)
            sheet = grey if self._looks_at_sheets else None
            for voices in self._choruses(seconds):
                with voice_reference.heard_by(pipeline.transformer, voices):
                    for count in range(1, MOST_PINS + 1):
                        pins = tuple(Pin(round(n * canvas.frames / count), grey) for n in range(count))
                        steps = self._steps(lambda _stage, _at, _shot: None, canvas)
                        self._distilled.latents(prompt, Shown(pins, sheet), canvas, 0, steps)

    def close(self) -> None:
        """Give the device back."""
        self._prompts.clear()
        del self._writer, self._distilled
        self._residency.__exit__(None, None, None)

    def _rendered(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        size: VideoShape,
        canvas: Canvas,
        seed: int,
        given: Given,
        steps: Steps,
    ) -> tuple[NDArray[np.uint8], Sound]:
        """Frames and sound. A frame that can be cleared."""
        pipeline, wanted = self._distilled.pipeline, frames_for(screenplay.seconds)
        steps.begin("prompt")
        prompt = self._encoded(ltx_prompt.paragraph(screenplay, cast))
        steps.begin("references")
        looked_at = self._shown(screenplay, cast, canvas, given, seed)
        voices = self._voices(screenplay, cast) if self._hears_voices else ()
        with voice_reference.heard_by(pipeline.transformer, voices):
            picture, heard = self._distilled.latents(prompt, looked_at, canvas, seed, steps)
        steps.begin("decode")
        shown = frames.decoded(pipeline.vae, picture, size, wanted)
        steps.done("decode", 0.8)
        spoken = self._sounded(heard, samples_for(screenplay.seconds))
        steps.done("decode", 1.0)
        return shown, spoken

    def _canvas(self, size: VideoShape, seconds: float) -> Canvas:
        path = self._distilled
        return canvas_for(size, frames_for(seconds), stages=path.stages, downscale=path.downscale)

    def _steps(self, on_progress: Progress, canvas: Canvas) -> Steps:
        """Denoising is seven tenths of the time, by the arithmetic of docs/gpu.md."""
        costs = self._distilled.costs(canvas)
        scale = 0.7 / sum(costs.values())
        shares = {stage: cost * scale for stage, cost in costs.items()}
        return Steps(on_progress, {"prompt": 0.04, "references": 0.02} | shares | {"decode": 0.24})

    def _encoded(self, prompt: str) -> Prompt:
        """From the cache where the words are the same."""

        def encode() -> tuple[torch.Tensor, ...]:
            with torch.no_grad():
                made = self._writer.encode_prompt(
                    prompt,
                    do_classifier_free_guidance=False,
                    max_sequence_length=self._writer.tokenizer_max_length,
                    device=self._residency.device,
                )
            return made[0], made[1]

        embeds, mask = self._prompts.get((self.version, prompt), encode)
        return embeds.to(self._residency.device), mask.to(self._residency.device)

    def _voices(self, screenplay: Screenplay, cast: Sequence[CastMember]) -> tuple[Voice, ...]:
        """Of everybody who speaks and has one; with two speakers, each in their own turns."""
        members = {member.speaker: member for member in cast}
        spoken = turns(screenplay)
        made = []
        for speaker in screenplay.speakers:
            recording = casting.voice_of(members[speaker])
            if recording is not None:
                latents = voice_reference.encoded(self._distilled.pipeline.audio_vae, recording, RATE)
                own = tuple((turn.start_s, turn.end_s) for turn in spoken if turn.speaker == speaker)
                made.append(Voice(latents, own if len(screenplay.speakers) > 1 else None))
        return tuple(made)

    def _choruses(self, seconds: float) -> list[tuple[Voice, ...]]:
        """Voices of nobody, in every number and kind that compiles to something else."""
        if not self._hears_voices:
            return [()]
        silence = voice_reference.encoded(self._distilled.pipeline.audio_vae, torch.zeros(1, RATE), RATE)
        half = Voice(silence, ((0.0, seconds / 2),)), Voice(silence, ((seconds / 2, seconds),))
        return [(Voice(silence),), half]

    def _shown(
        self, screenplay: Screenplay, cast: Sequence[CastMember], canvas: Canvas, given: Given, seed: int
    ) -> Shown:
        """A picture of those in it for each shot that somebody is in, all before the clip's one ground."""
        looks = {member.speaker: look_of(member) for member in cast}
        ground = ground_of(screenplay, canvas, given.scene, seed)
        begins = [shot for number, shot in enumerate(screenplay.shots) if number == 0 or shot.cut != "continued"]
        made = [(frames_for(shot.start_s), keyframe(shot, cast, looks, ground)) for shot in begins]
        pins = [Pin(frame, picture) for frame, picture in made if picture is not None]
        if given.first is not None:
            begun = Pin(0, laid_over(given.first, canvas.width, canvas.height), strength=1.0)
            pins = [begun, *(pin for pin in pins if pin.frame > 0)]
        return Shown(tuple(pins), sheet_of(cast, looks, ground) if self._looks_at_sheets else None)

    def _described(self, screenplay: Screenplay, cast: Sequence[CastMember]) -> tuple[str, ...]:
        """Whose voice the model knew from words alone."""
        members = {member.speaker: member for member in cast}
        return tuple(
            f"{members[who].name}'s voice was described in words, not taken from a recording"
            for who in screenplay.speakers
            if not self._hears_voices or members[who].references.voice is None
        )

    @torch.no_grad()
    def _sounded(self, latents: torch.Tensor, samples: int) -> Sound:
        vae, vocoder = self._distilled.pipeline.audio_vae, self._distilled.pipeline.vocoder
        mel = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
        return sound.at_48k(vocoder(mel.to(vocoder.dtype))[0], vocoder.config.output_sampling_rate, samples)
