"""Looking at pictures before they are shown, with the real model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import backend
from generation.errors import UnsafeOutput
from generation.perception.photos import read_photo
from generation.perception.safety import EVERY, LIMIT, Look, Nudity, Picture

SAMPLES = Path(backend.__file__ or "").parent / "samples"


@pytest.fixture(scope="module")
def model() -> Nudity:
    return Nudity()


@pytest.mark.parametrize("name", ["eileen.png", "grace.jpg"])
def test_portraits_are_fit_to_be_shown(model: Nudity, name: str) -> None:
    assert 0 <= model.score(read_photo((SAMPLES / name).read_bytes())) < LIMIT / 4


def test_frames_pass_unchanged_and_the_worst_is_kept(model: Nudity) -> None:
    frames = [np.full((64, 36, 3), level, np.uint8) for level in range(0, 250, 10)]
    look = Look(model)
    assert [id(frame) for frame in look.at(iter(frames))] == [id(frame) for frame in frames]
    assert look.worst == max(model.score(frames[index]) for index in range(0, len(frames), EVERY))


def test_over_the_limit_nothing_is_handed_on(model: Nudity) -> None:
    photo = read_photo((SAMPLES / "grace.jpg").read_bytes())
    closed = []

    def frames() -> Iterator[Picture]:
        try:
            while True:
                yield photo
        finally:
            closed.append(True)

    with pytest.raises(UnsafeOutput) as caught:
        next(Look(model, limit=model.score(photo)).at(frames()))
    assert caught.value.limit == model.score(photo)
    assert closed == [True]
