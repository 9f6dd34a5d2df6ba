from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.plan import Camera, Framing, Shot
from generation.portrait.blocking import (
    BESIDE_U,
    CLEAR_U,
    CONTINUES_U,
    EYE_LINE,
    HEAD_ROOM_U,
    MOST_GROWTH,
    U_OF_WIDTH,
    block,
)
from generation.portrait.camera import MOST_ZOOM, view
from generation.portrait.place import INTER_OCULAR_CM, Cutout, Subject
from generation.portrait.scene.kinds import MARGIN
from generation.shapes import SIZES, VideoShape

FRAMINGS: tuple[Framing, ...] = ("wide", "two_shot", "medium", "close_up", "insert")
MOVES: tuple[Camera, ...] = ("push_in", "pull_out")
SHAPES = [VideoShape.of(size) for size in SIZES]


def people(*below_and_height: tuple[float, float | None]) -> dict[str, Subject | Cutout]:
    return {
        f"S{number}": Subject(f"S{number}", height, below) for number, (below, height) in enumerate(below_and_height, 1)
    }


def shot(framing: Framing, count: int) -> Shot:
    return Shot(0.0, 4.0, framing, who=tuple(f"S{number}" for number in range(1, count + 1)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.width}x{shape.height}")
def test_two_people_keep_their_true_difference_in_height(shape: VideoShape) -> None:
    tall, short = block(shot("two_shot", 2), people((9.0, 185.0), (9.0, 165.0)), shape).places
    assert tall.u == short.u
    assert short.y - tall.y == pytest.approx(20 * tall.u / INTER_OCULAR_CM)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.width}x{shape.height}")
def test_a_great_difference_in_height_still_leaves_both_faces_in_frame(shape: VideoShape) -> None:
    for framing in FRAMINGS:
        tall, short = block(shot(framing, 2), people((9.0, 195.0), (9.0, 140.0)), shape).places
        assert tall.y - 2.5 * tall.u > 0
        assert short.y + 2 * short.u < 0.85 * shape.height
        assert short.y - tall.y == pytest.approx(55 * tall.u / INTER_OCULAR_CM)


def test_the_tallest_stands_behind_and_left_is_left() -> None:
    places = block(shot("wide", 3), people((9, 160), (9, 190), (9, 175)), SHAPES[0]).places
    assert [place.speaker for place in places] == ["S2", "S3", "S1"]
    across = {place.speaker: place.x for place in places}
    assert across["S1"] < across["S2"] < across["S3"]


@given(
    st.sampled_from(FRAMINGS),
    st.sampled_from(SHAPES),
    st.lists(st.tuples(st.floats(2.5, 9.0), st.one_of(st.none(), st.floats(100, 210))), min_size=1, max_size=4),
)
def test_no_photo_ends_in_plain_sight(
    framing: Framing, shape: VideoShape, sizes: list[tuple[float, float | None]]
) -> None:
    known = people(*sizes)
    blocking = block(shot(framing, len(sizes)), known, shape)
    assert len(blocking.places) == len(sizes)
    for place in blocking.places:
        shown = sizes[int(place.speaker[1]) - 1][0]
        edge = place.y + (shown if shown < CONTINUES_U else 9.0) * place.u  # so far body.continued goes on
        hidden_from = shape.height if blocking.foreground_y is None else blocking.foreground_y
        lowest_face = max(place.y for place in blocking.places) + CLEAR_U * place.u
        assert edge >= hidden_from or hidden_from == pytest.approx(lowest_face)
        assert place.u <= MOST_GROWTH * U_OF_WIDTH["close_up"] * shape.width + 1e-6
        if len(sizes) > 1:
            assert BESIDE_U * place.u <= place.x + 1e-6
            assert place.x <= shape.width - BESIDE_U * place.u + 1e-6


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.width}x{shape.height}")
@pytest.mark.parametrize("framing", FRAMINGS)
def test_one_person_has_eyes_on_the_upper_third_and_a_whole_head(framing: Framing, shape: VideoShape) -> None:
    (place,) = block(shot(framing, 1), people((4.2, 170.0)), shape).places
    assert EYE_LINE[framing] * shape.height <= place.y + 1e-6
    assert 1 / 3 <= place.y / shape.height <= 0.46 + 1e-6
    assert place.y - HEAD_ROOM_U * place.u >= -1e-6
    if shape.height > shape.width:
        assert place.y == pytest.approx(EYE_LINE[framing] * shape.height, rel=0.08)


def test_only_a_wide_shot_of_somebody_with_shoulders_stands_behind_something() -> None:
    for framing in ("medium", "close_up"):
        assert block(shot(framing, 1), people((4.2, 170.0)), SHAPES[0]).foreground_y is None
    wide = block(shot("wide", 1), people((4.2, 170.0)), SHAPES[0]).foreground_y
    assert wide is not None
    assert wide >= 0.85 * SHAPES[0].height
    no_shoulders = block(shot("medium", 1), people((2.6, 170.0)), SHAPES[0]).foreground_y
    assert no_shoulders is not None
    assert no_shoulders < 0.8 * SHAPES[0].height


def test_closer_framings_show_larger_faces() -> None:
    known = people((9.0, 170.0))
    sizes = [block(shot(framing, 1), known, SHAPES[0]).places[0].u for framing in ("wide", "medium", "close_up")]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_nobody_in_frame_is_an_empty_set() -> None:
    assert block(shot("insert", 0), {}, SHAPES[0]).places == ()


@given(
    st.sampled_from(("static", "push_in", "pull_out", "pan_left", "pan_right", "handheld")),
    st.floats(0, 1),
    st.floats(1, 12),
    st.sampled_from(SHAPES),
    st.floats(0.2, 0.6),
)
def test_no_camera_sees_past_the_set(camera: Camera, at: float, seconds: float, shape: VideoShape, face: float) -> None:
    seen = view(camera, at, seconds, shape, face_y=face * shape.height)
    assert 1 <= seen.zoom <= MOST_ZOOM
    for middle, here, side in ((shape.width / 2, seen.x, shape.width), (shape.height / 2, seen.y, shape.height)):
        half = side / 2 / seen.zoom
        assert here - half >= middle - side * (0.5 + MARGIN)
        assert here + half <= middle + side * (0.5 + MARGIN)


def test_a_push_comes_closer_and_a_pull_goes_away() -> None:
    zooms = {camera: [view(camera, at, 4, SHAPES[0], face_y=500).zoom for at in (0, 0.5, 1)] for camera in MOVES}
    assert zooms["push_in"] == sorted(zooms["push_in"])
    assert zooms["pull_out"] == sorted(zooms["pull_out"], reverse=True)
    assert zooms["push_in"][0] == zooms["pull_out"][2] == 1
