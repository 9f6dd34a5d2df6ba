"""What a stranger's landmark network reads off the drawn faces: moods, sounds, looks, edges."""

from __future__ import annotations

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

import backend
from generation.perception.face import Face, Floats
from generation.perception.faces import FaceMeter
from generation.perception.matte import matte
from generation.perception.photos import Photo, read_photo
from generation.plan import Emotion
from generation.portrait.actor import Actor
from generation.portrait.camera import View
from generation.portrait.light import Around
from generation.portrait.moods import MOODS
from generation.portrait.motion import act
from generation.portrait.phones import Phone
from generation.portrait.place import Place
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig
from generation.portrait.scene.kinds import Light
from generation.portrait.visemes import mouth_track
from generation.shapes import FRAME_RATE, VideoShape
from tests.benchmarks.faces_sheet import features

SAMPLES = Path(backend.__file__ or "").parent / "samples"
GROUND = np.array((96, 140, 110), np.float32)
SHAPE = VideoShape(384, 640)


class Sitting(msgspec.Struct, frozen=True):
    photo: Photo
    alpha: Floats
    face: Face
    rig: Rig


def sat(name: str, meter: FaceMeter, u: float) -> Sitting:
    photo = read_photo((SAMPLES / name).read_bytes())
    face = meter.faces(photo)[0]
    alpha = matte(photo, face, meter.person(photo, face))
    glasses = name == "grace.jpg"
    return Sitting(photo, alpha, face, Rig(photo, alpha, face.points, inter_ocular_px=u, glasses=glasses))


@pytest.fixture(scope="module")
def eileen(meter: FaceMeter) -> Sitting:
    """An open grin."""
    return sat("eileen.png", meter, 110)


@pytest.fixture(scope="module")
def grace(meter: FaceMeter) -> Sitting:
    """Lips closed, behind glasses, before a flag."""
    return sat("grace.jpg", meter, 110)


