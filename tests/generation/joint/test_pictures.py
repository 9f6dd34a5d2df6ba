"""What joint models are shown of the cast."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from generation.engine import Frame
from generation.joint.geometry import Canvas
from generation.joint.ground import ground_of
from generation.joint.pictures import PLAIN, keyframe, laid_over, look_of, remembered
from generation.joint.sheet import sheet_of
from generation.plan import CastMember, Framing, Shot
from tests.generation.joint import people

GROUND = np.full((640, 384, 3), (20, 160, 60), np.uint8)  # a green nobody wears
LOOKS = {member.speaker: look_of(member) for member in (*people.cast(), people.bear(3))}


def shot(framing: Framing, *who: str) -> Shot:
    return Shot(0.0, 4.0, framing, who=who)


def shown(picture: Frame, ground: Frame = GROUND) -> NDArray[np.bool_]:
    return np.asarray(np.abs(picture.astype(int) - ground).max(-1) > 40)


def pinned(framing: Framing, *who: str, cast: tuple[CastMember, ...] | None = None) -> Frame:
    made = keyframe(shot(framing, *who), cast or (*people.cast(), people.bear(3)), LOOKS, GROUND)
    assert made is not None
    return made


def test_a_nearer_framing_shows_more_of_the_person() -> None:
    shares = [shown(pinned(framing, "S1")).mean() for framing in ("wide", "medium", "close_up")]
    assert 0.02 < shares[0] < shares[1] < shares[2]


def test_people_stand_in_the_order_the_shot_names_them() -> None:
    bear_right, bear_left = pinned("two_shot", "S1", "S3"), pinned("two_shot", "S3", "S1")
    half = GROUND.shape[1] // 2
    alone = pinned("two_shot", "S1")
    assert not np.array_equal(bear_right, bear_left)
    for picture in (bear_right, bear_left):
        assert shown(picture)[:, :half].mean() > 0.05
        assert shown(picture)[:, half:].mean() > 0.05
    assert shown(alone)[:, half - 20 : half + 20].mean() > shown(bear_right)[:, half - 20 : half + 20].mean()


def test_a_shorter_person_stands_lower_beside_a_taller_one() -> None:
    first_row = [
        np.flatnonzero(shown(pinned("two_shot", "S1", "S2"))[:, part].any(1))[0]
        for part in (slice(0, 192), slice(192, 384))
    ]
    assert first_row[0] > first_row[1] + 20  # Maya is 23 cm shorter than Leo


def test_nobody_in_a_shot_pins_nothing() -> None:
    assert keyframe(shot("insert"), people.cast(), LOOKS, GROUND) is None


def test_a_person_is_never_cut_off_above_the_edge_of_the_picture() -> None:
    picture = shown(pinned("medium", "S1"))
    columns = np.flatnonzero(picture[-1])
    assert columns.size > 20  # the body runs on to the lower edge


@pytest.mark.parametrize(("width", "height"), [(64, 64), (384, 640), (640, 384)])
def test_a_remembered_face_fills_a_plain_picture_of_the_clips_shape(width: int, height: int) -> None:
    for speaker in ("S1", "S3"):
        picture = remembered(LOOKS[speaker], width, height)
        assert picture.shape == (height, width, 3)
        plain = np.full_like(picture, PLAIN)
        assert 0.15 < shown(picture, plain).mean() < 0.95
        assert not shown(picture, plain)[0].all()


def test_the_ground_is_the_screenplays_set_and_the_same_for_the_same_seed() -> None:
    canvas = Canvas(96, 160, 25)
    beach = ground_of(people.play(), canvas, None, 3)
    assert beach.shape == (160, 96, 3)
    assert np.array_equal(beach, ground_of(people.play(), canvas, None, 3))
    assert beach.std() > 5


def test_the_makers_own_scene_is_the_ground_uncut_by_blur() -> None:
    scene = np.zeros((90, 160, 3), np.uint8)
    scene[:, 80:] = 255
    ground = ground_of(people.play(), Canvas(96, 160, 25), scene, 3)
    assert ground.shape == (160, 96, 3)
    assert set(np.unique(ground[80, [5, 90]])) == {0, 255}


def test_a_picture_laid_over_another_shape_is_not_distorted() -> None:
    disc = np.zeros((200, 200, 3), np.uint8)
    cv2.circle(disc, (100, 100), 60, (255, 255, 255), -1)
    laid = laid_over(disc, 100, 160)[..., 0] > 128
    wide, tall = np.flatnonzero(laid.any(0)), np.flatnonzero(laid.any(1))
    assert abs(np.ptp(wide) - np.ptp(tall)) <= 2


def test_a_sheet_shows_everybody_from_every_side_and_the_set_below_them() -> None:
    cast = (*people.cast(), people.bear(3))
    looks = {member.speaker: look_of(member) for member in cast}
    ground = np.full((360, 240, 3), (10, 120, 30), np.uint8)
    sheet = sheet_of(cast, looks, ground)
    assert sheet.shape == ground.shape
    assert (sheet[240:] == ground[240:]).all()
    for row in range(3):
        width = 80 if row < 2 else 240  # a figure has one side
        for column in range(240 // width):
            panel = sheet[80 * row : 80 * row + 80, width * column : width * column + width]
            assert panel.std() > 10, (row, column)
            assert (panel[1, 1] == PLAIN).all(), (row, column)
    assert (sheet_of((), {}, ground) == ground).all()
