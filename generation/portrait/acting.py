"""What everybody does in every frame of a clip: words, moods and partners in, poses out.

A frame knows its seed and what happens up to the end of its own shot, nothing after: whoever changes a later line gets
the earlier shots again as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.plan import CastMember, Emotion, Screenplay, Shot
from generation.portrait.figure import FigureRig
from generation.portrait.figure_motion import animate
from generation.portrait.moods import ANSWERS
from generation.portrait.motion import act
from generation.portrait.place import Blocking
from generation.portrait.pose import JAW, MouthTrack, Pose
from generation.portrait.rigs import Rigs
from generation.portrait.soundtrack import Performance, SpokenLine
from generation.portrait.tracks import chance, ease
from generation.shapes import FRAME_RATE, VideoShape, frames_for

Curve = NDArray[np.float32]
"""(frames,)"""

LISTENING, SPEAKING = 1.0, 0.85  # how far one looks towards the other, of the way
BESIDE: Final = 0.34  # the same towards somebody who is not in the shot: just beside the lens
HOLD_S: Final = (1.6, 3.2)  # for so long one looks at the other ...
AWAY_S: Final = (0.5, 1.0)  # ... and then for so long into the lens, or past the other's ear
AWAY: Final = 0.35  # of the way that is left then, with the other in the shot
BEFORE_S, AFTER_S = 0.25, 0.8  # a face has its line's mood from before the first word until after the last
SETTLING_S: Final = 0.8  # a continued shot begins as the one before ended, and is itself after so long
FADED: Final = 0.6  # of that mood, that stays until the next line
SMALL_U, LARGE_U, CARRIES = 0.115, 0.18, 1.35  # of the frame's width: smaller faces speak with wider mouths


def acted(
    screenplay: Screenplay,
    cast: Sequence[CastMember],
    performance: Performance,
    blockings: Sequence[Blocking],
    rigs: Rigs,
    size: VideoShape,
    *,
    seed: int,
) -> dict[str, list[Pose]]:
    """Everybody's poses over the whole clip, by speaker; `blockings` one a shot. Faces are one person in every shot."""
    made: dict[str, list[Pose]] = {}
    borders = [*(frames_for(shot.start_s) for shot in screenplay.shots), frames_for(screenplay.seconds)]
    sides = _sides(screenplay, cast)
    for number, member in enumerate(cast):
        who = member.speaker
        places = [place for blocking in blockings for place in blocking.places if place.speaker == who]
        if not places:
            continue
        rig = rigs.get(member, places[0].u)
        own = seed + 101 * number
        looks = _looks(who, screenplay, performance, blockings, sides, own)
        heard = _heard(who, screenplay, performance)
        mouth = _carrying(performance.mouth[who], who, blockings, borders, size)
        poses: list[Pose] = []
        for shot, (first, last) in zip(screenplay.shots, pairwise(borders), strict=True):
            goes_on = shot.cut == "continued" and first > 0
            begun = [line for line in performance.lines if line.start_s < last / FRAME_RATE]
            emotions, strength = _emotions(who, begun, last)
            loudness = performance.loudness[who][:last]
            if isinstance(rig, FigureRig):
                new = animate(
                    loudness, emotions=emotions, looks=looks[:last], heard=heard[:last], seed=own, first=first - goes_on
                )
            else:
                new = act(
                    mouth[:last],
                    loudness,
                    rest=rig.rest,
                    can_blink=rig.can_blink,
                    emotions=emotions,
                    strength=strength,
                    looks=looks[:last],
                    heard=heard[:last],
                    seed=own,
                    first=first - goes_on,
                )
            poses += _settled(poses[-1], new) if goes_on else new
        made[who] = poses
    return made


def _settled(last: Pose, new: Sequence[Pose]) -> list[Pose]:
    """Those after the first of `new`, which shows the moment of `last` as it would have been: the difference fades."""
    gap = {name: getattr(last, name) - getattr(new[0], name) for name in Pose.__struct_fields__}
    frames = round(SETTLING_S * FRAME_RATE)
    settled = []
    for number, pose in enumerate(new[1:], 1):
        left = float(1 - ease(number / frames))
        moved = {name: getattr(pose, name) + left * apart for name, apart in gap.items()}
        shares = {
            name: min(1.0, max(0.0, moved[name])) for name in ("jaw", "round", "press", "blink", "worry", "slack")
        }
        settled.append(Pose(**(moved | shares)) if left else pose)
    return settled


def _sides(screenplay: Screenplay, cast: Sequence[CastMember]) -> list[dict[str, float]]:
    """Shot by shot, where everybody stands as far as has been seen, -1 left .. 1 right; before that, by the cast."""
    known = {member.speaker: 1.0 if number % 2 else -1.0 for number, member in enumerate(cast)}
    sides = []
    for shot in screenplay.shots:
        if len(shot.who) > 1:
            known = known | {who: 2 * at / (len(shot.who) - 1) - 1 for at, who in enumerate(shot.who)}
        sides.append(known)
    return sides


