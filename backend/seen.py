"""What a look at a file saw."""

from __future__ import annotations

from typing import Any

import msgspec


class SeenMark(msgspec.Struct, frozen=True):
    where: str  # pictures or sound
    number: int
    agreement: float  # of its bits, 0..1


class Seen(msgspec.Struct, frozen=True):
    """`credentials` as `generation.credentials` tells them; `prints` as `generation.prints` does."""

    sha256: str
    credentials: dict[str, Any]
    marks: tuple[SeenMark, ...]
    prints: tuple[str, ...]
