"""The shots of one clip, prepared and rendered in order: the first before the last lines are spoken.

Frames are pure functions of their number, so two threads render them side by side (OpenCV releases the GIL) a little
ahead of whoever reads them. What a shot shows comes from its own content and what came before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import cv2
import msgspec
import numpy as np

from generation.engine import Frame, Given, Progress, Sound, Track
from generation.errors import EngineError
from generation.languages import script_of
from generation.plan import CastMember, Screenplay
from generation.portrait.acting import acted
from generation.portrait.blocking import block
from generation.portrait.cards import Card, cards
from generation.portrait.grade import grade, graded
from generation.portrait.mix import LEAD
from generation.portrait.performances import RecordedFaces
from generation.portrait.place import Blocking, Subject
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.rigs import Rigs, subject_of
from generation.portrait.scene.kinds import Scene
from generation.portrait.scene.painting import paint
from generation.portrait.scene.pictured import pictured
from generation.portrait.serial import Serial
from generation.portrait.shoulder import Over, making_room, over_whom
from generation.portrait.soundtrack import Rehearsal
from generation.portrait.stage import Stage
from generation.portrait.title_card import TitleCard
from generation.shapes import VideoShape, frames_for

THREADS: Final = 2
AHEAD: Final = 6  # frames rendered before they are asked for
FADE_FRAMES: Final = 8
BEGUN, SPEAKING, RENDERING = 0.02, 0.3, 0.66  # shares of the progress


class Filming:
    """One clip. What was prepared of its people goes with this object."""

    def __init__(
        self,
        screenplay: Screenplay,
        cast: Sequence[CastMember],
        size: VideoShape,
        seed: int,
        rehearsal: Rehearsal | Serial,
        on_progress: Progress,
        given: Given,
    ) -> None:
        self._screenplay, self._cast, self._size, self._seed = screenplay, cast, size, seed
        self._rehearsal, self._on_progress = rehearsal, on_progress
        self._since_s = given.since_s
        self._made = sum(shot.start_s < given.since_s for shot in screenplay.shots)  # shots that are there already
        shots = screenplay.shots
        self._needed = self._made  # the first shot whose stage is wanted: what goes on knows what it continues
        while shots[self._needed].cut == "continued":
            self._needed -= 1
        self._grade = grade(screenplay.warmth, screenplay.contrast)
        self._rigs = Rigs()
        self._scene: Scene | None = None if given.scene is None else pictured(given.scene, size)
        self._faces = RecordedFaces(screenplay, given)
        self._title: TitleCard | None = None
        if screenplay.title_card and screenplay.title:
            self._title = TitleCard(screenplay.title, size, screenplay.shots[0].end_s)
        self._stages: list[tuple[Stage | None, Blocking]] = []  # no stage for what is over
        self._spoken, self._rendered = 0.0, 0.0  # shares done
        self._sound: Future[Sound] | None = None

    def prepare(self, new: int) -> None:
        """Speak the lines up to the first `new` shots that are to be made, and set these up. Blocking."""
        shots = self._made + new
        share = shots / len(self._screenplay.shots)
        before = self._spoken

        def told(stage: str, fraction: float, shot: int) -> None:
            self._spoken = before + (share - before) * fraction
            self._tell(stage, shot)

        with ThreadPoolExecutor(1, "portrait-sets") as pool:
            building = pool.submit(self._set_up, shots)
            self._rehearsal.speak(shots, told)
            told("sets", 1.0, shots)
            building.result()

    def frames(self) -> Iterator[Frame]:
        """What is to be made, in order. Threads end with the iterator, closed early or broken off by progress too."""
        shots = self._screenplay.shots
        pool = ThreadPoolExecutor(THREADS, "portrait")
        try:
            for number in range(self._made + 1, len(shots) + 1):
                if number == self._made + 2:
                    self.prepare(len(shots) - self._made)
                if number == min(self._made + 2, len(shots)):
                    self._tell("sound", number)
                    self._sound = pool.submit(self._mixed)
                yield from self._shot(number, pool)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            self._rigs = Rigs()
            self._stages.clear()

    def track(self) -> Track:
        """After the last frame."""
        if self._sound is None:
            raise EngineError("sound", "the track is asked for before the frames are made")
        performance = self._rehearsal.performance(len(self._screenplay.shots))
        captions = tuple(one.moved(-self._since_s) for one in performance.captions if one.start_s >= self._since_s)
        return Track(self._sound.result(), captions, self._rehearsal.fallbacks, LEAD if self._made else 0)

    def _mixed(self) -> Sound:
        if isinstance(self._rehearsal, Serial) and self._made:
            return self._rehearsal.last(seed=self._seed)
        return self._rehearsal.sound(len(self._screenplay.shots), seed=self._seed)

    def _shot(self, number: int, pool: ThreadPoolExecutor) -> Iterator[Frame]:
        """Shot `number`, counted from 1."""
        shots = self._screenplay.shots[:number]
        stages = [stage for stage, _ in self._stages[self._needed : number] if stage is not None]
        first, last = frames_for(shots[-1].start_s), frames_for(shots[-1].end_s)
        performance = self._rehearsal.performance(number)
        so_far = msgspec.structs.replace(self._screenplay, shots=shots)
        blockings = [blocking for _, blocking in self._stages[:number]]
        poses = self._faces.worn(
            acted(so_far, self._cast, performance, blockings, self._rigs, self._size, seed=self._seed)
        )
        seen = [one for one in performance.captions if frames_for(one.end_s) > first and frames_for(one.start_s) < last]
        lines = [line.text for shot in self._screenplay.shots for line in shot.lines]
        kana = any(script_of(text) == "ja" for text in lines)
        drawn = cards(seen, self._size, [member.speaker for member in self._cast], kana=kana)
        fading = FADE_FRAMES if number > 1 and shots[-1].cut == "fade" else 0

        def render(index: int) -> Frame:
            frame = _frame(index, stages, poses, drawn, fading - (index - first), self._grade)
            if self._title is not None:
                self._title.lay(frame, index)
            return frame

        waiting: deque[Future[Frame]] = deque()
        begun = frames_for(self._since_s)
        total = frames_for(self._screenplay.seconds) - begun
        for index in range(first, last + AHEAD):
            if index < last:
                waiting.append(pool.submit(render, index))
            if index >= first + AHEAD:
                frame = waiting.popleft().result()
                self._rendered = (index - AHEAD + 1 - begun) / total
                self._tell("render", number)
                yield frame

    def _set_up(self, shots: int) -> None:
        """Every shot up to this one, ready to shoot."""
        members = {member.speaker: member for member in self._cast}
        subjects = {member.speaker: subject_of(member) for member in self._cast}
        people = [speaker for speaker, subject in subjects.items() if isinstance(subject, Subject)]
        if self._scene is None:
            self._scene = paint(self._screenplay.setting, self._size, seed=self._seed)
        for number in range(len(self._stages), shots):
            shot = self._screenplay.shots[number]
            blocking = block(shot, subjects, self._size)
            whose = over_whom(self._screenplay, number, people, seed=self._seed)
            if whose is not None:
                blocking = making_room(blocking, whose.side, self._size)
            looks = {place.speaker: self._rigs.get(members[place.speaker], place.u) for place in blocking.places}
            sides = _sides(self._screenplay, number + 1)
            side = float(np.mean([sides[speaker] for speaker in shot.who] or [0.0]))
            stage = None
            if number >= self._needed:
                before = self._stages[number - 1][0] if shot.cut == "continued" else None
                behind = self._behind(whose, blocking)
                stage = Stage(shot, self._scene, blocking, looks, side, self._size, over=behind, before=before)
            self._stages.append((stage, blocking))

    def _behind(self, whose: Over | None, blocking: Blocking) -> tuple[Over, Rig] | None:
        """The shoulder a shot looks over, at the size of whoever is seen: most often made already."""
        if whose is None:
            return None
        member = next(member for member in self._cast if member.speaker == whose.speaker)
        rig = self._rigs.get(member, blocking.places[0].u)
        return (whose, rig) if isinstance(rig, Rig) else None

    def _tell(self, stage: str, shot: int) -> None:
        self._on_progress(stage, BEGUN + SPEAKING * self._spoken + RENDERING * self._rendered, shot)


def _sides(screenplay: Screenplay, shots: int) -> dict[str, float]:
    """-1 left .. 1 right: where each one stood when several were first seen together."""
    sides: dict[str, float] = {}
    for shot in sorted(screenplay.shots[:shots], key=lambda shot: -len(shot.who)):
        for place, speaker in enumerate(shot.who):
            sides.setdefault(speaker, 2 * place / (len(shot.who) - 1) - 1 if len(shot.who) > 1 else 0.0)
    return sides


def _frame(
    index: int,
    stages: Sequence[Stage],
    poses: Mapping[str, Sequence[Pose]],
    drawn: Sequence[Card],
    fading: int,
    tones: Frame | None,
) -> Frame:
    """Frame `index` of the last of `stages`, `fading` frames before its fade is over."""
    frame = stages[-1].frame(index, poses)
    if fading > 0:
        share = 1 - fading / (FADE_FRAMES + 1)
        frame = np.asarray(cv2.addWeighted(frame, share, stages[-2].frame(index, poses), 1 - share, 0), np.uint8)
    frame = graded(frame, tones)
    for card in drawn:
        if card.first <= index < card.last:
            card.lay(frame)
    return frame
