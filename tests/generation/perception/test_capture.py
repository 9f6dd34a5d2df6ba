from __future__ import annotations

import io
import struct
import wave

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.errors import Cancelled, CheckFailed, NotASound, NotAVideo
from generation.perception import capture_video
from generation.perception.capture import PHOTOS, CaptureFindings, capture_findings
from generation.perception.capture_checks import MIN_TURN_DEG, check_company
from generation.perception.capture_video import MAX_BYTES, samples
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing
from generation.perception.identity import SIZE, Identity, distance
from generation.perception.photos import read_photo
from generation.perception.recordings import RATE
from tests.captures import (
    FPS,
    Frames,
    Said,
    Sitter,
    filmed,
    heard,
    lit,
    looked_around,
    pushed,
    read_aloud,
)
from tests.generation.perception.samples import eileen, grace, packed, resized

SECONDS = 7.0
BRIEF = round(4.6 * FPS)  # frames in which the digits are read: enough for what is refused before the turn is judged
ISSUED = "402917"


class Booth:
    """The models, two sitters, one reading, and what was filmed of it: made once, shared by all tests."""

    def __init__(self) -> None:
        self.meter, self.identity, self.hearing = FaceMeter(), Identity(), Hearing()
        self.said: Said = read_aloud(ISSUED, "af_nova", SECONDS)
        self.sound = heard(self.said.sound, "quiet")
        self.eileen, self.grace = Sitter(eileen(), self.meter), Sitter(grace(), self.meter)
        turns = looked_around(SECONDS, begin_s=0.8)
        self.of_eileen: Frames = lit(self.eileen.filmed(self.said, turns), "normal")
        self.of_grace: Frames = lit(self.grace.filmed(self.said, turns), "dim")
        self.brief = self.sound[: round(4.6 * 48_000)]
        self.video = filmed(self.of_eileen, self.sound)

    def judged(self, video: bytes, digits: str = ISSUED, photos: tuple[bytes, ...] = ()) -> CaptureFindings:
        return capture_findings(video, digits, photos, self.meter, self.identity, self.hearing, unheard)

    def refused(self, video: bytes, digits: str = ISSUED, photos: tuple[bytes, ...] = ()) -> CheckFailed:
        with pytest.raises(CheckFailed) as failed:
            self.judged(video, digits, photos)
        assert any(letter.isdigit() for letter in str(failed.value)), "the message gives no figure"
        return failed.value


def unheard(step: str, done: float) -> None:
    assert step in {"listen", "look", "compare"}
    assert 0 <= done <= 1


@pytest.fixture(scope="module")
def booth() -> Booth:
    return Booth()


@pytest.fixture(scope="module")
def found(booth: Booth) -> CaptureFindings:
    return booth.judged(booth.video, photos=(packed(eileen()),))


def test_a_turning_head_that_reads_the_digits_passes_with_every_figure(found: CaptureFindings) -> None:
    figures = found.figures
    assert figures["seconds"] == pytest.approx(SECONDS, abs=0.1)
    assert figures["frames"] == pytest.approx(10 * SECONDS, rel=0.2)
    assert 20 < figures["yaw_left_deg"] < 32
    assert 20 < figures["yaw_right_deg"] < 32
    assert figures["parallax"] > 0.05
    assert figures["mouth_motion"] > 0.015
    assert figures["blinks"] >= 1
    assert figures["face_distance_photos"] < 0.3
    assert figures["digits_probability"] > 0.4


def test_what_is_kept_can_be_enrolled(found: CaptureFindings, booth: Booth) -> None:
    assert 1 <= len(found.photos) <= PHOTOS
    descriptor = np.frombuffer(found.descriptor, "<f4")
    assert descriptor.shape == (SIZE,)
    for data in found.photos:
        photo = read_photo(data)
        face = booth.meter.faces(photo)[0]
        assert abs(face.yaw) < 15
        assert face.turn == 0
        assert distance(descriptor, booth.identity.descriptor(photo, face)) < 0.4
    with wave.open(io.BytesIO(found.voice)) as voice:
        assert (voice.getnchannels(), voice.getsampwidth(), voice.getframerate()) == (1, 2, RATE)
        assert voice.getnframes() / RATE == pytest.approx(SECONDS, abs=0.1)


