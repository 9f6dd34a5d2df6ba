"""What somebody wants to see: a factor for every candidate of their feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec


class Candidate(Protocol):
    """A clip that may be shown, and who made it."""

    @property
    def clip(self) -> UUID: ...
    @property
    def author(self) -> UUID: ...


class Reason(msgspec.Struct, frozen=True):
    """Why a clip is shown more or less; `factor` 0: not at all."""

    because: str
    factor: float


class Taste(msgspec.Struct, frozen=True):
    """Of one viewer, for the candidates it was read for."""

    def weight(self, candidate: Candidate) -> float:  # noqa: ARG002 - nothing is known of anybody yet
        """0 = never shown in for_you; 1 = nothing known either way."""
        return 1.0

    def reasons(self, candidate: Candidate) -> tuple[Reason, ...]:  # noqa: ARG002 - as above
        """All that `weight` is the product of."""
        return ()


async def taste(conn: asyncpg.Connection, viewer: UUID, clips: Sequence[UUID]) -> Taste:  # noqa: ARG001 - as above
    return Taste()
