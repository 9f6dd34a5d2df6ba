"""A given picture becomes the set."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.errors import EngineError
from generation.portrait.scene.painting import paint
from generation.portrait.scene.pictured import pictured
from generation.shapes import VideoShape

SHAPE = VideoShape(216, 384)
LANDSCAPE = VideoShape(384, 216)


def view(width: int, height: int, seed: int = 1) -> NDArray[np.uint8]:
    """RGB: blue above green, with some grain."""
    picture = np.zeros((height, width, 3), np.float32)
    picture[: height // 2] = (110, 150, 210)
    picture[height // 2 :] = (90, 140, 60)
    picture += np.random.default_rng(seed).normal(0, 6, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [SHAPE, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("size", [(640, 427), (427, 640), (16, 16), (24, 17), (4000, 3000), (3000, 120), (90, 2400)])
def test_a_picture_of_any_size_and_aspect_fills_the_frame_with_margin(size: tuple[int, int], shape: VideoShape) -> None:
    scene = pictured(view(*size), shape)
    plate = scene.layers[0].picture
    assert abs(plate.shape[0] - 1.25 * shape.height) <= 2
    assert abs(plate.shape[1] - 1.25 * shape.width) <= 2
    assert plate.dtype == np.uint8
    assert plate.min(axis=2).mean() > 20, "no empty border"
    assert scene.foreground is not None
    assert scene.foreground.picture.shape == (*plate.shape[:2], 4)
    assert scene.foreground.picture[-1, :, 3].min() == 255
    assert scene.foreground.picture[: plate.shape[0] // 2, :, 3].max() == 0


def test_what_is_up_and_left_in_the_picture_is_up_and_left_in_the_set() -> None:
    picture = view(300, 500)
    picture[:, :150] //= 2
    plate = pictured(picture, SHAPE).layers[0].picture.astype(int)
    rows, columns = plate.shape[:2]
    above, below = plate[: rows // 3].mean((0, 1)), plate[-rows // 3 :].mean((0, 1))
    assert above[0] > above[2], "the sky is blue: BGR"
    assert below[1] > below[0], "the lawn is green"
    assert plate[:, : columns // 3].mean() < 0.7 * plate[:, -columns // 3 :].mean()


def test_the_crop_keeps_what_draws_the_eye() -> None:
    picture = np.full((200, 1200, 3), 120, np.uint8)
    picture[60:140, 900:980] = (230, 40, 30)
    plate = pictured(picture, SHAPE).layers[0].picture
    red = (plate[..., 2].astype(int) - plate[..., 0]) > 80
    assert red.mean() > 0.03


def test_the_light_comes_from_where_the_picture_is_bright() -> None:
    ramp = np.linspace(0.15, 1.0, 300)[None, :, None]
    right = pictured((view(300, 500) * ramp).astype(np.uint8), SHAPE).light
    left = pictured((view(300, 500) * ramp[:, ::-1]).astype(np.uint8), SHAPE).light
    assert right.side > 0.3
    assert left.side < -0.3
    assert abs(pictured(view(300, 500), SHAPE).light.side) < 0.1


def test_dark_pictures_darken_people_and_warm_ones_warm_them() -> None:
    grey = np.full((400, 300, 3), 150, np.uint8)
    day, night = pictured(grey, SHAPE).light, pictured(grey // 8, SHAPE).light
    assert night.brightness < 0.7 < day.brightness
    warm = pictured((grey * (1.0, 0.75, 0.45)).astype(np.uint8), SHAPE).light.warmth
    cool = pictured((grey * (0.5, 0.75, 1.0)).astype(np.uint8), SHAPE).light.warmth
    assert warm[2] > 1.05
    assert warm[0] < 0.95
    assert cool[0] > 1.05
    assert cool[2] < 0.95


def test_leaves_do_not_turn_people_green() -> None:
    leaves = np.full((400, 300, 3), (60, 140, 50), np.uint8)
    blue, green, red = pictured(leaves, SHAPE).light.warmth
    assert green < 1.14
    assert abs(red - blue) < 0.08


def test_grey_pictures_are_taken_as_they_are() -> None:
    grey = view(300, 500)[..., 1]
    plate = pictured(np.ascontiguousarray(grey), SHAPE).layers[0].picture
    assert int(np.ptp(plate.astype(int), axis=2).max()) <= 1
    assert pictured(np.ascontiguousarray(grey), SHAPE).light.warmth == pytest.approx((1, 1, 1))


def test_a_sharp_picture_is_behind_the_focus() -> None:
    stripes = np.zeros((768, 432, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 1::4] = 255
    assert float(pictured(stripes, SHAPE).layers[0].picture[100:-100, 60:-60].std()) < 40


def test_the_same_picture_gives_the_same_pixels() -> None:
    one, two = pictured(view(640, 427), SHAPE), pictured(view(640, 427), SHAPE)
    assert np.array_equal(one.layers[0].picture, two.layers[0].picture)
    assert one.light == two.light
    assert not np.array_equal(one.layers[0].picture, paint("a garden", SHAPE, seed=1).layers[0].picture)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((15, 400, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((400, 300, 4), np.uint8),
        np.zeros((400, 300, 3), np.float32),
        np.zeros((400,), np.uint8),
    ],
    ids=["a strip", "nothing", "with alpha", "not bytes", "a line"],
)
def test_what_is_no_picture_of_a_place_is_refused_with_what_it_is(bad: NDArray[np.uint8]) -> None:
    with pytest.raises(EngineError, match=r"scene.*(uint8 RGB|at least 16 px)") as refused:
        pictured(bad, SHAPE)
    assert refused.value.stage == "sets"
