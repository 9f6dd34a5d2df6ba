from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from generation.errors import EngineUnavailable
from generation.perception.faces import FaceMeter
from generation.perception.identity import MODEL, SAME_FACE, SIZE, Identity, assigned, chip, distance
from generation.perception.photos import Photo
from tests.generation.perception.samples import eileen, grace, resized

WEIGHTS = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"

CHANGES: dict[str, Callable[[Photo], Photo]] = {
    "mirrored": lambda photo: np.ascontiguousarray(photo[:, ::-1]),
    "dim": lambda photo: (photo * 0.35).astype(np.uint8),
    "warm": lambda photo: np.clip(photo * np.array((1.15, 1, 0.75)), 0, 255).astype(np.uint8),
    "lit from a side": lambda photo: np.clip(
        photo * np.linspace(0.4, 1.3, photo.shape[1])[None, :, None], 0, 255
    ).astype(np.uint8),
    "half as large": lambda photo: resized(photo, 0.5),
    "grainy": lambda photo: np.clip(photo + np.random.default_rng(1).normal(0, 12, photo.shape), 0, 255).astype(
        np.uint8
    ),
    "lying": lambda photo: np.ascontiguousarray(np.rot90(photo)),
}


@pytest.fixture(scope="module")
def meter() -> FaceMeter:
    return FaceMeter()


@pytest.fixture(scope="module")
def identity() -> Identity:
    return Identity()


@pytest.mark.parametrize("change", CHANGES)
def test_a_photo_in_other_light_is_the_same_face_and_not_the_other_one(
    meter: FaceMeter, identity: Identity, change: str
) -> None:
    people = [eileen(), grace()]
    kept = [identity.descriptor(photo, meter.faces(photo)[0]) for photo in people]
    for own, other, photo in zip(kept, kept[::-1], people, strict=True):
        changed = CHANGES[change](photo)
        found = identity.descriptor(changed, meter.faces(changed)[0])
        assert distance(own, found) < 0.3
        assert distance(other, found) > SAME_FACE


def test_a_descriptor_is_128_numbers_and_the_same_every_time(meter: FaceMeter, identity: Identity) -> None:
    photo = eileen()
    face = meter.faces(photo)[0]
    first, again = identity.descriptor(photo, face), Identity().descriptor(photo, face)
    assert first.shape == (SIZE,)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert distance(first, again) == 0


@pytest.mark.parametrize("person", [eileen, grace])
def test_the_chip_is_the_one_that_dlib_would_cut(meter: FaceMeter, person: Callable[[], Photo]) -> None:
    photo = person()
    face = meter.faces(photo)[0]
    corners = [dlib.point(*map(round, face.points[i, :2].tolist())) for i in (263, 362, 33, 133, 2)]
    theirs = dlib.get_face_chip(photo, dlib.full_object_detection(dlib.rectangle(0, 0, 9, 9), corners), 150, 0.25)
    ours = chip(photo, face)
    apart = cv2.absdiff(cv2.GaussianBlur(ours, (0, 0), 3), cv2.GaussianBlur(theirs, (0, 0), 3))
    assert np.mean(apart) < 5


def test_the_weights_are_the_published_ones_and_their_package_is_never_imported(identity: Identity) -> None:
    assert identity
    package = importlib.util.find_spec("face_recognition_models")
    assert package is not None
    weights = Path(package.origin or "").parent / "models" / f"{MODEL}.dat"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == WEIGHTS
    assert "face_recognition_models" not in sys.modules


def test_a_missing_model_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(EngineUnavailable, match="install the worker packages"):
        Identity()


def test_two_faces_go_to_the_two_people_they_are_nearest_to_together() -> None:
    one, other = np.eye(SIZE, dtype=np.float32)[:2]
    between = 0.7 * one + 0.3 * other  # nearer to one, who has a better face
    found = assigned([between, one], {"S1": one, "S2": other})
    assert {name: at for name, (at, _) in found.items()} == {"S1": 1, "S2": 0}
    assert found["S1"][1] == pytest.approx(0)
    assert assigned([between], {"S1": one, "S2": other}).keys() == {"S1"}
    assert assigned([], {"S1": one}) == {}
    assert assigned([one], {}) == {}
