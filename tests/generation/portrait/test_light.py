"""People take the light of the set they stand in, and stay who they are."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

import backend
from generation.perception.faces import FaceMeter
from generation.perception.identity import Identity, distance
from generation.perception.references import FaceReference, References
from generation.plan import CastMember, Framing, Shot
from generation.portrait.blocking import block
from generation.portrait.light import ONE, Around, baked
from generation.portrait.place import Place
from generation.portrait.pose import Pose
from generation.portrait.rigs import Rigs, subject_of
from generation.portrait.scene.kinds import Layer, Light, Scene
from generation.portrait.scene.painting import paint
from generation.portrait.stage import Stage
from generation.shapes import VideoShape

SAMPLES = Path(backend.__file__ or "").parent / "samples"
SHAPE = VideoShape(480, 848)
SETTINGS = (
    "a park at noon",
    "a beach at sunset",
    "a park at dusk",
    "a street at night",
    "a cafe at night",
    "a forest in the fog",
    "a street in the rain",
    "a comedy stage",
)
DAY = Light(0.0, (1.0, 1.0, 1.0), 1.0, (90.0, 90.0, 90.0))
COARSE_SIZE = (212, 120, 3)
DARK_BACK = Around(np.zeros(COARSE_SIZE, np.uint8), np.zeros(COARSE_SIZE[:2], np.float32), None)
SQUARE = Place("S1", 60.0, 240.0, 330.0, 0.0)


@pytest.fixture(scope="module")
def members(faces: dict[str, FaceReference]) -> dict[str, CastMember]:
    return {
        who: CastMember(who, name, who, References(face, None, {}), 170.0)
        for who, (name, face) in zip(("S1", "S2"), faces.items(), strict=True)
    }


@pytest.fixture(scope="module")
def rigs() -> Rigs:
    return Rigs()


def lit_by(scene: Scene, light: Light) -> Scene:
    return msgspec.structs.replace(scene, light=light)


def seen(
    members: dict[str, CastMember], rigs: Rigs, scene: Scene, framing: Framing, who: tuple[str, ...]
) -> tuple[NDArray[np.uint8], dict[str, Place]]:
    """The first frame, RGB, and where everybody stands in it."""
    shot = Shot(0.0, 2.0, framing, who=who)
    blocking = block(shot, {name: subject_of(one) for name, one in members.items()}, SHAPE)
    looks = {place.speaker: rigs.get(members[place.speaker], place.u) for place in blocking.places}
    stage = Stage(shot, scene, blocking, looks, 0.0, SHAPE)
    frame = stage.frame(0, {name: [Pose()] for name in who})
    return frame, {place.speaker: place for place in blocking.places}


def face_of(frame: NDArray[np.uint8], place: Place) -> NDArray[np.uint8]:
    """From brow to chin, cheek to cheek."""
    x, y, u = round(place.x), round(place.y), place.u
    return frame[y - round(0.3 * u) : y + round(1.5 * u), x - round(0.9 * u) : x + round(0.9 * u)]


def plain(light: Light, back: int = 110) -> Scene:
    plate = np.full((1060, 600, 3), back, np.uint8)
    return Scene("plain", (Layer(plate, 0.2),), None, light, 0.6)


def colour(frame: NDArray[np.uint8], place: Place) -> NDArray[np.float64]:
    return np.asarray(face_of(frame, place).reshape(-1, 3).mean(0), np.float64)


def test_a_face_is_as_bright_as_its_light(members: dict[str, CastMember], rigs: Rigs) -> None:
    levels = []
    for brightness in (0.56, 0.75, 1.0):
        frame, places = seen(
            members, rigs, plain(msgspec.structs.replace(DAY, brightness=brightness)), "close_up", ("S1",)
        )
        levels.append(float(colour(frame, places["S1"]).mean()))
    assert levels[0] < 0.8 * levels[2]
    assert levels[0] < 0.92 * levels[1] < levels[1] < 0.92 * levels[2]
    assert levels[0] > 55, "still to be read at night"


@pytest.mark.parametrize("who", ["S1", "S2"])
def test_warm_light_warms_a_face_and_cool_light_cools_it(members: dict[str, CastMember], rigs: Rigs, who: str) -> None:
    ratios = []
    for warmth in ((0.85, 1.0, 1.15), (1.0, 1.0, 1.0), (1.15, 1.0, 0.85)):
        frame, places = seen(members, rigs, plain(msgspec.structs.replace(DAY, warmth=warmth)), "close_up", (who,))
        red, _green, blue = colour(frame, places[who])
        ratios.append(float(red / blue))
    assert ratios[0] > 1.15 * ratios[1]
    assert ratios[1] > 1.15 * ratios[2]


def test_the_cheek_on_the_side_of_the_light_is_brighter(members: dict[str, CastMember], rigs: Rigs) -> None:
    shares = []
    for side in (-0.9, 0.0, 0.9):
        frame, places = seen(members, rigs, plain(msgspec.structs.replace(DAY, side=side)), "close_up", ("S1",))
        face = face_of(frame, places["S1"]).astype(float).mean(2)
        third = face.shape[1] // 3
        shares.append(float(face[:, -third:].mean() / face[:, :third].mean()))
    assert shares[0] < 0.88 * shares[1]
    assert shares[2] > 1.12 * shares[1]


def test_two_people_stand_in_the_same_light(members: dict[str, CastMember], rigs: Rigs) -> None:
    """At night both get darker and bluer, by about as much."""
    changes = []
    day, night = (paint(f"a street at {hour}", SHAPE, seed=2) for hour in ("noon", "night"))
    for who in ("S1", "S2"):
        by_day, places = seen(members, rigs, day, "two_shot", ("S1", "S2"))
        by_night, _ = seen(members, rigs, night, "two_shot", ("S1", "S2"))
        changes.append(colour(by_night, places[who]) / colour(by_day, places[who]))
    for change in changes:
        assert change.mean() < 0.75
        assert change[2] > 1.1 * change[0]
    assert np.abs(changes[0] / changes[1] - 1).max() < 0.25


@pytest.mark.parametrize("setting", SETTINGS)
def test_everybody_is_known_in_every_light(
    members: dict[str, CastMember], rigs: Rigs, meter: FaceMeter, setting: str
) -> None:
    identity = Identity()
    for who, member in members.items():
        frame, _ = seen(members, rigs, paint(setting, SHAPE, seed=4), "close_up", (who,))
        (face,) = meter.faces(frame, (0,))
        assert member.references.face is not None
        known = np.frombuffer(member.references.face.identity, np.float32)
        assert distance(identity.descriptor(frame, face), known) < 0.45


def cut_out() -> NDArray[np.uint8]:
    """A grey body, premultiplied BGRA, on clear ground."""
    texture = np.zeros((600, 400, 4), np.uint8)
    texture[100:, 80:320] = (120, 120, 120, 255)
    return texture


def mean_gain(around: Around, light: Light = DAY) -> NDArray[np.float64]:
    """(600, 400): what a person at SQUARE gets, eyes in the texture's middle."""
    gain, _glow = baked(cut_out(), (200.0, 300.0), 60.0, SQUARE, light, around)
    return np.asarray(gain[..., :3].mean(2) / ONE, np.float64)


