"""Where everyone stands in a shot, in pixels of the frame before the camera moves.

One unit serves for all: u, the distance between the pupils, is 6.3 cm on everybody, so pixels per centimetre are
u / 6.3 and two people side by side keep their true difference in height.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from generation.plan import Framing, Shot
from generation.shapes import VideoShape

INTER_OCULAR_CM: Final = 6.3
USUAL_HEIGHT_CM: Final = 170.0
U_OF_WIDTH: Final[dict[Framing, float]] = {
    "wide": 0.118,
    "two_shot": 0.140,
    "medium": 0.165,
    "close_up": 0.205,
    "insert": 0.165,
}
EYE_LINE: Final[dict[Framing, float]] = {
    "wide": 0.41,
    "two_shot": 0.39,
    "medium": 0.38,
    "close_up": 0.36,
    "insert": 0.38,
}
LOWEST_EYES: Final = 0.46  # of the height: how far a face may sink to keep its photo's lower edge out of frame
MOST_GROWTH: Final = 1.20  # how much a person may grow for the same end
SPILL: Final = 1.04  # a photo must reach this far below the frame: the camera moves
APART_U: Final = 2.9  # between two faces at least
BESIDE_U: Final = 1.35  # from a face to the frame's side at least
HEAD_ROOM_U: Final = 3.1  # from the eyes to above the hair, hats included


class Figure(msgspec.Struct, frozen=True):
    """What blocking must know of a person's picture, in u from the midpoint between the eyes."""

    speaker: str
    height_cm: float | None
    below_u: float  # to the photo's lower edge


class Place(msgspec.Struct, frozen=True):
    """One person in one shot. Drawn in the order given: later ones stand in front."""

    speaker: str
    u: float  # px
    x: float  # px, midpoint between the eyes
    y: float
    side: float  # -1 leftmost .. 1 rightmost, 0 alone


class Blocking(msgspec.Struct, frozen=True):
    """`foreground_y`: from here down something must hide the lower edges of the photos; None where none shows."""

    places: tuple[Place, ...]
    foreground_y: float | None


def block(shot: Shot, figures: Mapping[str, Figure], shape: VideoShape) -> Blocking:
    """Everybody in frame, left to right as in `shot.who`."""
    who = [figures[speaker] for speaker in shot.who if speaker in figures]
    if not who:
        return Blocking((), None)
    framing: Framing = shot.framing
    if len(who) > 1 and framing in {"close_up", "medium", "insert"}:
        framing = "two_shot"
    width = min(shape.width, 0.8 * shape.height)  # a landscape frame is as tall as a face lets it be
    u = min(U_OF_WIDTH[framing] * width, shape.width / ((len(who) - 1) * APART_U + 2 * BESIDE_U))
    if len(who) == 1:
        return _alone(who[0], u, EYE_LINE[framing], shape)
    return _together(who, u, EYE_LINE[framing], shape)


def _alone(figure: Figure, u: float, eye_line: float, shape: VideoShape) -> Blocking:
    """First the face sinks, then it grows, until the photo's lower edge is out of frame; else something hides it."""
    bottom = SPILL * shape.height
    y = min(max(eye_line * shape.height, bottom - figure.below_u * u), LOWEST_EYES * shape.height)
    grown = min(max(u, (bottom - y) / figure.below_u), MOST_GROWTH * u)
    edge = y + figure.below_u * grown
    place = Place(figure.speaker, grown, shape.width / 2, y, 0.0)
    return Blocking((place,), None if edge >= bottom - 1 else edge - 0.6 * grown)


def _together(who: Sequence[Figure], u: float, eye_line: float, shape: VideoShape) -> Blocking:
    """The tallest has the eye line and is drawn first; everyone else stands below it by the true difference."""
    heights = [figure.height_cm or USUAL_HEIGHT_CM for figure in who]
    apart = min(max(APART_U * u, shape.width / (len(who) + 0.4)), (shape.width - 2 * BESIDE_U * u) / (len(who) - 1))
    top = max(eye_line * shape.height, HEAD_ROOM_U * u)
    places, edges = [], []
    for number, (figure, height) in enumerate(zip(who, heights, strict=True)):
        centred = number - (len(who) - 1) / 2
        y = top + (max(heights) - height) * u / INTER_OCULAR_CM
        places.append(Place(figure.speaker, u, shape.width / 2 + centred * apart, y, centred * 2 / (len(who) - 1)))
        edges.append(y + figure.below_u * u)
    behind_first = tuple(sorted(places, key=lambda place: place.y))
    shows = min(edges) < SPILL * shape.height
    return Blocking(behind_first, min(edges) - 0.6 * u if shows else None)
