"""Tensors that are dear to make and may be wanted again: the latest ones, in the machine's memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

import torch

Tensors = tuple[torch.Tensor, ...]


class Cache:
    """Least recently wanted first out. Holds nothing of a person: faces and voices go with their clip.

    Keys name the model, its version and everything that shaped the result.
    """

    def __init__(self, max_bytes: float) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, Tensors] = OrderedDict()

    @property
    def bytes(self) -> int:
        """Held now."""
        return sum(_bytes(kept) for kept in self._kept.values())

    def get(self, key: Hashable, make: Callable[[], Tensors]) -> Tensors:
        """What is kept under `key`, else what `make` returns, which is kept where it is small enough. On the CPU."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = tuple(tensor.to("cpu") for tensor in make())
        if _bytes(made) <= self._max_bytes:
            self._kept[key] = made
            while self.bytes > self._max_bytes:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _bytes(tensors: Tensors) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
