"""How a model is laid out on a device: chosen from the memory that is free, before anything is moved."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from generation.errors import EngineUnavailable

Where = Literal["resident", "offloaded"]
"""Offloaded: kept in the machine's memory, and brought over in groups while the group before them computes."""
Precision = Literal["bf16", "fp8", "int8"]

GB: Final = 1e9
WORK_GB: Final = 10.0  # activations, latents and decoding of the largest clip; `./run gpu` prints the true figure
GROUP_GB: Final = 1.5  # two groups of an offloaded model, one computing and one on its way


class Sizes(msgspec.Struct, frozen=True):
    """Gigabytes of weights as they are stored: the denoiser, the text encoder, and everything else."""

    transformer: float
    text_encoder: float
    rest: float


class Placing(msgspec.Struct, frozen=True):
    """One way to lay a model out, and the gigabytes it takes while a clip is made."""

    name: Literal["resident", "quantised", "mixed", "offloaded"]
    transformer: Where
    text_encoder: Where
    rest: Where
    precision: Precision  # of the transformer's matrices
    needs_gb: float

    @property
    def compiled(self) -> bool:
        """Whether the transformer's blocks may be compiled: what is moved about is not."""
        return self.transformer == "resident"

    @property
    def tiled(self) -> bool:
        """Whether pictures are decoded in tiles."""
        return self.name in {"mixed", "offloaded"}


def placings(sizes: Sizes, *, quantised: Precision = "fp8") -> tuple[Placing, ...]:
    """Every way, the one that renders best and fastest first."""
    half = sizes.transformer / 2
    return (
        Placing(
            "resident",
            "resident",
            "resident",
            "resident",
            "bf16",
            sizes.transformer + sizes.text_encoder + sizes.rest + WORK_GB,
        ),
        Placing(
            "quantised", "resident", "resident", "resident", quantised, half + sizes.text_encoder + sizes.rest + WORK_GB
        ),
        Placing("mixed", "resident", "offloaded", "resident", quantised, half + GROUP_GB + sizes.rest + WORK_GB),
        Placing("offloaded", "offloaded", "offloaded", "offloaded", "bf16", GROUP_GB + WORK_GB),
    )


def choose(sizes: Sizes, free_gb: float, allowed_gb: float | None = None, *, quantised: Precision = "fp8") -> Placing:
    """The best way that fits.

    Args:
        sizes: of the weights.
        free_gb: free on the device.
        allowed_gb: CASTMATE_VRAM: no more than this is used, however much is free.
        quantised: what the device multiplies fast: fp8 from compute capability 8.9, int8 below it.

    Raises:
        EngineUnavailable: nothing fits; says what there is and what is needed.
    """
    have = free_gb if allowed_gb is None else min(free_gb, allowed_gb)
    ways = placings(sizes, quantised=quantised)
    for way in ways:
        if way.needs_gb <= have:
            return way
    limit = "" if allowed_gb is None else f" and CASTMATE_VRAM allows {allowed_gb:g} GB"
    raise EngineUnavailable(
        "start",
        f"the device has {free_gb:.1f} GB free{limit}; the engine needs at least {ways[-1].needs_gb:.1f} GB. "
        "Free some, or set CASTMATE_ENGINE=portrait",
    )
