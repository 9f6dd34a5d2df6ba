"""What keeps a person alive between and under the words: moods, nods, breath, and a body that goes along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.plan import Emotion
from generation.portrait.gaze import blinks, glances
from generation.portrait.moods import Mood, track_of
from generation.portrait.pose import JAW, PRESS, ROUND, WIDE, MouthTrack, Pose
from generation.portrait.tracks import Track, chance, ease, even, later, stress, wander
from generation.shapes import FRAME_RATE

FROM_REST, TO_REST = 3, 6  # frames between the resting mouth and speech
MAX_YAW, MAX_PITCH, MAX_ROLL = 0.26, 0.09, 0.07  # rad
MAX_SHIFT: Final = 0.06  # u, of dx, dy, sway
LOOK_YAW: Final = 0.20  # rad of the head, at looks = 1; the eyes do the rest, and first
EFFORT: Final = 0.3  # how much wider a mouth speaks that is twice as lively
NOD_EVERY_S: Final = 1.1


def act(
    mouth: MouthTrack,
    loudness: NDArray[np.float32],
    *,
    rest: Pose,
    can_blink: bool,
    emotions: Sequence[Emotion],
    seed: int,
    looks: NDArray[np.float32] | None = None,
    strength: NDArray[np.float32] | None = None,
    heard: NDArray[np.float32] | None = None,
    first: int = 0,
) -> list[Pose]:
    """One pose a frame for one person, from frame `first` on; frame i shows time i / 24 s. Same arguments, same poses.

    `mouth` (frames, 4), NaN rows at rest, and `loudness` (frames,) 0..1 are a Performance's; `emotions` one a frame,
    `strength` (frames,) how much of them, 1 = as the table has it; `looks` (frames,) where the person looks, -1
    picture's left .. 1 right, 0 = into the lens; `heard` (frames,) the loudness of whom this person listens to, 0 where
    nobody speaks, None where nobody knows. All lengths must agree (ValueError).
    """
    frames = len(mouth)
    given = (loudness, emotions, *(track for track in (looks, strength, heard) if track is not None))
    if any(len(track) != frames for track in given):
        raise ValueError(f"{frames} frames of mouth, {len(loudness)} of loudness, {len(emotions)} of emotion")
    if frames == 0:
        return []
    speaking = ~np.isnan(mouth[:, JAW])
    force = np.ones(frames) if strength is None else strength.astype(np.float64)
    mood = {name: track_of(emotions, force, name) for name in Mood.__struct_fields__}
    lips = _joined(mouth, speaking, _still(rest, mood))
    rounded = np.clip(lips[:, ROUND], 0, 1)
    target = np.zeros(frames) if looks is None else np.clip(looks.astype(np.float64), -1, 1)
    turned = even(later(target, 3), 4.5)
    gaze_x, gaze_y = glances(chance(seed, 0), frames, target, turned)
    accent = stress(loudness)
    talk = even(speaking, 3)
    lively = mood["lively"]
    move = lively * (0.7 + 0.6 * talk)

    def noise(number: int, sigma: float) -> Track:
        return wander(chance(seed, number), frames, sigma)

    answers = np.zeros(frames) if heard is None else later(stress(heard), 5) * (1 - talk)
    nods = _nods(chance(seed, 1), speaking, heard)
    yaw = move * 0.024 * noise(2, 13) + LOOK_YAW * turned
    pitch = move * 0.012 * noise(3, 11) + mood["pitch"] + 0.030 * later(accent, 2) * lively + nods
    brow = mood["brow"] + 0.45 * accent * lively + 0.30 * answers + 0.06 * noise(4, 10)
    sway = move * 0.026 * noise(5, 26) + 0.012 * turned
    values = {
        "jaw": np.clip(lips[:, JAW] * np.where(speaking, 1 + EFFORT * (lively - 1), 1), 0, 1),
        "wide": np.clip(lips[:, WIDE], -1, 1),
        "round": rounded,
        "press": np.clip(lips[:, PRESS], 0, 1),
        "smile": np.clip(mood["smile"] * (1 - 0.6 * rounded) * (1 - 0.25 * talk), -1, 1),
        "slack": np.clip(mood["slack"], 0, 1) if rest.jaw else np.zeros(frames),
        "blink": blinks(chance(seed, 6), speaking, target) if can_blink else np.zeros(frames),
        "brow": np.clip(brow, -1, 1),
        "worry": np.clip(mood["worry"], 0, 1),
        "lids": np.clip(mood["lids"] + 0.25 * accent * lively, -1, 1),
        "gaze_x": gaze_x,
        "gaze_y": np.clip(gaze_y + mood["gaze_y"] * (1 - 0.6 * np.abs(target)), -1, 1),
        "yaw": np.clip(yaw, -MAX_YAW, MAX_YAW),
        "pitch": np.clip(pitch, -MAX_PITCH, MAX_PITCH),
        "roll": np.clip(move * 0.014 * noise(7, 15) + mood["roll"], -MAX_ROLL, MAX_ROLL),
        "dx": np.clip(0.25 * yaw + move * 0.010 * noise(8, 14), -MAX_SHIFT, MAX_SHIFT),
        "dy": np.clip(0.30 * pitch + move * 0.006 * noise(9, 12), -MAX_SHIFT, MAX_SHIFT),
        "sway": np.clip(sway, -MAX_SHIFT, MAX_SHIFT),
        "breath": _breath(chance(seed, 10), speaking),
        "lean": np.clip(mood["lean"] + 0.55 * even(accent, 4) * lively + 0.16 * noise(11, 30), -1, 1),
    }
    return [Pose(**{name: float(track[i]) for name, track in values.items()}) for i in range(first, frames)]


def _still(rest: Pose, mood: dict[str, Track]) -> NDArray[np.float64]:
    """(frames, 4): the mouth that is not speaking. A photographed grin stays as far as the mood has it."""
    grin = np.clip(mood["grin"], 0, 1)
    jaw = np.maximum(rest.jaw * grin, mood["jaw"])
    press = np.clip(mood["press"], 0, 1) * (1 - ease(4 * jaw))
    flat = np.zeros_like(jaw)
    return np.stack([jaw, flat + rest.wide, np.maximum(rest.round, mood["round"]), press], 1)


def _joined(mouth: MouthTrack, speaking: NDArray[np.bool_], still: NDArray[np.float64]) -> NDArray[np.float64]:
    """(frames, 4) without NaN: the resting mouth eases into speech and out of it."""
    lips = np.where(speaking[:, None], mouth, still).astype(np.float64)
    talk = np.flatnonzero(speaking)
    if not talk.size:
        return lips
    for i in np.flatnonzero(~speaking):
        near = np.searchsorted(talk, i)
        ahead = 1 - (talk[near] - i) / (FROM_REST + 1) if near < talk.size else 0.0
        behind = 1 - (i - talk[near - 1]) / (TO_REST + 1) if near > 0 else 0.0
        share = max(ahead, behind, 0.0)
        if share:
            neighbour = mouth[talk[near] if ahead >= behind else talk[near - 1]]
            lips[i] += (neighbour - still[i]) * ease(share)
    return lips


def _nods(rng: np.random.Generator, speaking: NDArray[np.bool_], heard: NDArray[np.float32] | None) -> Track:
    """A listener's small nods, rad: just after the words that the other stresses, or now and then."""
    frames = len(speaking)
    times, nods = np.arange(frames) / FRAME_RATE, np.zeros(frames)
    at = float(rng.uniform(0.8, 2.2))
    if heard is None:
        begins: Any = []
        while at < frames / FRAME_RATE:
            begins.append(at)
            at += float(rng.uniform(1.8, 4.0))
        listening = np.clip(2 * even(~speaking, 6) - 1, 0, 1)
    else:
        begins = _stressed(rng, heard, at - 0.8)
        listening = 1 - even(speaking, 3)
    for begin in begins:
        depth = float(rng.uniform(0.022, 0.045))
        since = times - begin
        nods += depth * np.where(
            (since > 0) & (since < 1.0), np.sin(np.pi * since / 0.5) ** 2 * np.exp(-1.5 * np.clip(since, 0, 1)), 0
        )
    return nods * listening


