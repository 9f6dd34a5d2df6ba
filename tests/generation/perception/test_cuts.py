"""Small rendered clips whose cuts are known to the frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.perception.cuts import cuts_in, matched
from generation.perception.photos import Photo


def place(seed: int) -> Photo:
    """A room twice the picture's size, of soft random shapes."""
    noise = np.random.default_rng(seed).integers(0, 255, (16, 9, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (90, 160), interpolation=cv2.INTER_CUBIC), np.uint8)


def shot(seed: int, frames: int, *, camera: str = "static") -> list[Photo]:
    """64 x 36 pixels of a place; the camera stands, pans or pushes in, and somebody waves."""
    made = []
    for number in range(frames):
        left, top, wide = 20.0, 40.0, 45.0
        if camera == "pan":
            left += 0.6 * number
        if camera == "push_in":
            wide -= 0.25 * number
        view = np.array([[wide / 36, 0, left], [0, wide / 36, top]], np.float32)
        frame = np.asarray(
            cv2.warpAffine(place(seed), view, (36, 64), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.uint8
        ).copy()
        arm = 8 + round(6 * np.sin(number / 2))
        frame[20:30, arm : arm + 6] = 230
        made.append(frame)
    return made


def faded(before: list[Photo], after: list[Photo], frames: int = 8) -> list[Photo]:
    """The last picture of one shot mixed into the first of the next; both keep moving elsewhere."""
    mixed = [
        np.asarray(
            cv2.addWeighted(picture, (at + 1) / (frames + 1), before[-1], 1 - (at + 1) / (frames + 1), 0), np.uint8
        )
        for at, picture in enumerate(after[:frames])
    ]
    return [*before, *mixed, *after[frames:]]


def test_hard_cuts_are_found_to_the_frame() -> None:
    clip = [*shot(1, 40), *shot(2, 30, camera="pan"), *shot(3, 26, camera="push_in")]
    assert cuts_in(clip) == (40, 70)


@pytest.mark.parametrize("camera", ["static", "pan", "push_in"])
def test_a_moving_camera_is_no_cut(camera: str) -> None:
    assert cuts_in(shot(4, 72, camera=camera)) == ()


@pytest.mark.parametrize("frames", [4, 8, 12])
def test_a_fade_is_one_cut_where_it_begins(frames: int) -> None:
    [found] = cuts_in(faded(shot(5, 40), shot(6, 50), frames))
    assert abs(found - 40) <= 2


def test_a_clip_of_one_frame_or_none_has_no_cuts() -> None:
    assert cuts_in([]) == ()
    assert cuts_in(shot(7, 1)) == ()


def test_a_realised_cut_answers_for_one_planned_cut() -> None:
    assert matched([40, 127], [40, 127], 2) == 2
    assert matched([40, 127], [42, 130], 2) == 1
    assert matched([40, 41], [40], 2) == 1
    assert matched([40], [], 2) == 0
