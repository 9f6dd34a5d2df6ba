"""What a photo must be to become somebody's face here; each refusal says how to do better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from generation.errors import CheckFailed
from generation.perception.face import Face

MAX_YAW_DEG: Final = 15.0
LEVEL_PITCH_DEG: Final = 9.0  # what heads that look straight ahead read: 5.6 to 12.6 on the sample photos
MAX_PITCH_DEG: Final = 18.0  # either way from level
MAX_ROLL_DEG: Final = 30.0
MIN_INTER_OCULAR_PX: Final = 40.0
MIN_INSIDE: Final = 0.99
MIN_BRIGHTNESS: Final = 20.0  # low on purpose: the darkest skin in good light reads 40
MIN_SHARPNESS: Final = 0.03  # a sharp photo reads .12 to .8, one that is soft at 100 px .003 to .02
_BYSTANDER: Final = 0.25  # a face below this share of the main one's height is background


def check_one_face(faces: Sequence[Face]) -> Face:
    """The one face; smaller ones far behind it do not count. `faces` are tallest first."""
    if not faces:
        raise CheckFailed(
            "one_face",
            "0 faces were found, exactly 1 is allowed: face the camera in good light, nothing before the face",
        )
    near = [face for face in faces if face.height >= _BYSTANDER * faces[0].height]
    if len(near) > 1:
        raise CheckFailed(
            "one_face", f"{len(near)} faces were found, exactly 1 is allowed: send a photo of yourself alone"
        )
    return near[0]


def check_turn(face: Face) -> None:
    """Whether the head looks into the camera."""
    pitch = face.pitch - LEVEL_PITCH_DEG
    if abs(face.yaw) > MAX_YAW_DEG:
        raise CheckFailed(
            "turn",
            f"the head is turned {abs(face.yaw):.0f}° to the side, {MAX_YAW_DEG:.0f}° are allowed: "
            "look straight into the camera",
        )
    if abs(pitch) > MAX_PITCH_DEG:
        raise CheckFailed(
            "turn",
            f"the head is tilted {abs(pitch):.0f}° {'down' if pitch > 0 else 'up'}, {MAX_PITCH_DEG:.0f}° are allowed: "
            "hold the camera at eye height",
        )
    if abs(face.roll) > MAX_ROLL_DEG:
        raise CheckFailed(
            "turn",
            f"the head leans {abs(face.roll):.0f}° to a shoulder, {MAX_ROLL_DEG:.0f}° are allowed: hold it upright",
        )


def check_quality(face: Face) -> None:
    """Whether there is enough of the face to see."""
    if face.inter_ocular < MIN_INTER_OCULAR_PX:
        raise CheckFailed(
            "quality",
            f"the eyes are {face.inter_ocular:.0f} pixels apart, at least {MIN_INTER_OCULAR_PX:.0f} are needed: "
            "come closer or send a larger photo",
        )
    if face.inside < MIN_INSIDE:
        raise CheckFailed(
            "quality",
            f"{face.inside:.0%} of the face are in the photo, at least {MIN_INSIDE:.0%} are needed: "
            "leave room around the head",
        )
    if face.brightness < MIN_BRIGHTNESS:
        raise CheckFailed(
            "quality",
            f"the face's brightness is {face.brightness:.0f} of 255, at least {MIN_BRIGHTNESS:.0f} are needed: "
            "face a window or a lamp",
        )
    if face.sharpness < MIN_SHARPNESS:
        raise CheckFailed(
            "quality",
            f"the face's sharpness is {face.sharpness:.3f}, at least {MIN_SHARPNESS:.3f} is needed: "
            "hold still, wipe the lens, use more light",
        )


def worth(face: Face) -> float:
    """How well a face that passed would animate: frontal, large, sharp, eyes open. Only its order means something."""
    frontal = 1 - abs(face.yaw) / (2 * MAX_YAW_DEG) - abs(face.pitch - LEVEL_PITCH_DEG) / (4 * MAX_PITCH_DEG)
    sharp = min(1.0, face.sharpness / 0.2)
    large = min(1.0, face.inter_ocular / 110)
    awake = min(1.0, min(face.eyes_open) / 0.2)
    return frontal * (0.3 + 0.7 * sharp) * (0.3 + 0.7 * large) * (0.2 + 0.8 * awake)
