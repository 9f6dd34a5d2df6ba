"""Soft bits of a file's parts become ids: of the whole, or of what a clip was joined from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from generation.watermark.payload import BITS, Signs, bits_of, mark_of

SCORE_LEAST: Final = 4.5  # how clearly there is a mark at all; what is not marked gives 1 to 3
AGREEMENT_LEAST: Final = 0.6  # noise that the code was turned to its likeness comes up to .55
PARTS_LEAST: Final = 2  # what less than this says is not believed by itself


class Reading(msgspec.Struct, frozen=True):
    """`marks`: what the longest part says first; a clip joined from two has both, the end's first."""

    marks: tuple[int, ...]
    score: float  # how clearly there is a mark at all, in units of noise
    agreement: float  # of the soft bits with the first mark: 1 where every bit says it


def read(parts: Sequence[Signs], score: float) -> Reading | None:
    """None where nothing is marked, or where nobody can tell what the mark says."""
    if score < SCORE_LEAST:
        return None
    found: dict[int, float] = {}
    for soft in _stretches(parts):
        mark = mark_of(soft)
        if mark is not None and mark not in found and (agreed := agreement(soft, mark)) >= AGREEMENT_LEAST:
            found[mark] = agreed
    if not found:
        return None
    marks = tuple(found)
    return Reading(marks, score, found[marks[0]])


def _stretches(parts: Sequence[Signs]) -> Iterator[Signs]:
    """The whole, then every end and every beginning, the long ones first."""
    yield _sum(parts)
    for cut in range(1, len(parts) - PARTS_LEAST + 1):
        yield _sum(parts[cut:])
    for cut in range(len(parts) - 1, PARTS_LEAST - 1, -1):
        yield _sum(parts[:cut])


def _sum(parts: Sequence[Signs]) -> Signs:
    return np.asarray(np.stack([np.zeros(BITS, np.float32), *parts]).sum(axis=0), np.float32)


def agreement(soft: Signs, mark: int) -> float:
    """1: every soft bit says the mark; 0: as many for it as against it."""
    return float(soft @ bits_of(mark) / max(float(np.abs(soft).sum()), 1e-9))
