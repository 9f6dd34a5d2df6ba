"""The distilled path of LTX-2: eight steps; with a latent upsampler, eight at half the size and three at the whole.

The step levels are the ones the model was distilled for; a number of steps alone would give others. Guidance is off, so
the transformer runs once for each step: diffusers' defaults run it three times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2ConditionPipeline, LTX2LatentUpsamplePipeline
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
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
PINNED: Final = 0.9  # how firmly a picture holds where a shot begins: 1 would freeze it
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
Pin = tuple[int, Frame]
"""A picture of the clip's own size, and the frame from which it may show."""


class Distilled:
    """The pipeline without its text encoder: prompts come as embeddings, latents go out."""

    def __init__(
        self, pipeline: LTX2ConditionPipeline, upsampler: LTX2LatentUpsamplerModel | None, *, crf: int | None = None
    ) -> None:
        """`crf`: how hard pinned pictures are compressed first; None is as the model was trained, 0 not at all."""
        scheduler = FlowMatchEulerDiscreteScheduler.from_config(
            pipeline.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
        )
        self.pipeline = LTX2ConditionPipeline(**(pipeline.components | {"text_encoder": None, "scheduler": scheduler}))
        self.pipeline.set_progress_bar_config(disable=True)
        self._upsampler = None if upsampler is None else LTX2LatentUpsamplePipeline(pipeline.vae, upsampler)
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
        self, prompt: Prompt, pins: Sequence[Pin], canvas: Canvas, seed: int, steps: Steps
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Of the picture (1, channels, k, h, w) and the sound (1, channels, l, bins). Raises what `steps` raises."""
        generator = torch.Generator("cpu").manual_seed(seed)
        steps.begin("denoise")
        told = steps.after_step("denoise", len(FIRST))
        if self._upsampler is None:
            return self._pass(prompt, pins, canvas, generator, FIRST, told)
        small, heard = self._pass(prompt, pins, canvas.halved, generator, FIRST, told)
        steps.begin("refine")
        large = self._upsampler(latents=small, output_type="latent", return_dict=False)[0]
        del small
        told = steps.after_step("refine", len(SECOND))
        begun = {"latents": large, "audio_latents": heard, "noise_scale": SECOND[0]}
        return self._pass(prompt, pins, canvas, generator, SECOND, told, **begun)

    def _pass(
        self,
        prompt: Prompt,
        pins: Sequence[Pin],
        canvas: Canvas,
        generator: torch.Generator,
        sigmas: Sequence[float],
        after_step: Any,
        **begun: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One denoising loop: as many passes of the transformer as there are sigmas."""
        conditions = [
            LTX2VideoCondition(frames=picture, index=latent_at(frame), strength=PINNED, crf=self._crf)
            for frame, picture in pins
        ]
        try:
            picture, heard = self.pipeline(
                conditions=conditions or None,
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
