"""From a person's photos to the one face reference that engines read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import msgspec
import numpy as np

from generation.errors import CheckFailed
from generation.perception.face import Face, Floats, rotated, wears_glasses
from generation.perception.face_checks import check_one_face, check_quality, check_turn, worth
from generation.perception.faces import FaceMeter
from generation.perception.identity import Identity
from generation.perception.matte import matte
from generation.perception.photos import Photo, read_photo
from generation.perception.references import FaceReference
from generation.perception.references_io import png
from generation.perception.upscale import enlarged

KEPT_PX: Final = 160.0  # inter-ocular distance of the kept photo
_KEEP_AS_IS: Final = (150.0, 170.0)
_SMALL_PX: Final = 110.0  # below this the head is enlarged by the network
_BELOW: Final = 4.0  # face heights of body under the chin that are kept
_AROUND: Final = 0.2  # face heights of background kept around the person
_HEAD: Final = (0.8, 0.75, 0.3)  # face heights beside the middle, above and below the face: hair, hat, beard


def face_reference(
    photos: Sequence[bytes],
    meter: FaceMeter,
    identity: Identity,
    on_progress: Callable[[str, float], None],
    *,
    left_png: bytes = b"",
    right_png: bytes = b"",
) -> FaceReference:
    """Check the photos, keep the best one and prepare it: 2 to 5 s, or 15 to 25 s where the head is small.

    `left_png` and `right_png` are a capture's turned heads, kept as they are.

    `on_progress` gets a step (look, enlarge, cut) and how much of it is done, 0..1; what it raises ends the work.
    Raises NotAPicture, and CheckFailed of the photo that came furthest if none passes: one_face, turn or quality.
    """
    photo, face = _best(photos, meter, on_progress)
    photo, face = _cropped(photo, face, meter.person(photo, face))
    photo, face = _scaled(photo, face, meter, on_progress)
    on_progress("cut", 0.0)
    alpha = matte(photo, face, meter.person(photo, face))
    reference = FaceReference(
        photo_png=png(photo),
        matte_png=png(np.round(alpha * 255).astype(np.uint8)),
        points=face.points.astype("<f4").tobytes(),
        inter_ocular_px=face.inter_ocular,
        yaw_deg=face.yaw,
        pitch_deg=face.pitch,
        roll_deg=face.roll,
        glasses=wears_glasses(photo, face.points),
        mouth_open=face.mouth_open,
        identity=identity.descriptor(photo, face).astype("<f4").tobytes(),
        left_png=left_png,
        right_png=right_png,
        height_px=face.height,
    )
    on_progress("cut", 1.0)
    return reference


def _best(photos: Sequence[bytes], meter: FaceMeter, on_progress: Callable[[str, float], None]) -> tuple[Photo, Face]:
    """The most useful photo that passes every check, upright, and its face."""
    kept: list[tuple[float, Photo, Face]] = []
    refused: list[tuple[int, CheckFailed]] = []
    for index, data in enumerate(photos):
        on_progress("look", index / len(photos))
        photo = read_photo(data)
        passed = 0
        try:
            face = check_one_face(meter.faces(photo))
            passed = 1
            check_turn(face)
            passed = 2
            check_quality(face)
        except CheckFailed as no:
            refused.append((passed, no))
            continue
        kept.append((worth(face), *_upright(photo, face)))
    on_progress("look", 1.0)
    if kept:
        _, photo, face = max(kept, key=lambda one: one[0])
        return photo, face
    if refused:
        raise max(refused, key=lambda one: one[0])[1]
    raise CheckFailed("one_face", "0 photos came, at least 1 is needed: send a photo of your face")


def _upright(photo: Photo, face: Face) -> tuple[Photo, Face]:
    turned = np.ascontiguousarray(np.rot90(photo, face.turn))
    return turned, _with_points(face, rotated(face.points, face.turn, photo.shape))


def _cropped(photo: Photo, face: Face, person: Floats) -> tuple[Photo, Face]:
    """Head, shoulders and body: everything of this person down to the waist, at its full width."""
    height, width = photo.shape[:2]
    _, parts = cv2.connectedComponents((person > 0.3).astype(np.uint8))
    x, y = (
        min(max(round(float(v)), 0), limit - 1) for v, limit in zip(face.points[1, :2], (width, height), strict=True)
    )
    bottom = min(height, round(face.box[3] + _BELOW * face.height))
    ys, xs = np.nonzero(parts[:bottom] == parts[y, x]) if parts[y, x] else (np.array((y,)), np.array((x,)))
    around = _AROUND * face.height
    # whatever the mask says, the head is in
    x0 = max(0, round(min(float(xs.min()), face.box[0] - face.height / 2) - around))
    x1 = min(width, round(max(float(xs.max()), face.box[2] + face.height / 2) + around))
    y0 = max(0, round(min(float(ys.min()), face.box[1] - face.height / 3) - around))
    y1 = min(bottom, round(max(float(ys.max()), face.box[3] + face.height / 2) + around))
    points = face.points - np.array((x0, y0, 0), np.float32)
    return np.ascontiguousarray(photo[y0:y1, x0:x1]), _with_points(face, points)


def _scaled(
    photo: Photo, face: Face, meter: FaceMeter, on_progress: Callable[[str, float], None]
) -> tuple[Photo, Face]:
    """The photo at KEPT_PX between the eyes."""
    if _KEEP_AS_IS[0] <= face.inter_ocular <= _KEEP_AS_IS[1]:
        return photo, face
    scale = KEPT_PX / face.inter_ocular
    if face.inter_ocular < _SMALL_PX:
        middle, (beside, above, below) = (face.box[0] + face.box[2]) / 2, _HEAD
        head = (
            middle - beside * face.height,
            face.box[1] - above * face.height,
            middle + beside * face.height,
            face.box[3] + below * face.height,
        )
        on_progress("enlarge", 0.0)
        person = meter.person(photo, face)
        photo = enlarged(photo, scale, head, person, lambda done: on_progress("enlarge", done))
    else:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
        photo = np.asarray(cv2.resize(photo, size, interpolation=way), np.uint8)
    points = face.points * np.float32(scale)
    points[:, :2] += np.float32(scale / 2 - 0.5)  # pixel centres
    larger = msgspec.structs.replace(face, height=face.height * scale, inter_ocular=face.inter_ocular * scale)
    return photo, _with_points(larger, points)


def _with_points(face: Face, points: Floats) -> Face:
    """The same upright face, its points elsewhere."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return msgspec.structs.replace(face, points=points, box=box, turn=0)
