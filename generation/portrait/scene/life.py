"""What moves in a set: things that drift, blink and fall. Pure functions of the clip's frame, a millisecond a frame.

Places are fractions of the frame as the widest shot sees it unmoved, sizes fractions of its height.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.shapes import FRAME_RATE

Bgr = tuple[int, int, int]
Looks = Literal["glow", "leaf", "fish", "bird", "bubble"]
REACH: Final = 0.16  # beyond the frame, where drifting things leave and come back
DIMMEST: Final = 6  # of 255: what adds less is not drawn
HALF: Final = 2  # what is behind the people is out of focus: it moves at half the size


class Drift(msgspec.Struct, frozen=True, eq=False):
    """A swarm: `start` (n, 2) x and y, `speed` (n, 2) a second, `size` (n,), `phase` (n,) 0..1.

    `area` is left, top, right, bottom of where it lives: what leaves comes back on the other side. `sway` is how far a
    thing swings on its way; `blinks` how often a second it shines, 0 = steadily.
    """

    looks: Looks
    colours: tuple[Bgr, ...]
    start: NDArray[np.float32]
    speed: NDArray[np.float32]
    size: NDArray[np.float32]
    phase: NDArray[np.float32]
    area: tuple[float, float, float, float] = (-REACH, -REACH, 1 + REACH, 1 + REACH)
    sway: float = 0.0
    blinks: float = 0.0

    def draw(self, picture: NDArray[np.uint8], to_picture: NDArray[np.float32], seconds: float) -> None:
        """Onto (height, width, 3) BGR; `to_picture` (2, 3) carries fractions of the frame to its pixels."""
        left, top, right, bottom = self.area
        swing = np.sin(2 * np.pi * (0.35 * seconds + self.phase))
        x = left + np.mod(self.start[:, 0] + self.speed[:, 0] * seconds + self.sway * swing - left, right - left)
        y = top + np.mod(self.start[:, 1] + self.speed[:, 1] * seconds - top, bottom - top)
        shine = np.ones_like(x)
        if self.blinks:
            shine = np.clip(
                np.sin(2 * np.pi * (self.blinks * seconds * (0.6 + 0.8 * self.phase) + 7 * self.phase)), 0, 1
            )
        columns = to_picture[0, 0] * x + to_picture[0, 2]
        rows = to_picture[1, 1] * y + to_picture[1, 2]
        turn = np.mod(self.phase * 16 + seconds * (1.5 + 2 * self.phase), 16).astype(int)
        for number in np.flatnonzero(shine > DIMMEST / 255):
            px = max(1, round(float(self.size[number] * to_picture[1, 1])))
            colour = self.colours[number % len(self.colours)]
            flip = bool(self.speed[number, 0] < 0)
            mark = _mark(self.looks, px, colour, int(turn[number]) if self.looks in {"leaf", "bird"} else 0, flip)
            _put(picture, mark, float(columns[number]), float(rows[number]), float(shine[number]))


class Fall(msgspec.Struct, frozen=True, eq=False):
    """Rain or snow before the lens: `tile` (2 × height, width + 2 × `swing`, 3) repeats downwards and is added.

    `speed` is in frame heights a second.
    """

    tile: NDArray[np.uint8]
    speed: float
    swing: int = 0  # px to either side

    def draw(self, picture: NDArray[np.uint8], seconds: float) -> None:
        """Onto a (height, width, 3) picture of the size the tile was made for."""
        height, width = picture.shape[:2]
        row = height - 1 - int(seconds * self.speed * height) % height
        column = round(self.swing * (1 + np.sin(1.3 * seconds))) if self.swing else 0
        cv2.add(picture, self.tile[row : row + height, column : column + width], dst=picture)


class Life(msgspec.Struct, frozen=True, eq=False):
    """All that moves in a set.

    `sway` is how far the near layer's top swings, of the frame's height; `flashes` are the moments of lightning, s.
    """

    behind: tuple[Drift, ...] = ()
    before: tuple[Drift, ...] = ()
    falls_behind: tuple[Fall, ...] = ()
    falls_before: tuple[Fall, ...] = ()
    sway: float = 0.0
    flashes: tuple[float, ...] = ()

    def far(self, picture: NDArray[np.uint8], to_picture: NDArray[np.float32], index: int) -> None:
        """What moves behind the people, onto the set at 1/HALF of the frame's size, in place."""
        seconds = index / FRAME_RATE
        for swarm in self.behind:
            swarm.draw(picture, to_picture, seconds)
        for fall in self.falls_behind:
            fall.draw(picture, seconds)
        flash = max((np.exp(-(seconds - at) / 0.10) for at in self.flashes if 0 <= seconds - at < 0.5), default=0.0)
        if flash > 0.05:
            cv2.convertScaleAbs(picture, dst=picture, alpha=1 + 0.9 * float(flash), beta=26 * float(flash))

    def near(self, picture: NDArray[np.uint8], index: int) -> None:
        """What moves before the people, onto the finished frame, in place."""
        height, width = picture.shape[:2]
        whole = np.array(((width, 0, 0), (0, height, 0)), np.float32)
        for swarm in self.before:
            swarm.draw(picture, whole, index / FRAME_RATE)
        for fall in self.falls_before:
            fall.draw(picture, index / FRAME_RATE)

    def swing(self, index: int) -> float:
        """The near layer's lean now, -1..1 times `sway`: two breezes that never agree."""
        seconds = index / FRAME_RATE
        return self.sway * (0.65 * float(np.sin(1.7 * seconds)) + 0.35 * float(np.sin(4.1 * seconds + 1)))


