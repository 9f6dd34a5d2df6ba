"""A synthetic take goes through the real encoder and is probed with the real demuxer."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from generation.captions_file import Caption, webvtt
from generation.encode import Encoded, encode
from generation.engine import Frame, Sound, Take, Track
from generation.errors import Cancelled, EngineError
from generation.shapes import SAMPLE_RATE, VideoShape, frames_for, samples_for
from generation.sheet import contact_sheet

SHAPE = VideoShape(384, 640)
SECONDS = 4.0
CUTS = (1.5, 2.75)
COLOURS = ((180, 60, 60), (60, 160, 70), (70, 80, 190))


def quiet(_stage: str, _fraction: float, _shot: int) -> None:
    pass


def noise(frames: int) -> Iterator[Frame]:
    """A drifting pattern whose colour names the shot; the middle shot is the one with the most detail."""
    grain = np.random.default_rng(7).integers(0, 60, (SHAPE.height, SHAPE.width, 1), np.uint8)
    for index in range(frames):
        shot = sum(index >= frames_for(cut) for cut in CUTS)
        detail = grain if shot == 1 else grain // 12
        yield np.roll(detail, index * 3, axis=1) + np.array(COLOURS[shot], np.uint8)


def tone(seconds: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    clock = np.arange(samples_for(seconds)) / SAMPLE_RATE
    return np.stack([np.sin(2 * np.pi * 440 * clock), np.sin(2 * np.pi * 660 * clock)]).astype(np.float32) * 0.4


def take(frames: Iterator[Frame] | None = None, sound: Sound | None = None) -> Take:
    track = Track(tone(SECONDS) if sound is None else sound, ())
    return Take(frames or noise(frames_for(SECONDS)), SECONDS, CUTS, tone(CUTS[0]), lambda: track)


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    return encode(take(), SHAPE, path, title="Ein Gruß", on_progress=quiet)


def test_the_picture_is_h264_on_the_exact_frame_grid(encoded: Encoded) -> None:
    with av.open(str(encoded.path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.frames) == (384, 640, 96)
        assert video.average_rate == 24
        assert video.start_time == 0
        assert (video.duration or 0) * (video.time_base or 0) == 4
        assert container.duration == 4_000_000
        assert container.metadata["title"] == "Ein Gruß"
        assert [int(video.codec_context.colorspace), int(video.codec_context.color_primaries)] == [1, 1]
        times = [round(frame.time * 24, 6) for frame in container.decode(video)]
    assert times == list(range(96))
    assert (encoded.frames, encoded.seconds) == (96, 4.0)


def test_every_cut_is_a_key_frame_and_shows_the_new_shot(encoded: Encoded) -> None:
    with av.open(str(encoded.path)) as container:
        frames = list(container.decode(video=0))
    for cut, colour in zip(CUTS, COLOURS[1:], strict=True):
        first = frames[frames_for(cut)]
        assert first.key_frame
        mean = first.to_ndarray(format="rgb24").mean(axis=(0, 1))
        assert int(np.argmax(mean)) == int(np.argmax(colour))
        assert np.abs(frames[0].to_ndarray(format="rgb24").mean(axis=(0, 1)) - COLOURS[0]).max() < 10


def test_the_sound_is_stereo_aac_of_exactly_the_clips_length(encoded: Encoded) -> None:
    with av.open(str(encoded.path)) as container:
        audio = container.streams.audio[0]
        assert (audio.codec_context.name, audio.channels, audio.rate) == ("aac", 2, 48_000)
        assert (audio.duration or 0) * (audio.time_base or 0) == 4
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio)], axis=1)
    assert samples_for(SECONDS) <= sound.shape[1] < samples_for(SECONDS) + 1024, "padded to a whole block at the end"
    left = np.abs(np.fft.rfft(sound[0, : 2 * SAMPLE_RATE]))
    assert int(np.argmax(left)) / 2 == pytest.approx(440, abs=1)
    shift = int(np.argmax(np.correlate(sound[0, 9_900:12_000], tone(SECONDS)[0, 10_000:11_900], "valid"))) - 100
    assert abs(shift) <= 2, "the encoder's priming is not heard"


def test_the_index_comes_before_the_media(encoded: Encoded) -> None:
    head = encoded.path.read_bytes()
    assert 0 < head.index(b"moov") < head.index(b"mdat")
    assert b"edts" in head


def test_sound_and_picture_lie_side_by_side_in_the_file(encoded: Encoded) -> None:
    """So that a player that has read a part of the file can play that part."""
    with av.open(str(encoded.path)) as container:
        places = [(packet.pos, float(packet.dts * packet.time_base)) for packet in container.demux() if packet.dts]
    apart = [abs(time - other) for (_, time), (_, other) in itertools.pairwise(sorted(places))]
    assert max(apart) < 1.0


def test_poster_sprites_and_blurhash_are_pictures_of_the_clip(encoded: Encoded) -> None:
    poster = Image.open(io.BytesIO(encoded.poster_webp))
    assert (poster.format, poster.size) == ("WEBP", (384, 640))
    assert int(np.argmax(np.asarray(poster.convert("RGB")).mean(axis=(0, 1)))) == 1, "the shot with the most detail"
    sprites = Image.open(io.BytesIO(encoded.sprite_jpg))
    assert (sprites.format, sprites.size) == ("JPEG", (900, 600))
    assert np.asarray(sprites).reshape(2, 300, 5, 180, 3).mean(axis=(1, 3, 4)).min() > 40, "no tile is empty"
    assert 20 < len(encoded.blurhash) < 60
    sheet = Image.open(io.BytesIO(contact_sheet(encoded.path, CUTS)))
    assert sheet.size == (1080, 900)


def test_the_digest_is_that_of_the_file_and_nothing_else_is_left(encoded: Encoded) -> None:
    assert encoded.size_bytes == encoded.path.stat().st_size
    assert len(encoded.sha256) == 64
    assert [each.name for each in encoded.path.parent.iterdir()] == ["clip.mp4"]


def test_an_engine_that_fails_half_way_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[Frame]:
        yield from noise(20)
        raise EngineError("render", "the renderer fell over")

    with pytest.raises(EngineError, match="fell over"):
        encode(take(broken()), SHAPE, tmp_path / "clip.mp4", title="", on_progress=quiet)
    assert list(tmp_path.iterdir()) == []


def test_cancelling_leaves_no_file_and_closes_the_frames(tmp_path: Path) -> None:
    closed: list[bool] = []

    def frames() -> Iterator[Frame]:
        try:
            yield from noise(96)
        finally:
            closed.append(True)

    def cancel(_stage: str, fraction: float, _shot: int) -> None:
        if fraction > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        encode(take(frames()), SHAPE, tmp_path / "clip.mp4", title="", on_progress=cancel)
    assert closed == [True]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [10, 97])
def test_too_few_and_too_many_frames_are_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(EngineError, match="frame"):
        encode(take(noise(count)), SHAPE, tmp_path / "clip.mp4", title="", on_progress=quiet)
    assert list(tmp_path.iterdir()) == []


def test_progress_names_the_shot_and_ends_at_one(tmp_path: Path) -> None:
    seen: list[tuple[float, int]] = []
    small = (frame[::4, ::4] for frame in noise(96))
    shape = VideoShape(96, 160)
    encode(
        take(small), shape, tmp_path / "c.mp4", title="", on_progress=lambda _s, part, shot: seen.append((part, shot))
    )
    assert seen[-1] == (1.0, 3)
    assert [shot for _, shot in seen].index(2) == frames_for(CUTS[0])


def test_captions_are_sorted_escaped_and_never_empty_in_time() -> None:
    text = webvtt([Caption(3661.5, 3661.5, "Leo", "a < b"), Caption(0.0, 1.25, "Maya", "Hi\n\nthere")])
    assert text == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.250\n<v Maya>Hi there</v>\n\n"
        "01:01:01.500 --> 01:01:01.501\n<v Leo>a &lt; b</v>\n"
    )
    assert webvtt([]) == "WEBVTT\n"
