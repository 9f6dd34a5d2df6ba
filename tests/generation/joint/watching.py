"""What tests look at while an engine works."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from generation.errors import Cancelled


class Calls:
    """The keyword arguments of every forward of a module while it is watched."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []


@contextmanager
def watched(module: torch.nn.Module, positional: str = "") -> Iterator[Calls]:
    """`positional` names a first argument that comes without a name."""
    calls = Calls()

    def note(_module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        calls.seen.append(kwargs | ({positional: args[0]} if positional and args else {}))

    handle = module.register_forward_pre_hook(note, with_kwargs=True)
    try:
        yield calls
    finally:
        handle.remove()


class Watcher:
    """An `on_progress` that notes everything and cancels at the n-th call of a stage."""

    def __init__(self, cancel_at: str = "", call: int = 1) -> None:
        self.told: list[tuple[str, float, int]] = []
        self._cancel_at, self._left = cancel_at, call

    def __call__(self, stage: str, fraction: float, shot: int) -> None:
        self.told.append((stage, fraction, shot))
        if stage == self._cancel_at:
            self._left -= 1
            if self._left == 0:
                raise Cancelled

    @property
    def stages(self) -> list[str]:
        return list(dict.fromkeys(stage for stage, _, _ in self.told))


def held_bytes() -> int:
    """Of every tensor that is alive."""
    gc.collect()
    seen: dict[int, int] = {}
    for thing in gc.get_objects():
        if type(thing) in {torch.Tensor, torch.nn.Parameter}:
            storage = thing.untyped_storage()
            seen[storage.data_ptr()] = storage.nbytes()
    return sum(seen.values())
