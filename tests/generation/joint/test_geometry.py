from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.joint.geometry import (
    SPATIAL,
    TEMPORAL,
    Canvas,
    at_our_rate,
    canvas_for,
    covering,
    cropped,
    first_frame_of,
    latent_at,
    legal_frames,
)
from generation.shapes import FRAME_RATE, SECONDS, SIZES, VideoShape, frames_for


@pytest.mark.parametrize(
    ("size", "stages", "wanted"),
    [
        ("720x1280", 1, (736, 1280)),
        ("720x1280", 2, (768, 1280)),
        ("480x848", 1, (480, 864)),
        ("480x848", 2, (512, 896)),
        ("384x640", 2, (384, 640)),
        ("1024x1792", 2, (1024, 1792)),
        ("1280x720", 2, (1280, 768)),
    ],
)
def test_a_size_is_rendered_at_the_next_legal_one(size: str, stages: int, wanted: tuple[int, int]) -> None:
    width, _, height = size.partition("x")
    canvas = canvas_for(VideoShape(int(width), int(height)), 240, stages=stages)
    assert (canvas.width, canvas.height, canvas.frames) == (*wanted, 241)


@given(st.sampled_from(SIZES), st.sampled_from(SECONDS), st.sampled_from((1, 2)))
def test_every_size_and_length_of_ours_fits_its_canvas_and_its_first_stage_is_legal(
    size: str, seconds: str, stages: int
) -> None:
    shape = VideoShape.of(size)  # type: ignore[arg-type]
    frames = frames_for(float(seconds))
    canvas = canvas_for(shape, frames, stages=stages)
    first = canvas.halved if stages == 2 else canvas
    assert first.width % SPATIAL == first.height % SPATIAL == 0
    assert canvas.frames % TEMPORAL == 1
    assert 0 <= canvas.frames - frames < TEMPORAL
    assert 0 <= canvas.width - shape.width < SPATIAL * stages
    assert 0 <= canvas.height - shape.height < SPATIAL * stages


def test_ten_seconds_are_thirty_one_latents() -> None:
    assert Canvas(384, 640, legal_frames(240)).latent_tokens == 12 * 20 * 31


@given(st.integers(0, 400))
def test_a_pinned_picture_never_shows_before_its_cut_and_at_most_a_latent_after_it(frame: int) -> None:
    begins = first_frame_of(latent_at(frame))
    assert frame <= begins < frame + TEMPORAL


@given(st.integers(2, 60), st.integers(2, 60), st.integers(0, 20), st.integers(0, 20))
def test_what_is_cropped_is_the_middle(width: int, height: int, wider: int, taller: int) -> None:
    whole = np.zeros((2, height + 2 * taller, width + 2 * wider, 3), np.uint8)
    whole[:, taller : taller + height, wider : wider + width] = 255
    part = cropped(whole, VideoShape(width, height))
    assert part.shape == (2, height, width, 3)
    assert part.min() == 255


@given(st.integers(1, 300), st.floats(12.0, 60.0))
def test_a_frame_of_ours_is_the_source_frame_nearest_in_time(frames: int, rate: float) -> None:
    numbers = at_our_rate(frames, rate, available=10_000)
    times = np.arange(frames) / FRAME_RATE
    assert np.abs(numbers / rate - times).max() <= 0.5 / rate + 1e-9
    assert (np.diff(numbers) >= 0).all()


def test_a_source_that_ends_early_holds_its_last_frame() -> None:
    assert at_our_rate(30, 25.0, available=20)[-1] == 19


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90))
def test_a_covering_picture_leaves_no_edge_bare(width: int, height: int, wide: int, tall: int) -> None:
    scale, x, y = covering(np.zeros((tall, wide, 3), np.uint8), width, height)
    assert x <= 1e-6
    assert y <= 1e-6
    assert x + scale * wide >= width - 1e-6
    assert y + scale * tall >= height - 1e-6
