"""A capture: the short video in which somebody shows that they are alive, turn their head and read digits aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from generation.errors import CheckFailed
from generation.perception.capture_checks import (
    AHEAD_DEG,
    LEAST_SPEECH_S,
    Figures,
    check_company,
    check_digits,
    check_living,
    check_same_face,
    check_turned,
)
from generation.perception.capture_video import MIN_SECONDS, samples, sound
from generation.perception.face import Face, Floats
from generation.perception.face_checks import check_one_face, check_quality, check_turn, worth
from generation.perception.faces import FaceMeter
from generation.perception.head_motion import ahead, motion
from generation.perception.hearing import Hearing
from generation.perception.identity import Identity
from generation.perception.photos import Photo, read_photo
from generation.perception.recordings import RATE, wav
from generation.perception.references_io import png
from generation.perception.voice_enrolment import checked

OnProgress = Callable[[str, float], None]

PHOTOS: Final = 3
_APART_S: Final = 0.5  # between two kept frames, and between two descriptors
_UPRIGHT: Final = (0,)
_AROUND: Final = 0.5  # face heights around a turned head


class CaptureFindings(msgspec.Struct, frozen=True):
    """What a capture that passed is good for. All pictures are PNG, RGB, upright, as recorded (not mirrored)."""

    photos: tuple[bytes, ...]  # 1 to PHOTOS frames that look ahead, best first: candidates for face_reference
    left_png: bytes  # head and surroundings, turned to the person's own left (the picture's right)
    right_png: bytes
    voice: bytes  # the whole sound, as `voice_reference` takes it
    descriptor: bytes  # float32 little-endian (128,): mean over the frames that look ahead
    figures: Figures  # figure -> value, units in the names; faces in distances of identity.py


class _Kept(msgspec.Struct, frozen=True):
    time_s: float
    picture: Photo
    face: Face
    worth: float


class _Watched:
    """What is kept of the frames while they pass by: all faces, few pictures."""

    def __init__(self) -> None:
        self.seen: list[tuple[Face, ...]] = []
        self.times: list[float] = []
        self.faces: list[Face] = []
        self.descriptors: list[tuple[int, Floats]] = []  # index into faces
        self.best: list[_Kept] = []
        self.turned: dict[str, _Kept] = {}
        self.refused: tuple[int, CheckFailed] | None = None  # of the frame that came furthest

    def take(self, time_s: float, picture: Photo, found: tuple[Face, ...], identity: Identity) -> None:
        self.seen.append(found)
        if not found:
            return
        face = found[0]
        if not self.descriptors or time_s - self.times[self.descriptors[-1][0]] >= _APART_S:
            self.descriptors.append((len(self.faces), identity.descriptor(picture, face)))
        self.times.append(time_s)
        self.faces.append(face)
        frame = _Kept(time_s, picture, face, worth(face))
        for side, way in (("left", 1), ("right", -1)):
            if side not in self.turned or way * face.yaw > way * self.turned[side].face.yaw:
                self.turned[side] = frame
        self._keep(frame)

    def _keep(self, frame: _Kept) -> None:
        """Among the best that look ahead, one for each half second."""
        passed = 0
        try:
            check_turn(frame.face)
            passed = 1
            check_quality(frame.face)
        except CheckFailed as no:
            if self.refused is None or passed >= self.refused[0]:
                self.refused = passed, no
            return
        near = [kept for kept in self.best if abs(kept.time_s - frame.time_s) < _APART_S]
        if all(frame.worth > kept.worth for kept in near):
            rest = [kept for kept in self.best if not any(kept is one for one in near)]
            self.best = sorted([*rest, frame], key=lambda kept: -kept.worth)[:PHOTOS]


def capture_findings(
    video: bytes,
    digits: str,
    photos: Sequence[bytes],
    meter: FaceMeter,
    identity: Identity,
    hearing: Hearing,
    on_progress: OnProgress,
) -> CaptureFindings:
    """Judge a capture: takes 0.6 of its own length on two cores; wrong digits are found within a second or two.

    `digits` are those the server issued for this capture; `photos` (may be none) must show the same face.
    `on_progress` gets a step (listen, look, compare) and how much of it is done, 0..1; what it raises ends the work.
    Raises NotAVideo, NotASound, NotAPicture; CheckFailed: digits, one_face, turn, face_match, voice, length, quality.
    """
    on_progress("listen", 0.0)
    voice = sound(video)
    seconds = len(voice) / RATE
    if seconds < MIN_SECONDS - 0.2:
        raise CheckFailed(
            "length", f"the video is {seconds:.1f} s long, at least {MIN_SECONDS:g} s are needed: take your time"
        )
    speech = checked(voice, LEAST_SPEECH_S)
    figures = {"seconds": seconds} | check_digits(hearing.words(voice), digits)
    watched = _Watched()
    for sample in samples(video):
        on_progress("look", min(1.0, sample.time_s / seconds))
        watched.take(sample.time_s, sample.picture, meter.faces(sample.picture, _UPRIGHT), identity)
    on_progress("compare", 0.0)
    figures |= check_company(watched.seen)
    if not watched.best and watched.refused is not None:
        raise watched.refused[1]
    reference = ahead(watched.faces)
    motions = [motion(reference, face) for face in watched.faces]
    level = [abs(motion.turn_deg) < AHEAD_DEG for motion in motions]
    frontal = [found for at, found in watched.descriptors if level[at]]
    frontal += [identity.descriptor(kept.picture, kept.face) for kept in watched.best]
    aside = [found for at, found in watched.descriptors if not level[at]]
    aside += [identity.descriptor(kept.picture, kept.face) for kept in watched.turned.values()]
    figures |= check_same_face(frontal, aside, list(_described(photos, meter, identity)))
    figures |= check_turned(motions)
    figures |= check_living(watched.times, watched.faces, motions, speech)
    best = watched.best[0].face
    on_progress("compare", 1.0)
    return CaptureFindings(
        photos=tuple(png(kept.picture) for kept in watched.best),
        left_png=_head(watched.turned["left"]),
        right_png=_head(watched.turned["right"]),
        voice=wav(voice),
        descriptor=np.mean(np.stack(frontal), axis=0).astype("<f4").tobytes(),
        figures=figures
        | {
            "frames": float(len(watched.seen)),
            "speech_s": float(speech.mean()) * seconds,
            "inter_ocular_px": best.inter_ocular,
            "brightness": best.brightness,
            "sharpness": best.sharpness,
        },
    )


def _described(photos: Sequence[bytes], meter: FaceMeter, identity: Identity) -> Iterator[Floats]:
    for data in photos:
        photo = read_photo(data)
        yield identity.descriptor(photo, check_one_face(meter.faces(photo)))


def _head(kept: _Kept) -> bytes:
    """PNG of the head with its hair and some of what is around."""
    height, width = kept.picture.shape[:2]
    x0, y0, x1, y1 = kept.face.box
    around = _AROUND * kept.face.height
    left, top = max(0, round(x0 - around)), max(0, round(y0 - around))
    right, bottom = min(width, round(x1 + around)), min(height, round(y1 + around))
    return png(np.ascontiguousarray(kept.picture[top:bottom, left:right]))
