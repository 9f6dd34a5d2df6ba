"""Figures in the engine: what they look like, how they move, where they stand, what they sound like."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from generation.perception.figure_matte import coloured_from_inside
from generation.perception.references import FigureKind, FigureReference, References, VoiceReference
from generation.perception.references_io import png
from generation.plan import CastMember, Emotion, Framing, Line, Screenplay, Shot
from generation.portrait.blocking import block
from generation.portrait.camera import View
from generation.portrait.engine import PortraitEngine
from generation.portrait.figure import FACE_AT, FigureRig
from generation.portrait.figure_actor import FigureActor
from generation.portrait.figure_motion import MAX_STRETCH, animate
from generation.portrait.light import Around
from generation.portrait.manner import manner_of
from generation.portrait.place import INTER_OCULAR_CM, Cutout, Place, Subject
from generation.portrait.pose import Pose
from generation.portrait.scene.kinds import Light
from generation.shapes import SIZES, VideoShape
from tests.generation.perception import drawings

SHAPE = VideoShape(384, 640)
SHAPES = [VideoShape.of(size) for size in SIZES]
FRAMINGS: tuple[Framing, ...] = ("wide", "two_shot", "medium", "close_up", "insert")
DAY = Light(0.5, (1.0, 1.0, 1.0), 1.0, (40.0, 40.0, 40.0))


def reference(
    figure: Image.Image, kind: FigureKind = "drawn", mouth: tuple[float, float] | None = None
) -> FigureReference:
    alpha = np.asarray(figure.getchannel("A"))
    photo = coloured_from_inside(np.asarray(figure.convert("RGB")), alpha.astype(np.float32) / np.float32(255))
    return FigureReference(png(photo), png(alpha), mouth, kind, "alpha")


def member(number: int, kept: FigureReference, height_cm: float | None = None) -> CastMember:
    return CastMember(f"S{number}", "Bruno", f"figure{number}:1", References(None, None, {}, kept), height_cm)


def silence(frames: int) -> NDArray[np.float32]:
    return np.zeros(frames, np.float32)


def poses(loudness: NDArray[np.float32], emotion: Emotion = "neutral", looks: float = 0.0) -> list[Pose]:
    frames = len(loudness)
    return animate(loudness, emotions=[emotion] * frames, looks=np.full(frames, looks, np.float32), seed=3)


def spread(values: Sequence[float]) -> float:
    return float(np.std(values))


def test_a_figure_breathes_at_rest_and_dances_when_it_speaks() -> None:
    speech = np.clip(np.sin(np.arange(96) * 0.9), 0, 1).astype(np.float32)
    still, talking, excited = poses(silence(96)), poses(speech), poses(speech, "excited")
    assert 0.002 < spread([pose.stretch for pose in still]) < 0.02
    assert spread([pose.stretch for pose in talking]) > 1.5 * spread([pose.stretch for pose in still])
    assert max(pose.hop for pose in still) == 0
    assert max(pose.hop for pose in excited) > 2 * max(pose.hop for pose in talking) > 0
    assert all(abs(pose.stretch) <= MAX_STRETCH for pose in excited)


def test_moods_change_how_a_figure_stands() -> None:
    def tall(emotion: Emotion) -> float:
        return float(np.mean([pose.stretch for pose in poses(silence(96), emotion)]))

    assert tall("sad") < tall("neutral") < tall("surprised")


def test_a_figure_leans_to_whom_it_listens() -> None:
    left, right = (np.mean([pose.roll for pose in poses(silence(96), looks=side)]) for side in (-1.0, 1.0))
    assert left + 0.06 < right


def drawn(pose: Pose, kept: FigureReference) -> NDArray[np.uint8]:
    frame = np.full((SHAPE.height, SHAPE.width, 3), 255, np.uint8)
    rig = FigureRig(kept, tall_px=300, height_cm=100)
    place = Place("S1", rig.u, 192.0, 500 - (1 - FACE_AT) * 300, 0.0)
    around = Around(np.full((160, 96, 3), 255, np.uint8), np.zeros((160, 96), np.float32), None)
    FigureActor(rig, place, DAY, around, SHAPE).draw(frame, pose, View(1.0, 192.0, 320.0))
    return frame


def extent(frame: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is brown: the bear's outline and fur, not its pale shadow."""
    seen = frame[..., 0].astype(int) < 0.6 * frame[..., 2]
    columns, rows = np.flatnonzero(seen.any(0)), np.flatnonzero(seen.any(1))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def test_stretching_and_hopping_start_at_the_feet() -> None:
    bear = reference(drawings.bear())
    rest, tall, up = (extent(drawn(pose, bear)) for pose in (Pose(), Pose(stretch=0.1), Pose(hop=0.1)))
    assert rest[3] - rest[1] == pytest.approx(290, abs=12)
    assert abs(tall[3] - rest[3]) <= 2
    assert rest[1] - tall[1] == pytest.approx(29, abs=4)
    assert tall[2] - tall[0] < rest[2] - rest[0]
    assert [rest[i] - up[i] for i in (1, 3)] == pytest.approx([30, 30], abs=2)


