"""The words of blocking: who is to be placed, and where somebody ends up."""

from __future__ import annotations

from typing import Final

import msgspec

INTER_OCULAR_CM: Final = 6.3


def nearness(distance: float) -> float:
    """How much larger everything is than the framing says, for a shot's `distance` of -1 .. 1."""
    return float(0.72**distance)


class Subject(msgspec.Struct, frozen=True):
    """What blocking must know of a person's picture, in u from the midpoint between the eyes."""

    speaker: str
    height_cm: float | None
    below_u: float  # to the photo's lower edge


class Cutout(msgspec.Struct, frozen=True):
    """What blocking must know of a figure's picture."""

    speaker: str
    height_cm: float  # as the picture shows it: sitting, if it sits
    wide_over_tall: float
    ends_below: bool  # the picture cut it off at its lower edge, which must not be seen


class Place(msgspec.Struct, frozen=True):
    """Somebody in one shot. Drawn in the order given: later ones stand in front."""

    speaker: str
    u: float  # px for 6.3 cm, the distance between a person's pupils
    x: float  # px, midpoint between the eyes; a figure's own middle
    y: float  # px, the eyes; figure.FACE_AT of a figure's height below its top
    side: float  # -1 leftmost .. 1 rightmost, 0 alone
    front: bool = False  # stands on the foreground, not behind it


class Blocking(msgspec.Struct, frozen=True):
    """`foreground_y`: from here down something must hide the lower edges of the photos; None where none shows."""

    places: tuple[Place, ...]
    foreground_y: float | None