def seen(meter: FaceMeter, rig: Rig, pose: Pose) -> Face:
    x0, y0, patch = rig.render(pose)
    whole = rig.texture.copy()
    whole[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = patch
    solid = whole[..., :3] + GROUND * (1 - whole[..., 3:] / np.float32(255))
    return meter.faces(np.ascontiguousarray(solid.clip(0, 255).astype(np.uint8)[..., ::-1]))[0]


def felt(rig: Rig, mood: Emotion) -> Pose:
    """A second into a mood, silent, head and eyes straight."""
    frames = 30
    silence = np.full((frames, 4), np.nan, np.float32)
    quiet = np.zeros(frames, np.float32)
    pose = act(silence, quiet, rest=rig.rest, can_blink=False, emotions=[mood] * frames, seed=4)[-1]
    return msgspec.structs.replace(pose, yaw=0.0, pitch=0.0, gaze_x=0.0, gaze_y=0.0)


def spoken(symbols: str, each_s: float = 0.12) -> list[Phone]:
    return [Phone(symbol, 0.5 + i * each_s, 0.5 + (i + 1) * each_s) for i, symbol in enumerate(symbols)]


def said(rig: Rig, symbols: str, frames: int = 60, mood: Emotion = "neutral") -> list[Pose]:
    loud = np.ones(frames, np.float32)
    track = mouth_track(spoken(symbols), loud, frames)
    return act(track, 0 * loud, rest=rig.rest, can_blink=False, emotions=[mood] * frames, seed=4)


def during(index: int, each_s: float = 0.12) -> int:
    """The frame in the middle of the sound with that index; lips come 55 ms early."""
    return round((0.5 + (index + 0.5) * each_s - 0.055) * FRAME_RATE)


def test_a_stranger_can_tell_the_moods_apart_by_landmarks(meter: FaceMeter, eileen: Sitting) -> None:
    faces = {mood: features(seen(meter, eileen.rig, felt(eileen.rig, mood))) for mood in MOODS}
    plain = faces["neutral"]
    change = {mood: {name: faces[mood][name] - plain[name] for name in plain} for mood in MOODS}
    happy, excited, sad, angry = (change[mood] for mood in ("happy", "excited", "sad", "angry"))
    afraid, surprised, tender = (change[mood] for mood in ("afraid", "surprised", "tender"))
    assert min(mood["corners"] for mood in (happy, excited)) > 0.03
    assert max(mood["corners"] for mood in (sad, angry)) < -0.02
    assert afraid["corners"] < surprised["corners"] < happy["corners"]
    assert min(mood["inner"] for mood in (excited, afraid, surprised)) > 0.006
    assert angry["inner"] < -0.015
    assert min(mood["inner"] - mood["outer"] for mood in (sad, afraid)) > 0.006  # the brows lean
    assert max(mood["eyes"] for mood in (sad, tender)) < -0.005
    assert afraid["eyes"] > tender["eyes"] + 0.008
    assert surprised["eyes"] > 0.008
    assert surprised["gap"] > afraid["gap"] > 0.03 > max(sad["gap"], angry["gap"], tender["gap"])


def test_a_mood_overrides_the_grin_of_a_photo(meter: FaceMeter, eileen: Sitting) -> None:
    grin = features(eileen.face)
    for mood in ("neutral", "sad", "angry", "tender"):
        now = features(seen(meter, eileen.rig, felt(eileen.rig, mood)))
        assert now["gap"] < 0.25 * grin["gap"]
        assert now["wide"] < 0.95 * grin["wide"]


def test_moods_show_behind_glasses_too(meter: FaceMeter, grace: Sitting) -> None:
    faces = {mood: features(seen(meter, grace.rig, felt(grace.rig, mood))) for mood in ("happy", "sad", "surprised")}
    assert faces["happy"]["corners"] > faces["surprised"]["corners"] > faces["sad"]["corners"]
    assert faces["surprised"]["gap"] > faces["happy"]["gap"] + 0.03


@pytest.mark.parametrize("who", ["eileen", "grace"])
@pytest.mark.parametrize("closure", ["m", "b", "p"])
def test_lips_meet_on_m_b_and_p_and_part_around_them(
    meter: FaceMeter, request: pytest.FixtureRequest, who: str, closure: str
) -> None:
    rig = request.getfixturevalue(who).rig
    poses = said(rig, f"ɑ{closure}ɑ", mood="happy")
    first = during(1)
    shut = min(seen(meter, rig, poses[i]).mouth_open for i in (first - 1, first, first + 1))
    parted = seen(meter, rig, poses[during(0)]).mouth_open
    assert shut < 0.012
    assert parted > shut + 0.012


@pytest.mark.parametrize("who", ["eileen", "grace"])
def test_a_mouth_gets_small_for_u_even_in_a_grin(meter: FaceMeter, request: pytest.FixtureRequest, who: str) -> None:
    rig = request.getfixturevalue(who).rig
    wide = {vowel: features(seen(meter, rig, said(rig, vowel * 3)[during(1)]))["wide"] for vowel in "uiɑ"}
    assert wide["u"] < 0.85 * wide["ɑ"] < 1.1 * wide["i"]


@pytest.mark.parametrize("sound", ["f", "s"])
def test_teeth_show_on_f_and_s(eileen: Sitting, grace: Sitting, sound: str) -> None:
    for sitting in (eileen, grace):
        rig = sitting.rig
        pose = said(rig, sound * 3)[during(1)]
        shut = msgspec.structs.replace(pose, press=1.0, jaw=0.0)
        light, dark = (rig.render(each)[2][..., 0].astype(int) for each in (pose, shut))  # lips are red, teeth are not
        assert int((light - dark > 25).sum()) > 0.004 * rig.u**2


def test_a_mouth_moves_visibly_in_a_wide(meter: FaceMeter) -> None:
    small = sat("grace.jpg", meter, 48).rig
    open_, shut = (
        small.render(msgspec.structs.replace(small.rest, jaw=jaw))[2].astype(int) for jaw in (0.6 * 1.35, 0.0)
    )
    changed = np.abs(open_ - shut).max(-1) > 40
    assert changed.sum() > 60
    assert np.ptp(np.nonzero(changed)[0]) >= 7


@pytest.mark.parametrize("who", ["eileen", "grace"])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_look_aside_turns_the_head_as_far_as_one_sees_it(
    meter: FaceMeter, request: pytest.FixtureRequest, who: str, side: float
) -> None:
    rig = request.getfixturevalue(who).rig
    straight, aside = (seen(meter, rig, msgspec.structs.replace(rig.rest, yaw=yaw)).yaw for yaw in (0.0, 0.2 * side))
    assert 4 < abs(aside - straight) < 25


def test_blinks_come_fifteen_to_twenty_times_a_minute_and_with_wide_shifts_of_gaze() -> None:
    frames = 120 * FRAME_RATE
    silence, quiet = np.full((frames, 4), np.nan, np.float32), np.zeros(frames, np.float32)
    looks = np.where(np.arange(frames) // 50 % 2, 1.0, 0.0).astype(np.float32)
    shifts = np.flatnonzero(np.abs(np.diff(looks)) > 0.5) + 1
    rates, half_shut = [], []
    for seed in range(6):
        poses = act(silence, quiet, rest=Pose(), can_blink=True, emotions=["neutral"] * frames, seed=seed, looks=looks)
        lid = np.array([pose.blink for pose in poses])
        rates.append(int(((lid > 0.9) & (np.roll(lid, 1) <= 0.9)).sum()) / 2)
        near = [lid[at - 5 : at + 6] for at in shifts[1:-1]]
        half_shut.append(sum(0.9 > part.max() > 0.25 for part in near))
    assert 14 <= np.mean(rates) <= 21
    assert sum(half_shut) == 0


def red_of_the_flag(picture: NDArray[np.float32]) -> NDArray[np.bool_]:
    return (picture[..., 0] > 105) & (picture[..., 1] < 50) & (picture[..., 2] < 45)


def test_no_scrap_of_the_flag_is_left_beside_the_neck(grace: Sitting) -> None:
    points, unit = grace.face.points, grace.face.inter_ocular
    rows = slice(round(points[13, 1] + 0.2 * unit), round(points[152, 1]))
    columns = slice(0, round(points[172, 0] + 0.1 * unit))
    photo = grace.photo[rows, columns].astype(np.float32)
    assert red_of_the_flag(photo).sum() > 30  # it is there
    kept = red_of_the_flag(photo) & (grace.alpha[rows, columns] > 0.25)
    assert kept.sum() < 0.06 * red_of_the_flag(photo).sum()


@pytest.mark.parametrize("who", ["eileen", "grace"])
def test_few_edge_pixels_have_the_old_grounds_colour(request: pytest.FixtureRequest, who: str) -> None:
    """On a green ground, the edge must lie between green and the person, not beside that line towards the old wall."""
    sitting = request.getfixturevalue(who)
    rig = sitting.rig
    head = rig.texture[: round(rig.chin[1])].astype(np.float32)
    alpha = head[..., 3] / 255
    edge = (alpha > 0.25) & (alpha < 0.85)
    own = head[..., :3] / np.maximum(alpha, 1e-3)[..., None]
    solid = (alpha > 0.98).astype(np.float32)[..., None]
    near = cv2.blur(own * solid, (15, 15)) / np.maximum(cv2.blur(solid, (15, 15))[..., None], 1e-3)
    scale = rig.u / sitting.face.inter_ocular
    photo = cv2.resize(sitting.photo[..., ::-1], None, fx=scale, fy=scale).astype(np.float32)
    faded = 1 - cv2.resize(sitting.alpha, (photo.shape[1], photo.shape[0]))[..., None] > 0.98
    wall = cv2.blur(photo * faded, (31, 31)) / np.maximum(cv2.blur(faded.astype(np.float32), (31, 31))[..., None], 1e-3)
    eyes = sitting.face.points[[33, 133, 362, 263], :2].mean(0) * scale
    left, top = round(rig.eyes[0] - eyes[0]), round(rig.eyes[1] - eyes[1])
    rows, columns = np.nonzero(edge & (cv2.blur(solid, (15, 15)) > 0.05))
    inside = (rows - top >= 0) & (rows - top < wall.shape[0]) & (columns - left >= 0) & (columns - left < wall.shape[1])
    rows, columns = rows[inside], columns[inside]
    old, mine, now = wall[rows - top, columns - left], near[rows, columns], own[rows, columns]
    way = old - mine
    apart = np.linalg.norm(way, axis=1) > 60  # elsewhere nobody could see the difference
    share = ((now - mine) * way).sum(1)[apart] / (way**2).sum(1)[apart]
    assert apart.sum() > 150
    assert (share > 0.6).mean() < 0.06


def test_a_body_breathes_sways_and_leans(grace: Sitting) -> None:
    rig = grace.rig
    light = Light(0.4, (1.0, 1.0, 1.0), 1.0, (40.0, 40.0, 40.0))
    around = Around(np.full((160, 96, 3), 255, np.uint8), np.zeros((160, 96), np.float32), None)
    actor = Actor(rig, Place("S1", 90.0, 192.0, 240.0, 0.0), light, around, SHAPE)

    def drawn(**pose: float) -> NDArray[np.int_]:
        frame = np.full((SHAPE.height, SHAPE.width, 3), 255, np.uint8)
        actor.draw(frame, Pose(**pose), View(1.0, SHAPE.width / 2, SHAPE.height / 2))
        return frame.astype(int)

    still = drawn()
    shoulders = slice(470, 560)
    for pose in ({"breath": 0.026}, {"sway": 0.03}, {"lean": 0.6}):
        changed = np.abs(drawn(**pose) - still).max(-1) > 25
        assert changed[shoulders].sum() > 150, pose
    head = np.abs(drawn(breath=0.026) - still)[200:300].max(-1) > 25
    assert head.sum() < 40  # the head does not go up and down with every breath
