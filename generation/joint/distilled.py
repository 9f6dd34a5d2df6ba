"""The distilled path of LTX-2: eight steps; with a latent upsampler, eight at half the size and three at the whole.

The step levels are the ones the model was distilled for; a number of steps alone would give others. Guidance is off, so
the transformer runs once for each step: diffusers' defaults run it three times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import cv2
import msgspec
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2InContextPipeline, LTX2LatentUpsamplePipeline
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition
from diffusers.pipelines.ltx2.utils import (
    DISTILLED_SIGMA_VALUES,
    STAGE_2_DISTILLED_SIGMA_VALUES,
    resolve_default_image_crf,
)

from generation.engine import Frame
from generation.joint.geometry import Canvas, latent_at
from generation.joint.steps import Steps
from generation.shapes import FRAME_RATE

FIRST: Final[tuple[float, ...]] = tuple(DISTILLED_SIGMA_VALUES)
SECOND: Final[tuple[float, ...]] = tuple(STAGE_2_DISTILLED_SIGMA_VALUES)
NO_GUIDANCE: Final[Mapping[str, float]] = {
    "guidance_scale": 1.0,
    "audio_guidance_scale": 1.0,
    "stg_scale": 0.0,
    "audio_stg_scale": 0.0,
    "modality_scale": 1.0,
    "audio_modality_scale": 1.0,
    "guidance_rescale": 0.0,
    "audio_guidance_rescale": 0.0,
}

Prompt = tuple[torch.Tensor, torch.Tensor]
"""Hidden states of the text encoder (1, tokens, width) and their mask (1, tokens)."""


class Pin(msgspec.Struct, frozen=True, eq=False):
    """A picture of the clip's own size, and the frame from which it may show."""

    frame: int
    picture: Frame
    strength: float = 0.9  # how firmly it holds: 1 keeps its pixels, and freezes what moves on from them


class Shown(msgspec.Struct, frozen=True, eq=False):
    """What the model looks at beside the prompt."""

    pins: tuple[Pin, ...] = ()
    sheet: Frame | None = None  # (height, width, 3), of the clip's own size; for adapters that look at one


class Distilled:
    """The pipeline without its text encoder: prompts come as embeddings, latents go out."""

    def __init__(
        self,
        pipeline: LTX2InContextPipeline,
        upsampler: LTX2LatentUpsamplerModel | None,
        *,
        crf: int | None = None,
        downscale: int = 1,
    ) -> None:
        """Takes over the pipeline's parts.

        Args:
            pipeline: whole.
            upsampler: makes it two stages.
            crf: how hard pinned pictures are compressed first; None is as the model was trained, 0 not at all.
            downscale: how many times smaller than the clip a sheet is.
        """
        scheduler = FlowMatchEulerDiscreteScheduler.from_config(
            pipeline.scheduler.config, shift=1.0, use_dynamic_shifting=False, shift_terminal=None
        )
        # no scheduler of the sound's own: it would move the levels that both were distilled for
        own = {"text_encoder": None, "scheduler": scheduler, "audio_scheduler": None}
        self.pipeline = LTX2InContextPipeline(**(pipeline.components | own))
        self.pipeline.set_progress_bar_config(disable=True)
        self._upsampler = None if upsampler is None else LTX2LatentUpsamplePipeline(pipeline.vae, upsampler)
        self.downscale = downscale
        self._crf = resolve_default_image_crf(pipeline.text_encoder) if crf is None else crf

    @property
    def stages(self) -> int:
        """One, or two with an upsampler."""
        return 1 if self._upsampler is None else 2

    def costs(self, canvas: Canvas) -> dict[str, float]:
        """What each denoising stage costs, as passes times tokens."""
        if self._upsampler is None:
            return {"denoise": float(len(FIRST) * canvas.latent_tokens)}
        halved = len(FIRST) * canvas.halved.latent_tokens
        return {"denoise": float(halved), "refine": float(len(SECOND) * canvas.latent_tokens)}

    def latents(
        self, prompt: Prompt, shown: Shown, canvas: Canvas, seed: int, steps: Steps
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Of the picture (1, channels, k, h, w) and the sound (1, channels, l, bins). Raises what `steps` raises."""
        generator = torch.Generator("cpu").manual_seed(seed)
        steps.begin("denoise")
        told = steps.after_step("denoise", len(FIRST))
        if self._upsampler is None:
            return self._pass(prompt, shown, canvas, generator, FIRST, told)
        small, heard = self._pass(prompt, shown, canvas.halved, generator, FIRST, told)
        steps.begin("refine")
        large = self._upsampler(latents=small, output_type="latent", return_dict=False)[0]
        del small
        told = steps.after_step("refine", len(SECOND))
        begun = {"latents": large, "audio_latents": heard, "noise_scale": SECOND[0]}
        return self._pass(prompt, shown, canvas, generator, SECOND, told, **begun)

    def _pass(
        self,
        prompt: Prompt,
        shown: Shown,
        canvas: Canvas,
        generator: torch.Generator,
        sigmas: Sequence[float],
        after_step: Any,
        **begun: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One denoising loop: as many passes of the transformer as there are sigmas."""
        conditions = [
            LTX2VideoCondition(frames=pin.picture, index=latent_at(pin.frame), strength=pin.strength, crf=self._crf)
            for pin in shown.pins
        ]
        sheet = [] if shown.sheet is None else [LTX2ReferenceCondition(self._standing(shown.sheet, canvas))]
        try:
            picture, heard = self.pipeline(
                conditions=conditions or None,
                reference_conditions=sheet or None,
                reference_downscale_factor=self.downscale,
                prompt_embeds=prompt[0],
                prompt_attention_mask=prompt[1],
                width=canvas.width,
                height=canvas.height,
                num_frames=canvas.frames,
                frame_rate=float(FRAME_RATE),
                sigmas=list(sigmas),
                use_cross_timestep=bool(self.pipeline.transformer.config.cross_attn_mod),
                generator=generator,
                output_type="latent",
                return_dict=False,
                callback_on_step_end=after_step,
                callback_on_step_end_tensor_inputs=[],  # any would keep all of the loop's tensors in its frame's locals
                **NO_GUIDANCE,
                **begun,
            )
        finally:
            self.pipeline.maybe_free_model_hooks()
        return picture, heard

    def _standing(self, sheet: Frame, canvas: Canvas) -> torch.Tensor:
        """(frames, 3, height, width) in 0..1: a video that stands still, in the memory of one picture."""
        size = (canvas.width // self.downscale, canvas.height // self.downscale)
        picture = torch.from_numpy(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA))
        return (picture.permute(2, 0, 1).float() / 255).expand(canvas.frames, -1, -1, -1)
