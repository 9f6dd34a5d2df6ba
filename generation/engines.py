"""The choice of engine."""

from __future__ import annotations

from typing import Final

from generation.engine import Engine
from generation.errors import EngineUnavailable
from generation.portrait.engine import PortraitEngine

ALLOWED: Final = ("auto", "portrait")


def choose(name: str) -> Engine:
    """The engine that a configuration names; `auto` is the best one here. Raises EngineUnavailable."""
    if name not in ALLOWED:
        raise EngineUnavailable("start", f"CASTMATE_ENGINE is {name!r}; this version has: {', '.join(ALLOWED)}")
    return PortraitEngine()
