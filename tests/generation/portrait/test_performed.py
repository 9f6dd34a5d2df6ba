"""A recording drives a line, a recorded face a face: measured against what was really said and done."""

from __future__ import annotations

import numpy as np
import pytest

from generation.engine import Recorded
from generation.errors import EngineError
from generation.perception.faces import FaceMeter
from generation.plan import Line, Shot
from generation.portrait import performed_face, performed_line
from generation.portrait.manner import Manner
from generation.portrait.motion import MAX_YAW
from generation.portrait.pose import Pose
from generation.portrait.retimed import melody_st
from generation.portrait.speech import Speaker
from generation.portrait.timing import Cue
from generation.recorded import BEFORE_S, TimedWord
from tests.generation.perception.samples import grace

TEXT = "Maybe my brother bought a better map, but nobody believes him."
FRAMES = 72


@pytest.fixture(scope="module")
def recorded(speaker: Speaker) -> Recorded:
    """A stand-in's reading, slower than the engine's own, a second into the recording; word borders 60 ms off."""
    said = speaker.say(TEXT, {"am_onyx": 1.0}, 0.85)
    sound = np.concatenate([np.zeros(48_000), 0.5 * np.repeat(said.samples, 2), np.zeros(24_000)]).astype(np.float32)
    off = np.random.default_rng(0).normal(0, 0.06, (len(said.words), 2))
    words = tuple(
        TimedWord(word.text, 1 + word.start_s + float(a), 1 + word.end_s + float(b))
        for word, (a, b) in zip(said.words, off, strict=True)
    )
    return Recorded("S1", sound, words=words)


def driven(recorded: Recorded, speaker: Speaker, text: str = TEXT) -> performed_line.Driven:
    line = Line("S1", text, start_s=2.0)
    cue = Cue(line, 0, Shot(0.0, 10.0, "close_up", who=("S1",), lines=(line,)))
    return performed_line.driven([cue], [recorded], [Manner({"bf_emma": 1.0})], speaker, "en")[0]


def test_the_characters_voice_takes_over_the_timing_and_the_melody(recorded: Recorded, speaker: Speaker) -> None:
    made = driven(recorded, speaker)
    offset = 2.0 - (recorded.words[0].start_s - BEFORE_S)
    assert made.start_s == pytest.approx(2.0)
    true = [phone for phone in speaker.say(TEXT, {"am_onyx": 1.0}, 0.85).phones if phone.symbol.strip()]
    ours = [phone.moved(made.start_s) for phone in made.speech.phones if phone.symbol.strip()]
    assert [phone.symbol for phone in ours] == [phone.symbol for phone in true]
    late = [abs(one.start_s - other.start_s - 1 - offset) for one, other in zip(ours, true, strict=True)]
    assert np.median(late) < 0.04
    assert recorded.sound is not None
    begin, samples = round((made.start_s - offset) * 24_000), made.speech.samples
    melodies = [melody_st(sound) for sound in (samples, recorded.sound[::2][begin : begin + len(samples)])]
    ours_st, theirs_st = (dict(zip(np.round(at * 200).astype(int).tolist(), st, strict=True)) for at, st in melodies)
    both = sorted(ours_st.keys() & theirs_st.keys())
    assert np.corrcoef([ours_st[at] for at in both], [theirs_st[at] for at in both])[0, 1] > 0.6
    assert float(np.abs(made.speech.samples).max()) <= 1.0


def test_as_recorded_it_is_the_recording_itself(recorded: Recorded, speaker: Speaker) -> None:
    own = Recorded("S1", recorded.sound, own_voice=True, words=recorded.words)
    made = driven(own, speaker)
    assert recorded.sound is not None
    begin = round((recorded.words[0].start_s - BEFORE_S) * 24_000)
    part = recorded.sound[::2][begin : begin + len(made.speech.samples)]
    assert np.corrcoef(made.speech.samples, part)[0, 1] > 0.97


def test_steady_noise_is_turned_down_between_the_words(recorded: Recorded) -> None:
    assert recorded.sound is not None
    clean = recorded.sound[::2]
    noise = np.random.default_rng(1).normal(0, 0.01, len(clean)).astype(np.float32)
    made = performed_line.cleaned(clean + noise, recorded.words)
    assert np.std(made[:20_000]) < 0.4 * np.std(noise[:20_000])
    loud = np.abs(clean) > 0.1
    assert np.corrcoef(made[loud], clean[loud])[0, 1] > 0.98


def test_a_line_without_the_recorded_words_is_an_error(recorded: Recorded, speaker: Speaker) -> None:
    with pytest.raises(EngineError, match="no line of S1"):
        driven(recorded, speaker, "Something else entirely.")


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    """(FRAMES, 468, 3): one still face."""
    return np.repeat(FaceMeter().faces(grace())[0].points[None], FRAMES, 0)


def unit(points: np.ndarray) -> float:
    eyes = points[0, [33, 133]].mean(0) - points[0, [362, 263]].mean(0)
    return float(np.linalg.norm(eyes))


def test_lips_brows_and_lids_are_told_in_the_rigs_measure(points: np.ndarray) -> None:
    moved, wave = points.copy(), np.sin(np.arange(FRAMES) / 4)
    u = unit(points)
    moved[:, 13:15, 1] = moved[:, 13:14, 1]
    moved[:, 13:15, [0, 2]] = moved[:, 13:14, [0, 2]]
    moved[:, 14, 1] += 0.13 * u * np.clip(wave, 0, 1)
    moved[:, [105, 66, 107, 334, 296, 336], 1] -= (0.04 * u * wave)[:, None]
    told = performed_face.acted(moved).tracks
    assert np.corrcoef(told["jaw"], np.clip(wave, 0, 1))[0, 1] > 0.98
    assert 0.35 < told["jaw"].max() < 0.6, "half of what the rig's jaw can do"
    assert np.corrcoef(told["brow"], wave)[0, 1] > 0.95
    assert np.abs(told["yaw"]).max() < 0.01
    assert told["blink"].max() < 0.1
    for track in told.values():
        assert np.isfinite(track).all()


def test_a_great_turn_is_bent_to_what_the_rig_can_do(points: np.ndarray) -> None:
    angle = 0.5 * np.sin(np.arange(FRAMES) / 8)
    middle = points.mean(1, keepdims=True)
    turned = points - middle
    x, z = turned[..., 0].copy(), turned[..., 2].copy()
    turned[..., 0] = x * np.cos(angle)[:, None] - z * np.sin(angle)[:, None]
    turned[..., 2] = x * np.sin(angle)[:, None] + z * np.cos(angle)[:, None]
    told = performed_face.acted((turned + middle).astype(np.float32)).tracks
    assert abs(np.corrcoef(told["yaw"], angle)[0, 1]) > 0.9
    assert 0.05 < np.abs(told["yaw"]).max() <= MAX_YAW


def test_a_performance_is_eased_in_and_out_at_its_place() -> None:
    tracks = {name: np.full(24, 0.05) for name in performed_face.NAMES} | {"jaw": np.full(24, 0.5)}
    poses = performed_face.driven([Pose(gaze_x=0.3)] * 72, performed_face.Acting(tracks), 1.0)
    jaw = [pose.jaw for pose in poses]
    assert jaw[:24] == pytest.approx([0.0] * 24, abs=0.1)
    assert jaw[30:40] == pytest.approx([0.5] * 10)
    assert jaw[49:] == [0.0] * 23
    assert max(np.abs(np.diff(jaw))) < 0.1
    assert {pose.gaze_x for pose in poses} == {0.3}, "eyes stay the engine's"
