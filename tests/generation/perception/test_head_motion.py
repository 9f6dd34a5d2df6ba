from __future__ import annotations

import cv2
import msgspec
import numpy as np
import pytest

from generation.perception.face import Face, Floats
from generation.perception.faces import FaceMeter
from generation.perception.head_motion import ahead, blinks, motion
from tests.generation.perception.samples import grace


@pytest.fixture(scope="module")
def face() -> Face:
    return FaceMeter().faces(grace())[0]


def moved(face: Face, points: Floats) -> Face:
    return msgspec.structs.replace(face, points=points.astype(np.float32))


def rotated(face: Face, yaw_deg: float, roll_deg: float, scale: float) -> Face:
    """The mesh as a solid, turned to its own left, then rolled, then nearer."""
    yaw, roll = np.radians(yaw_deg), np.radians(roll_deg)
    middle = face.points.mean(0)
    x, y, z = (face.points - middle).T
    x, z = x * np.cos(yaw) - z * np.sin(yaw), x * np.sin(yaw) + z * np.cos(yaw)
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    return moved(face, middle + scale * np.stack([x, y, z], 1))


@pytest.mark.parametrize("yaw_deg", [-30, -15, 0, 10, 25])
@pytest.mark.parametrize(("roll_deg", "scale"), [(0, 1.0), (20, 0.7), (-15, 1.4)])
def test_a_solid_head_reads_its_own_angle(face: Face, yaw_deg: float, roll_deg: float, scale: float) -> None:
    found = motion(face, rotated(face, yaw_deg, roll_deg, scale))
    assert found.turn_deg == pytest.approx(yaw_deg, abs=2.0)
    assert found.mouth == pytest.approx(motion(face, face).mouth, abs=0.01)
    if abs(yaw_deg) >= 15:
        assert found.parallax > 0.035


@pytest.mark.parametrize("tilt_deg", [-50, -25, 10, 40])
def test_a_flat_picture_shows_no_parallax_however_it_is_tilted(face: Face, tilt_deg: float) -> None:
    tilt, far = np.radians(tilt_deg), 900.0
    x, y = (face.points[:, :2] - face.points[:, :2].mean(0)).T
    near = far / (far + x * np.sin(tilt))
    flat = np.stack([300 + 1.2 * x * np.cos(tilt) * near, 300 + 1.2 * y * near, face.points[:, 2]], 1)
    found = motion(face, moved(face, flat))
    assert found.parallax < 0.002
    assert abs(found.turn_deg) < 4


def test_a_picture_that_is_only_shifted_and_sheared_does_not_turn(face: Face) -> None:
    shear = np.array(((1.0, 0.3, 40.0), (0.05, 0.9, -20.0)))
    flat = cv2.transform(face.points[None, :, :2].astype(np.float64), shear)[0]
    found = motion(face, moved(face, np.column_stack([flat, face.points[:, 2]])))
    assert found.parallax < 0.002
    assert found.turn_deg == pytest.approx(0, abs=0.5)


def test_the_frame_that_looks_ahead_is_the_reference(face: Face) -> None:
    turned = [msgspec.structs.replace(face, yaw=yaw) for yaw in (-20.0, 12.0, 1.0, 25.0)]
    assert ahead(turned).yaw == 1.0


def test_short_closings_of_both_eyes_are_blinks(face: Face) -> None:
    times = np.arange(60) / 10
    opening = np.full((60, 2), 0.3)
    opening[10:12] = 0.15  # a blink
    opening[20:22, 0] = 0.1  # a wink
    opening[40:48] = 0.15  # looking down
    faces = [msgspec.structs.replace(face, eyes_open=(float(right), float(left))) for right, left in opening]
    assert blinks(list(times), faces) == 1
