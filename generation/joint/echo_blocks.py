"""Echo's blocks with a denoising loop that tells its steps: modular pipelines have neither callback nor interrupt."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
from diffusers.modular_pipelines import EchoBlocks
from diffusers.modular_pipelines.echo.denoise import EchoLoopAfterDenoiser
from diffusers.modular_pipelines.modular_pipeline_utils import InputParam

from generation.errors import Cancelled, EngineUnavailable

PARTS: Final = ("text_encoder", "tokenizer", "connectors", "vae", "audio_vae", "transformer", "vocoder")


class TellingAfterDenoiser(EchoLoopAfterDenoiser):  # type: ignore[misc]  # diffusers' classes are Any to mypy
    """The last block of a step; calls the pipeline's argument `told(step)`, which may raise Cancelled."""

    @property
    def inputs(self) -> list[InputParam]:
        return [*super().inputs, InputParam("told", type_hint=Callable, description="told(step)")]

    def __call__(self, components: Any, block_state: Any, i: int, sigma: float) -> tuple[Any, Any]:
        result: tuple[Any, Any] = super().__call__(components, block_state, i=i, sigma=sigma)
        block_state.told(i)
        return result


def blocks() -> EchoBlocks:
    """Copied into every pipeline that is made of them, so they hold no state."""
    tree = EchoBlocks()
    loop = tree.sub_blocks["denoise"].sub_blocks["denoise_loop"]
    loop.sub_blocks["after_denoiser"] = TellingAfterDenoiser()
    loop.set_progress_bar_config(disable=True)  # the pipeline's own method does not reach this deep
    return tree


def assembled(parts: dict[str, Any]) -> Any:
    """A pipeline of parts that are in memory."""
    pipeline = blocks().init_pipeline()
    pipeline.update_components(**{name: parts[name] for name in PARTS})
    return pipeline


def loaded(folder: Path, kind: torch.dtype) -> Any:
    """From a folder, wherever it was moved to. The audio VAE stays in float32, as Echo was trained with it.

    Raises EngineUnavailable where a part does not load, which diffusers only logs.
    """
    pipeline = blocks().init_pipeline(str(folder))
    pipeline.load_components(
        pretrained_model_name_or_path=str(folder),
        dtype={"default": kind, "audio_vae": torch.float32},
        local_files_only=True,
    )
    missing = [name for name in PARTS if getattr(pipeline, name, None) is None]
    if missing:
        raise EngineUnavailable("start", f"{folder}: {', '.join(missing)} did not load")
    return pipeline


def _is_no_cancel(_record: logging.LogRecord) -> bool:
    """Every block logs what passes through it with a traceback; a cancel is no error."""
    return not isinstance(sys.exception(), Cancelled)


logging.getLogger("diffusers.modular_pipelines.modular_pipeline").addFilter(_is_no_cancel)
