"""What a finished clip's pictures show of its cast: whose faces, and what the mouths of those who speak do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from generation.captions_file import Caption
from generation.engine import Progress
from generation.perception import cuts, film, lip_sync
from generation.perception.face import CHIN, FOREHEAD, Floats
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity, assigned
from generation.perception.lip_sync import Mouthing
from generation.perception.photos import Photo
from generation.plan import CastMember, Screenplay, Shot
from generation.shapes import FRAME_RATE, frames_for

LOOKS: Final = (0.3, 0.75)  # of a shot: where faces are compared

_AIR_S: Final = 0.2  # of the mouth before and after a line
_LIPS_PX: Final = 150  # height of a face, in a picture of 1,000: the lips of smaller ones are noise
_RETRY_FRAMES: Final = 6  # a speaker who is not found is looked for again after so many


class Models(msgspec.Struct, frozen=True):
    """Loaded; one caller at a time."""

    meter: FaceMeter
    identity: Identity
    hearing: Hearing


class Stretch(msgspec.Struct):
    """Frames in which a speaker's mouth is watched: a line, as far as its shot shows who says it."""

    speaker: str
    shot: Shot
    first: int
    last: int  # not included
    points: Floats | None = None
    look_again: int = 0
    seen: list[tuple[int, float]] = msgspec.field(default_factory=list)


class Seen(msgspec.Struct):
    """What the pictures gave; by speaker, for those with a stored face or in a shot."""

    thumbs: list[Photo]
    distances: dict[str, dict[float, list[float]]]  # of the face from the stored one, by where the shot begins
    looks: dict[str, int]  # how often a face should have been seen
    stretches: list[Stretch]


def watch(
    file: Path,
    screenplay: Screenplay,
    cast: Sequence[CastMember],
    captions: Sequence[Caption],
    models: Models,
    on_progress: Progress,
) -> Seen:
    """The one pass over the pictures. Raises NotAVideo and whatever `on_progress` raises."""
    faces = {
        member.speaker: np.frombuffer(member.references.face.identity, "<f4")
        for member in cast
        if member.references.face is not None and member.references.face.identity
    }
    shown = dict.fromkeys(who for shot in screenplay.shots for who in shot.who)
    looks = dict(_looks(screenplay))
    stretches = [one for one in _stretches(screenplay, captions) if one.speaker in faces]
    wanted = {*looks, *(number for one in stretches for number in range(one.first, one.last))}
    seen = Seen([], {who: {} for who in shown}, dict.fromkeys(shown.keys() & faces.keys(), 0), stretches)
    total = frames_for(screenplay.seconds)
    for moment in film.moments(file, wanted):
        seen.thumbs.append(moment.thumb)
        if moment.picture is None:
            continue
        if (shot := looks.get(moment.number)) is not None:
            known = {who: faces[who] for who in shot.who if who in faces}
            for who, (_, apart) in _recognised(moment.picture, known, models).items():
                seen.distances[who].setdefault(shot.start_s, []).append(apart)
            for who in known:
                seen.looks[who] += 1
        for one in stretches:
            if one.first <= moment.number < one.last:
                _follow(one, moment.number, moment.picture, faces, models)
        on_progress("report", moment.number / total, 0)
    return seen


def _recognised(picture: Photo, known: Mapping[str, Floats], models: Models) -> dict[str, tuple[Floats, float]]:
    """Speaker -> points of the face, distance from the stored one."""
    if not known:
        return {}
    found = models.meter.faces(picture, (0,))
    who = assigned([models.identity.descriptor(picture, face) for face in found], known)
    return {name: (found[at].points, apart) for name, (at, apart) in who.items()}


def _follow(one: Stretch, number: int, picture: Photo, faces: Mapping[str, Floats], models: Models) -> None:
    """The speaker's mouth in this frame: the face is recognised once and then followed."""
    if one.points is not None:
        one.points = models.meter.followed(picture, one.points)
    if one.points is None and number >= one.look_again:
        known = {who: faces[who] for who in one.shot.who if who in faces}
        recognised = _recognised(picture, known, models)
        one.points = recognised[one.speaker][0] if one.speaker in recognised else None
        small = one.points is not None and float(np.linalg.norm(one.points[FOREHEAD] - one.points[CHIN])) < _LIPS_PX
        one.points, one.look_again = (None, one.last) if small else (one.points, number + _RETRY_FRAMES)
    if one.points is not None:
        one.seen.append((number, lip_sync.opening(one.points)))


def _looks(screenplay: Screenplay) -> Iterator[tuple[int, Shot]]:
    """Frames in which everybody's face is compared."""
    for shot in screenplay.shots:
        for share in LOOKS:
            yield frames_for(shot.start_s + share * (shot.end_s - shot.start_s)), shot


def _stretches(screenplay: Screenplay, captions: Sequence[Caption]) -> Iterator[Stretch]:
    """Captions that touch are one stretch; a cut ends it."""
    for shot in screenplay.shots:
        first, last = frames_for(shot.start_s), frames_for(shot.end_s)
        if shot.cut == "fade":
            first += cuts.FADE
        open_: dict[str, Stretch] = {}
        for caption in sorted(captions, key=lambda each: each.start_s):
            begin = max(first, frames_for(caption.start_s - _AIR_S))
            end = min(last, frames_for(caption.end_s + _AIR_S))
            if caption.speaker not in shot.who or begin >= end:
                continue
            before = open_.get(caption.speaker)
            if before is not None and begin <= before.last:
                before.last = max(before.last, end)
                continue
            open_[caption.speaker] = Stretch(caption.speaker, shot, begin, end)
            yield open_[caption.speaker]


def mouthing(one: Stretch) -> Mouthing:
    return Mouthing(
        np.array([number / FRAME_RATE for number, _ in one.seen], np.float32),
        np.array([opening for _, opening in one.seen], np.float32),
    )