def _stressed(rng: np.random.Generator, heard: NDArray[np.float32], soonest_s: float) -> list[float]:
    """Seconds: a moment after two of three of the other's stresses, never two nods at once."""
    accent = stress(heard)
    peaks = np.flatnonzero((accent[1:-1] > 0.35) & (accent[1:-1] >= accent[:-2]) & (accent[1:-1] > accent[2:])) + 1
    begins: list[float] = []
    for peak in peaks / FRAME_RATE:
        if peak >= soonest_s and rng.random() < 0.67:
            begins.append(float(peak) + 0.12)
            soonest_s = float(peak) + NOD_EVERY_S
    return begins


def _breath(rng: np.random.Generator, speaking: NDArray[np.bool_]) -> Track:
    """Shoulders up, u: a slow wave, and a quick breath before a phrase."""
    times = np.arange(len(speaking)) / FRAME_RATE
    period, phase = float(rng.uniform(3.2, 4.2)), float(rng.uniform(0, 1))
    wave = 0.026 * (0.5 - 0.5 * np.cos(2 * np.pi * (times / period + phase)))
    for start in np.flatnonzero(~speaking[:-1] & speaking[1:]) / FRAME_RATE:
        wave += 0.018 * np.exp(-(((times - start + 0.15) / 0.22) ** 2))
    return wave
