"""A take, measured; and where it does not pass, one more with another seed. The better one is what people get.

Runs in a worker's thread: engine and measuring come as functions, so this is tested without models.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from backend.studio import Rushes
from generation.engine import NOTHING, Given
from generation.errors import Cancelled, EngineError, UnsafeOutput
from generation.joining import Original
from generation.plan import CastMember, Screenplay
from generation.report import Report
from generation.shapes import VideoShape
from social.clips import StageTime

PREVIEW: Final = "preview.mp4"  # in a take's folder, as soon as the first shot is there
SEEDS: Final = 2**31
MAKING, MEASURING = 0.88, 0.1  # of a clip's progress; a second take does not move it back
log = structlog.get_logger()


class Shooting(msgspec.Struct, frozen=True):
    """What an engine is given. A render may leave PREVIEW in the folder: whole as soon as it is there."""

    screenplay: Screenplay
    cast: tuple[CastMember, ...]
    size: VideoShape
    seed: int
    folder: Path  # for files in the making; emptied afterwards
    given: Given = NOTHING
    mark: int | None = None  # the number of its invisible mark; None: such a clip is not given to anybody
    parents: tuple[Path, ...] = ()  # signed files that it is made from
    strict: bool = False  # a real person is in it, or somebody under 18 makes it: less may be shown
    original: Original | None = None  # what the clip begins with: only what comes after it is to be made


OnProgress = Callable[[str, float, int], None]
Render = Callable[[Shooting, OnProgress], Rushes]
"""Blocks; raises EngineError or Cancelled. Called in a thread."""
Measure = Callable[[Shooting, Rushes, OnProgress], Report]
"""Blocks; raises Cancelled, and anything else where nothing can be measured. Called in a thread."""


def best_take(
    render: Render, measure: Measure, shooting: Shooting, on_progress: OnProgress
) -> tuple[Rushes, Report | None]:
    """The report is None where measuring broke: that loses nobody a clip, and the clip says so.

    Raises what `render` raises for the first take, and Cancelled. What was done again stands in `engine.fallbacks`.
    """
    furthest = 0.0

    def forward(stage: str, fraction: float, shot: int) -> None:
        nonlocal furthest
        furthest = max(furthest, fraction)
        on_progress(stage, furthest, shot)

    rushes, report = _take(render, measure, shooting, forward)
    if report is None:
        return _noted(rushes, {"report": "this clip could not be measured"}), None
    if report.passed or shooting.original is not None:  # with another seed it would go on in another set
        return rushes, report
    again = msgspec.structs.replace(shooting, seed=(shooting.seed + 1) % SEEDS, folder=shooting.folder / "again")
    retry = {"retry": ", ".join(report.failures), "seed": again.seed}
    try:
        second, other = _take(render, measure, again, forward)
    except (EngineError, UnsafeOutput) as error:
        log.warning("second take failed", error=type(error).__name__)
        return _noted(rushes, retry | {"delivered": shooting.seed}), report
    better = other is not None and other.rank > report.rank
    kept = _noted(second if better else rushes, retry | {"delivered": again.seed if better else shooting.seed})
    both = msgspec.structs.replace(
        kept,
        stages=_added(rushes.stages, second.stages),
        engine_seconds=round(rushes.engine_seconds + second.engine_seconds, 3),
    )
    return both, other if better else report


def _take(
    render: Render, measure: Measure, shooting: Shooting, on_progress: OnProgress
) -> tuple[Rushes, Report | None]:
    rushes = render(shooting, lambda stage, at, shot: on_progress(stage, MAKING * at, shot))
    try:
        report = measure(shooting, rushes, lambda _, at, shot: on_progress("report", MAKING + MEASURING * at, shot))
    except Cancelled:
        raise
    except Exception:
        log.exception("a clip could not be measured")
        return rushes, None
    stages = [*rushes.stages, StageTime("report", report.seconds)]
    return msgspec.structs.replace(rushes, stages=stages), report


def _noted(rushes: Rushes, note: dict[str, Any]) -> Rushes:
    return msgspec.structs.replace(rushes, engine=rushes.engine | {"fallbacks": [*rushes.engine["fallbacks"], note]})


def _added(first: list[StageTime], second: list[StageTime]) -> list[StageTime]:
    """Both takes' times, stage by stage."""
    seconds: dict[str, float] = {}
    for one in (*first, *second):
        seconds[one.stage] = seconds.get(one.stage, 0.0) + one.seconds
    return [StageTime(stage, round(spent, 3)) for stage, spent in seconds.items()]
