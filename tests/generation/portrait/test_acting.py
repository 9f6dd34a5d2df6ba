"""Who does what in a clip: nothing of it may know the future beyond its own shot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

import backend
from generation.perception.faces import FaceMeter
from generation.perception.figure_matte import coloured_from_inside
from generation.perception.matte import matte
from generation.perception.photos import read_photo
from generation.perception.references import FaceReference, FigureReference, References, VoiceReference
from generation.perception.references_io import png
from generation.plan import CastMember, Emotion, Line, Screenplay, Shot
from generation.portrait.acting import acted
from generation.portrait.blocking import block
from generation.portrait.place import Blocking
from generation.portrait.pose import Pose
from generation.portrait.rigs import Rigs, subject_of
from generation.portrait.soundtrack import Performance, Rehearsal
from generation.portrait.speech import Speaker
from generation.shapes import VideoShape, frames_for
from tests.generation.perception import drawings

SAMPLES = Path(backend.__file__ or "").parent / "samples"
SHAPE = VideoShape(384, 640)
PLAY = Screenplay(
    "Tea",
    "plain",
    "a sunny garden",
    (
        Shot(0.0, 2.0, "two_shot", "static", ("S1", "S2"), lines=(Line("S1", "Good morning!", "happy"),)),
        Shot(2.0, 4.0, "close_up", "static", ("S2",), lines=(Line("S2", "Is it?", "sad"),)),
        Shot(4.0, 6.0, "close_up", "static", ("S1",), lines=(Line("S1", "Yes, buy me tea.", "angry", 0.9),)),
    ),
    "",
)


def face_of(name: str, meter: FaceMeter) -> FaceReference:
    photo = read_photo((SAMPLES / name).read_bytes())
    face = meter.faces(photo)[0]
    alpha = matte(photo, face, meter.person(photo, face))
    points = face.points.astype("<f4").tobytes()
    kept = png(photo), png(np.round(alpha * 255).astype(np.uint8))
    turn = face.yaw, face.pitch, face.roll
    return FaceReference(*kept, points, face.inter_ocular, *turn, glasses=False, mouth_open=face.mouth_open)


def bear() -> FigureReference:
    figure = drawings.bear()
    alpha = np.asarray(figure.getchannel("A"))
    photo = coloured_from_inside(np.asarray(figure.convert("RGB")), alpha.astype(np.float32) / np.float32(255))
    return FigureReference(png(photo), png(alpha), None, "drawn", "alpha")


@pytest.fixture(scope="module")
def trio() -> tuple[CastMember, ...]:
    """Two people; in place of the second, a bear."""
    meter = FaceMeter()
    voice = VoiceReference(b"", b"", {"af_heart": 1.0}, 0.8, 190.0)
    people = [References(face_of(name, meter), voice, {}) for name in ("eileen.png", "grace.jpg")]
    return (
        CastMember("S1", "Eileen", "a:1", people[0], 172.0),
        CastMember("S2", "Grace", "b:1", people[1], 163.0),
        CastMember("S2", "Bruno", "c:1", References(None, None, {}, bear()), 120.0),
    )


def blocked(play: Screenplay, cast: Sequence[CastMember]) -> list[Blocking]:
    subjects = {member.speaker: subject_of(member) for member in cast}
    return [block(shot, subjects, SHAPE) for shot in play.shots]


def played(play: Screenplay, cast: Sequence[CastMember], speaker: Speaker, seed: int = 3) -> Mapping[str, list[Pose]]:
    rehearsal = Rehearsal(play, cast, speaker)
    rehearsal.speak(len(play.shots), lambda _stage, _at, _shot: None)
    return acted(play, cast, rehearsal.performance(len(play.shots)), blocked(play, cast), Rigs(), SHAPE, seed=seed)


def silent(play: Screenplay, cast: Sequence[CastMember]) -> Performance:
    frames = frames_for(play.seconds)
    mouths = {member.speaker: np.full((frames, 4), np.nan, np.float32) for member in cast}
    quiet = {member.speaker: np.zeros(frames, np.float32) for member in cast}
    return Performance(mouths, quiet, (), ())


def changed(**line: object) -> Screenplay:
    """PLAY with something else in its last shot."""
    last = msgspec.structs.replace(PLAY.shots[2], lines=(msgspec.structs.replace(PLAY.shots[2].lines[0], **line),))
    return msgspec.structs.replace(PLAY, shots=(*PLAY.shots[:2], last))


@pytest.mark.parametrize("second", ["a person", "a bear"])
def test_a_changed_line_leaves_every_frame_before_its_shot_as_it_was(
    trio: tuple[CastMember, ...], speaker: Speaker, second: str
) -> None:
    cast = (trio[0], trio[1] if second == "a person" else trio[2])
    before = played(PLAY, cast, speaker)
    cut = frames_for(PLAY.shots[2].start_s)
    for other in (
        changed(text="Never!"),
        changed(emotion="excited", energy=0.2),
        changed(start_s=4.0),
        msgspec.structs.replace(PLAY, shots=PLAY.shots[:2]),
    ):
        after = played(other, cast, speaker)
        for who in ("S1", "S2"):
            assert after[who][:cut] == before[who][:cut]
        assert other.seconds < PLAY.seconds or after["S1"][cut:] != before["S1"][cut:]


def test_who_is_beside_somebody_looks_at_them_and_who_was_looks_past_the_lens(trio: tuple[CastMember, ...]) -> None:
    poses = acted(PLAY, trio[:2], silent(PLAY, trio[:2]), blocked(PLAY, trio[:2]), Rigs(), SHAPE, seed=3)
    yaw, gaze = (
        {who: np.array([getattr(pose, name) for pose in poses[who]]) for who in poses} for name in ("yaw", "gaze_x")
    )
    together, second, third = slice(10, 48), slice(50, 96), slice(98, 144)
    for track, much in ((yaw, 0.08), (gaze, 0.3)):
        assert track["S1"][together].mean() > much
        assert track["S2"][together].mean() < -much
    assert -0.4 < gaze["S2"][second].mean() < -0.08  # her partner stood to her side of the picture's left
    assert 0.08 < gaze["S1"][third].mean() < 0.4
    assert np.abs(gaze["S1"][third]).min() < 0.1  # and comes back to the lens


def test_who_is_alone_in_a_clip_speaks_to_the_lens(trio: tuple[CastMember, ...]) -> None:
    alone = msgspec.structs.replace(PLAY, shots=(Shot(0.0, 4.0, "close_up", "static", ("S1",)),))
    poses: list[Pose] = []
    for seed in range(8):
        poses += acted(alone, trio[:1], silent(alone, trio[:1]), blocked(alone, trio[:1]), Rigs(), SHAPE, seed=seed)[
            "S1"
        ]
    assert abs(np.mean([pose.gaze_x for pose in poses])) < 0.05
    assert abs(np.mean([pose.yaw for pose in poses])) < 0.02


def test_a_listener_nods_after_what_the_other_stresses(trio: tuple[CastMember, ...]) -> None:
    quiet = silent(PLAY, trio[:2])
    beats = np.zeros(144, np.float32)
    for at in (8, 20, 32):  # in the two-shot
        beats[at - 2 : at + 3] = (0.4, 0.9, 1.0, 0.9, 0.4)
    talking = msgspec.structs.replace(quiet, loudness=quiet.loudness | {"S1": beats})

    def pitch(performance: Performance, seed: int) -> np.ndarray:
        poses = acted(PLAY, trio[:2], performance, blocked(PLAY, trio[:2]), Rigs(), SHAPE, seed=seed)
        return np.array([pose.pitch for pose in poses["S2"][:48]])

    nods = [pitch(talking, seed) - pitch(quiet, seed) for seed in range(6)]
    assert sum(float(nod.max()) > 0.015 for nod in nods) >= 5
    assert all(np.allclose(nod[:8], 0) for nod in nods)


@pytest.mark.parametrize(("said", "answer"), [("happy", 0.2), ("sad", -0.2)])
def test_a_listeners_face_answers_the_others_mood(
    trio: tuple[CastMember, ...], speaker: Speaker, said: Emotion, answer: float
) -> None:
    shot = msgspec.structs.replace(PLAY.shots[0], lines=(Line("S1", "Good morning to you!", said),))
    play = msgspec.structs.replace(PLAY, shots=(shot,))
    smile = np.array([pose.smile for pose in played(play, trio[:2], speaker)["S2"]])
    assert smile[20:36].mean() / answer > 1


def test_small_faces_open_their_mouths_wider_than_large_ones(trio: tuple[CastMember, ...]) -> None:
    quiet = silent(PLAY, trio[:2])
    mouth = np.full((144, 4), 0.3, np.float32)
    saying = msgspec.structs.replace(quiet, mouth=quiet.mouth | {"S1": mouth})
    poses = acted(PLAY, trio[:2], saying, blocked(PLAY, trio[:2]), Rigs(), SHAPE, seed=3)["S1"]
    assert poses[20].jaw > 1.2 * poses[120].jaw


def test_a_bear_starts_at_what_the_other_stresses(trio: tuple[CastMember, ...]) -> None:
    cast = (trio[0], trio[2])
    quiet = silent(PLAY, cast)
    beat = np.zeros(144, np.float32)
    beat[18:23] = (0.4, 0.9, 1.0, 0.9, 0.4)
    talking = msgspec.structs.replace(quiet, loudness=quiet.loudness | {"S1": beat})
    still, started = (
        np.array([pose.stretch for pose in acted(PLAY, cast, one, blocked(PLAY, cast), Rigs(), SHAPE, seed=3)["S2"]])
        for one in (quiet, talking)
    )
    assert (started - still)[20:32].max() > 0.01
    assert np.allclose(started[:14], still[:14])
