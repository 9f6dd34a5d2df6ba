"""Recorded faces on the people that they drive."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from generation.engine import Given
from generation.perception.faces import FaceMeter
from generation.plan import Screenplay
from generation.portrait import performed_face
from generation.portrait.performed_face import Acting
from generation.portrait.performed_line import offset_of
from generation.portrait.pose import Pose
from generation.portrait.timing import cues_of


class RecordedFaces:
    """Of one clip: looked at once, when they are first needed."""

    def __init__(self, screenplay: Screenplay, given: Given) -> None:
        """Raises EngineError where a recording has words that no line has."""
        cues = cues_of(screenplay)
        self._given = [one for one in given.recorded if one.frames]
        self._offsets = {
            one.speaker: offset_of(one, [cue for cue in cues if cue.line.speaker == one.speaker]) for one in self._given
        }
        self._acting: dict[str, Acting] = {}

    def worn(self, poses: Mapping[str, list[Pose]]) -> dict[str, list[Pose]]:
        """Everybody's poses from the clip's first frame on; whoever has a recorded face does what it does."""
        made = dict(poses)
        for one in self._given:
            if one.speaker not in self._acting:
                self._acting[one.speaker] = performed_face.acting(one.frames, _meter())
            if one.speaker in made:
                made[one.speaker] = performed_face.driven(
                    made[one.speaker], self._acting[one.speaker], self._offsets[one.speaker]
                )
        return made


@cache
def _meter() -> FaceMeter:
    """The engine makes one clip at a time."""
    return FaceMeter()
