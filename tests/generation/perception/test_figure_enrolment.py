"""Pets, objects and drawings that should be kept, how they come out, and people who should not be."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from generation.errors import CheckFailed, NotAPicture
from generation.perception.face import Floats
from generation.perception.faces import FaceMeter
from generation.perception.figure_enrolment import figure_reference
from generation.perception.photos import Photo, read_photo
from generation.perception.references import FigureKind, FigureReference, References
from generation.perception.references_io import decode_figure
from tests.generation.perception import drawings
from tests.generation.perception.samples import eileen, grace, packed, resized

PICTURES = Path(__file__).parents[2] / "data" / "figures"
KINDS: tuple[FigureKind, ...] = ("pet", "object", "drawn")


@pytest.fixture(scope="module")
def meter() -> FaceMeter:
    return FaceMeter()


def quiet(step: str, done: float) -> None:
    assert step in {"look", "cut"}
    assert 0 <= done <= 1


def cat() -> bytes:
    return (PICTURES / "cat.jpg").read_bytes()


def jpeg(photo: Photo, quality: int) -> Photo:
    kept = BytesIO()
    Image.fromarray(photo).save(kept, "JPEG", quality=quality)
    return read_photo(kept.getvalue())


def overlap(kept: FigureReference, figure: Image.Image) -> float:
    """Intersection over union of the kept matte and the drawing, both cropped to the figure and scaled to 200 px."""

    def tight(matte: Floats) -> NDArray[np.bool_]:
        rows, columns = np.flatnonzero((matte > 0.1).any(1)), np.flatnonzero((matte > 0.1).any(0))
        part = matte[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return np.asarray(cv2.resize(part, (200, 200), interpolation=cv2.INTER_AREA)) > 0.5

    one, other = tight(decode_figure(kept)[1]), tight(np.asarray(figure.getchannel("A"), np.float32) / np.float32(255))
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize("ground", [((255, 255, 255), None), ((182, 227, 244), (255, 213, 220))], ids=["paper", "fade"])
def test_a_drawing_comes_off_its_ground_clean_and_keeps_its_white(
    meter: FaceMeter, ground: tuple[drawings.Colour, drawings.Colour | None]
) -> None:
    bear = drawings.bear()
    photo = drawings.on_ground(bear, *ground)
    kept = figure_reference([packed(photo)], "drawn", meter, quiet)
    picture, alpha = decode_figure(kept)
    assert kept.cut == "backdrop"
    assert overlap(kept, bear) > 0.985
    height, width = alpha.shape
    assert alpha[round(0.7 * height), width // 2] == 1  # the white belly
    assert alpha[0].max() == alpha[:, 0].max() == 0
    edge = (alpha > 0.2) & (alpha < 0.8)
    assert edge.any()
    assert picture[edge].max() < 200  # no pixel of the ground is left at the edge


def test_an_outline_with_gaps_holds_the_paper_in(meter: FaceMeter) -> None:
    kept = figure_reference([packed(drawings.on_ground(drawings.sketch()))], "drawn", meter, quiet)
    _, alpha = decode_figure(kept)
    assert kept.cut == "backdrop"
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 1


def test_a_picture_that_brings_its_own_alpha_keeps_it(meter: FaceMeter) -> None:
    bear = drawings.bear()
    kept = figure_reference([drawings.cut_out_png(bear)], "object", meter, quiet)
    assert kept.cut == "alpha"
    assert overlap(kept, bear) > 0.99


def test_a_figure_in_the_middle_of_a_busy_picture_is_cut_along_its_contour(meter: FaceMeter) -> None:
    noise = np.random.default_rng(1).normal(0, 1, (60, 80, 3)).astype(np.float32)
    meadow = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC) * 14 + np.array((70, 120, 60))
    photo = meadow.clip(0, 255).astype(np.uint8)
    cv2.ellipse(photo, (320, 260), (120, 150), 0, 0, 360, (200, 60, 40), -1)
    kept = figure_reference([packed(photo)], "object", meter, quiet)
    _, alpha = decode_figure(kept)
    assert kept.cut == "contour"
    assert alpha.shape[1] / alpha.shape[0] == pytest.approx(0.8, abs=0.05)


def test_what_cannot_be_cut_out_stays_a_whole_card(meter: FaceMeter) -> None:
    kept = figure_reference([cat()], "pet", meter, quiet)
    _, alpha = decode_figure(kept)
    assert kept.cut == "card"
    assert alpha.mean() > 0.9
    assert alpha[0, 0] == alpha[-1, -1] == 0
    assert kept.mouth is None


def test_nothing_of_the_surroundings_is_kept(meter: FaceMeter) -> None:
    photo = drawings.on_ground(drawings.bear(), (20, 240, 30))
    picture, alpha = decode_figure(figure_reference([packed(photo)], "drawn", meter, quiet))
    hidden = picture[alpha == 0].astype(int)
    assert (np.abs(hidden - np.array((20, 240, 30))).sum(1) > 60).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_human_face_is_refused_for_every_kind(meter: FaceMeter, kind: FigureKind) -> None:
    with pytest.raises(CheckFailed, match=r"photo 2.*capture by that person") as refused:
        figure_reference([cat(), packed(eileen())], kind, meter, quiet)
    assert refused.value.check == "one_face"


SPOILT: dict[str, Callable[[Photo], Photo]] = {
    "dark": lambda photo: (255 * (photo / 255.0) ** 2).astype(np.uint8),
    "blurred": lambda photo: np.asarray(cv2.GaussianBlur(photo, (0, 0), 2), np.uint8),
    "jpeg": lambda photo: jpeg(photo, 20),
    "posterised": lambda photo: (photo // 32 * 32 + 16).astype(np.uint8),
    "smoothed": lambda photo: np.asarray(cv2.edgePreservingFilter(photo, None, 1, 40, 0.4), np.uint8),
    "grey": lambda photo: np.repeat(photo.mean(2, keepdims=True).astype(np.uint8), 3, axis=2),
    "small": lambda photo: resized(photo, 0.5),
}


@pytest.mark.parametrize("name", list(SPOILT))
def test_a_spoilt_photo_of_a_person_is_no_drawing(meter: FaceMeter, name: str) -> None:
    with pytest.raises(CheckFailed) as refused:
        figure_reference([packed(SPOILT[name](grace()))], "drawn", meter, quiet)
    assert refused.value.check == "one_face"


DRAWN_PEOPLE = {
    "flat": lambda: drawings.on_ground(drawings.person()),
    "dark": lambda: drawings.on_ground(drawings.person((120, 76, 52), (20, 14, 12)), (180, 220, 240)),
    "pale": lambda: drawings.on_ground(drawings.person((250, 220, 200), (230, 190, 80)), (40, 60, 90)),
    "photographed": lambda: drawings.softly_shaded(drawings.on_ground(drawings.person())),
    "jpeg": lambda: jpeg(drawings.on_ground(drawings.person()), 40),
}


@pytest.mark.parametrize("name", list(DRAWN_PEOPLE))
def test_a_drawn_face_is_no_human_face_though_the_detector_sees_one(meter: FaceMeter, name: str) -> None:
    photo = DRAWN_PEOPLE[name]()
    assert len(meter.faces(photo)) == 1
    kept = figure_reference([packed(photo)], "drawn", meter, quiet)
    assert kept.mouth is not None
    assert kept.mouth == pytest.approx((0.5, 0.58), abs=0.06)
    with pytest.raises(CheckFailed, match="human face"):
        figure_reference([packed(photo)], "object", meter, quiet)


def far_away() -> Photo:
    small = resized(drawings.on_ground(drawings.bear()), 0.2)
    return np.pad(small, ((60, 60), (80, 80), (0, 0)), constant_values=255)


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (lambda: read_photo(cat())[:150], "150 pixels on its shorter side, at least 200"),
        (lambda: np.asarray(cv2.GaussianBlur(read_photo(cat()), (0, 0), 9), np.uint8), "sharpness of photo 1"),
        (far_away, "pixels on its longer side, at least 160"),
    ],
    ids=["tiny", "blurred", "far"],
)
def test_a_refusal_names_the_figures(meter: FaceMeter, photo: Callable[[], Photo], words: str) -> None:
    with pytest.raises(CheckFailed, match=words) as refused:
        figure_reference([packed(photo())], "drawn", meter, quiet)
    assert refused.value.check == "quality"


def test_the_better_picture_wins_whatever_the_order(meter: FaceMeter) -> None:
    sharp = drawings.on_ground(drawings.bear())
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3), np.uint8)
    one = figure_reference([packed(sharp), packed(soft), cat()], "drawn", meter, quiet)
    assert one == figure_reference([cat(), packed(soft), packed(sharp)], "drawn", meter, quiet)
    assert one.cut == "backdrop"


def test_bytes_that_are_no_picture_are_told(meter: FaceMeter) -> None:
    with pytest.raises(NotAPicture):
        figure_reference([cat(), b"GIF89a"], "pet", meter, quiet)


def test_a_character_has_either_a_face_or_a_figure() -> None:
    figure = FigureReference(b"", b"", None, "pet", "card")
    kept = References(None, None, {}, figure)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=References) == kept
    with pytest.raises(ValueError, match="either"):
        References(None, None, {})
