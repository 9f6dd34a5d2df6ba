"""Real photos, turned, darkened, mirrored and spoilt."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from generation.errors import NotAPicture
from generation.perception.face import wears_glasses
from generation.perception.faces import FaceMeter
from generation.perception.photos import Photo, read_photo
from tests.generation.perception.samples import FOLDER, eileen, grace, packed, resized


@pytest.fixture(scope="module")
def meter() -> FaceMeter:
    return FaceMeter()


@pytest.mark.parametrize("photo", [grace(), eileen()], ids=["grace", "eileen"])
def test_a_portrait_has_one_level_face(meter: FaceMeter, photo: Photo) -> None:
    (face,) = meter.faces(photo)
    assert face.turn == 0
    assert face.points.shape == (468, 3)
    assert face.presence >= 0.9
    assert abs(face.yaw) < 5
    assert abs(face.roll) < 6
    assert min(face.eyes_open) > 0.18
    assert face.inside == 1


def test_a_smile_shows_teeth_and_a_shut_mouth_does_not(meter: FaceMeter) -> None:
    assert meter.faces(eileen())[0].mouth_open > 0.03
    assert meter.faces(grace())[0].mouth_open < 0.012


def test_glasses_are_seen(meter: FaceMeter) -> None:
    assert wears_glasses(grace(), meter.faces(grace())[0].points)
    assert not wears_glasses(eileen(), meter.faces(eileen())[0].points)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_photo_has_the_same_face_and_says_how_to_turn_it_back(meter: FaceMeter, turn: int) -> None:
    photo = grace()
    (level,) = meter.faces(photo)
    (face,) = meter.faces(np.ascontiguousarray(np.rot90(photo, turn)))
    assert face.turn == (4 - turn) % 4
    assert face.inter_ocular == pytest.approx(level.inter_ocular, rel=0.03)
    assert face.yaw == pytest.approx(level.yaw, abs=3)
    back = np.ascontiguousarray(np.rot90(np.rot90(photo, turn), face.turn))
    np.testing.assert_array_equal(back, photo)


def test_a_mirrored_face_mirrors_its_points(meter: FaceMeter) -> None:
    photo = grace()
    (face,) = meter.faces(photo)
    (mirrored,) = meter.faces(np.ascontiguousarray(photo[:, ::-1]))
    assert mirrored.roll == pytest.approx(-face.roll, abs=2)
    assert mirrored.points[1, 0] == pytest.approx(photo.shape[1] - 1 - face.points[1, 0], abs=6)


@pytest.mark.parametrize("light", [0.5, 0.25, 0.1])
def test_dark_skin_is_found_as_surely_as_light_skin(meter: FaceMeter, light: float) -> None:
    for photo in (grace(), eileen()):
        (face,) = meter.faces((photo * light).astype(np.uint8))
        assert face.presence >= 0.9


def test_two_people_are_two_faces_tallest_first(meter: FaceMeter) -> None:
    left, right = grace()[:512], eileen()
    faces = meter.faces(np.hstack([right, left]))
    assert len(faces) == 2
    assert faces[0].height > 1.5 * faces[1].height
    assert faces[0].box[0] > 512 > faces[1].box[2]


def test_a_face_of_a_thirtieth_of_the_picture_is_found(meter: FaceMeter) -> None:
    wide = np.full((1000, 1000, 3), 120, np.uint8)
    small = resized(grace(), 0.17)
    wide[300 : 300 + small.shape[0], 500 : 500 + small.shape[1]] = small
    (face,) = meter.faces(wide)
    assert face.height == pytest.approx(34, abs=6)


def test_a_big_photo_is_measured_in_its_own_pixels(meter: FaceMeter) -> None:
    (small,), (big,) = meter.faces(grace()), meter.faces(resized(grace(), 4))
    assert big.inter_ocular == pytest.approx(4 * small.inter_ocular, rel=0.03)


def test_noise_and_one_colour_have_no_face(meter: FaceMeter) -> None:
    rng = np.random.default_rng(1)
    assert meter.faces(rng.integers(0, 256, (500, 700, 3)).astype(np.uint8)) == ()
    assert meter.faces(np.full((500, 300, 3), 90, np.uint8)) == ()
    assert meter.faces(np.zeros((3, 2, 3), np.uint8)) == ()


def test_the_rough_mask_holds_the_face_and_not_the_corner(meter: FaceMeter) -> None:
    photo = eileen()
    mask = meter.person(photo, meter.faces(photo)[0])
    assert mask.shape == photo.shape[:2]
    assert mask[120, 225] > 0.95
    assert mask[:40, :40].max() < 0.2


@pytest.mark.parametrize("name", ["grace.jpg", "eileen.png"])
def test_a_truncated_photo_is_no_picture(name: str) -> None:
    whole = (FOLDER / name).read_bytes()
    for length in (0, 10, len(whole) // 3, len(whole) - 500):
        with pytest.raises(NotAPicture):
            read_photo(whole[:length])


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(60), bytes(1000)])
def test_other_bytes_are_no_picture(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_photo(data)


@pytest.mark.parametrize(("width", "height"), [(6400, 6400), (10_000, 10_000), (40_000, 40_000)])
def test_a_header_that_claims_too_much_is_refused(width: int, height: int) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(NotAPicture):
        read_photo(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + bytes(8))


def test_exif_turns_the_photo_upright() -> None:
    lying, out = Image.fromarray(np.ascontiguousarray(np.rot90(eileen()))), BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn anticlockwise
    lying.save(out, "PNG", exif=exif, compress_level=1)
    np.testing.assert_array_equal(read_photo(out.getvalue()), eileen())


def test_grey_and_transparent_pictures_become_rgb() -> None:
    grey = BytesIO()
    Image.fromarray(eileen()).convert("L").save(grey, "PNG")
    assert read_photo(grey.getvalue()).shape == (512, 512, 3)
    clear = packed(np.zeros((8, 9, 4), np.uint8))
    np.testing.assert_array_equal(read_photo(clear), np.full((8, 9, 3), 128, np.uint8))
