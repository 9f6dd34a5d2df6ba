"""Synthetic films through the real encoder and demuxer: what is joined is what was there, and then what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from generation.captions_file import Caption, parsed, webvtt
from generation.encode import Encoded, encode
from generation.engine import Frame, Take, Track
from generation.errors import EngineError
from generation.joining import Original, join
from generation.perception import film
from generation.portrait.mix import LEAD
from generation.shapes import SAMPLE_RATE, VideoShape, frames_for, samples_for

SHAPE = VideoShape(96, 160)


def quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Nobody watches."""


def frames(first: int, count: int, shape: VideoShape) -> Iterator[Frame]:
    """A band that moves on by a line each frame."""
    for index in range(first, first + count):
        picture = np.full((shape.height, shape.width, 3), 60, np.uint8)
        picture[(3 * index) % shape.height :][:12] = (220, 180, 40)
        yield picture


def hum(seconds: float, lead: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    clock = np.arange(-lead, samples_for(seconds)) / SAMPLE_RATE
    tone = (0.2 * np.sin(2 * np.pi * 220 * clock)).astype(np.float32)
    tone[:lead] *= np.linspace(0, 1, lead, dtype=np.float32)
    return np.stack([tone, tone])


def made(
    folder: Path, name: str, *, first_s: float, seconds: float, lead: int = 0, shape: VideoShape = SHAPE
) -> Encoded:
    track = Track(hum(seconds, lead), (Caption(0.25, 0.75, "S1", f"word of {name}"),), lead=lead)
    film_of = frames(frames_for(first_s), frames_for(seconds), shape)
    take = Take(film_of, seconds, (), track.sound[:, :0], lambda: track)
    return encode(take, shape, folder / f"{name}.mp4", title=name, on_progress=quiet)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def original(folder: Path) -> Original:
    first = made(folder, "first", first_s=0, seconds=2.0)
    return Original(first.path, 2.0, first.track.captions)


@pytest.fixture(scope="module")
def added(folder: Path) -> Encoded:
    return made(folder, "second", first_s=2.0, seconds=1.5, lead=LEAD)


@pytest.fixture(scope="module")
def whole(folder: Path, original: Original, added: Encoded) -> Encoded:
    return join(original, added, folder / "whole.mp4", title="whole", cuts_s=())


def pictures(path: Path) -> list[Frame]:
    with av.open(str(path)) as container:
        return [np.asarray(one.to_ndarray(format="gray"), np.uint8) for one in container.decode(video=0)]


def stamps(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [one.time for one in container.decode(video=0) if one.time is not None]


def test_every_picture_of_both_is_there_once_and_unchanged(original: Original, added: Encoded, whole: Encoded) -> None:
    parts = [*pictures(original.video), *pictures(added.path)]
    assert (whole.frames, whole.seconds, len(parts)) == (84, 3.5, 84)
    assert all(np.array_equal(a, b) for a, b in zip(pictures(whole.path), parts, strict=True))
    assert np.allclose(stamps(whole.path), np.arange(84) / 24, atol=1e-4)
    content = whole.path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_what_was_heard_stays_and_the_new_part_rises_under_its_end(original: Original, whole: Encoded) -> None:
    before, after = film.sound(original.video)[:, : samples_for(2.0)], film.sound(whole.path)
    assert samples_for(3.5) <= after.shape[1] < samples_for(3.5) + 1024
    untouched = samples_for(2.0) - LEAD - 5 * 1024
    assert np.abs(before[:, :untouched] - after[:, :untouched]).max() < 1e-4
    expected = before[:, -LEAD:] + hum(1.5, LEAD)[:, :LEAD]
    crossed = after[:, samples_for(2.0) - LEAD : samples_for(2.0)]
    assert np.sqrt(np.mean((crossed - expected) ** 2)) < 0.02
    assert np.abs(np.diff(after[0])).max() < 0.05  # no click


def test_captions_poster_and_sprites_are_of_the_whole(whole: Encoded) -> None:
    assert [(card.start_s, card.text) for card in whole.track.captions] == [
        (0.25, "word of first"),
        (2.25, "word of second"),
    ]
    assert whole.poster_webp[8:12] == b"WEBP"
    assert whole.sprite_jpg[:2] == b"\xff\xd8"


def test_parts_that_were_encoded_differently_are_encoded_anew(folder: Path, original: Original) -> None:
    """As when the encoder was changed between two versions."""
    with av.open(str(original.video)) as source, av.open(str(folder / "old.mp4"), "w") as out:
        video = out.add_stream("libx264", rate=24, options={"profile": "baseline", "preset": "ultrafast", "crf": "10"})
        video.width, video.height, video.pix_fmt = SHAPE.width, SHAPE.height, "yuv420p"
        for picture in source.decode(video=0):
            picture.pict_type = 0  # leave it to the encoder
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
    old = msgspec.structs.replace(original, video=folder / "old.mp4")
    second = made(folder, "third", first_s=2.0, seconds=1.5, lead=LEAD)
    joined = join(old, second, folder / "anew.mp4", title="anew", cuts_s=())
    assert joined.frames == 84
    parts = [*pictures(original.video), *pictures(second.path)]
    apart = [float(np.abs(a.astype(int) - b).mean()) for a, b in zip(pictures(joined.path), parts, strict=True)]
    assert max(apart) < 4


def test_an_original_of_another_length_or_size_is_refused(folder: Path, original: Original, added: Encoded) -> None:
    longer = msgspec.structs.replace(original, seconds=2.5)
    with pytest.raises(EngineError, match="48 frames of 96x160; 60 of 96x160"):
        join(longer, added, folder / "no.mp4", title="no", cuts_s=())
    wide = made(folder, "wide", first_s=0, seconds=1.0, shape=VideoShape(160, 96))
    with pytest.raises(EngineError, match="48 of 160x96 were expected"):
        join(original, wide, folder / "no.mp4", title="no", cuts_s=())
    assert not list(folder.glob("*no.mp4*"))


def test_captions_are_read_back_as_they_were_written() -> None:
    cards = (Caption(0.5, 1.25, "Maya <3", "Is 2 < 3 & 3 > 2?"), Caption(61.0, 3600.5, "Leo", "Yes."))
    assert parsed(webvtt(cards)) == cards
    assert parsed("WEBVTT\n") == ()
