"""A model's weights on a device: laid out when it opens, given back when it closes, tidied after every clip."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import torch
from diffusers.hooks import apply_group_offloading
from torchao.quantization import (
    Float8DynamicActivationFloat8WeightConfig,
    Int8WeightOnlyConfig,
    PerRow,
    quantize_,
)

from generation.errors import EngineError, EngineUnavailable
from generation.joint.placing import GB, Placing, Precision, Sizes, Where, choose

_FP8_CAPABILITY: Final = (8, 9)  # Ada and Hopper multiply FP8
_MULTIPLE: Final = 16  # sides of a matrix that the FP8 and int8 kernels take
_RECOMPILES: Final = 1024  # a shape each: sizes, lengths, stages, numbers of pins, of voices; beyond it a clip fails


class Residency:
    """Owns the modules in `parts` while it is open; closed, it lets go of them, and what nobody else holds is freed.

    `parts` are named as the pipeline names them; "transformer" and "text_encoder" are placed as `placing` says of
    them, everything else as its `rest`.
    """

    def __init__(self, parts: Mapping[str, torch.nn.Module], device: torch.device, placing: Placing) -> None:
        self.placing = placing
        self.device = device
        self._parts = dict(parts)

    def __enter__(self) -> Self:
        """Moves, quantises and hooks. Raises EngineUnavailable where the device is too small after all."""
        try:
            self._laid_out()
        except EngineUnavailable:
            raise
        except EngineError as error:
            raise EngineUnavailable("start", str(error)) from None
        return self

    def _laid_out(self) -> None:
        with self.working("start"):
            for name, part in self._parts.items():
                part.requires_grad_(requires_grad=False).eval()
                if name == "transformer" and self.placing.precision != "bf16":
                    quantised(part, self.placing.precision, self.device)
                self._place(part, self._where(name))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._parts.clear()
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def compile(self, backend: str = "inductor") -> None:
        """The transformer's repeated block, once for each shape: the first clip of a shape pays for it.

        `backend` is torch.compile's.
        """
        torch._dynamo.config.recompile_limit = _RECOMPILES  # noqa: SLF001 - the documented names
        torch._dynamo.config.accumulated_recompile_limit = _RECOMPILES  # noqa: SLF001
        compile_blocks: Callable[..., None] = self._parts["transformer"].compile_repeated_blocks  # type: ignore[assignment]  # of diffusers' ModelMixin
        compile_blocks(fullgraph=True, dynamic=False, backend=backend)

    @contextmanager
    def working(self, stage: str) -> Iterator[None]:
        """A clip is being made. However it ends, nothing of it stays on the device.

        An exception keeps every tensor alive that stood in a frame it came through, so those are cleared.
        Raises EngineError in place of running out of memory.
        """
        try:
            yield
        except torch.OutOfMemoryError as error:
            _forget(error)
            error.__traceback__ = None
            raise EngineError(
                stage,
                f"the device ran out of memory ({self.placing.name} placing): set CASTMATE_VRAM below "
                f"{self.placing.needs_gb:.0f} to move more of the model out of it, or ask for a smaller size",
            ) from None
        except BaseException as error:
            _forget(error)
            raise
        finally:
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _where(self, name: str) -> Where:
        if name == "transformer":
            return self.placing.transformer
        return self.placing.text_encoder if name == "text_encoder" else self.placing.rest

    def _place(self, part: torch.nn.Module, where: Where) -> None:
        if where == "resident":
            part.to(self.device)
            return
        apply_group_offloading(
            part,
            onload_device=self.device,
            offload_device=torch.device("cpu"),
            offload_type="leaf_level",
            use_stream=self.device.type == "cuda",
        )


def device_memory_gb(device: torch.device) -> float:
    """Free on the device; for the CPU, free in the machine."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0]) / GB
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GB


def fast_precision(device: torch.device) -> Precision:
    """What this device multiplies at twice the speed of bf16, or at least stores in half."""
    fp8 = device.type == "cuda" and torch.cuda.get_device_capability(device) >= _FP8_CAPABILITY
    return "fp8" if fp8 else "int8"


def sizes_of(parts: Mapping[str, torch.nn.Module]) -> Sizes:
    """As they are now."""
    gigabytes = {name: stored_bytes(part) / GB for name, part in parts.items()}
    rest = sum(size for name, size in gigabytes.items() if name not in {"transformer", "text_encoder"})
    return Sizes(gigabytes["transformer"], gigabytes["text_encoder"], rest)


def placing_for(parts: Mapping[str, torch.nn.Module], device: torch.device, allowed_gb: float | None) -> Placing:
    """The best way for what is free now. Raises EngineUnavailable."""
    return choose(sizes_of(parts), device_memory_gb(device), allowed_gb, quantised=fast_precision(device))


def stored_bytes(part: torch.nn.Module) -> int:
    """Of parameters and buffers."""
    return sum(tensor.numel() * tensor.element_size() for tensor in (*part.parameters(), *part.buffers()))


def quantised(transformer: torch.nn.Module, precision: Precision, device: torch.device) -> None:
    """The matrices of the repeated blocks, in place, block by block on the device so that two forms never fit at once.

    What stands outside the blocks stays as it is: it is a hundredth of the bytes and all of the time steps.

    Raises EngineUnavailable on a device that does not multiply FP8.
    """
    config = (
        Float8DynamicActivationFloat8WeightConfig(granularity=PerRow())
        if precision == "fp8"
        else Int8WeightOnlyConfig(version=2)
    )
    for block in transformer.get_submodule("transformer_blocks").children():
        block.to(device)
        try:
            quantize_(block, config, filter_fn=_is_matrix)
        except (AssertionError, NotImplementedError) as error:
            message = f"this device does not multiply {precision.upper()}: {error}"
            raise EngineUnavailable("start", message) from error


def _is_matrix(module: torch.nn.Module, _name: str) -> bool:
    return isinstance(module, torch.nn.Linear) and not (
        module.in_features % _MULTIPLE or module.out_features % _MULTIPLE
    )


def _forget(error: BaseException) -> None:
    """What the frames of a traceback hold, and what holds itself."""
    traceback.clear_frames(error.__traceback__)
    gc.collect()
