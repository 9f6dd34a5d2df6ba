"""What a capture must show; each refusal gives the figure, the one wanted, and how to do better.

Every function returns the figures it measured. Where the limits come from: docs/identity.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.errors import CheckFailed
from generation.perception.face import Face, Floats
from generation.perception.head_motion import Motion, blinks
from generation.perception.hearing import Word, digit_words, digits
from generation.perception.identity import SAME_FACE, distance
from generation.perception.voices import VAD_S

Figures = dict[str, float]

LEAST_SPEECH_S: Final = 1.5  # six digits, read briskly
MAX_MISSING: Final = 0.35  # of the frames may show no face: the head was turned far
SURE: Final = 0.65  # the detector's score from which a second face counts; patterns reach .55
SAME_CAPTURE: Final = 0.55  # distance between two frames of one video; tighter than between photos of other days
AHEAD_DEG: Final = 10.0
MIN_TURN_DEG: Final = 15.0  # a true turn of 17
MIN_PARALLAX: Final = 0.035
MIN_MOUTH_MOTION: Final = 0.010
MIN_MOUTH_WITH_VOICE: Final = 0.8
_STEADY: Final = 3  # frames that must agree on the furthest turn
_ON_THE_WAY: Final = 3  # frames that must show the head between ahead and furthest, on each side
_SLOW_S: Final = 0.35  # sigma; what is slower is no speech
_LEAST_SILENCE_S: Final = 1.0  # below that there is nothing to compare with
_BYSTANDER: Final = 0.25  # a face below this share of the main one's height is background
_ALIVE: Final = "a moving person is needed, no picture of one"


def check_digits(words: Sequence[Word], wanted: str) -> Figures:
    """Whether the wanted digits were said one after the other."""
    heard = digits(words)
    if wanted not in heard:
        said = f'"{" ".join(heard)}" was heard' if heard else "no digits were heard"
        raise CheckFailed(
            "digits", f'{said}, "{" ".join(wanted)}" is wanted: read all digits one by one, aloud, in English'
        )
    sure = [word.probability for word in digit_words(words)]
    return {"digits_probability": float(np.mean(sure)), "digits_heard": float(len(heard))}


def check_company(seen: Sequence[Sequence[Face]]) -> Figures:
    """Whether there is one face, and nearly always; `seen` are the faces of every sampled frame, tallest first."""
    crowded = sum(
        any(face.height >= _BYSTANDER * faces[0].height and face.score >= SURE for face in faces[1:]) for faces in seen
    )
    if crowded:
        raise CheckFailed(
            "one_face",
            f"{crowded} of {len(seen)} frames show more than 1 face, exactly 1 is allowed: record yourself alone",
        )
    missing = sum(not faces for faces in seen) / max(len(seen), 1)
    if missing > MAX_MISSING:
        raise CheckFailed(
            "one_face",
            f"a face is seen in {1 - missing:.0%} of the video, at least {1 - MAX_MISSING:.0%} are needed: "
            "hold the phone upright at arm's length in good light, nothing before the face",
        )
    return {"faces_missing": missing}


def check_same_face(ahead: Sequence[Floats], turned: Sequence[Floats], photos: Sequence[Floats]) -> Figures:
    """Whether everything shows one person; descriptors of frames that look ahead, of others, and of the photos."""
    mean = np.mean(np.stack(ahead), axis=0)
    apart = max((distance(a, b) for a, b in combinations(ahead, 2)), default=0.0)
    turning = max((distance(mean, one) for one in turned), default=0.0)
    for found, most, when in ((apart, SAME_CAPTURE, "looks ahead"), (turning, SAME_FACE, "is turned")):
        if found > most:
            raise CheckFailed(
                "face_match",
                f"the face changes while it {when}: distance {found:.2f}, at most {most:g} is allowed: "
                "one and the same person must be seen all the time, evenly lit",
            )
    away = [distance(mean, photo) for photo in photos]
    if away and max(away) > SAME_FACE:
        raise CheckFailed(
            "face_match",
            f"photo {int(np.argmax(away)) + 1} shows another face than the video: distance {max(away):.2f}, "
            f"at most {SAME_FACE:g} is allowed: send recent photos of yourself without filters",
        )
    figures = {"face_distance_ahead": apart, "face_distance_turned": turning}
    return figures | ({"face_distance_photos": max(away)} if away else {})


def check_turned(motions: Sequence[Motion]) -> Figures:
    """Whether a solid head turned to both sides, by MIN_TURN_DEG each."""
    order = sorted(motions, key=lambda motion: motion.turn_deg)
    left, right = order[-_STEADY:], order[:_STEADY]
    figures = {
        "yaw_left_deg": float(np.median([motion.turn_deg for motion in left])),
        "yaw_right_deg": -float(np.median([motion.turn_deg for motion in right])),
        "parallax": float(min(np.median([motion.parallax for motion in side]) for side in (left, right))),
    }
    for side in ("left", "right"):
        turned = max(figures[f"yaw_{side}_deg"], 0.0)
        if turned < MIN_TURN_DEG:
            raise CheckFailed(
                "turn",
                f"the head turned {turned:.0f}° to its {side}, at least {MIN_TURN_DEG:.0f}° are needed to both sides: "
                f"turn it slowly until only one ear is seen ({_ALIVE})",
            )
        way = sum(0.25 < (1 if side == "left" else -1) * motion.turn_deg / turned < 0.85 for motion in motions)
        if way < _ON_THE_WAY:
            raise CheckFailed(
                "turn",
                f"the head jumps to its {side}: {way} frames show it on the way, at least {_ON_THE_WAY} are needed: "
                f"turn it slowly, in one unbroken recording ({_ALIVE})",
            )
    if figures["parallax"] < MIN_PARALLAX:
        raise CheckFailed(
            "quality",
            f"the face moves like a flat picture: depth shows {figures['parallax']:.3f}, at least {MIN_PARALLAX:g} is "
            f"needed: {_ALIVE}; hold the phone still and turn only the head",
        )
    return figures


def check_living(
    times_s: Sequence[float], faces: Sequence[Face], motions: Sequence[Motion], speech: NDArray[np.bool_]
) -> Figures:
    """Whether the lips move while the voice is heard, and more than when it is not.

    `speech` flags 30 ms each, from the first frame's time on. Blinks are counted and not asked for: many people do
    not blink within eight seconds, and glasses hide it.
    """
    times = np.array(times_s)
    lips = np.array([motion.mouth for motion in motions])
    step = float(np.median(np.diff(times)))
    quick = lips - gaussian_filter1d(lips, _SLOW_S / step)
    speaks = speech[np.clip((times / VAD_S).astype(int), 0, len(speech) - 1)]
    moves = float(quick[speaks].std()) if speaks.any() else 0.0
    if moves < MIN_MOUTH_MOTION:
        raise CheckFailed(
            "quality",
            f"the lips hardly move while the voice is heard: {moves:.3f} of the eyes' distance, at least "
            f"{MIN_MOUTH_MOTION:g} is needed: {_ALIVE}; read the digits aloud yourself, the mouth in view",
        )
    figures = {"mouth_motion": moves, "blinks": float(blinks(times_s, faces))}
    silent = ~speaks[1:]
    if silent.sum() * step < _LEAST_SILENCE_S:
        return figures
    speed = np.abs(np.diff(lips)) / np.diff(times)
    with_voice = float(speed[~silent].mean() / max(float(speed[silent].mean()), 1e-6))
    if with_voice < MIN_MOUTH_WITH_VOICE:
        raise CheckFailed(
            "quality",
            f"the lips move {with_voice:.1f} times as fast with the voice as without it, at least "
            f"{MIN_MOUTH_WITH_VOICE:g} times is needed: {_ALIVE}; keep the mouth still when you do not read",
        )
    return figures | {"mouth_with_voice": with_voice}
