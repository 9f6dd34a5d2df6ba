"""The portrait engine: stored photos that speak, on a painted set, on a CPU. Composed, not joint, and says so.

Frames are pure functions of their number, so two threads render them side by side (OpenCV releases the GIL) a little
ahead of whoever reads them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.engine import NOTHING, Frame, Given, Progress, Take
from generation.errors import EngineError
from generation.plan import CastMember, Emotion, Screenplay, Shot
from generation.portrait import performances
from generation.portrait.blocking import block
from generation.portrait.cards import Card, cards
from generation.portrait.figure import FigureRig
from generation.portrait.figure_motion import animate
from generation.portrait.motion import act
from generation.portrait.place import Blocking
from generation.portrait.pose import Pose
from generation.portrait.rigs import Rigs, subject_of
from generation.portrait.scene.painting import paint
from generation.portrait.soundtrack import Performance, perform
from generation.portrait.speech import Speaker
from generation.portrait.stage import Stage
from generation.shapes import FRAME_RATE, VideoShape, frames_for

THREADS: Final = 2
AHEAD: Final = 6  # frames rendered before they are asked for
FADE_FRAMES: Final = 8
LISTENING, SPEAKING = 0.8, 0.3  # how far one looks towards the other, of the way


class PortraitEngine:
    """Warm for as long as it lives: the speech model is loaded. What it prepares of people lives as long as their clip.

    That costs each clip .3 to .5 s a person and size, while the first line is being spoken: no waiting.
    """

    name = "portrait"
    version = "1"

    def __init__(self) -> None:
        """Takes 3 s. Sets OpenCV to one thread: frames are what runs in parallel here."""
        cv2.setNumThreads(1)
        self.speaker = Speaker(threads=2)
        self.speaker.say("Ready.", {self.speaker.voices[0]: 1.0})  # the network's first run is its slowest

    def make(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        size: VideoShape,
        *,
        seed: int,
        on_progress: Progress,
        given: Given = NOTHING,
    ) -> Take:
        """See Engine.make."""
        if given.scene is not None:
            raise EngineError("start", "this engine takes no pictures beside the words")
        on_progress("speech", 0.02, 0)
        rigs = Rigs()
        with ThreadPoolExecutor(THREADS, "portrait") as pool:
            building = pool.submit(_stages, screenplay, cast, rigs, size, seed)
            try:
                performance = perform(
                    screenplay,
                    cast,
                    self.speaker,
                    seed=seed,
                    on_progress=lambda stage, at, shot: on_progress(stage, 0.02 + 0.28 * at, shot),
                    recorded=given.recorded,
                )
            finally:
                self.speaker.forget()
            on_progress("sets", 0.3, 0)
            stages = building.result()
        on_progress("sets", 0.32, 0)
        poses = performances.driven(_poses(screenplay, cast, performance, stages, rigs, seed), screenplay, given)
        drawn = cards(performance.captions, size, [member.speaker for member in cast])
        frames = _rendered(screenplay.shots, [stage for stage, _ in stages], poses, drawn, on_progress)
        return Take(
            frames=frames,
            sound=performance.sound,
            cuts_s=tuple(frames_for(cut) / FRAME_RATE for cut in screenplay.cuts_s),
            captions=performance.captions,
            fallbacks=performance.fallbacks,
        )

    def close(self) -> None:
        """Nothing of a clip is kept, so there is nothing to free but what goes with the object."""


def _stages(
    screenplay: Screenplay, cast: Sequence[CastMember], rigs: Rigs, size: VideoShape, seed: int
) -> list[tuple[Stage, Blocking]]:
    """Every shot, ready to shoot."""
    members = {member.speaker: member for member in cast}
    subjects = {member.speaker: subject_of(member) for member in cast}
    scene = paint(screenplay.setting, size, seed=seed)
    sides = _sides(screenplay)
    made: list[tuple[Stage, Blocking]] = []
    for shot in screenplay.shots:
        blocking = block(shot, subjects, size)
        looks = {place.speaker: rigs.get(members[place.speaker], place.u) for place in blocking.places}
        made.append(
            (
                Stage(
                    shot,
                    scene,
                    blocking,
                    looks,
                    float(np.mean([sides[speaker] for speaker in shot.who] or [0.0])),
                    size,
                ),
                blocking,
            )
        )
    return made


def _poses(
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


def _sides(screenplay: Screenplay) -> dict[str, float]:
    """-1 left .. 1 right: where each one stood when several were first seen together."""
    sides: dict[str, float] = {}
    for shot in sorted(screenplay.shots, key=lambda shot: -len(shot.who)):
        for place, speaker in enumerate(shot.who):
            sides.setdefault(speaker, 2 * place / (len(shot.who) - 1) - 1 if len(shot.who) > 1 else 0.0)
    return sides


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


def _rendered(
    shots: Sequence[Shot],
    stages: Sequence[Stage],
    poses: Mapping[str, Sequence[Pose]],
    drawn: Sequence[Card],
    on_progress: Progress,
) -> Iterator[Frame]:
    """Every frame in order. Threads end with the iterator, also when it is closed early or on_progress raises."""
    borders = [frames_for(shot.start_s) for shot in shots]
    total = frames_for(shots[-1].end_s)

    def render(index: int) -> tuple[int, Frame]:
        number = max(place for place, first in enumerate(borders) if first <= index)
        frame = stages[number].frame(index, poses)
        since = index - borders[number]
        if number and shots[number].cut == "fade" and since < FADE_FRAMES:
            before = stages[number - 1].frame(index, poses)
            share = (since + 1) / (FADE_FRAMES + 1)
            frame = np.asarray(cv2.addWeighted(frame, share, before, 1 - share, 0), np.uint8)
        for card in drawn:
            if card.first <= index < card.last:
                card.lay(frame)
        return number + 1, frame

    pool = ThreadPoolExecutor(THREADS, "portrait")
    try:
        waiting: deque[Future[tuple[int, Frame]]] = deque()
        for index in range(total + AHEAD):
            if index < total:
                waiting.append(pool.submit(render, index))
            if index >= AHEAD:
                shot, frame = waiting.popleft().result()
                on_progress("render", 0.32 + 0.66 * (index - AHEAD + 1) / total, shot)
                yield frame
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