def test_it_stands_in_a_soft_shadow_that_pales_when_it_hops() -> None:
    bear = reference(drawings.bear())
    darkness = [255 - drawn(pose, bear)[500:515, 150:234].mean() for pose in (Pose(), Pose(hop=0.1))]
    assert darkness[0] > 20
    assert darkness[1] < 0.75 * darkness[0]


def test_known_lips_open_with_the_voice() -> None:
    person = reference(drawings.person(), mouth=(0.5, 338 / 560))
    shut, loud = (drawn(Pose(jaw=jaw), person) for jaw in (0.0, 1.0))
    red = [int(((frame[..., 2] > 130) & (frame[..., 1] < 90) & (frame[..., 0] < 90)).sum()) for frame in (shut, loud)]
    assert red[1] > 1.2 * red[0]
    assert np.abs(shut[:250].astype(int) - loud[:250]).mean() < 1  # eyes and hair stay


@pytest.mark.parametrize("tall_px", [90, 400])
def test_a_card_has_a_white_rim_at_every_size(tall_px: int) -> None:
    photo = np.full((300, 400, 3), 60, np.uint8)
    card = FigureReference(png(photo), png(np.full((300, 400), 255, np.uint8)), None, "pet", "card")
    rig = FigureRig(card, tall_px=tall_px, height_cm=40)
    seen = rig.texture[..., 3] > 250
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    middle = rig.texture[rig.height // 2]
    assert middle[columns[0] + 1, :3].min() > 200
    assert middle[columns[-1] - 1, :3].min() > 200
    assert rig.texture[rows[0] + 1, rig.width // 2, :3].min() > 200
    assert middle[rig.width // 2, :3].max() < 80


def cutout(number: int, height_cm: float, wide: float = 0.8, *, ends_below: bool = False) -> Cutout:
    return Cutout(f"S{number}", height_cm, wide, ends_below)


def shot(framing: Framing, count: int) -> Shot:
    return Shot(0.0, 4.0, framing, who=tuple(f"S{number}" for number in range(1, count + 1)))


def box_of(place: Place, one: Cutout) -> tuple[float, float, float, float]:
    tall = one.height_cm * place.u / INTER_OCULAR_CM
    top = place.y - FACE_AT * tall
    return place.x - tall * one.wide_over_tall / 2, top, place.x + tall * one.wide_over_tall / 2, top + tall


def test_a_small_pet_keeps_its_true_size_beside_a_person() -> None:
    cat = cutout(2, 24.0)
    person, pet = block(shot("two_shot", 2), {"S1": Subject("S1", 170.0, 9.0), "S2": cat}, SHAPE).places
    assert pet.u == pytest.approx(person.u)
    assert pet.front
    assert box_of(pet, cat)[3] < 0.9 * SHAPE.height


def test_a_large_figure_is_shown_smaller_but_stays_larger_than_a_small_one() -> None:
    sizes = []
    for height in (10.0, 25.0, 45.0, 80.0, 120.0):
        blocking = block(shot("wide", 2), {"S1": Subject("S1", 170.0, 9.0), "S2": cutout(2, height, 0.3)}, SHAPE)
        place = next(place for place in blocking.places if place.speaker == "S2")
        sizes.append(place.u * height)
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)


def test_someone_tall_enough_to_be_seen_stands_on_the_floor() -> None:
    robot = cutout(2, 165.0, 0.13)
    person, figure = block(shot("two_shot", 2), {"S1": Subject("S1", 170.0, 9.0), "S2": robot}, SHAPE).places
    assert not figure.front
    assert figure.u == pytest.approx(person.u)
    top = (person.y - box_of(figure, robot)[1]) / person.u * INTER_OCULAR_CM
    assert top == pytest.approx(11 - 5)  # centimetres above the person's eyes


@given(
    st.sampled_from(FRAMINGS),
    st.sampled_from(SHAPES),
    st.lists(st.tuples(st.floats(5, 250), st.floats(0.2, 3), st.booleans()), min_size=1, max_size=3),
    st.integers(0, 1),
)
def test_every_figure_is_in_frame_and_no_cut_edge_shows(
    framing: Framing, shape: VideoShape, sizes: list[tuple[float, float, bool]], people: int
) -> None:
    cutouts = {f"S{i}": cutout(i, tall, wide, ends_below=cut) for i, (tall, wide, cut) in enumerate(sizes, 1)}
    subjects: dict[str, Subject | Cutout] = {**cutouts}
    if people:
        subjects["S4"] = Subject("S4", 175.0, 7.0)
    blocking = block(Shot(0.0, 4.0, framing, who=tuple(subjects)), subjects, shape)
    assert {place.speaker for place in blocking.places} == set(subjects)
    for place in blocking.places:
        if place.speaker not in cutouts:
            continue
        one = cutouts[place.speaker]
        left, top, right, bottom = box_of(place, one)
        assert left >= -1
        assert right <= shape.width + 1
        assert -0.01 * shape.height <= top <= 0.9 * shape.height
        if one.ends_below:
            assert not place.front
            assert bottom >= (shape.height if blocking.foreground_y is None else blocking.foreground_y)


def test_figures_alone_make_a_clip_that_moves_and_is_repeatable(engine: PortraitEngine) -> None:
    cast = (member(1, reference(drawings.bear())), member(2, reference(drawings.person(), mouth=(0.5, 0.6)), 100.0))
    play = Screenplay(
        "Hello",
        "plain",
        "a forest",
        (
            Shot(0.0, 1.0, "close_up", "push_in", ("S1",), lines=(Line("S1", "Hi!", "happy"),)),
            Shot(1.0, 2.0, "two_shot", "static", ("S1", "S2"), lines=(Line("S2", "Hey!"),)),
        ),
        "birds",
    )

    def made() -> list[NDArray[np.uint8]]:
        return list(engine.make(play, cast, SHAPE, seed=1, on_progress=lambda *_: None).frames)

    frames = made()
    assert len(frames) == 48
    assert min(float(np.abs(a.astype(int) - b).mean()) for a, b in pairwise(frames)) > 0.1
    assert [frame.tobytes() for frame in made()] == [frame.tobytes() for frame in frames]
    fur = np.abs(frames[12].astype(int) - (168, 112, 66)).sum(2) < 40
    assert 0.05 < fur.mean() < 0.6


def test_a_figure_without_a_voice_always_gets_the_same_one_and_pets_are_quicker() -> None:
    bear = reference(drawings.bear())
    pet = msgspec.structs.replace(bear, kind="pet")
    one = manner_of(member(1, bear))
    assert manner_of(msgspec.structs.replace(member(1, bear), key="figure1:2")) == one
    assert sum(one.style.values()) == pytest.approx(1)
    assert manner_of(member(1, pet)).pace > one.pace
    keys = [msgspec.structs.replace(member(1, bear), key=f"{i:032x}:1") for i in range(40)]
    assert len({tuple(manner_of(key).style) for key in keys}) == 4


def test_a_figure_with_a_voice_of_its_own_keeps_it() -> None:
    voice = VoiceReference(b"", b"", {"am_puck": 1.0}, 0.8, 120.0)
    own = CastMember("S1", "Bruno", "x:1", References(None, voice, {}, reference(drawings.bear())))
    assert manner_of(own).style == {"am_puck": 1.0}
    assert manner_of(own).pace == 1.0
