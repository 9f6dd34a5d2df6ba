"""What was prepared of a person is gone when the clip is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest

from generation.errors import Cancelled
from generation.plan import CastMember, Line, Screenplay, Shot
from generation.portrait import rigs
from generation.portrait.engine import PortraitEngine
from generation.portrait.figure import FigureRig
from generation.portrait.rig import Rig
from generation.shapes import VideoShape
from tests.generation.perception import drawings
from tests.generation.portrait.test_figures import member, reference

SHAPE = VideoShape(384, 640)
PLAY = Screenplay(
    "",
    "plain",
    "a studio",
    (Shot(0.0, 1.0, "medium", "static", ("S1",), lines=(Line("S1", "Hi!"),)), Shot(1.0, 2.0, "close_up", who=("S1",))),
    "",
)


@pytest.fixture(scope="module")
def engine() -> PortraitEngine:
    return PortraitEngine()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Rig | FigureRig]]:
    """Every rig that is prepared from here on, not kept alive."""
    seen: list[weakref.ref[Rig | FigureRig]] = []
    make = rigs._made

    def noted(member: CastMember, u: int) -> Rig | FigureRig:
        rig = make(member, u)
        seen.append(weakref.ref(rig))
        return rig

    monkeypatch.setattr(rigs, "_made", noted)
    return seen


def left(made: list[weakref.ref[Rig | FigureRig]]) -> int:
    gc.collect()
    return sum(rig() is not None for rig in made)


def ignore(_stage: str, _fraction: float, _shot: int) -> None:
    """Nobody watches."""


def raising(at: str) -> Callable[[str, float, int], None]:
    def on_progress(stage: str, _fraction: float, _shot: int) -> None:
        if stage == at:
            raise Cancelled

    return on_progress


def test_nothing_prepared_outlives_a_clip_that_was_made(
    engine: PortraitEngine, made: list[weakref.ref[Rig | FigureRig]]
) -> None:
    cast = (member(1, reference(drawings.bear())),)
    take = engine.make(PLAY, cast, SHAPE, seed=1, on_progress=ignore)
    assert len(made) == left(made) == 1  # the first shot's
    assert sum(1 for _ in take.frames) == 48
    assert len(made) == 2  # two sizes, each made once
    assert left(made) == 0
    assert not engine.speaker._said


def test_a_person_is_prepared_once_for_each_size_and_forgotten_too(
    engine: PortraitEngine, made: list[weakref.ref[Rig | FigureRig]]
) -> None:
    bear = reference(drawings.bear())
    cast = (member(1, bear), member(2, bear))
    shots = tuple(Shot(float(i), i + 1.0, "two_shot", who=("S1", "S2")) for i in range(3))
    play = Screenplay("", "plain", "a studio", shots, "")
    assert np.stack(list(engine.make(play, cast, SHAPE, seed=1, on_progress=ignore).frames)).shape[0] == 72
    assert len(made) == 2
    assert left(made) == 0


@pytest.mark.parametrize("stage", ["speech", "sound", "sets", "render"])
def test_nothing_prepared_outlives_a_clip_that_was_stopped(
    engine: PortraitEngine, made: list[weakref.ref[Rig | FigureRig]], stage: str
) -> None:
    cast = (member(1, reference(drawings.bear())),)

    def stopped() -> None:
        list(engine.make(PLAY, cast, SHAPE, seed=1, on_progress=raising(stage)).frames)

    with pytest.raises(Cancelled) as told:
        stopped()
    assert told.traceback  # whoever keeps the error keeps its frames, so it goes first
    del told
    assert left(made) == 0
    assert not engine.speaker._said


def test_nothing_prepared_outlives_frames_that_nobody_read_to_the_end(
    engine: PortraitEngine, made: list[weakref.ref[Rig | FigureRig]]
) -> None:
    cast = (member(1, reference(drawings.bear())),)
    take = engine.make(PLAY, cast, SHAPE, seed=1, on_progress=ignore)
    next(take.frames)
    take.frames.close()  # type: ignore[attr-defined]  # ours is a generator
    assert left(made) == 0
