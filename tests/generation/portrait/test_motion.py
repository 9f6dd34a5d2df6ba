from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from generation.plan import Emotion
from generation.portrait.moods import MOODS
from generation.portrait.motion import MAX_PITCH, MAX_ROLL, MAX_SHIFT, MAX_YAW, act
from generation.portrait.pose import MouthTrack, Pose
from generation.shapes import FRAME_RATE

FRAMES = 240
REST = Pose()
OPEN_SMILE = Pose(jaw=0.7)


def speech(first: int, last: int, frames: int = FRAMES) -> tuple[MouthTrack, NDArray[np.float32]]:
    """A voice between two frames: a syllable every quarter of a second."""
    mouth = np.full((frames, 4), np.nan, np.float32)
    times = np.arange(last - first) / FRAME_RATE
    mouth[first:last] = 0
    mouth[first:last, 0] = 0.3 + 0.2 * np.sin(2 * np.pi * 4 * times)
    loudness = np.zeros(frames, np.float32)
    loudness[first:last] = 0.5 + 0.4 * np.sin(2 * np.pi * 2 * times)
    return mouth, loudness


def acted(
    *,
    span: tuple[int, int] = (60, 140),
    emotion: Emotion = "neutral",
    seed: int = 7,
    rest: Pose = REST,
    can_blink: bool = True,
    looks: NDArray[np.float32] | None = None,
) -> list[Pose]:
    mouth, loudness = speech(*span)
    return act(mouth, loudness, rest=rest, can_blink=can_blink, emotions=[emotion] * FRAMES, seed=seed, looks=looks)


def track(poses: list[Pose], name: str) -> NDArray[np.float64]:
    return np.array([getattr(pose, name) for pose in poses])


@given(
    seed=st.integers(0, 2**32),
    emotion=st.sampled_from(sorted(MOODS)),
    first=st.integers(0, 100),
    length=st.integers(0, 140),
    look=st.floats(-1, 1),
)
def test_every_value_stays_sane(seed: int, emotion: Emotion, first: int, length: int, look: float) -> None:
    looks = np.full(FRAMES, look, np.float32)
    poses = acted(span=(first, first + length), emotion=emotion, seed=seed, looks=looks)
    assert len(poses) == FRAMES
    for name in ("jaw", "round", "press", "blink", "worry", "slack"):
        assert track(poses, name).min() >= 0
        assert track(poses, name).max() <= 1
    for name in ("wide", "smile", "brow", "gaze_x", "gaze_y", "lids", "lean"):
        assert np.abs(track(poses, name)).max() <= 1
    for name, most in (("yaw", MAX_YAW), ("pitch", MAX_PITCH), ("roll", MAX_ROLL)):
        assert np.abs(track(poses, name)).max() <= most
    for name in ("dx", "dy", "sway", "breath"):
        assert np.abs(track(poses, name)).max() <= MAX_SHIFT


def test_the_seed_decides_everything() -> None:
    assert acted(seed=1) == acted(seed=1)
    assert acted(seed=1) != acted(seed=2)


def test_lips_do_exactly_what_the_voice_says() -> None:
    mouth, _ = speech(60, 140)
    assert np.allclose(track(acted(), "jaw")[60:140], mouth[60:140, 0], atol=1e-6)


@pytest.mark.parametrize("rest", [REST, OPEN_SMILE])
def test_a_mouth_eases_between_rest_and_speech(rest: Pose) -> None:
    jaw = track(acted(rest=rest), "jaw")
    assert not jaw[:50].any()
    assert not jaw[150:].any()
    start, end = jaw[56:61], jaw[139:147]
    assert np.abs(np.diff(start)).max() < 0.6 * abs(start[-1] - start[0])
    assert np.abs(np.diff(end)).max() < 0.4 * abs(end[-1] - end[0])


@pytest.mark.parametrize("seed", range(12))
def test_blinks_come_every_two_to_five_seconds_and_close_faster_than_they_open(seed: int) -> None:
    frames = 60 * FRAME_RATE
    mouth, loudness = speech(0, 0, frames)
    poses = act(mouth, loudness, rest=REST, can_blink=True, emotions=["neutral"] * frames, seed=seed)
    lid = track(poses, "blink")
    shut = np.flatnonzero((lid > 0.97) & (np.roll(lid, 1) <= 0.97))
    gaps = np.diff(shut) / FRAME_RATE
    assert 12 <= len(shut) <= 30
    assert gaps.min() > 1.85
    assert gaps.max() < 5.15
    closing, opening = (lid[shut - 2] > 0.02).mean(), (lid[np.minimum(shut + 3, frames - 1)] > 0.02).mean()
    assert opening > closing


def test_a_blink_waits_for_the_end_of_a_phrase() -> None:
    near = 0
    for seed in range(40):
        lid = track(acted(seed=seed, span=(20, 130)), "blink")
        near += bool(lid[128:138].max() > 0.9)
    assert near > 12  # chance alone would give about 7


def test_eyes_that_cannot_close_never_blink() -> None:
    assert not track(acted(can_blink=False), "blink").any()


def test_looking_at_the_other_turns_eyes_first_and_then_the_head() -> None:
    looks = np.zeros(FRAMES, np.float32)
    looks[120:] = 1
    poses, still = acted(looks=looks), acted(looks=np.zeros(FRAMES, np.float32))
    gaze = track(poses, "gaze_x") - track(still, "gaze_x")
    yaw = track(poses, "yaw") - track(still, "yaw")
    assert gaze[200] > 0.5
    assert yaw[200] > 0.03
    assert np.argmax(gaze > 0.5 * gaze[200]) < np.argmax(yaw > 0.5 * yaw[200])


def test_moods_show_in_smile_and_brows() -> None:
    smile = {mood: track(acted(emotion=mood), "smile").mean() for mood in MOODS}
    brow = {mood: track(acted(emotion=mood), "brow").mean() for mood in MOODS}
    assert smile["sad"] < smile["neutral"] < smile["happy"]
    assert brow["angry"] < brow["neutral"] < brow["surprised"]


def test_a_listener_nods_and_breathes() -> None:
    poses = acted(span=(0, 0))
    assert np.ptp(track(poses, "pitch")) > 0.02
    assert np.ptp(track(poses, "breath")) > 0.008
    assert np.ptp(track(poses, "sway")) > 0.003


@pytest.mark.parametrize("name", ["yaw", "pitch", "roll", "dx", "dy", "sway", "breath", "smile", "brow"])
def test_nothing_but_lids_and_eyes_jumps(name: str) -> None:
    for seed in range(5):
        values = track(acted(seed=seed, emotion="excited"), name)
        limit = 0.18 if name in {"smile", "brow"} else 0.016
        assert np.abs(np.diff(values)).max() < limit


def test_tracks_of_different_lengths_are_refused() -> None:
    mouth, loudness = speech(0, 0)
    with pytest.raises(ValueError, match="239 of emotion"):
        act(mouth, loudness, rest=REST, can_blink=True, emotions=["neutral"] * 239, seed=0)
