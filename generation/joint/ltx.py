"""LTX-2: one call of one model makes picture and sound of the whole clip, every shot of it.

Faces come from pictures pinned where the shots begin, voices from reference tokens where adapters for them are
configured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from diffusers import LTX2ConditionPipeline
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from numpy.typing import NDArray

from generation.engine import NOTHING, Frame, Given, Progress, Sound, Take, Track
from generation.errors import EngineError
from generation.joint import casting, frames, ltx_prompt, sound, voice_reference
from generation.joint.adapters import Lora, melt
from generation.joint.cache import Cache
from generation.joint.distilled import Distilled, Pin, Prompt
from generation.joint.geometry import Canvas, canvas_for
from generation.joint.ground import ground_of
from generation.joint.lines import planned
from generation.joint.pictures import keyframe, look_of
from generation.joint.placing import Placing
from generation.joint.residency import Residency, placing_for
from generation.joint.steps import Steps
from generation.joint.voice_reference import VoiceTokens
from generation.joint.weights import Source, fingerprint, required
from generation.perception.recordings import RATE
from generation.plan import CastMember, Screenplay
from generation.shapes import VideoShape, frames_for, samples_for

SOURCE: Final = Source("ltx", "diffusers/LTX-2.3-Distilled-Diffusers", "CASTMATE_LTX_WEIGHTS")
UPSAMPLER: Final = "latent_upsampler"  # folder beside the pipeline's own parts
PROMPT_BYTES: Final = 2e9  # of the machine's memory; a prompt of LTX-2 takes 0.39 GB
_MODULES: Final = ("transformer", "text_encoder", "connectors", "vae", "audio_vae", "vocoder")


class LtxEngine:
    """Warm for as long as it lives. One caller at a time."""

    name = "ltx"
    extends = False

    def __init__(
        self,
        pipeline: LTX2ConditionPipeline,
        upsampler: LTX2LatentUpsamplerModel | None = None,
        *,
        version: str,
        device: torch.device,
        placing: Placing | None = None,
        allowed_gb: float | None = None,
        hears_voices: bool = False,
    ) -> None:
        """Lays the pipeline's parts out on `device`; they are the engine's from here on. Raises EngineUnavailable."""
        modules = {name: getattr(pipeline, name) for name in _MODULES}
        if upsampler is not None:
            modules[UPSAMPLER] = upsampler
        chosen = placing or placing_for(modules, device, allowed_gb)
        self._residency = Residency(modules, device, chosen).__enter__()
        self._hears_voices = hears_voices
        self._prompts = Cache(PROMPT_BYTES)
        self._writer = pipeline
        self._distilled = Distilled(pipeline, upsampler)
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
        pipeline = LTX2ConditionPipeline.from_pretrained(found, dtype=kind, local_files_only=True)
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
            hears_voices=any(lora.voice for lora in loras),
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
        if given.recorded:
            raise EngineError("start", "this engine speaks every line itself and takes no recordings")
        casting.complete(screenplay, cast)
        canvas = canvas_for(size, frames_for(screenplay.seconds), stages=self._distilled.stages)
        steps = self._steps(on_progress, canvas)
        with self._residency.working("render"):
            shown, spoken, heard = self._rendered(screenplay, cast, size, canvas, seed, given.scene, steps)
        track = Track(spoken, planned(screenplay), _described(screenplay, cast, heard))
        return frames.taken(shown, frames.realised_cuts(shown, screenplay.cuts_s), track)

    def warm_up(self, size: VideoShape, seconds: float) -> None:
        """Compile what may be compiled, by a clip of this shape for each number of pins that it may have."""
        if not self._residency.placing.compiled:
            return
        self._residency.compile()
        canvas = canvas_for(size, frames_for(seconds), stages=self._distilled.stages)
        pipeline = self._distilled.pipeline
        with self._residency.working("warm-up"):
            silence = torch.zeros(1, RATE)
            voice = voice_reference.encoded(pipeline.audio_vae, silence, RATE) if self._hears_voices else None
            prompt = self._encoded("warm-up")
            grey = np.full((canvas.height, canvas.width, 3), 128, np.uint8)
            with voice_reference.heard_by(pipeline.transformer, voice):
                for count in range(1, 6):
                    pins = [(round(number * canvas.frames / count), grey) for number in range(count)]
                    self._distilled.latents(
                        prompt, pins, canvas, 0, self._steps(lambda _stage, _at, _shot: None, canvas)
                    )

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
        scene: Frame | None,
        steps: Steps,
    ) -> tuple[NDArray[np.uint8], Sound, int]:
        """Frames, sound, and how many of the speakers' recordings were heard. A frame that can be cleared."""
        pipeline, wanted = self._distilled.pipeline, frames_for(screenplay.seconds)
        steps.begin("prompt")
        prompt = self._encoded(ltx_prompt.paragraph(screenplay, cast))
        steps.begin("references")
        pins = _pins(screenplay, cast, canvas, scene, seed)
        voice = self._voice(screenplay, cast) if self._hears_voices else None
        with voice_reference.heard_by(pipeline.transformer, voice):
            picture, heard = self._distilled.latents(prompt, pins, canvas, seed, steps)
        steps.begin("decode")
        shown = frames.decoded(pipeline.vae, picture, size, wanted)
        steps.done("decode", 0.8)
        spoken = self._sounded(heard, samples_for(screenplay.seconds))
        steps.done("decode", 1.0)
        return shown, spoken, 0 if voice is None else 1

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

    def _voice(self, screenplay: Screenplay, cast: Sequence[CastMember]) -> VoiceTokens | None:
        """Of whoever speaks first: the adapters know one reference. None for a figure without a voice."""
        members = {member.speaker: member for member in cast}
        for speaker in screenplay.speakers[:1]:
            recording = casting.voice_of(members[speaker])
            if recording is not None:
                return voice_reference.encoded(self._distilled.pipeline.audio_vae, recording, RATE)
        return None

    @torch.no_grad()
    def _sounded(self, latents: torch.Tensor, samples: int) -> Sound:
        vae, vocoder = self._distilled.pipeline.audio_vae, self._distilled.pipeline.vocoder
        mel = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
        return sound.at_48k(vocoder(mel.to(vocoder.dtype))[0], vocoder.config.output_sampling_rate, samples)


def _pins(
    screenplay: Screenplay, cast: Sequence[CastMember], canvas: Canvas, scene: Frame | None, seed: int
) -> list[Pin]:
    """A picture of those in it for each shot that somebody is in, all before the clip's one ground."""
    looks = {member.speaker: look_of(member) for member in cast}
    ground = ground_of(screenplay, canvas, scene, seed)
    made = [(frames_for(shot.start_s), keyframe(shot, cast, looks, ground)) for shot in screenplay.shots]
    return [(frame, picture) for frame, picture in made if picture is not None]


def _described(screenplay: Screenplay, cast: Sequence[CastMember], heard: int) -> tuple[str, ...]:
    """Whose voice the model knew from words alone."""
    names = {member.speaker: member.name for member in cast}
    return tuple(
        f"{names[who]}'s voice was described in words, not taken from a recording"
        for who in screenplay.speakers[heard:]
    )
