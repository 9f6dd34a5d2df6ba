"""The cast's pictures as joint models want them: tight crops to remember, and a picture to pin where a shot begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import msgspec
import numpy as np

from generation.engine import Frame
from generation.errors import PerceptionError
from generation.joint.geometry import covering
from generation.perception.face import CHIN, FOREHEAD, LEFT_EYE, RIGHT_EYE, Floats
from generation.perception.references_io import decode, decode_figure
from generation.plan import CastMember, Framing, Shot

PLAIN: Final = (178, 178, 178)  # RGB behind a remembered face: a memory copies whatever stands there
FACE_CM: Final = 19.0  # forehead to chin
_HEIGHT_CM: Final = 170.0  # of somebody whose height is not known
_REMEMBERED: Final = 0.62  # of the height of a remembered picture is face
_FACES: Final[Mapping[Framing, float]] = {
    "wide": 0.10,
    "two_shot": 0.17,
    "medium": 0.21,
    "close_up": 0.34,
    "insert": 0.34,
}
_EYES: Final[Mapping[Framing, float]] = {
    "wide": 0.42,
    "two_shot": 0.36,
    "medium": 0.34,
    "close_up": 0.38,
    "insert": 0.38,
}


class Look(msgspec.Struct, frozen=True, eq=False):
    """A cut-out: (height, width, 3) uint8 RGB, its alpha 0..1, and where the face is in it, in its own pixels."""

    picture: Frame
    alpha: Floats
    eyes: tuple[float, float]
    face_px: float  # forehead to chin; a figure's own height, which is shown whole
    whole: bool  # a figure: no face to measure by


def look_of(member: CastMember) -> Look:
    """Raises PerceptionError for kept pictures that do not decode."""
    references = member.references
    if references.face is not None:
        picture, alpha, points = decode(references.face)
        eyes = points[[*RIGHT_EYE, *LEFT_EYE], :2].mean(0)
        height = float(np.linalg.norm(points[FOREHEAD, :2] - points[CHIN, :2]))
        return Look(picture, alpha, (float(eyes[0]), float(eyes[1])), height, whole=False)
    if references.figure is None:
        raise ValueError(f"{member.name} has neither face nor figure")
    picture, alpha = decode_figure(references.figure)
    height, width = alpha.shape
    return Look(picture, alpha, (width / 2, 0.3 * height), float(height), whole=True)


def remembered(look: Look, width: int, height: int) -> Frame:
    """A tight crop of face or figure on a plain ground, width x height."""
    scale = (0.9 if look.whole else _REMEMBERED) * height / look.face_px
    if look.whole:
        scale = min(scale, 0.9 * width / look.picture.shape[1])
    at = (width / 2, height * (0.05 + 0.27 if look.whole else 0.42))
    return _pasted(np.full((height, width, 3), PLAIN, np.uint8), look, scale, at)


def remembered_view(view_png: bytes, width: int, height: int) -> Frame:
    """A head as a capture showed it from the side, on the plain ground: what is around the head is faded out."""
    read = cv2.imdecode(np.frombuffer(view_png, np.uint8), cv2.IMREAD_COLOR)
    if read is None:
        raise PerceptionError("the kept side view does not decode: it must be a PNG")
    head = laid_over(np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8), width, height)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    inside = np.clip((1 - np.hypot(across / 0.75, down / 0.85)) / 0.15, 0, 1)[..., None]
    return np.rint(head * inside + np.array(PLAIN) * (1 - inside)).astype(np.uint8)


def keyframe(shot: Shot, cast: Sequence[CastMember], looks: Mapping[str, Look], ground: Frame) -> Frame | None:
    """Those in the shot on `ground` (height, width, 3), as the framing shows them; None where nobody is in it.

    People stand left to right as the shot names them, and beside each other they keep their true difference in height.
    """
    if not shot.who:
        return None
    height, width = ground.shape[:2]
    members = {member.speaker: member for member in cast}
    tallest = max(members[who].height_cm or _HEIGHT_CM for who in shot.who)
    face_px = min(_FACES[shot.framing] * height, 0.62 * width / len(shot.who))
    made = ground.copy()
    for number, who in enumerate(shot.who):
        look, member = looks[who], members[who]
        below_px = (tallest - (member.height_cm or _HEIGHT_CM)) * face_px / FACE_CM
        x = width * (number + 0.5) / len(shot.who)
        if look.whole:
            scale = min(0.5 * height, 0.9 * width / len(shot.who) * look.face_px / look.picture.shape[1]) / look.face_px
            made = _pasted(made, look, scale, (x, height - 0.72 * look.face_px * scale))
        else:
            made = _pasted(
                made, look, face_px / look.face_px, (x, min(_EYES[shot.framing] * height + below_px, 0.8 * height))
            )
    return made


def laid_over(picture: Frame, width: int, height: int) -> Frame:
    """A picture that fills width x height, cropped where its shape is another."""
    scale, x, y = covering(picture, width, height)
    matrix = np.array([[scale, 0, x], [0, scale, y]], np.float32)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _pasted(ground: Frame, look: Look, scale: float, eyes_at: tuple[float, float]) -> Frame:
    """`look` over `ground`, its eyes at a point; what is cut off below the photo runs on downwards."""
    height, width = ground.shape[:2]
    picture, alpha = look.picture, look.alpha
    if scale < 0.5:  # warpAffine alone would skip pixels
        small = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = np.asarray(cv2.resize(alpha, small, interpolation=cv2.INTER_AREA), np.float32)
    shrunk = picture.shape[0] / look.picture.shape[0]
    rest = scale / shrunk
    shift = [eyes_at[axis] - scale * look.eyes[axis] for axis in (0, 1)]
    matrix = np.array([[rest, 0, shift[0]], [0, rest, shift[1]]], np.float32)
    over = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(alpha, matrix, (width, height), flags=cv2.INTER_LINEAR)
    bottom = round(shift[1] + scale * look.picture.shape[0]) - 2
    if not look.whole and 0 < bottom < height:
        mask[bottom:] = mask[bottom - 1]
        over[bottom:] = over[bottom - 1]
    mixed = over * mask[..., None] + ground * (1 - mask[..., None])
    return np.rint(mixed).astype(np.uint8)