def test_whoever_stands_in_front_keeps_light_away() -> None:
    nearer = np.zeros(COARSE_SIZE[:2], np.float32)
    nearer[:, 66:] = 1  # from 6 / 4 u right of the eyes on
    free, shaded = mean_gain(DARK_BACK), mean_gain(msgspec.structs.replace(DARK_BACK, in_front=nearer))
    assert shaded[300, 310] < 0.8 * free[300, 310]
    assert shaded[300, 90] > 0.97 * free[300, 90]


def test_a_body_gets_darker_towards_what_stands_before_it() -> None:
    free, touched = mean_gain(DARK_BACK), mean_gain(msgspec.structs.replace(DARK_BACK, foreground_y=500.0))
    share = touched / free
    assert share[460, 200] < 0.75, "ten pixels above the edge"
    assert share[150, 200] > 0.97


def test_a_bright_back_spills_over_edges_and_no_alpha_is_ever_added() -> None:
    bright = msgspec.structs.replace(DARK_BACK, behind=np.full(COARSE_SIZE, 240, np.uint8))
    for around in (DARK_BACK, bright):
        _gain, glow = baked(cut_out(), (200.0, 300.0), 60.0, SQUARE, DAY, around)
        assert glow[..., 3].max() == 0
        assert glow[:90].max() <= 1, "nothing beside the body"
    spilt = [baked(cut_out(), (200.0, 300.0), 60.0, SQUARE, DAY, around)[1] for around in (DARK_BACK, bright)]
    at_edge = [float(glow[300:500, 82:86, :3].mean()) for glow in spilt]
    inside = [float(glow[300:500, 180:220, :3].mean()) for glow in spilt]
    assert at_edge[1] > at_edge[0] + 15
    assert inside[1] < inside[0] + 3


def test_fog_lifts_the_blacks() -> None:
    clear, fog = (paint(f"a forest{weather}", SHAPE, seed=1).light for weather in ("", " in the fog"))
    assert fog.air > 2 * clear.air
    black = np.zeros((600, 400, 4), np.uint8)
    black[..., 3] = 255
    lifted = [
        baked(black, (200.0, 300.0), 60.0, SQUARE, light, DARK_BACK)[1][250:350, 150:250].mean()
        for light in (clear, fog)
    ]
    assert lifted[1] > lifted[0] + 5
