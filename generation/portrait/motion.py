"""What keeps a face alive between and under the words: blinks, glances, nods and breath.

Blink spacing after Bentivoglio et al. 1997 (a blink every 2 to 5 s in talk); lids open half as fast as they close.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.plan import Emotion
from generation.portrait.pose import JAW, PRESS, ROUND, WIDE, MouthTrack, Pose
from generation.shapes import FRAME_RATE

Track = NDArray[np.float64]
"""(frames,)"""


class Mood(msgspec.Struct, frozen=True):
    """What an emotion adds, in Pose's own units; `lively` scales all movement."""

    smile: float = 0.0
    brow: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    lively: float = 1.0


MOODS: Final[dict[Emotion, Mood]] = {
    "neutral": Mood(),
    "happy": Mood(smile=0.50, brow=0.15, pitch=-0.010, lively=1.2),
    "excited": Mood(smile=0.60, brow=0.45, pitch=-0.015, lively=1.6),
    "sad": Mood(smile=-0.55, brow=0.15, pitch=0.030, roll=0.012, lively=0.6),
    "angry": Mood(smile=-0.35, brow=-0.75, pitch=0.020, lively=1.3),
    "afraid": Mood(smile=-0.25, brow=0.60, pitch=-0.015, lively=1.2),
    "surprised": Mood(smile=0.05, brow=0.85, pitch=-0.020, lively=1.1),
    "tender": Mood(smile=0.35, brow=0.08, pitch=0.008, roll=0.020, lively=0.7),
}

CLOSE_S, SHUT_S, OPEN_S = 0.080, 0.045, 0.170  # shut lasts longer than a frame: no blink is missed
BLINK_EVERY_S: Final = (2.0, 5.0)
FROM_REST, TO_REST = 3, 6  # frames between the resting mouth and speech
MAX_YAW, MAX_PITCH, MAX_ROLL = 0.10, 0.08, 0.06  # rad
MAX_SHIFT: Final = 0.06  # u, of dx, dy, sway
LOOK_YAW: Final = 0.075  # rad of the head, at looks = 1; the eyes do the rest, and first


def act(
    mouth: MouthTrack,
    loudness: NDArray[np.float32],
    *,
    rest: Pose,
    can_blink: bool,
    emotions: Sequence[Emotion],
    seed: int,
    looks: NDArray[np.float32] | None = None,
) -> list[Pose]:
    """One pose a frame for one person; frame i shows time i / 24 s. The same arguments give the same poses.

    `mouth` (frames, 4), NaN rows at rest, and `loudness` (frames,) 0..1 are a Performance's; `emotions` one a frame;
    `looks` (frames,) where the person looks, -1 picture's left .. 1 right, 0 = into the lens. All lengths must agree
    (ValueError).
    """
    frames = len(mouth)
    if not len(loudness) == len(emotions) == frames or (looks is not None and len(looks) != frames):
        raise ValueError(f"{frames} frames of mouth, {len(loudness)} of loudness, {len(emotions)} of emotion")
    if frames == 0:
        return []
    rng = np.random.default_rng(seed)
    speaking = ~np.isnan(mouth[:, JAW])
    lips = _joined(mouth, speaking, rest)
    mood = {name: _of_mood(emotions, name) for name in Mood.__struct_fields__}
    target = np.zeros(frames) if looks is None else np.clip(looks.astype(np.float64), -1, 1)
    gaze_x, gaze_y = _glances(rng, frames, target)
    voice = gaussian_filter1d(loudness.astype(np.float64), 1.5)
    stress = _even(np.clip(voice - gaussian_filter1d(voice, 8), 0, 0.4) / 0.4, 1.5)
    talk = gaussian_filter1d(speaking.astype(np.float64), 3)
    move = mood["lively"] * (0.6 + 0.6 * talk)
    yaw = move * 0.022 * _wander(rng, frames, 13) + LOOK_YAW * gaussian_filter1d(_later(target, 3), 3.5)
    pitch = move * 0.012 * _wander(rng, frames, 11) + mood["pitch"] + 0.028 * _later(stress, 2) * mood["lively"]
    pitch += _nods(rng, speaking)
    values = {
        "jaw": np.clip(lips[:, JAW], 0, 1),
        "wide": np.clip(lips[:, WIDE], -1, 1),
        "round": np.clip(lips[:, ROUND], 0, 1),
        "press": np.clip(lips[:, PRESS], 0, 1),
        "smile": np.clip(mood["smile"] * (1 - 0.6 * np.clip(lips[:, ROUND], 0, 1)) * (1 - 0.25 * talk), -1, 1),
        "blink": _blinks(rng, speaking) if can_blink else np.zeros(frames),
        "brow": np.clip(mood["brow"] + 0.45 * stress * mood["lively"] + 0.06 * _wander(rng, frames, 10), -1, 1),
        "gaze_x": gaze_x,
        "gaze_y": gaze_y,
        "yaw": np.clip(yaw, -MAX_YAW, MAX_YAW),
        "pitch": np.clip(pitch, -MAX_PITCH, MAX_PITCH),
        "roll": np.clip(move * 0.012 * _wander(rng, frames, 15) + mood["roll"], -MAX_ROLL, MAX_ROLL),
        "dx": np.clip(0.25 * yaw + move * 0.010 * _wander(rng, frames, 14), -MAX_SHIFT, MAX_SHIFT),
        "dy": np.clip(0.30 * pitch + move * 0.006 * _wander(rng, frames, 12), -MAX_SHIFT, MAX_SHIFT),
        "sway": np.clip(move * 0.018 * _wander(rng, frames, 26), -MAX_SHIFT, MAX_SHIFT),
        "breath": _breath(rng, speaking),
    }
    return [Pose(**{name: float(track[i]) for name, track in values.items()}) for i in range(frames)]


