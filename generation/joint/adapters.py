"""Adapters (LoRA) that an operator configures, melted into a model's weights before anything else happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from generation.errors import EngineUnavailable


class Lora(msgspec.Struct, frozen=True):
    """An adapter that is melted into the weights when they are loaded."""

    file: Path
    scale: float = 1.0
    voice: bool = False  # trained with reference-voice tokens: turns them on


def configured(loras: str, id_lora: Path | None) -> tuple[Lora, ...]:
    """`"FILE[:SCALE],FILE[:SCALE]"`, and the one that was trained with reference voices. Raises EngineUnavailable."""
    made = []
    for written in filter(None, (part.strip() for part in loras.split(","))):
        file, _, scale = written.rpartition(":") if written.rpartition(":")[0] else (written, "", "1")
        try:
            made.append(Lora(Path(file), float(scale)))
        except ValueError:
            message = f"CASTMATE_LTX_LORAS has {written!r}; FILE or FILE:SCALE is wanted, SCALE a number"
            raise EngineUnavailable("start", message) from None
    return (*made, *(() if id_lora is None else (Lora(id_lora, voice=True),)))


def melt(pipeline: Any, loras: Sequence[Lora]) -> None:
    """Adapters into the weights, so that they cost nothing afterwards. Raises EngineUnavailable."""
    if not loras:
        return
    names = [f"lora{number}" for number in range(len(loras))]
    for name, lora in zip(names, loras, strict=True):
        if not lora.file.is_file():
            raise EngineUnavailable(
                "start", f"there is no adapter at {lora.file}: CASTMATE_LTX_LORAS, CASTMATE_LTX_ID_LORA"
            )
        try:
            pipeline.load_lora_weights(
                lora.file.parent, weight_name=lora.file.name, adapter_name=name, local_files_only=True
            )
        except (ValueError, RuntimeError, OSError, KeyError) as error:
            raise EngineUnavailable("start", f"the adapter {lora.file} does not fit this model: {error}") from error
    pipeline.set_adapters(names, [lora.scale for lora in loras])
    pipeline.fuse_lora(components=["transformer"], adapter_names=names)
    pipeline.unload_lora_weights()
