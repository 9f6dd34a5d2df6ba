"""What everybody does in every frame of a clip: words, moods and partners in, poses out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.plan import CastMember, Emotion, Screenplay
from generation.portrait.figure import FigureRig
from generation.portrait.figure_motion import animate
from generation.portrait.motion import act
from generation.portrait.place import Blocking
from generation.portrait.pose import Pose
from generation.portrait.rigs import Rigs
from generation.portrait.soundtrack import Performance
from generation.portrait.stage import Stage
from generation.shapes import FRAME_RATE, frames_for

LISTENING, SPEAKING = 0.8, 0.3  # how far one looks towards the other, of the way


def acted(
    screenplay: Screenplay,
    cast: Sequence[CastMember],
    performance: Performance,
    stages: Sequence[tuple[Stage, Blocking]],
    rigs: Rigs,
    seed: int,
) -> dict[str, list[Pose]]:
    """Everybody's poses over the whole clip: faces are the same person in every shot."""
    made = {}
    for number, member in enumerate(cast):
        places = [place.u for _, blocking in stages for place in blocking.places if place.speaker == member.speaker]
        if not places:
            continue
        rig = rigs.get(member, places[0])
        loudness = performance.loudness[member.speaker]
        emotions = _emotions(member.speaker, performance, frames_for(screenplay.seconds))
        looks = _looks(member.speaker, screenplay, performance, stages)
        own = seed + 101 * number
        if isinstance(rig, FigureRig):
            made[member.speaker] = animate(loudness, emotions=emotions, looks=looks, seed=own)
            continue
        made[member.speaker] = act(
            performance.mouth[member.speaker],
            loudness,
            rest=rig.rest,
            can_blink=rig.can_blink,
            emotions=emotions,
            seed=own,
            looks=looks,
        )
    return made


def _emotions(speaker: str, performance: Performance, frames: int) -> list[Emotion]:
    """Frame by frame; one keeps the face of one's last line, and before it that of the first."""
    own = [line for line in performance.lines if line.speaker == speaker]
    emotions: list[Emotion] = []
    for index in range(frames):
        begun = [line for line in own if line.start_s <= index / FRAME_RATE] or own[:1]
        emotions.append(begun[-1].emotion if begun else "neutral")
    return emotions


def _looks(
    speaker: str, screenplay: Screenplay, performance: Performance, stages: Sequence[tuple[Stage, Blocking]]
) -> NDArray[np.float32]:
    """-1 picture's left .. 1 right, per frame: towards whoever else is in the shot, more when listening to them."""
    looks = np.zeros(frames_for(screenplay.seconds), np.float32)
    for shot, (_, blocking) in zip(screenplay.shots, stages, strict=True):
        places = {place.speaker: place.x for place in blocking.places}
        if speaker not in places or len(places) < 2:
            continue
        first, last = frames_for(shot.start_s), frames_for(shot.end_s)
        others = [x for name, x in places.items() if name != speaker]
        side = np.sign(np.mean(others) - places[speaker])
        looks[first:last] = side * LISTENING
        for line in performance.lines:
            if line.speaker == speaker:
                looks[max(first, frames_for(line.start_s)) : min(last, frames_for(line.end_s))] = side * SPEAKING
            elif line.speaker in places:
                there = np.sign(places[line.speaker] - places[speaker])
                looks[max(first, frames_for(line.start_s)) : min(last, frames_for(line.end_s))] = there * LISTENING
    return looks