STILL: Final = Life()


def _put(picture: NDArray[np.uint8], mark: NDArray[np.uint8], x: float, y: float, shine: float) -> None:
    """`mark` (h, w, 4): alpha 0 is added as light, else premultiplied and laid over."""
    left, top = round(x - mark.shape[1] / 2), round(y - mark.shape[0] / 2)
    right, bottom = min(picture.shape[1], left + mark.shape[1]), min(picture.shape[0], top + mark.shape[0])
    first, highest = max(0, left), max(0, top)
    if first >= right or highest >= bottom:
        return
    part = picture[highest:bottom, first:right]
    seen = mark[highest - top : bottom - top, first - left : right - left].astype(np.float32) * shine
    part[:] = np.clip(part * (1 - seen[..., 3:] / 255) + seen[..., :3], 0, 255).astype(np.uint8)


@lru_cache(maxsize=512)
def _mark(looks: Looks, px: int, colour: Bgr, turn: int, flip: bool) -> NDArray[np.uint8]:  # noqa: FBT001 - a cache's key
    """(h, w, 4) of one thing `px` large."""
    big = max(8, 8 * px)
    canvas = np.zeros((big, big), np.float32)
    middle = (big // 2, big // 2)
    y, x = np.mgrid[:big, :big].astype(np.float32) / big - 0.5
    match looks:
        case "glow":
            canvas = np.exp(-(x * x + y * y) / 0.030).astype(np.float32)
        case "bubble":
            away = np.hypot(x, y)
            canvas = np.exp(-(((away - 0.20) / 0.035) ** 2)) + 0.9 * np.exp(
                -((x + 0.07) ** 2 + (y + 0.08) ** 2) / 0.002
            )
        case "leaf":
            wide = big * 0.24 * (0.25 + 0.75 * abs(float(np.cos(turn * np.pi / 8))))
            cv2.ellipse(canvas, middle, (round(big * 0.30), max(1, round(wide / 2))), turn * 22.5, 0, 360, 1.0, -1)
        case "fish":
            cv2.ellipse(canvas, middle, (round(big * 0.26), round(big * 0.10)), 0, 0, 360, 1.0, -1)
            tail = np.array(((0.28, 0.5), (0.12, 0.38), (0.12, 0.62))) * big
            cv2.fillConvexPoly(canvas, tail.astype(np.int32), 1.0)
        case "bird":
            lift = 0.10 * float(np.sin(turn * np.pi / 4))
            wings = np.array(((0.22, 0.5 - lift), (0.42, 0.46), (0.5, 0.5), (0.58, 0.46), (0.78, 0.5 - lift))) * big
            cv2.polylines(canvas, [wings.astype(np.int32)], isClosed=False, color=1.0, thickness=max(1, big // 24))
    canvas = canvas if looks in {"glow", "bubble"} else np.asarray(cv2.GaussianBlur(canvas, (0, 0), big * 0.03))
    size = max(3, round(big / 3))
    small = np.clip(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA), 0, 1)
    if flip:
        small = small[:, ::-1]
    alpha = np.zeros_like(small) if looks in {"glow", "bubble"} else small * 0.9
    shown = small if looks in {"glow", "bubble"} else alpha
    return np.dstack([*(shown * part for part in colour), alpha * 255]).clip(0, 255).astype(np.uint8)
