from __future__ import annotations

import io
from fractions import Fraction
from typing import Literal

import av
import cv2
import numpy as np
import pytest

from generation.errors import CheckFailed, NotAPicture
from generation.perception import figure_video
from generation.perception.figure_video import stills
from generation.perception.photos import read_photo


def video(seconds: float, kind: str = "mp4", rate: int = 10, size: tuple[int, int] = (160, 120)) -> bytes:
    """Greys that get brighter with time, striped; every second frame is blurred."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        codec: Literal["libvpx", "libx264"] = "libvpx" if kind == "webm" else "libx264"
        stream = container.add_stream(codec, rate=Fraction(rate))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "10"} if kind != "webm" else {"crf": "10", "b:v": "1M"}
        frames = round(seconds * rate)
        for number in range(frames):
            picture = np.full((size[1], size[0], 3), 40 + 150 * number // frames, np.uint8)
            picture[:, ::8] += 50
            if number % 2:
                picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 5), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_stills_are_sharp_and_come_from_all_over_the_clip(kind: str) -> None:
    found = [read_photo(still) for still in stills(video(4, kind), most=4)]
    assert len(found) == 4
    assert all(photo.shape == (120, 160, 3) for photo in found)
    times = sorted((float(photo.mean()) - 40) / 150 for photo in found)
    assert times[0] < 0.35
    assert times[-1] > 0.7
    assert min(float(np.ptp(photo[60].astype(float))) for photo in found) > 25  # stripes: none of the blurred ones


def test_fewer_frames_than_wanted_are_fewer_stills() -> None:
    assert 1 <= len(stills(video(0.3), most=6)) <= 3


def test_a_long_video_is_refused_with_its_length() -> None:
    with pytest.raises(CheckFailed, match="61 s long, at most 60") as refused:
        stills(video(61, rate=2, size=(32, 32)))
    assert refused.value.check == "length"


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nfile:///etc/passwd", b"RIFF0000AVI LIST", b"\0\0\0\x18ftypisom"])
def test_what_is_no_video_is_told(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        stills(data)


def test_torn_bytes_are_told() -> None:
    whole = video(2)
    with pytest.raises(NotAPicture):
        stills(whole[: len(whole) // 3])


def test_frames_too_large_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(NotAPicture, match="megapixels"):
        stills(video(0.2, size=(4096, 2304)))


def test_a_video_of_countless_frames_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_video, "MAX_FRAMES", 20)
    with pytest.raises(NotAPicture, match="over 20 frames"):
        stills(video(3, size=(32, 32)))