def _joined(mouth: MouthTrack, speaking: NDArray[np.bool_], rest: Pose) -> NDArray[np.float64]:
    """(frames, 4) without NaN: the resting mouth eases into speech and out of it."""
    still = np.array([rest.jaw, rest.wide, rest.round, rest.press])
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
            lips[i] += (neighbour - still) * _ease(share)
    return lips


def _of_mood(emotions: Sequence[Emotion], name: str) -> Track:
    return _even([getattr(MOODS[emotion], name) for emotion in emotions], 4)


def _even(values: Any, sigma: float) -> Track:
    return np.asarray(gaussian_filter1d(np.asarray(values, np.float64), sigma, mode="nearest"))


def _wander(rng: np.random.Generator, frames: int, sigma: float) -> Track:
    """Slow noise of unit deviation."""
    pad = round(4 * sigma)
    noise = gaussian_filter1d(rng.standard_normal(frames + 2 * pad), sigma)[pad : pad + frames]
    return np.asarray(noise * np.sqrt(2 * np.sqrt(np.pi) * sigma))


def _later(track: Track, frames: int) -> Track:
    return np.concatenate([np.full(min(frames, len(track)), track[0]), track[:-frames]])[: len(track)]


def _ease(share: Any) -> Any:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _glances(rng: np.random.Generator, frames: int, target: Track) -> tuple[Track, Track]:
    """Eyes hold still for half a second or two, then jump within two frames."""
    x, y = np.zeros(frames), np.zeros(frames)
    i = 0
    while i < frames:
        until = i + round(FRAME_RATE * float(rng.uniform(0.5, 1.9)))
        far = 3.0 if rng.random() < 0.15 else 1.0
        x[i:until], y[i:until] = far * rng.normal(0, 0.07), far * rng.normal(0.02, 0.05)
        i = until
    gaze = 0.80 * target + x * (1 - 0.5 * np.abs(target))
    return np.clip(_even(gaze, 0.7), -1, 1), np.clip(_even(y, 0.7), -1, 1)


def _blinks(rng: np.random.Generator, speaking: NDArray[np.bool_]) -> Track:
    """Every 2 to 5 s, rather at the end of a phrase than elsewhere."""
    times = np.arange(len(speaking)) / FRAME_RATE
    ends = np.flatnonzero(speaking[:-1] & ~speaking[1:]) / FRAME_RATE
    lid = np.zeros(len(speaking))
    shut = float(rng.uniform(0.5, BLINK_EVERY_S[1]))
    while shut < times[-1]:
        before = shut - times
        closing, opening = 1 - before / CLOSE_S, 1 + (before + SHUT_S) / OPEN_S
        lid = np.maximum(lid, _ease(np.minimum(closing, opening)))
        first, last = shut + BLINK_EVERY_S[0], shut + BLINK_EVERY_S[1]
        phrase = ends[(ends >= first) & (ends <= last - 0.1)]
        shut = float(phrase[0] + 0.1) if phrase.size else float(rng.uniform(first, last))
    return lid


def _nods(rng: np.random.Generator, speaking: NDArray[np.bool_]) -> Track:
    """A listener's small nods, rad, in pauses long enough to hear somebody else."""
    frames = len(speaking)
    times, nods = np.arange(frames) / FRAME_RATE, np.zeros(frames)
    listening = _even(~speaking, 6)
    at = float(rng.uniform(0.8, 2.2))
    while at < frames / FRAME_RATE:
        depth = float(rng.uniform(0.020, 0.040))
        since = times - at
        pulse = np.where((since > 0) & (since < 1.0), np.sin(np.pi * since / 0.5) ** 2 * np.exp(-1.5 * since), 0)
        nods += depth * pulse
        at += float(rng.uniform(1.8, 4.0))
    return nods * np.clip(2 * listening - 1, 0, 1)


def _breath(rng: np.random.Generator, speaking: NDArray[np.bool_]) -> Track:
    """Shoulders up, u: a slow wave, and a quick breath before a phrase."""
    times = np.arange(len(speaking)) / FRAME_RATE
    period, phase = float(rng.uniform(3.2, 4.2)), float(rng.uniform(0, 1))
    wave = 0.012 * (0.5 - 0.5 * np.cos(2 * np.pi * (times / period + phase)))
    for start in np.flatnonzero(~speaking[:-1] & speaking[1:]) / FRAME_RATE:
        wave += 0.010 * np.exp(-(((times - start + 0.15) / 0.22) ** 2))
    return wave
