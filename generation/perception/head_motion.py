"""How a head has moved between two frames: what only a solid thing does, and what only a living one does.

A flat picture of a face, however it is held, moves by a homography; what a homography leaves over is parallax (Irani &
Anandan 1996): a turning head's nose moves further than its cheeks. All is read off the points' places in the picture;
of their depths, which are a network's guess, only those of the frame that looks ahead are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import msgspec
import numpy as np

from generation.perception.face import LEFT_EYE, RIGHT_EYE, Face, inter_ocular

BLINK: Final = 0.72  # of the eyes' usual opening, in both
BLINK_S: Final = 0.6  # longer ones are looking down
_USUAL_S: Final = 2.0  # around a moment: how far its eyes are usually open
_NOSE_BASE: Final = 2
_UPPER_LIP, _LOWER_LIP = 13, 14  # the inner lips' middles
_LIDS: Final = {
    *(33, 246, 161, 160, 159, 158, 157, 173, 133, 7, 163, 144, 145, 153, 154, 155),
    *(362, 398, 384, 385, 386, 387, 388, 466, 263, 382, 381, 380, 374, 373, 390, 249),
}


class Motion(msgspec.Struct, frozen=True):
    """Of one frame against the one that looks ahead."""

    turn_deg: float  # + towards the person's own left: how far near points go beyond far ones; true 28° reads 24 to 28
    parallax: (
        float  # RMS of what the best homography leaves over / inter-ocular distance; at 28° .08, a picture's < .02
    )
    mouth: float  # gap between the inner lips / inter-ocular distance ahead


def ahead(faces: Sequence[Face]) -> Face:
    """The face that looks straightest ahead, of those in the middle of the range of pitch."""
    level = float(np.median([face.pitch for face in faces]))
    return min(faces, key=lambda face: abs(face.yaw) + abs(face.pitch - level) / 2)


def motion(reference: Face, face: Face) -> Motion:
    """Read off the points over bone. Angles as a camera far away sees them (scaled orthography)."""
    rigid = _rigid(reference)
    unit = inter_ocular(reference.points)
    at = (reference.points[rigid] - reference.points[rigid].mean(0)) / unit
    seen = face.points[rigid, :2] / unit
    xy, depth = at[:, :2], at[:, 2]
    flat = np.column_stack([xy, np.ones(len(at))])
    fit, *_ = np.linalg.lstsq(np.column_stack([flat, depth]), seen, rcond=None)
    scale = float(np.linalg.norm(fit[1]))  # down the face: a turn leaves that as long as it is
    right = face.points[LEFT_EYE[0], :2] - face.points[RIGHT_EYE[0], :2]
    sideways = -float(fit[3] @ right) / float(np.linalg.norm(right)) / max(scale, 1e-6)
    plane, _ = cv2.findHomography(xy.astype(np.float64), seen.astype(np.float64), 0)
    apart = (
        np.zeros_like(seen) if plane is None else cv2.perspectiveTransform(xy[None].astype(np.float64), plane)[0] - seen
    )
    lips = face.points[_LOWER_LIP, :2] - face.points[_UPPER_LIP, :2]
    return Motion(
        turn_deg=float(np.degrees(np.arcsin(np.clip(sideways, -1, 1)))),
        parallax=float(np.sqrt((apart**2).sum(1).mean())) / max(scale, 1e-6),
        mouth=float(np.linalg.norm(lips)) / unit / max(scale, 1e-6),
    )


def blinks(times_s: Sequence[float], faces: Sequence[Face]) -> int:
    """How often both eyes closed for a moment; at ten frames a second the quickest fall between two."""
    opening = np.array([face.eyes_open for face in faces])
    times = np.array(times_s)
    shut = np.array(
        [
            bool(np.all(now < BLINK * np.median(opening[np.abs(times - at) < _USUAL_S / 2], axis=0)))
            for at, now in zip(times, opening, strict=True)
        ]
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shut.astype(int), [0]])))
    return sum(times[end - 1] - times[start] < BLINK_S for start, end in edges.reshape(-1, 2))


def _rigid(face: Face) -> list[int]:
    """Points above the base of the nose, without the lids: bone is beneath them."""
    right = face.points[LEFT_EYE[0], :2] - face.points[RIGHT_EYE[0], :2]
    down = np.array((-right[1], right[0]))
    height = (face.points[:, :2] - face.points[_NOSE_BASE, :2]) @ down
    return [i for i in range(468) if height[i] <= 0 and i not in _LIDS]
