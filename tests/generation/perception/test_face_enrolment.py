"""Photos of the two sample people that should be kept, and spoilt ones that should not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.errors import CheckFailed, NotAPicture
from generation.perception.face_enrolment import face_reference
from generation.perception.faces import FaceMeter
from generation.perception.identity import distance
from generation.perception.photos import Photo
from generation.perception.references_io import decode
from generation.perception.upscale import enlarged
from tests.generation.perception.samples import eileen, grace, identity, packed, resized


@pytest.fixture(scope="module")
def meter() -> FaceMeter:
    return FaceMeter()


def _unheard(step: str, done: float) -> None:
    assert step
    assert 0 <= done <= 1


def _large_grace() -> Photo:
    """Eyes 131 pixels apart: large enough to spare the network."""
    return resized(grace(), 1.5)


def test_a_good_photo_is_kept_at_one_size_with_its_points_and_matte(meter: FaceMeter) -> None:
    steps: list[str] = []
    kept = face_reference([packed(_large_grace())], meter, identity(), lambda step, _: steps.append(step))
    photo, alpha, points = decode(kept)
    assert list(dict.fromkeys(steps)) == ["look", "cut"]
    assert 150 <= kept.inter_ocular_px <= 170
    assert kept.glasses
    assert kept.mouth_open < 0.012
    assert photo.shape[:2] == alpha.shape
    assert kept.height_px == pytest.approx(float(np.linalg.norm(points[10] - points[152])), rel=1e-4)
    own = identity().descriptor(grace(), meter.faces(grace())[0])
    assert distance(np.frombuffer(kept.identity, "<f4"), own) < 0.2
    assert (kept.left_png, kept.right_png) == (b"", b"")
    (again,) = meter.faces(photo)
    assert np.abs(again.points[:, :2] - points[:, :2]).mean() < 0.03 * kept.inter_ocular_px
    x, y = points[1, :2].astype(int)
    assert alpha[y, x] == 1
    assert alpha[:60, -60:].max() == 0  # the wall beside the hat
    assert alpha[-1].mean() > 0.8  # the jacket's full width


def test_an_upside_down_photo_is_kept_upright(meter: FaceMeter) -> None:
    kept = face_reference([packed(np.ascontiguousarray(np.rot90(_large_grace(), 2)))], meter, identity(), _unheard)
    photo, _, points = decode(kept)
    assert points[1, 1] > points[33, 1]
    assert meter.faces(photo)[0].turn == 0


def test_the_best_of_several_photos_is_kept_whatever_their_order(meter: FaceMeter) -> None:
    good, soft = _large_grace(), np.asarray(cv2.GaussianBlur(_large_grace(), (0, 0), 3), np.uint8)
    one = face_reference([packed(good), packed(soft)], meter, identity(), _unheard)
    other = face_reference([packed(soft), packed(good)], meter, identity(), _unheard)
    assert one == other


def test_a_bad_photo_beside_a_good_one_does_no_harm(meter: FaceMeter) -> None:
    flat = np.full((300, 300, 3), 77, np.uint8)
    assert face_reference([packed(flat), packed(_large_grace())], meter, identity(), _unheard).glasses


def test_a_bystander_far_behind_is_no_second_face(meter: FaceMeter) -> None:
    photo = _large_grace()
    small = resized(eileen()[20:220, 130:330], 0.4)
    photo[20:100, -90:-10] = small
    assert face_reference([packed(photo)], meter, identity(), _unheard).glasses


def _spoilt() -> dict[str, tuple[Photo, str, str]]:
    g, e = grace(), eileen()
    cut = np.ascontiguousarray(_large_grace()[:, 390:])
    lean = cv2.getRotationMatrix2D((256, 300), 42, 1)
    return {
        "nobody": (np.full((400, 400, 3), 200, np.uint8), "one_face", "0 faces"),
        "two": (np.hstack([e, e]), "one_face", "2 faces"),
        "leaning": (np.asarray(cv2.warpAffine(g, lean, (512, 600)), np.uint8), "turn", "30°"),
        "small": (resized(e, 0.6), "quality", "at least 40"),
        "dark": ((g * 0.08).astype(np.uint8), "quality", "at least 20"),
        "blurred": (np.asarray(cv2.GaussianBlur(g, (0, 0), 5), np.uint8), "quality", "sharpness"),
        "cut": (cut, "quality", "99%"),
    }


@pytest.mark.parametrize("name", list(_spoilt()))
def test_a_refusal_names_its_check_and_the_figures(meter: FaceMeter, name: str) -> None:
    photo, check, words = _spoilt()[name]
    with pytest.raises(CheckFailed) as refused:
        face_reference([packed(photo)], meter, identity(), _unheard)
    assert refused.value.check == check
    assert words in str(refused.value)


def test_the_refusal_of_the_photo_that_came_furthest_is_told(meter: FaceMeter) -> None:
    nobody, small = packed(np.zeros((300, 300, 3), np.uint8)), packed(resized(eileen(), 0.6))
    for photos in ([nobody, small], [small, nobody]):
        with pytest.raises(CheckFailed, match="come closer") as refused:
            face_reference(photos, meter, identity(), _unheard)
        assert refused.value.check == "quality"


def test_no_photo_at_all_is_no_face(meter: FaceMeter) -> None:
    with pytest.raises(CheckFailed) as refused:
        face_reference([], meter, identity(), _unheard)
    assert refused.value.check == "one_face"


def test_a_truncated_photo_among_good_ones_is_told(meter: FaceMeter) -> None:
    whole = packed(_large_grace())
    with pytest.raises(NotAPicture):
        face_reference([whole, whole[: len(whole) // 2]], meter, identity(), _unheard)


def test_what_progress_raises_ends_the_work(meter: FaceMeter) -> None:
    class Enough(Exception):
        pass

    def stop(step: str, _: float) -> None:
        if step == "cut":
            raise Enough

    with pytest.raises(Enough):
        face_reference([packed(_large_grace())], meter, identity(), stop)


def test_the_network_enlarges_the_head_and_leaves_the_rest_to_the_filter() -> None:
    photo = eileen()[80:176, 180:276]
    steps: list[float] = []
    big = enlarged(photo, 3.7, (16, 16, 64, 60), np.ones(photo.shape[:2], np.float32), steps.append)
    plain = cv2.resize(photo, (355, 355), interpolation=cv2.INTER_CUBIC)
    assert big.shape == plain.shape
    assert steps == [1.0]
    difference = np.abs(big.astype(int) - plain)
    assert difference[240:].max() == 0
    assert difference[110:170, 110:170].mean() > 1
    # the same picture, neither shifted nor recoloured
    assert difference[110:170, 110:170].mean() < 12
    assert np.abs(big.mean((0, 1)) - plain.mean((0, 1))).max() < 2
