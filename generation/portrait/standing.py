"""Where figures stand. Alone they fill the shot as its framing asks; beside people their size is true, within reason.

What that means: a cat of 45 cm on the floor beside a person of 170 is out of any shot that shows the person's face. So
whoever would not be seen on the floor is lifted onto what stands in the foreground (a table, a sofa's back, a wall), at
the same scale as the people behind it. That is true up to a third of the frame's height; taller ones are shown ever
smaller than they are, so that a bear stays larger than a cat; what would be a speck is made larger, what is too wide
smaller. Figures among themselves keep their proportions; who is shorter than 70 cm gets the foreground to stand on,
taller ones stand on the ground. A figure whose picture was cut off at its lower edge stands behind the foreground, or
goes on below the frame if it fills it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from generation.plan import Framing
from generation.portrait.figure import FACE_AT
from generation.portrait.place import INTER_OCULAR_CM, Blocking, Cutout, Place
from generation.shapes import VideoShape

TALL: Final[dict[Framing, float]] = {"wide": 0.42, "two_shot": 0.48, "medium": 0.55, "close_up": 0.66, "insert": 0.58}
ENDS_BELOW: Final = 1.35  # how much larger a bust is shown than the same framing's whole figure
WIDEST: Final = 0.92  # of the frame's width, for all figures of a shot without people
SHARE: Final = 1.04  # of the frame's width over the number in the shot: the most one figure beside people gets
TRUE: Final = 0.33  # of the frame's height, up to which figures beside people are as tall as they are
TALLEST: Final = 0.62  # and what the tallest approach
HIGHEST: Final = 0.70  # of the frame's height: the tallest on a table, so that its head is in frame
SMALLEST: Final = 0.13  # of the frame's height
GAP: Final = 0.04  # of the frame's width, between figures
FLOOR_CM: Final = 70.0  # from this height on a figure stands on the ground
GROUND: Final = 0.90  # of the frame's height: where feet on the ground are seen
TABLE: Final = 0.74  # and where the foreground's far edge lies when figures stand on it
ON_TABLE: Final = 0.06  # of the frame's height, from that edge to their feet
BEHIND: Final = 0.05  # of the frame's height: how far a bust's lower edge lies below that edge
SPILL: Final = 1.05  # of the frame's height: where a bust ends, unseen
LOWEST_FACE: Final = 0.66  # of the frame's height: a face below this is not seen well enough
FACE_CM: Final = 20.0  # from a tall figure's top to its face
CROWN_CM: Final = 11.0  # from a person's eyes to the top of the head


def on_their_own(cutouts: Sequence[Cutout], framing: Framing, shape: VideoShape) -> Blocking:
    """A shot without people."""
    tallest = max(cutout.height_cm for cutout in cutouts)
    busts = all(cutout.ends_below for cutout in cutouts)
    wanted = TALL[framing] * shape.height * (ENDS_BELOW if busts else 1.0)
    talls = [max(wanted * cutout.height_cm / tallest, SMALLEST * shape.height) for cutout in cutouts]
    gap = GAP * shape.width
    wides = [tall * cutout.wide_over_tall for tall, cutout in zip(talls, cutouts, strict=True)]
    shrink = min(1.0, (WIDEST * shape.width - gap * (len(cutouts) - 1)) / sum(wides))
    fills = busts and SPILL * shape.height - (1 - FACE_AT) * shrink * min(talls) < LOWEST_FACE * shape.height
    if not fills:
        shrink = min(shrink, HIGHEST * shape.height / max(talls))
    on_table = not fills and (tallest < FLOOR_CM or any(cutout.ends_below for cutout in cutouts))
    feet = (TABLE + ON_TABLE if on_table else GROUND) * shape.height
    bottom = SPILL * shape.height if fills else (TABLE + BEHIND) * shape.height
    x = (shape.width - shrink * sum(wides) - gap * (len(cutouts) - 1)) / 2
    places = []
    for number, (cutout, tall, wide) in enumerate(zip(cutouts, talls, wides, strict=True)):
        side = 2 * number / (len(cutouts) - 1) - 1 if len(cutouts) > 1 else 0.0
        middle, below = x + shrink * wide / 2, bottom if cutout.ends_below else feet
        places.append(_place(cutout, shrink * tall, middle, below, side, front=on_table and not cutout.ends_below))
        x += shrink * wide + gap
    return Blocking(tuple(sorted(places, key=lambda place: place.front)), TABLE * shape.height if on_table else None)


def beside_people(
    cutouts: Sequence[tuple[Cutout, float, float]],
    *,
    u: float,
    floor_y: float,
    foreground_y: float | None,
    share: float,
    shape: VideoShape,
) -> Blocking:
    """Only the figures of a shot with people: each with the x and the side of its place.

    `floor_y` (px, below the frame) is what the people stand on; `share` is the frame's width over how many are in the
    shot. The answer's foreground is at `foreground_y` or higher.
    """
    places: list[Place] = []
    lifted: list[tuple[Cutout, float, float, float]] = []
    for cutout, x, side in cutouts:
        true, most = cutout.height_cm * u / INTER_OCULAR_CM, SHARE * share / cutout.wide_over_tall
        face = min(FACE_AT * cutout.height_cm, FACE_CM) * u / INTER_OCULAR_CM
        seen = floor_y >= true and floor_y - true + face <= LOWEST_FACE * shape.height
        if seen and true <= most and not cutout.ends_below:
            places.append(_place(cutout, true, _inside(x, true, cutout, shape), floor_y, side, front=False))
        else:
            tall = min(_shown(true / shape.height) * shape.height, most)
            lifted.append((cutout, tall, _inside(x, tall, cutout, shape), side))
    if not lifted:
        return Blocking(tuple(places), foreground_y)
    edge = min(TABLE * shape.height, shape.height if foreground_y is None else foreground_y)
    for cutout, tall, x, side in lifted:
        feet = edge + (BEHIND if cutout.ends_below else ON_TABLE) * shape.height
        places.append(_place(cutout, tall, x, feet, side, front=not cutout.ends_below))
    return Blocking(tuple(places), edge)


def _inside(x: float, tall: float, cutout: Cutout, shape: VideoShape) -> float:
    """The middle nearest to `x` at which all of its width is in frame."""
    half = tall * cutout.wide_over_tall / 2
    return min(max(x, half), shape.width - half)


def _shown(true: float) -> float:
    """A height beside people, both of the frame's."""
    if true <= TRUE:
        return max(true, SMALLEST)
    return TRUE + (TALLEST - TRUE) * (1 - math.exp((TRUE - true) / (2 * (TALLEST - TRUE))))


def _place(cutout: Cutout, tall: float, x: float, feet: float, side: float, *, front: bool) -> Place:
    u = INTER_OCULAR_CM * tall / cutout.height_cm
    return Place(cutout.speaker, u, x, feet - (1 - FACE_AT) * tall, side, front)
