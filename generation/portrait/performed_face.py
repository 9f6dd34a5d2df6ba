"""A recorded face, frame by frame, as poses of another one: what moves is told in the performer's own measure.

Everything is taken against the performer's own neutral face and in inter-ocular distances, then clamped to what a rig
can do. The idea is that of performance retargeting by landmarks (Chai, Xiao & Hodgins 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.errors import EngineError
from generation.perception.face import LEFT_EYE, RIGHT_EYE, Floats, angles, openness
from generation.perception.faces import FaceMeter
from generation.perception.photos import Photo
from generation.portrait.motion import MAX_PITCH, MAX_ROLL, MAX_YAW
from generation.portrait.muscles import OPENING
from generation.portrait.pose import Pose
from generation.shapes import FRAME_RATE

Track = NDArray[np.float64]

NAMES: Final = ("jaw", "wide", "round", "smile", "blink", "brow", "yaw", "pitch", "roll")
JOIN_FRAMES: Final = 6  # from and to the engine's own acting
TOUCHING: Final = 0.03  # u: lips that look shut are this far apart on the mesh
WIDER, NARROWER, LIFTED = 0.10, 0.27, 0.085  # what the rig's muscles do at 1, as shares of the width and in u
BROW_UP, BROW_DOWN = 0.055, 0.075  # u
SHUT: Final = 0.45  # of the eyes' own opening
OPEN: Final = 0.85  # of it: less is a lid on its way
HEAD: Final = 0.6  # of the performer's turn, before the limits bend it
_GONE_FRAMES: Final = 12  # a face that is lost for longer is no performance
_BROWS: Final = (105, 66, 107, 334, 296, 336)
_EYES: Final = (33, 133, 362, 263)


class Acting(msgspec.Struct, frozen=True):
    """Of one performer: a track for each of NAMES, (frames,) at 24 a second, in Pose's units."""

    tracks: dict[str, Track]

    @property
    def frames(self) -> int:
        return len(self.tracks["jaw"])


def acting(frames: Sequence[Photo], meter: FaceMeter) -> Acting:
    """Blocks: 5 ms a frame. Raises EngineError where the face is lost for over half a second."""
    return acted(_points(frames, meter))


def acted(points: Floats) -> Acting:
    """(frames, 468, 3) -> what the face does."""
    measures = np.array([_measures(one) for one in points])
    gap, width, lift, eyes, brow, yaw, pitch, roll = measures.T
    gap = _even(gap - min(float(np.quantile(gap, 0.1)), TOUCHING), 0.5)
    wider = _even(width / _neutral(width, gap) - 1, 0.7)
    lift = _even(lift - _neutral(lift, gap), 0.7)
    opening = float(np.quantile(eyes, 0.8))
    brow = _even(brow - float(np.median(brow)), 1.0)
    turned = {
        name: _bent(_even(track - np.median(track), 1.2), most)
        for name, track, most in (("yaw", yaw, MAX_YAW), ("pitch", pitch, MAX_PITCH), ("roll", roll, MAX_ROLL))
    }
    return Acting(
        {
            "jaw": np.clip(gap / OPENING, 0, 1),
            "wide": np.clip(wider / WIDER, 0, 1),
            "round": np.clip(-wider / NARROWER, 0, 1),
            "smile": np.clip(lift / LIFTED, -1, 1),
            "blink": np.clip((OPEN - eyes / opening) / (OPEN - SHUT), 0, 1),
            "brow": np.clip(np.where(brow > 0, brow / BROW_UP, brow / BROW_DOWN), -1, 1),
            **turned,
        }
    )


def driven(poses: Sequence[Pose], acting: Acting, offset_s: float) -> list[Pose]:
    """`poses` with the performer's face, which begins at `offset_s` of the clip; eased in and out.

    What nobody sees in a face on a screen stays the engine's: gaze, breath, sway, and lips that press.
    """
    made = list(poses)
    clock = np.arange(acting.frames)
    for i, pose in enumerate(poses):
        at = i - offset_s * FRAME_RATE
        ease = min(1.0, (at + 1) / JOIN_FRAMES, (acting.frames - at) / JOIN_FRAMES)
        if ease <= 0:
            continue
        there = {name: float(np.interp(at, clock, track)) for name, track in acting.tracks.items()}
        there |= {"dx": 0.25 * there["yaw"], "dy": 0.30 * there["pitch"]}
        mixed = {name: getattr(pose, name) * (1 - ease) + value * ease for name, value in there.items()}
        made[i] = msgspec.structs.replace(pose, **mixed)
    return made


def _points(frames: Sequence[Photo], meter: FaceMeter) -> Floats:
    """(frames, 468, 3); short gaps are bridged."""
    found: list[Floats | None] = []
    points: Floats | None = None
    for frame in frames:
        points = None if points is None else meter.followed(frame, points)
        if points is None:
            faces = meter.faces(frame, (0,))
            points = faces[0].points if faces else None
        found.append(points)
    seen = [i for i, one in enumerate(found) if one is not None]
    if not seen or max(np.diff([-1, *seen, len(found)])) > _GONE_FRAMES:
        raise EngineError("start", "the performing face is lost in the video for more than half a second")
    whole = np.stack([one for one in found if one is not None]).reshape(len(seen), -1)
    bridged = np.stack([np.interp(np.arange(len(found)), seen, column) for column in whole.T], 1)
    return np.asarray(bridged.reshape(len(found), 468, 3), np.float32)


def _measures(points: Floats) -> tuple[float, ...]:
    """Gap of the lips, width of the mouth, lift of its corners, eyes, brows (u); yaw, pitch, roll (rad)."""
    right, left = points[list(_EYES[:2])].mean(0), points[list(_EYES[2:])].mean(0)
    unit = max(float(np.linalg.norm(left - right)), 1e-6)
    across = (left - right)[:2] / max(float(np.linalg.norm((left - right)[:2])), 1e-6)
    down = np.array((-across[1], across[0]))
    height = points[:, :2] @ down
    lips = (height[13] + height[14]) / 2
    yaw, pitch, roll = np.radians(angles(points))
    return (
        float(np.linalg.norm(points[13] - points[14])) / unit,
        float(np.linalg.norm(points[61] - points[291])) / unit,
        float(lips - (height[61] + height[291]) / 2) / unit,
        (openness(points, RIGHT_EYE) + openness(points, LEFT_EYE)) / 2,
        float(height[list(_EYES)].mean() - height[list(_BROWS)].mean()) / unit,
        float(yaw),
        float(pitch),
        float(roll),
    )


def _neutral(track: Track, gap: Track) -> float:
    """Of the quieter half of the frames: while the mouth is least open."""
    return float(np.median(track[gap <= np.median(gap)]))


def _bent(track: Track, most: float) -> Track:
    return np.asarray(most * np.tanh(HEAD * track / most))


def _even(track: Track, sigma: float) -> Track:
    return np.asarray(gaussian_filter1d(track, sigma, mode="nearest"))
