"""Adapters (LoRA) that an operator configures, melted into a model's weights before anything else happens to them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from generation.errors import EngineUnavailable
from generation.joint.weights import header_of

_NAME: Final = "melting"
_DOWNSCALE: Final = "reference_downscale_factor"  # in the metadata of a file, as its trainer writes it


class Lora(msgspec.Struct, frozen=True):
    """An adapter that is melted into the weights when they are loaded."""

    file: Path
    scale: float = 1.0
    sees: Literal["prompt", "voices", "sheet"] = "prompt"  # what it was trained with, and is given beside the prompt


def configured(loras: str, id_lora: Path | None, sheet_lora: Path | None) -> tuple[Lora, ...]:
    """`"FILE[:SCALE],FILE[:SCALE]"`, and those that were trained with voices or with a sheet of the cast.

    Raises EngineUnavailable.
    """
    made = []
    for written in filter(None, (part.strip() for part in loras.split(","))):
        file, _, scale = written.rpartition(":") if written.rpartition(":")[0] else (written, "", "1")
        try:
            made.append(Lora(Path(file), float(scale)))
        except ValueError:
            message = f"CASTMATE_LTX_LORAS has {written!r}; FILE or FILE:SCALE is wanted, SCALE a number"
            raise EngineUnavailable("start", message) from None
    voices = () if id_lora is None else (Lora(id_lora, sees="voices"),)
    sheet = () if sheet_lora is None else (Lora(sheet_lora, sees="sheet"),)
    return (*made, *voices, *sheet)


def downscale_of(loras: Sequence[Lora]) -> int | None:
    """How many times smaller than the clip its sheet is; None where no adapter looks at one. Raises EngineUnavailable.

    The files are there and fit the model: `melt` has read them.
    """
    file = next((lora.file for lora in loras if lora.sees == "sheet"), None)
    if file is None:
        return None
    try:
        told = msgspec.json.decode(header_of(file)).get("__metadata__", {}).get(_DOWNSCALE, "1")
        times = int(float(told))
    except (ValueError, struct.error) as error:
        raise EngineUnavailable("start", f"the adapter {file} does not say how large its sheet is: {error}") from error
    if times not in {1, 2, 4}:
        raise EngineUnavailable("start", f"the adapter {file} has {_DOWNSCALE} {told!r}; 1, 2 or 4 is known here")
    return times


def melt(pipeline: Any, loras: Sequence[Lora]) -> None:
    """Adapters into the weights, one after the other; they cost nothing from there on. Raises EngineUnavailable."""
    for lora in loras:
        if not lora.file.is_file():
            raise EngineUnavailable(
                "start", f"there is no adapter at {lora.file}: CASTMATE_LTX_LORAS, _ID_LORA and _SHEET_LORA name files"
            )
        try:
            pipeline.load_lora_weights(
                lora.file.parent, weight_name=lora.file.name, adapter_name=_NAME, local_files_only=True
            )
        except (ValueError, RuntimeError, OSError, KeyError) as error:
            raise EngineUnavailable("start", f"the adapter {lora.file} does not fit this model: {error}") from error
        pipeline.set_adapters([_NAME], [lora.scale])
        pipeline.fuse_lora(components=["transformer"], adapter_names=[_NAME])
        pipeline.unload_lora_weights()