def test_left_and_right_are_the_persons_own(found: CaptureFindings, booth: Booth) -> None:
    left, right = read_photo(found.left_png), read_photo(found.right_png)
    assert booth.meter.faces(left)[0].yaw > 10  # the nose points to the picture's right
    assert booth.meter.faces(right)[0].yaw < -10


def test_a_webm_in_dim_light_beside_a_street_passes_too(booth: Booth) -> None:
    figures = booth.judged(filmed(booth.of_grace, heard(booth.said.sound, "street"), "webm")).figures
    assert min(figures["yaw_left_deg"], figures["yaw_right_deg"]) > MIN_TURN_DEG


def test_an_old_capture_does_not_answer_a_new_challenge(booth: Booth) -> None:
    failed = booth.refused(booth.video, "835026")
    assert failed.check == "digits"
    assert "4 0 2 9 1 7" in str(failed)
    assert "English" in str(failed)


def test_silence_and_a_missing_sound_are_no_voice(booth: Booth) -> None:
    silent = heard(np.zeros_like(booth.said.sound), "quiet")
    assert booth.refused(filmed(booth.of_eileen[:2], silent)).check == "voice"
    with pytest.raises(NotASound):
        booth.judged(filmed(booth.of_eileen[:2], None))


def test_noise_louder_than_allowed_is_refused(booth: Booth) -> None:
    noise = np.random.default_rng(0).normal(0, 0.03, len(booth.sound))
    noisy = np.asarray(np.clip(booth.sound + noise, -1, 1), np.float32)
    assert booth.refused(filmed(booth.of_eileen[:2], noisy)).check == "quality"


def test_a_picture_held_before_the_camera_is_no_person(booth: Booth) -> None:
    still = lit(pushed(booth.of_eileen[0], BRIEF, tilt=40.0), "normal")
    failed = booth.refused(filmed(still, booth.brief))
    assert failed.check in {"turn", "quality"}
    assert "a moving person is needed" in str(failed)


