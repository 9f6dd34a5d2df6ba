from __future__ import annotations

import numpy as np
import pytest

from generation import screenwriter
from generation.plan import Role
from generation.portrait.title_card import FADE_S, SHOWN_S, TitleCard
from generation.shapes import SIZES, VideoShape, frames_for

CAST = (Role("S1", "Maya", "maya"),)


def laid(title: str, shape: VideoShape, index: int) -> np.ndarray:
    frame = np.full((shape.height, shape.width, 3), 120, np.uint8)
    TitleCard(title, shape, 3.0).lay(frame, index)
    return frame


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "title", ["Tea", "The Garden Show Opens On Sunday", "花园在星期天开放", "日曜日のおはなし", "W" * 40]
)
def test_a_title_is_read_above_the_faces_in_every_size(size: str, title: str) -> None:
    shape = VideoShape.of(size)  # type: ignore[arg-type]  # one of them
    changed = np.abs(laid(title, shape, frames_for(1.0)).astype(int) - 120).max(axis=2) > 3
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows[0] >= 0.01 * shape.height
    assert rows[-1] < 0.33 * shape.height
    assert columns[0] >= 0.02 * shape.width
    assert columns[-1] <= 0.98 * shape.width
    assert laid(title, shape, frames_for(1.0)).max() > 240


def test_it_comes_softly_and_goes() -> None:
    shape = VideoShape.of("480x848")
    brightest = [int(laid("Tea", shape, index).max()) for index in range(frames_for(SHOWN_S) + 2)]
    fade = frames_for(FADE_S)
    assert brightest[: fade - 1] == sorted(brightest[: fade - 1])
    assert brightest[fade + 1] > 240
    assert brightest[frames_for(SHOWN_S) :] == [120, 120]
    frame = np.full((shape.height, shape.width, 3), 120, np.uint8)
    TitleCard("Tea", shape, 1.5).lay(frame, frames_for(1.5))
    assert frame.max() == 120


@pytest.mark.parametrize(
    ("prompt", "title", "card"),
    [
        ('Title card: Tea for Two\n@maya: "Sugar?"', "Tea for Two", True),
        ('title card: “Tea for Two”\n@maya: "Sugar?"', "Tea for Two", True),
        ('Title: Tea for Two\n@maya: "Sugar?"', "Tea for Two", False),
        ('@maya: "Sugar?"', None, False),
    ],
)
def test_only_who_asks_for_a_title_card_gets_one(prompt: str, title: str | None, *, card: bool) -> None:
    play = screenwriter.write(prompt, CAST, 8.0, seed=1)
    assert play.title_card is card
    assert title is None or play.title == title
