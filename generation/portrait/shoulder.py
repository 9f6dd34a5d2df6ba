"""Over the shoulder: whoever is spoken with, from behind, dark and out of focus at the edge of the frame.

Only the outline is theirs, mirrored, with the colour of their hair and of their clothes: no face is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.plan import Screenplay, Shot
from generation.portrait.actor import over
from generation.portrait.camera import View
from generation.portrait.light import Field
from generation.portrait.place import Blocking
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.scene.kinds import Light
from generation.shapes import VideoShape

COARSE: Final = 4  # px of the frame for one of what is this soft
NEARER: Final = 1.22  # how much larger than the one who is seen
OUTSIDE_U: Final = 0.80  # from the frame's side to the middle of the head
LOWER_U: Final = 0.30  # how much lower the eyes would be
ASIDE: Final = 0.075  # of the frame's width: how far the other makes room
SOFT_U: Final = 0.10
DARK: Final = 0.42  # light left on what is turned away from it
EDGE: Final = 0.22  # of the back's light on the outline
DEPTH: Final = 1.9  # so much more than the people it moves with the camera
ARM_U, ARM_SLOPE = 2.3, 0.18  # half the width of shoulders, where the photo goes on to its own border
HEAD_U: Final = 2.3  # below the eyes the neck ends and clothes begin


class Over(msgspec.Struct, frozen=True):
    """Whose shoulder, and at which side of the frame: -1 left, 1 right."""

    speaker: str
    side: float


def over_whom(screenplay: Screenplay, number: int, people: Sequence[str], *, seed: int) -> Over | None:
    """For shot `number`, from 0, from what has been seen up to it: every second close shot of somebody who speaks.

    `people` are the speakers who have shoulders, in the order of the cast.
    """
    shot = screenplay.shots[number]
    if shot.cut == "continued":
        return over_whom(screenplay, number - 1, people, seed=seed)
    if not _close(shot) or shot.who[0] not in people:
        return None
    who = shot.who[0]
    before = sum(_close(earlier) for earlier in screenplay.shots[:number])
    met = [name for one in reversed(screenplay.shots[: number + 1]) for name in (*one.who, *_speakers(one))]
    other = next((name for name in met if name != who and name in people), None)
    if other is None or (before + seed) % 2:
        return None
    sides = {name: float(at) for at, name in enumerate(people)}
    for earlier in screenplay.shots[: number + 1]:
        if {who, other} <= set(earlier.who):
            sides = {name: float(at) for at, name in enumerate(earlier.who)}
    return Over(other, 1.0 if sides[other] > sides[who] else -1.0)


def making_room(blocking: Blocking, side: float, shape: VideoShape) -> Blocking:
    """Everybody moved away from that side."""
    moved = (msgspec.structs.replace(place, x=place.x - side * ASIDE * shape.width) for place in blocking.places)
    return msgspec.structs.replace(blocking, places=tuple(moved))


class Shoulder:
    """Read-only once made."""

    def __init__(
        self,
        speaker: str,
        rig: Rig,
        blocking: Blocking,
        side: float,
        light: Light,
        behind: NDArray[np.uint8],
        shape: VideoShape,
    ) -> None:
        """`behind` as light.Around has it: what the outline stands before."""
        self.speaker, self._shape = speaker, shape
        seen = blocking.places[0]
        self._u = NEARER * seen.u
        x = shape.width / 2 + side * (shape.width / 2 + OUTSIDE_U * self._u)
        y = seen.y + LOWER_U * self._u
        picture = _from_behind(rig, (x, y), self._u, light, behind, shape)
        columns = np.flatnonzero(picture[..., 3].max(axis=0) > 2)
        rows = np.flatnonzero(picture[..., 3].max(axis=1) > 2)
        self._left = max(0, int(columns[0]) - 1) if columns.size else 0
        self._top = max(0, int(rows[0]) - 1) if rows.size else 0
        last = int(columns[-1]) + 2 if columns.size else 1
        self._picture = np.ascontiguousarray(picture[self._top :, self._left : last])

    def lay(self, frame: NDArray[np.uint8], seen: View, poses: Mapping[str, Sequence[Pose]], index: int) -> None:
        """Onto `frame` (height, width, 3) BGR, in place; a body is never quite still."""
        view, (height, width) = seen.seen_from(DEPTH, self._shape), frame.shape[:2]
        pose = poses[self.speaker][index] if self.speaker in poses else Pose()
        move_x, move_y = (pose.sway + 0.5 * pose.dx) * self._u, pose.breath * self._u
        left = (self._left * COARSE - _border(self._shape) + move_x - view.x) * view.zoom + width / 2
        top = (self._top * COARSE - _border(self._shape) + move_y - view.y) * view.zoom + height / 2
        step = COARSE * view.zoom
        x0, y0 = max(0, int(left)), max(0, int(top))
        x1 = min(width, int(left + step * self._picture.shape[1]) + 1)
        if x1 - x0 < 2 or height - y0 < 2:
            return
        move = np.array(((step, 0, left - x0), (0, step, top - y0)), np.float32)
        size = (x1 - x0, height - y0)
        shown = cv2.warpAffine(self._picture, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        over(frame[y0:, x0:x1], np.asarray(shown, np.uint8))


def _border(shape: VideoShape) -> int:
    """Px of the frame on each side, so that a camera that moves finds more of it."""
    return COARSE * (shape.width // (8 * COARSE))


def _from_behind(
    rig: Rig, eyes: tuple[float, float], u: float, light: Light, behind: NDArray[np.uint8], shape: VideoShape
) -> NDArray[np.uint8]:
    """Premultiplied BGRA at 1 / COARSE of the frame and its border."""
    border = _border(shape)
    size = ((shape.width + 2 * border) // COARSE, (shape.height + 2 * border) // COARSE)
    step = u / rig.u / COARSE
    x, y = (eyes[0] + border) / COARSE, (eyes[1] + border) / COARSE
    move = np.array(((-step, 0, x + rig.eyes[0] * step), (0, step, y - rig.eyes[1] * step)), np.float32)
    mode = cv2.BORDER_REPLICATE  # clothes go on to the sides and below
    shown = np.asarray(cv2.warpAffine(rig.texture[..., 3], move, size, flags=cv2.INTER_LINEAR, borderMode=mode))
    away = np.abs(np.arange(size[0], dtype=np.float32) - x)[None] * COARSE / u
    below = ((np.arange(size[1], dtype=np.float32) - y) * COARSE / u)[:, None]
    arm = np.clip((ARM_U + ARM_SLOPE * np.maximum(0, below - 2.8) - away) / 0.4, 0, 1)
    alpha = shown.astype(np.float32) * arm
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), SOFT_U * u / COARSE) / np.float32(255), np.float32)
    hair, clothes = _colours(rig)
    down = (np.arange(size[1], dtype=np.float32) - y) * COARSE / u
    share = np.clip((down - HEAD_U + 0.4) / 0.8, 0, 1)[:, None, None]
    tone = np.array(light.warmth, np.float32) * light.brightness * DARK
    colour = (hair * (1 - share) + clothes * share) * tone * (1 - 0.1 * np.clip(down, 0, 5))[:, None, None]
    wide = np.asarray(cv2.GaussianBlur(soft, (0, 0), 2.5 * SOFT_U * u / COARSE), np.float32)
    around = behind.reshape(-1, 3).mean(0).astype(np.float32)
    outline = np.clip(soft - wide, 0, 1)[..., None] * around * (2 * EDGE)
    body = np.clip(colour * soft[..., None] + outline, 0, 255 * soft[..., None])
    return np.concatenate([body, 255 * soft[..., None]], axis=2).round().astype(np.uint8)


def _colours(rig: Rig) -> tuple[Field, Field]:
    """BGR of hair or hat, and of what is worn."""
    x, y, u = round(rig.eyes[0]), rig.eyes[1], rig.u
    middle = slice(max(0, x - round(0.8 * u)), x + round(0.8 * u))
    hair = rig.texture[: max(2, round(y - 1.3 * u)), middle]
    clothes = rig.texture[min(rig.height - 2, round(rig.chin[1] + 0.9 * u)) : round(rig.chin[1] + 2.5 * u)]
    return _mean(hair), _mean(clothes)


def _mean(part: NDArray[np.uint8]) -> Field:
    weight = float(part[..., 3].sum()) / 255
    return np.asarray(part[..., :3].reshape(-1, 3).sum(0) / max(1.0, weight), np.float32)


def _close(shot: Shot) -> bool:
    return len(shot.who) == 1 and shot.framing in {"medium", "close_up"} and shot.who[0] in _speakers(shot)


def _speakers(shot: Shot) -> tuple[str, ...]:
    return tuple(line.speaker for line in shot.lines)
