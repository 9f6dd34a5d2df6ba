"""Height and build, measured in finished frames with the meter that knows nothing of how they were made."""

from __future__ import annotations

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

import backend
from generation.perception.face import Face
from generation.perception.faces import FaceMeter
from generation.perception.references import FaceReference, References, VoiceReference
from generation.perception.references_io import decode
from generation.plan import CastMember, Framing, Screenplay, Shot
from generation.portrait.body import WIDTH, built, continued
from generation.portrait.engine import PortraitEngine
from generation.shapes import VideoShape

SAMPLES = Path(backend.__file__ or "").parent / "samples"
SHAPE = VideoShape(384, 640)
PUPILS_CM = 6.3  # on everybody
Frame = NDArray[np.uint8]


@pytest.fixture(scope="module")
def people(faces: dict[str, FaceReference]) -> tuple[CastMember, ...]:
    voice = VoiceReference(b"", b"", {"af_heart": 1.0}, 0.8, 190.0)
    return tuple(
        CastMember(f"S{number}", name, f"person{number}:1", References(face, voice, {}), 170.0)
        for number, (name, face) in enumerate(faces.items(), 1)
    )


def frames(engine: PortraitEngine, cast: tuple[CastMember, ...], framing: Framing) -> list[Frame]:
    """A silent second."""
    who = tuple(member.speaker for member in cast)
    play = Screenplay("", "plain", "a studio", (Shot(0.0, 1.0, framing, "static", who),), "")
    return list(engine.make(play, cast, SHAPE, seed=2, on_progress=lambda *_: None).frames)


def surest(meter: FaceMeter, picture: Frame) -> list[Face]:
    """Badges and folds of cloth pass for faces now and then, but never for sure ones."""
    return sorted(meter.faces(picture), key=lambda face: -face.score)


def implied_ratio(meter: FaceMeter, picture: Frame, taller_cm: float) -> float:
    """Left person's height over the right one's, as anybody with a ruler would find it in the picture.

    Both pupils are 6.3 cm apart, which gives the centimetres of a pixel; both stand on one floor and their eyes lie
    equally far below their crowns, so their heights differ as their eye lines do. `taller_cm` is the taller's height.
    """
    left, right = sorted(surest(meter, picture)[:2], key=lambda face: face.box[0])
    cm = 2 * PUPILS_CM / (left.inter_ocular + right.inter_ocular)
    left_y, right_y = (float(face.points[[33, 133, 362, 263], 1].mean()) for face in (left, right))
    higher = (right_y - left_y) * cm  # cm by which the left one's eyes are higher
    return taller_cm / (taller_cm - higher) if higher > 0 else (taller_cm + higher) / taller_cm


@pytest.mark.parametrize("framing", ["two_shot", "wide"])
@pytest.mark.parametrize("heights", [(190.0, 155.0), (155.0, 190.0), (172.0, 163.0), (150.0, 150.0)], ids=str)
def test_two_people_in_one_frame_keep_the_ratio_of_their_heights(
    engine: PortraitEngine,
    people: tuple[CastMember, ...],
    meter: FaceMeter,
    heights: tuple[float, float],
    framing: Framing,
) -> None:
    cast = tuple(msgspec.structs.replace(one, height_cm=tall) for one, tall in zip(people, heights, strict=True))
    picture = frames(engine, cast, framing)[12]
    assert implied_ratio(meter, picture, max(heights)) == pytest.approx(heights[0] / heights[1], rel=0.03)


def shoulders(picture: Frame, backdrop: Frame, face: Face) -> float:
    """Width of the person 1.3 u below the chin, in u of the face: how much differs from a shot of nobody, by rows."""
    apart = np.abs(picture.astype(int) - backdrop).sum(2) > 45
    row = float(face.points[152, 1]) + 1.3 * face.inter_ocular
    rows = apart[round(row) - 3 : round(row) + 4]
    return float(rows.mean(0).round().sum()) / face.inter_ocular


def test_a_broad_person_has_wider_shoulders_than_a_slim_one_and_the_same_face(
    engine: PortraitEngine, people: tuple[CastMember, ...], meter: FaceMeter
) -> None:
    eileen = people[0]
    widths, eyes = {}, {}
    for build in ("slim", "average", "broad", "heavy"):
        shown = msgspec.structs.replace(eileen, build=build, key=f"{build}:1")
        picture = frames(engine, (shown,), "wide")[12]
        face = surest(meter, picture)[0]
        widths[build] = shoulders(picture, empty(engine, eileen), face)
        eyes[build] = face.inter_ocular
    assert widths["slim"] < 0.96 * widths["average"]
    assert 1.04 * widths["average"] < widths["broad"] < widths["heavy"]
    assert max(eyes.values()) - min(eyes.values()) < 0.02 * eyes["average"]


def empty(engine: PortraitEngine, member: CastMember) -> Frame:
    """The same set without anybody in it."""
    play = Screenplay("", "plain", "a studio", (Shot(0.0, 1.0, "wide", "static"),), "")
    return list(engine.make(play, (member,), SHAPE, seed=2, on_progress=lambda *_: None).frames)[12]


@pytest.mark.parametrize("build", list(WIDTH))
def test_the_face_is_untouched_and_the_matte_stays_whole(people: tuple[CastMember, ...], build: str) -> None:
    face = people[1].references.face
    assert face is not None
    photo, alpha, points = decode(face)
    shaped, matte = built(photo, alpha, points, build)
    chin = int(points[152, 1])
    assert np.abs(shaped[:chin].astype(int) - photo[:chin]).max() <= 1
    assert np.array_equal(matte[:chin] > 0.5, alpha[:chin] > 0.5)
    assert shaped.shape == photo.shape
    count = cv2.connectedComponents((matte > 0.5).astype(np.uint8))[0]
    assert count == cv2.connectedComponents((alpha > 0.5).astype(np.uint8))[0]


def test_a_body_cut_by_the_photos_sides_stays_cut_when_it_gets_slim(people: tuple[CastMember, ...]) -> None:
    face = people[1].references.face
    assert face is not None
    photo, alpha, points = decode(face)
    inner = photo.shape[1] // 5
    photo, alpha, points = photo[:, inner:-inner], alpha[:, inner:-inner], points - np.array((inner, 0, 0), np.float32)
    _, matte = built(photo, alpha, points, "slim")
    assert alpha[-1, 0] > 0.9
    assert matte[-1, 0] > 0.9
    assert matte[-1, -1] > 0.9


def test_a_short_photo_goes_on_below_without_a_seam(people: tuple[CastMember, ...]) -> None:
    face = people[1].references.face
    assert face is not None
    photo, alpha, points = decode(face)
    longer, matte = continued(photo, alpha, points)
    rows = len(photo)
    assert len(longer) == len(matte) > rows
    assert np.array_equal(longer[:rows], photo)
    seam = np.abs(longer[rows].astype(int) - longer[rows - 1]).mean()
    assert seam < 3
    assert np.abs(matte[-1] - alpha[-1]).mean() < 0.02


def test_an_unknown_build_is_average(people: tuple[CastMember, ...]) -> None:
    face = people[0].references.face
    assert face is not None
    photo, alpha, points = decode(face)
    assert built(photo, alpha, points, "wiry")[0] is photo
