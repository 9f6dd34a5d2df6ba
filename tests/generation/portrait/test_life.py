from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.plan import Shot
from generation.portrait.backdrop import Backdrop
from generation.portrait.camera import View, view
from generation.portrait.place import Blocking
from generation.portrait.scene.kinds import Layer, Light, Scene
from generation.portrait.scene.painting import paint
from generation.portrait.stage import Stage
from generation.shapes import SIZES, Size, VideoShape

SMALL = VideoShape(216, 384)
LIVELY = (
    "a garden", "the woods", "a beach", "underwater", "a street at night", "a rooftop at night", "a train at night",
    "a taxi at night", "a beach, rain", "a snowy forest", "a storm in the park", "a castle", "a stage",
    "a space station", "a bar",
)  # fmt: skip
STILL_VIEW = View(1.0, SMALL.width / 2, SMALL.height / 2)


@cache
def scene(setting: str) -> Scene:
    return paint(setting, SMALL, seed=4)


def frame(setting: str, index: int, *, start_s: float = 0.0) -> NDArray[np.uint8]:
    empty = Stage(Shot(start_s, start_s + 4.0, "wide"), scene(setting), Blocking((), None), {}, 0.0, SMALL)
    return empty.frame(index, {})


@pytest.mark.parametrize("setting", LIVELY)
def test_a_lively_set_moves_and_the_same_frame_is_always_the_same(setting: str) -> None:
    still = Backdrop(scene(setting), "wide", 0.0, (), SMALL)
    first, later = still.paint(STILL_VIEW, 10), still.paint(STILL_VIEW, 40)
    assert (still.paint(STILL_VIEW, 10) == first).all()
    assert np.abs(first.astype(int) - later).max() > 12


def test_a_set_without_life_stands_still() -> None:
    still = Backdrop(scene("an office"), "wide", 0.0, (), SMALL)
    assert (still.paint(STILL_VIEW, 0) == still.paint(STILL_VIEW, 99)).all()


@pytest.mark.parametrize("setting", ["a beach, rain", "a storm in the park", "a snowy forest"])
def test_rain_and_snow_fall_before_the_people_too_and_downwards(setting: str) -> None:
    dark = [np.zeros((SMALL.height, SMALL.width, 3), np.uint8) for _ in range(2)]
    for picture, index in zip(dark, (20, 21), strict=True):
        scene(setting).life.near(picture, index)
    assert 0.0005 < (dark[0].max(axis=2) > 20).mean() < 0.2
    rows = [picture[..., 1].astype(float).mean(axis=1) - picture[..., 1].mean() for picture in dark]
    alike = [float(np.dot(rows[0][: -shift or None], rows[1][shift:])) for shift in range(60)]
    back = [float(np.dot(rows[1][: -shift or None], rows[0][shift:])) for shift in range(60)]
    assert max(alike) > max(back)


def test_indoors_no_rain_falls() -> None:
    assert scene("a kitchen, rain").life.falls_before == ()


def test_lightning_brightens_single_moments_of_a_storm() -> None:
    life = scene("a storm in the park").life
    at = round(life.flashes[0] * 24) + 1
    still = Backdrop(scene("a storm in the park"), "wide", 0.0, (), SMALL)
    lit, before = still.paint(STILL_VIEW, at).mean(), still.paint(STILL_VIEW, at - 3).mean()
    assert lit > before + 10


@pytest.mark.parametrize("setting", ["a garden", "a storm in the park", "underwater"])
def test_what_moves_does_not_depend_on_where_the_cuts_fall(setting: str) -> None:
    assert (frame(setting, 140, start_s=5.0) == frame(setting, 140, start_s=5.0)).all()
    life = scene(setting).life
    pictures = [np.full((SMALL.height, SMALL.width, 3), 90, np.uint8) for _ in range(2)]
    life.near(pictures[0], 120)
    paint(setting, SMALL, seed=4).life.near(pictures[1], 120)
    assert (pictures[0] == pictures[1]).all()


@pytest.mark.parametrize("size", SIZES)
def test_life_fits_every_size(size: Size) -> None:
    shape = VideoShape.of(size)
    painted = paint("a forest, snow", shape, seed=1)
    picture = Backdrop(painted, "close_up", 0.5, (), shape).paint(View(1.0, shape.width / 2, shape.height / 2), 30)
    painted.life.near(picture, 30)
    assert picture.shape == (shape.height, shape.width, 3)


def test_nearer_layers_move_more_under_the_camera() -> None:
    far = np.zeros((480, 270, 3), np.uint8)
    near = np.zeros((480, 270, 4), np.uint8)
    far[100:140, 120:150] = (255, 0, 0)
    near[300:340, 120:150] = (0, 0, 255, 255)
    drawn = Scene("test", (Layer(far, 0.1), Layer(near, 0.6)), None, Light(0, (1, 1, 1), 1, (90, 90, 90)), 0.7)
    still = Backdrop(drawn, "wide", 0.0, (), SMALL)
    moved = []
    for at in (0.0, 1.0):
        picture = still.paint(view("pan_right", at, 4, SMALL, face_y=170), 0).astype(float)
        moved.append([np.average(np.arange(SMALL.width), weights=picture[..., c].sum(axis=0)) for c in (0, 2)])
    (far_first, near_first), (far_last, near_last) = moved
    assert near_first - near_last > 1.2 * (far_first - far_last) > 0
