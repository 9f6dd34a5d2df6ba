"""Progress of a render whose stages are known beforehand, told step by step; and where a render is cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generation.engine import Progress


class Steps:
    """`stages` by name in their order, with what each costs in relation to the others."""

    def __init__(self, on_progress: Progress, stages: Mapping[str, float]) -> None:
        self._tell = on_progress
        total = sum(stages.values())
        self._shares = {name: cost / total for name, cost in stages.items()}
        self._before = {name: sum(list(self._shares.values())[:number]) for number, name in enumerate(self._shares)}

    def begin(self, stage: str, shot: int = 0) -> None:
        """Raises Cancelled where nobody wants the clip any more; so does `done`."""
        self.done(stage, 0.0, shot)

    def done(self, stage: str, part: float, shot: int = 0) -> None:
        """`part` 0..1 of a stage is done."""
        self._tell(stage, min(0.99, self._before[stage] + self._shares[stage] * part), shot)

    def after_step(self, stage: str, of: int) -> Any:
        """A pipeline's `callback_on_step_end`. What it raises leaves the pipeline between two steps."""

        def told(_pipe: Any, step: int, _timestep: Any, _tensors: dict[str, Any]) -> dict[str, Any]:
            self.done(stage, (step + 1) / of)
            return {}

        return told