def _carrying(
    mouth: MouthTrack, who: str, blockings: Sequence[Blocking], borders: Sequence[int], size: VideoShape
) -> MouthTrack:
    """Mouths that are small in the picture open wider: speech must be seen there too."""
    wider = mouth.copy()
    for (first, last), blocking in zip(pairwise(borders), blockings, strict=True):
        for place in blocking.places:
            if place.speaker == who:
                small = (LARGE_U - place.u / size.width) / (LARGE_U - SMALL_U)
                wider[first:last, JAW] *= 1 + (CARRIES - 1) * float(np.clip(small, 0, 1))
    wider[:, JAW] = np.minimum(wider[:, JAW], 1)
    return wider


def _emotions(who: str, begun: Sequence[SpokenLine], frames: int) -> tuple[list[Emotion], Curve]:
    """Frame by frame, and how strong: one's own line, an answer to the other's, or what is left of one's last."""
    emotions: list[Emotion] = ["neutral"] * frames
    strength = np.zeros(frames, np.float32)
    for line in begun:
        first = min(frames, max(0, round((line.start_s - BEFORE_S) * FRAME_RATE)))
        last = min(frames, round((line.end_s + AFTER_S) * FRAME_RATE))
        force = float(np.clip(0.7 + 0.6 * line.energy, 0.7, 1.25))
        if line.speaker == who:
            emotions[first:] = [line.emotion] * (frames - first)
            strength[first:] = FADED * force
            strength[first:last] = force
        elif not any(own.speaker == who and own.start_s < line.end_s and line.start_s < own.end_s for own in begun):
            answer, share = ANSWERS[line.emotion]
            if answer != "neutral":
                later = first + round(0.4 * FRAME_RATE)  # one has to hear it first
                emotions[later:last] = [answer] * max(0, last - later)
                strength[later:last] = share * force
    return emotions, strength


def _heard(who: str, screenplay: Screenplay, performance: Performance) -> Curve:
    """(frames,) 0..1: how loud the others are."""
    heard = np.zeros(frames_for(screenplay.seconds), np.float32)
    for other, loudness in performance.loudness.items():
        if other != who:
            heard = np.maximum(heard, loudness)
    return heard


def _looks(
    who: str,
    screenplay: Screenplay,
    performance: Performance,
    blockings: Sequence[Blocking],
    sides: Sequence[Mapping[str, float]],
    seed: int,
) -> Curve:
    """-1 picture's left .. 1 right, per frame: at whom one speaks with, or beside the lens if they are out of shot.

    Nobody stares: from time to time the eyes leave the other for a moment.
    """
    looks = np.zeros(frames_for(screenplay.seconds), np.float32)
    for number, (shot, blocking) in enumerate(zip(screenplay.shots, blockings, strict=True)):
        first, last = frames_for(shot.start_s), frames_for(shot.end_s)
        places = {place.speaker: place.x for place in blocking.places}
        if who not in places:
            continue
        others = {name: x - places[who] for name, x in places.items() if name != who}
        beside = not others
        if beside:
            others = _partner(who, screenplay.shots[: number + 1], sides[number])
        if not others:
            continue
        way = BESIDE if beside else 1.0
        looks[first:last] = np.sign(np.mean(list(others.values()))) * way * LISTENING
        for line in performance.lines:
            begin, end = max(first, frames_for(line.start_s)), min(last, frames_for(line.end_s))
            if line.speaker == who:
                looks[begin:end] = np.sign(np.mean(list(others.values()))) * way * SPEAKING
            elif line.speaker in others:
                looks[begin:end] = np.sign(others[line.speaker]) * way * LISTENING
        _let_go(looks[first:last], chance(seed, 100 + number), kept=0.0 if beside else AWAY)
    return looks


def _partner(who: str, shots: Sequence[Shot], sides: Mapping[str, float]) -> dict[str, float]:
    """Whoever was last seen or heard beside this person, and which way that is: nobody yet is nobody."""
    for shot in reversed(shots):
        met = [*(line.speaker for line in shot.lines), *shot.who]
        if found := [other for other in met if other != who]:
            side = sides.get(found[0], 0.0) - sides.get(who, 0.0)
            return {found[0]: side or 1.0}
    return {}


def _let_go(looks: Curve, rng: np.random.Generator, *, kept: float) -> None:
    """In place: now and then the look goes back towards the lens; `kept` of its way stays."""
    at = 0
    while at < len(looks):
        at += round(FRAME_RATE * float(rng.uniform(*HOLD_S)))
        away = round(FRAME_RATE * float(rng.uniform(*AWAY_S)))
        looks[at : at + away] *= kept
        at += away
