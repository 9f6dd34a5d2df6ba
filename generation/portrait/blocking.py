"""Where everyone stands in a shot, in pixels of the frame before the camera moves.

One unit serves for all: u, the distance between the pupils, is 6.3 cm on everybody, so pixels per centimetre are
u / 6.3 and two people side by side keep their true difference in height. Where figures stand: see `standing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from generation.plan import Framing, Shot
from generation.portrait.body import BELOW_U
from generation.portrait.place import INTER_OCULAR_CM, Blocking, Cutout, Place, Subject
from generation.portrait.standing import CROWN_CM, beside_people, on_their_own
from generation.shapes import VideoShape

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
CONTINUES_U: Final = 3.6  # a photo that shows this much below the eyes has shoulders: body.continued goes on from there
LOW: Final = 0.87  # of the height: where the set's foreground begins when it hides nothing but is part of the place
LOWEST_TOGETHER: Final = 0.62  # the same for the shortest of several: captions begin at .74
LEAST_SHRINK: Final = 0.4  # how far the camera steps back to keep somebody short in frame
MOST_GROWTH: Final = 1.20  # how much a person may grow for the same end
CLEAR_U: Final = 2.4  # from the eyes down: what no foreground may cover
SPILL: Final = 1.04  # a photo must reach this far below the frame: the camera moves
APART_U: Final = 2.9  # between two faces at least
BESIDE_U: Final = 1.35  # from a face to the frame's side at least
HEAD_ROOM_U: Final = 3.1  # from the eyes to above the hair, hats included


def block(shot: Shot, subjects: Mapping[str, Subject | Cutout], shape: VideoShape) -> Blocking:
    """Everybody in frame, left to right as in `shot.who`."""
    who = [subjects[speaker] for speaker in shot.who if speaker in subjects]
    people = [one for one in who if isinstance(one, Subject)]
    framing: Framing = shot.framing
    if not who:
        return Blocking((), None)
    if not people:
        return on_their_own([one for one in who if isinstance(one, Cutout)], framing, shape)
    if len(who) > 1 and framing in {"close_up", "medium", "insert"}:
        framing = "two_shot"
    width = min(shape.width, 0.8 * shape.height)  # a landscape frame is as tall as a face lets it be
    u = min(U_OF_WIDTH[framing] * width, shape.width / ((len(who) - 1) * APART_U + 2 * BESIDE_U))
    if len(who) == 1:
        return _alone(people[0], u, framing, shape)
    return _together(who, u, EYE_LINE[framing], shape)


def _alone(subject: Subject, u: float, framing: Framing, shape: VideoShape) -> Blocking:
    """On the framing's eye line, or below it as far as a whole head needs; a head too large for that gets smaller.

    A photo without shoulders cannot be continued: its face sinks, then grows, until the lower edge is out of frame;
    else something hides it.
    """
    eyes, lowest = EYE_LINE[framing] * shape.height, LOWEST_EYES * shape.height
    y = max(eyes, min(HEAD_ROOM_U * u, lowest))
    u = min(u, y / HEAD_ROOM_U)
    if subject.below_u >= CONTINUES_U:
        place = Place(subject.speaker, u, shape.width / 2, y, 0.0)
        return Blocking((place,), LOW * shape.height if framing == "wide" else None)
    bottom = SPILL * shape.height
    y = min(max(y, bottom - subject.below_u * u), lowest)
    grown = min(max(u, (bottom - y) / subject.below_u), MOST_GROWTH * u, y / HEAD_ROOM_U)
    edge = y + subject.below_u * grown
    place = Place(subject.speaker, grown, shape.width / 2, y, 0.0)
    return Blocking((place,), None if edge >= bottom - 1 else edge - 0.6 * grown)


def _reach_u(subject: Subject) -> float:
    """From the eyes down to where the picture of this person ends, continued or not."""
    return subject.below_u if subject.below_u < CONTINUES_U else max(BELOW_U, subject.below_u)


def _together(who: Sequence[Subject | Cutout], u: float, eye_line: float, shape: VideoShape) -> Blocking:
    """The tallest person has the eye line and is drawn first; everyone else stands below by the true difference.

    Where that would sink the shortest below LOWEST_TOGETHER, all move up, then the camera steps back. The foreground
    covers nobody's face: rather a tall person's photo ends in sight.
    """
    heights = [one.height_cm or USUAL_HEIGHT_CM for one in who if isinstance(one, Subject)]
    tallest, apart_u = max(heights), (max(heights) - min(heights)) / INTER_OCULAR_CM
    lowest = LOWEST_TOGETHER * shape.height
    u = max(LEAST_SHRINK * u, min(u, lowest / (HEAD_ROOM_U + apart_u)))
    apart = min(max(APART_U * u, shape.width / (len(who) + 0.4)), (shape.width - 2 * BESIDE_U * u) / (len(who) - 1))
    top = max(min(eye_line * shape.height, lowest - apart_u * u), HEAD_ROOM_U * u)
    places: list[Place] = []
    cutouts: list[tuple[Cutout, float, float]] = []
    edges: list[float] = []
    for number, one in enumerate(who):
        centred = number - (len(who) - 1) / 2
        x, side = shape.width / 2 + centred * apart, centred * 2 / (len(who) - 1)
        if isinstance(one, Cutout):
            cutouts.append((one, x, side))
            continue
        y = top + (tallest - (one.height_cm or USUAL_HEIGHT_CM)) * u / INTER_OCULAR_CM
        places.append(Place(one.speaker, u, x, y, side))
        edges.append(y + _reach_u(one) * u)
    figures = beside_people(
        cutouts,
        u=u,
        floor_y=top + (tallest - CROWN_CM) * u / INTER_OCULAR_CM,
        foreground_y=max(
            min(*edges, LOW * shape.height + 0.6 * u) - 0.6 * u, max(place.y for place in places) + CLEAR_U * u
        ),
        share=shape.width / len(who),
        shape=shape,
    )
    behind_first = sorted((*places, *figures.places), key=lambda place: (place.front, place.y))
    return Blocking(tuple(behind_first), figures.foreground_y)