def test_pictures_of_a_turned_head_shown_one_after_the_other_are_no_turn(booth: Booth) -> None:
    turned = looked_around(SECONDS, begin_s=0.8)
    shown = np.concatenate(
        [np.repeat(booth.of_eileen[at][None], BRIEF // 3, 0) for at in (0, int(turned.argmax()), int(turned.argmin()))]
    )
    failed = booth.refused(filmed(shown, booth.brief))
    assert failed.check == "turn"
    assert "jumps" in str(failed)


def test_a_silent_video_with_somebodys_voice_over_it_is_refused(booth: Booth) -> None:
    silent = booth.eileen.filmed(booth.said, looked_around(4.6, begin_s=0.8), speaks=False)
    failed = booth.refused(filmed(lit(silent, "normal"), booth.brief))
    assert failed.check == "quality"
    assert "lips" in str(failed)


def test_one_turn_is_not_enough(booth: Booth) -> None:
    once = booth.eileen.filmed(booth.said, looked_around(4.6, right=4.0, begin_s=0.8))
    failed = booth.refused(filmed(once, booth.brief))
    assert failed.check == "turn"
    assert "right" in str(failed)


def test_a_second_face_is_refused(booth: Booth) -> None:
    both = booth.of_eileen[:BRIEF].copy()
    both[20:30, 384:, 288:] = resized(booth.of_grace[0], 0.4)
    assert booth.refused(filmed(both, booth.brief)).check == "one_face"


def test_a_face_that_is_seldom_seen_is_refused(booth: Booth) -> None:
    faces = booth.meter.faces(booth.of_eileen[0], (0,))
    assert check_company([faces, faces, ()])["faces_missing"] == pytest.approx(1 / 3)
    with pytest.raises(CheckFailed, match="50%"):
        check_company([faces, ()])


def test_another_persons_photo_is_refused(booth: Booth) -> None:
    brief = filmed(booth.of_eileen[:BRIEF], booth.brief)
    failed = booth.refused(brief, photos=(packed(eileen()), packed(grace())))
    assert failed.check == "face_match"
    assert "photo 2" in str(failed)


def test_a_change_of_person_midway_is_refused(booth: Booth) -> None:
    changed = np.concatenate([booth.of_eileen[: BRIEF // 2], booth.of_grace[BRIEF // 2 : BRIEF]])
    assert booth.refused(filmed(changed, booth.brief)).check == "face_match"


def test_a_face_too_small_to_animate_is_refused(booth: Booth) -> None:
    small = np.stack([resized(frame, 0.4) for frame in booth.of_eileen[:BRIEF]])
    assert booth.refused(filmed(small, booth.brief)).check == "quality"


def test_two_seconds_are_too_short(booth: Booth) -> None:
    assert booth.refused(filmed(booth.of_eileen[: 2 * FPS], booth.sound[:96_000])).check == "length"


def test_what_on_progress_raises_ends_the_work(booth: Booth) -> None:
    def stop(step: str, done: float) -> None:
        if step == "look" and done > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        capture_findings(booth.video, ISSUED, (), booth.meter, booth.identity, booth.hearing, stop)


def test_torn_and_foreign_bytes_are_typed_errors(booth: Booth) -> None:
    for foreign in (b"", b"RIFF....WAVE", b"not a video", b"#EXTM3U\nfile:///etc/passwd\n", packed(eileen())):
        with pytest.raises(NotAVideo):
            booth.judged(foreign)
    for kept in (40, len(booth.video) // 2, len(booth.video) - 2000):
        with pytest.raises((NotAVideo, NotASound)):
            booth.judged(booth.video[:kept])
        with pytest.raises(NotAVideo):
            list(samples(booth.video[:kept]))
    with pytest.raises(NotAVideo, match="MB"):
        list(samples(bytes(MAX_BYTES + 1)))


@settings(deadline=None)
@given(st.sampled_from([b"\0\0\0\x18ftypisom", b"\x1aE\xdf\xa3"]), st.binary(max_size=300))
def test_no_bytes_make_the_decoder_fail_in_another_way(magic: bytes, rest: bytes) -> None:
    with pytest.raises(NotAVideo):
        list(samples(magic + rest))


def drawn(width: int, height: int, frames: int, fps: int) -> bytes:
    """A white mark in the upper left of a dark picture."""
    picture = np.full((height, width, 3), 30, np.uint8)
    picture[: height // 4, : width // 4] = 250
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def turned(video: bytes, matrix: tuple[float, ...]) -> bytes:
    """The same MP4 with another display matrix (ISO/IEC 14496-12, 8.3.2), as a phone held upright writes it."""
    at = video.index(b"tkhd") + 4 + 40
    places = [round(value * 65536) for value in matrix]
    whole = (places[0], places[1], 0, places[2], places[3], 0, 0, 0, 1 << 30)
    return video[:at] + struct.pack(">9i", *whole) + video[at + 36 :]


@pytest.mark.parametrize(
    ("matrix", "shape", "corner"),
    [
        ((1, 0, 0, 1), (48, 64), "upper left"),
        ((0, 1, -1, 0), (64, 48), "upper right"),
        ((0, -1, 1, 0), (64, 48), "lower left"),
        ((-1, 0, 0, -1), (48, 64), "lower right"),
    ],
)
def test_frames_are_turned_upright_as_the_file_says(
    matrix: tuple[float, ...], shape: tuple[int, int], corner: str
) -> None:
    frames = list(samples(turned(drawn(64, 48, 50, 12), matrix)))
    picture = frames[0].picture
    assert picture.shape[:2] == shape
    y, x = np.unravel_index(int(np.asarray(cv2.blur(picture[..., 0], (9, 9))).argmax()), shape)
    assert corner == f"{'upper' if y < shape[0] / 2 else 'lower'} {'left' if x < shape[1] / 2 else 'right'}"
    assert [round(frame.time_s, 2) for frame in frames[:2]] == [0.0, 0.17]


def test_large_frames_are_sampled_small() -> None:
    assert {frame.picture.shape for frame in samples(drawn(1920, 1080, 22, 5))} == {(720, 1280, 3)}


def test_length_pixels_and_frames_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds in (2, 70):
        with pytest.raises(CheckFailed) as failed:
            list(samples(drawn(64, 48, seconds, 1)))
        assert failed.value.check == "length"
    with pytest.raises(NotAVideo, match="megapixels"):
        list(samples(drawn(4112, 2400, 1, 1)))
    monkeypatch.setattr(capture_video, "MAX_FRAMES", 40)
    with pytest.raises(NotAVideo, match="frames"):
        list(samples(drawn(64, 48, 50, 12)))
