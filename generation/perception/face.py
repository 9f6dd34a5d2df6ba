"""One face that was found in a photo, and the figures read off its 468 points."""

from __future__ import annotations

from typing import Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.perception.photos import Photo

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels; may leave the photo."""

# Landmarks of MediaPipe's canonical face. Right and left are the subject's own.
FOREHEAD, CHIN, NOSE_TIP = 10, 152, 1
RIGHT_EYE: Final = (33, 160, 158, 133, 153, 144)  # outer corner, two above, inner corner, two below
LEFT_EYE: Final = (263, 387, 385, 362, 380, 373)
_SHARPNESS_PX: Final = 100  # face height at which detail is compared: the smallest that enrolment takes


class Face(msgspec.Struct, frozen=True):
    """Pixels of the photo as it was given; angles in degrees as seen once the photo is turned upright."""

    score: float  # of the detector, 0..1
    presence: float  # of the point model, 0..1
    turn: int  # quarter turns anticlockwise (`numpy.rot90`) that bring this face upright: 0..3
    box: Box  # forehead to chin
    points: Floats  # (468, 3): x, y, depth (smaller = nearer), all in pixels
    yaw: float  # + : nose towards the picture's right
    pitch: float  # + : nose down
    roll: float  # + : turned clockwise
    eyes_open: tuple[float, float]  # right, left: opening / width; open .18..45, shut < .12
    mouth_open: float  # gap between the inner lips / face height; shut < .012, teeth from about .03
    height: float  # forehead to chin
    inter_ocular: float  # between the middles of the eye corners
    sharpness: float  # variance of the Laplacian / variance at 100 px face height; noise raises it
    brightness: float  # mean luma of the face, 0..255
    inside: float  # share of the points inside the photo


def measured(photo: Photo, points: Floats, score: float, presence: float) -> Face:
    """Read every figure off the points of an upright photo (`turn` = 0).

    Angles come from the points' own depth, which is a guess: good for sorting photos. A head that looks straight
    ahead reads a pitch of up to 12.
    """
    yaw, pitch, roll = angles(points)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    height = float(np.linalg.norm(points[FOREHEAD] - points[CHIN]))
    size = np.array(photo.shape[1::-1])
    return Face(
        score=score,
        presence=presence,
        turn=0,
        box=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        points=points,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        eyes_open=(openness(points, RIGHT_EYE), openness(points, LEFT_EYE)),
        mouth_open=float(np.linalg.norm(points[13, :2] - points[14, :2])) / max(height, 1e-6),
        height=height,
        inter_ocular=inter_ocular(points),
        sharpness=_sharpness(photo, points, height),
        brightness=_brightness(photo, points),
        inside=float(np.all((points[:, :2] >= 0) & (points[:, :2] < size), axis=1).mean()),
    )


def inter_ocular(points: Floats) -> float:
    """Pixels between the middles of the eye corners, which stand in for the pupils."""
    right, left = ((points[eye[0], :2] + points[eye[3], :2]) / 2 for eye in (RIGHT_EYE, LEFT_EYE))
    return float(np.linalg.norm(left - right))


def upright(points: Floats) -> bool:
    """Whether the nose lies below the eyes and the chin below the nose, as far as they should."""
    eyes = (points[RIGHT_EYE[0], :2] + points[LEFT_EYE[0], :2]) / 2
    apart = float(np.linalg.norm(points[LEFT_EYE[0], :2] - points[RIGHT_EYE[0], :2]))
    nose, chin = points[NOSE_TIP, 1] - eyes[1], points[CHIN, 1] - points[NOSE_TIP, 1]
    return bool(nose > 0.1 * apart and chin > 0.2 * apart and points[RIGHT_EYE[0], 0] < points[LEFT_EYE[0], 0])


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    both = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return both / max(areas - both, 1e-9)


def rotated(points: Floats, turn: int, shape: tuple[int, ...]) -> Floats:
    """Where points of a picture of this shape lie after `numpy.rot90(picture, turn)`."""
    height, width = shape[:2]
    x, y = points[:, 0], points[:, 1]
    for _ in range(turn):
        x, y = y, width - 1 - x
        height, width = width, height
    return np.column_stack([x, y, points[:, 2]]).astype(np.float32)


def wears_glasses(photo: Photo, points: Floats) -> bool:
    """A bridge shows as strong level edges between the eyes, where skin has none. Rimless ones pass for none."""
    height = float(np.linalg.norm(points[FOREHEAD, :2] - points[CHIN, :2]))
    x, y = (points[168, :2] + points[6, :2]) / 2
    x0, x1 = max(0, round(x - 0.035 * height)), round(x + 0.035 * height)
    y0, y1 = max(0, round(y - 0.06 * height)), round(y + 0.06 * height)
    bridge = photo[y0:y1, x0:x1]
    if min(bridge.shape[:2]) < 4:
        return False
    grey = cv2.cvtColor(bridge, cv2.COLOR_RGB2GRAY).astype(np.float32)
    step = cv2.Sobel(cv2.GaussianBlur(grey, (0, 0), 0.006 * height), cv2.CV_32F, 0, 1)
    return float(np.abs(step).max(0).mean() * height / 300) > 40


def angles(points: Floats) -> tuple[float, float, float]:
    """Yaw, pitch, roll in degrees from lines that lie level and plumb in the canonical face."""
    right = points[263] - points[33] + points[454] - points[234]
    down = points[CHIN] - points[FOREHEAD]
    roll = float(np.arctan2(right[1], right[0]))
    yaw = float(np.arctan2(right[2], np.hypot(right[0], right[1])))
    plumb = down[1] * np.cos(roll) - down[0] * np.sin(roll)
    pitch = float(np.arctan2(down[2], plumb))
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def openness(points: Floats, eye: tuple[int, ...]) -> float:
    """Of RIGHT_EYE or LEFT_EYE: opening / width."""
    outer, above, above2, inner, below2, below = (points[i, :2] for i in eye)
    gap = np.linalg.norm(above - below) + np.linalg.norm(above2 - below2)
    return float(gap / max(2 * float(np.linalg.norm(outer - inner)), 1e-6))


def _sharpness(photo: Photo, points: Floats, height: float) -> float:
    """Detail at one face height: a big blurred face is no better than a small one."""
    x, y = (points[FOREHEAD, :2] + points[CHIN, :2]) / 2
    half = height / 2
    x0, y0 = max(0, round(x - half)), max(0, round(y - half))
    patch = photo[y0 : max(y0 + 2, round(y + half)), x0 : max(x0 + 2, round(x + half))]
    if min(patch.shape[:2]) < 2:
        return 0.0
    scale = _SHARPNESS_PX / max(height, 1.0)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = cv2.cvtColor(cv2.resize(patch, None, fx=scale, fy=scale, interpolation=way), cv2.COLOR_RGB2GRAY)
    detail = float(np.var(cv2.Laplacian(grey.astype(np.float32), cv2.CV_32F)))
    return detail / max(float(np.var(grey)), 1.0)


def _brightness(photo: Photo, points: Floats) -> float:
    """Mean Rec. 601 luma at the points, each weighing the same wherever the face's border lies."""
    at = np.round(points[:, :2]).astype(int)
    inside = np.all((at >= 0) & (at < photo.shape[1::-1]), axis=1)
    if not inside.any():
        return 0.0
    return float(np.mean(photo[at[inside, 1], at[inside, 0]] @ np.array((0.299, 0.587, 0.114))))
