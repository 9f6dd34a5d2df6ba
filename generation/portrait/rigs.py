"""Everybody's looks, made ready for one clip and gone with it: nothing prepared of a person outlives the clip."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.errors import EngineError
from generation.perception.references_io import decode
from generation.plan import CastMember
from generation.portrait.body import built, continued
from generation.portrait.figure import USUAL_CM, FigureRig, ends_below, wide_over_tall
from generation.portrait.place import INTER_OCULAR_CM, Cutout, Subject
from generation.portrait.rig import BELOW, Rig

ZOOM_ROOM: Final = 1.06  # rigs are made this much larger than they stand, for the camera that comes closer
SIZE_STEP: Final = 8  # px of inter-ocular distance: rigs of nearly one size are one rig


class Rigs:
    """One for each clip. A person takes .3 to .5 s a size, a figure .02 s; a size is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], Rig | FigureRig] = {}

    def get(self, member: CastMember, u: float) -> Rig | FigureRig:
        """`member` at `u` px to 6.3 cm or a little more."""
        size = SIZE_STEP * max(1, round(u * ZOOM_ROOM / SIZE_STEP))
        wanted = (member.speaker, size)
        if wanted not in self._made:
            self._made[wanted] = _made(member, size)
        return self._made[wanted]


def subject_of(member: CastMember) -> Subject | Cutout:
    """What blocking must know. Raises EngineError if nothing is stored."""
    face, figure = member.references.face, member.references.figure
    if face is not None:
        points = np.frombuffer(face.points, np.float32).reshape(468, 3)
        eyes_y = float((points[33, 1] + points[133, 1] + points[263, 1] + points[362, 1]) / 4)
        tall = int.from_bytes(face.photo_png[20:24], "big")  # a PNG's header says how tall it is
        return Subject(member.speaker, member.height_cm, min(BELOW, (tall - eyes_y) / face.inter_ocular_px))
    if figure is not None:
        height = member.height_cm or USUAL_CM[figure.kind]
        return Cutout(member.speaker, height, wide_over_tall(figure), ends_below(figure))
    raise EngineError("sets", f"nothing is stored of how {member.name} looks")


def _made(member: CastMember, u: int) -> Rig | FigureRig:
    face, figure = member.references.face, member.references.figure
    if face is not None:
        photo, alpha, points = decode(face)
        photo, alpha = continued(*built(photo, alpha, points, member.build), points)
        return Rig(photo, alpha, points, inter_ocular_px=u, glasses=face.glasses)
    if figure is not None:
        height = member.height_cm or USUAL_CM[figure.kind]
        return FigureRig(figure, tall_px=u * height / INTER_OCULAR_CM, height_cm=height)
    raise EngineError("sets", f"nothing is stored of how {member.name} looks")
