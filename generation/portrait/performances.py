"""Recorded faces on the people that they drive."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from generation.engine import Given
from generation.perception.faces import FaceMeter
from generation.plan import Screenplay
from generation.portrait import performed_face
from generation.portrait.performed_line import offset_of
from generation.portrait.pose import Pose
from generation.portrait.timing import cues_of


def driven(poses: Mapping[str, list[Pose]], screenplay: Screenplay, given: Given) -> dict[str, list[Pose]]:
    """Everybody's poses; whoever has a recorded face wears what it does. Raises EngineError."""
    made = dict(poses)
    for one in given.recorded:
        if one.frames and one.speaker in made:
            own = [cue for cue in cues_of(screenplay) if cue.line.speaker == one.speaker]
            acting = performed_face.acting(one.frames, _meter())
            made[one.speaker] = performed_face.driven(made[one.speaker], acting, offset_of(one, own))
    return made


@cache
def _meter() -> FaceMeter:
    """The engine makes one clip at a time."""
    return FaceMeter()
