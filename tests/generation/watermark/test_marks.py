"""Marks put in, the file made worse, and looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import pytest

from generation.engine import Frame, Sound, Take, Track
from generation.errors import NotAVideo
from generation.perception import film
from generation.shapes import VideoShape
from generation.watermark import marking, pictures, sounds, watching
from generation.watermark.marking import Mark

KEY: Final = b"k" * 32
MARK: Final = 0xABCDEF123456
SHAPE: Final = VideoShape(192, 336)
SECONDS: Final = 4


def _scene() -> Iterator[Frame]:
    """Soft shades with a grain, and something that moves across."""
    chance = np.random.default_rng(1)
    soft = cv2.resize(chance.integers(40, 200, (14, 8, 3), np.uint8), (192, 336), interpolation=cv2.INTER_CUBIC)
    still = np.asarray(cv2.add(soft, chance.integers(0, 14, soft.shape, np.uint8)), np.uint8)
    for index in range(24 * SECONDS):
        frame = still.copy()
        cv2.circle(frame, (20 + index, 100 + index), 30, (220, 180, 40), -1)
        yield np.asarray(frame, np.uint8)


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return list(pictures.marked(_scene(), SHAPE, MARK, KEY))


def _written(path: Path, frames: list[Frame], crf: int, rate: int = 24) -> Path:
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode(None))
    return path


def _cropped(frames: list[Frame]) -> list[Frame]:
    return [frame[16:-16, 10:-10] for frame in frames]


def _faster(frames: list[Frame]) -> list[Frame]:
    return [frames[index * 24 // 30] for index in range(len(frames) * 30 // 24)]


def _trimmed(frames: list[Frame]) -> list[Frame]:
    return frames[17:79]


@pytest.mark.parametrize(
    ("worse", "rate"), [(list, 24), (_cropped, 24), (_faster, 30), (_trimmed, 24)], ids=["whole", "crop", "30", "trim"]
)
def test_the_mark_in_pictures_outlives(
    worse: Callable[[list[Frame]], list[Frame]], rate: int, frames: list[Frame], tmp_path: Path
) -> None:
    found = watching.look(_written(tmp_path / "clip.mp4", worse(frames), 23, rate), KEY, 60)
    assert found is not None
    assert found.marks[0] == MARK


def test_nobody_sees_the_mark(frames: list[Frame]) -> None:
    ratios = [cv2.PSNR(before, after) for before, after in zip(_scene(), frames, strict=True)]
    assert min(ratios) > 42


def test_another_instance_reads_no_mark_of_ours(frames: list[Frame], tmp_path: Path) -> None:
    path = _written(tmp_path / "clip.mp4", frames, 23)
    assert watching.look(path, b"o" * 32, 60) is None


def test_what_is_not_marked_says_nothing(tmp_path: Path) -> None:
    assert watching.look(_written(tmp_path / "clip.mp4", list(_scene()), 23), KEY, 60) is None
    assert watching.look(_written(tmp_path / "one.mp4", list(_scene())[:1], 23), KEY, 60) is None


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"\0" * 500)
    with pytest.raises(NotAVideo):
        watching.look(tmp_path / "clip.mp4", KEY, 60)


def _voice() -> Sound:
    """A glide with overtones and breath, that pauses."""
    chance = np.random.default_rng(2)
    at = np.arange(48_000 * SECONDS) / 48_000
    phase = np.cumsum(2 * np.pi * (150 + 40 * np.sin(3 * at)) / 48_000)
    tone = sum(np.sin(phase * overtone) / overtone for overtone in range(1, 20))
    voice = (0.1 * tone + 0.02 * chance.normal(size=len(at))) * (np.sin(8 * at) > -0.6)
    return np.stack([voice, 0.8 * voice]).astype(np.float32)


def _heard(sound: Sound, path: Path, bits_per_second: int) -> Sound:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48_000, layout="stereo")
        stream.bit_rate = bits_per_second
        for start in range(0, sound.shape[1], 1024):
            part = np.ascontiguousarray(np.clip(sound[:, start : start + 1024], -1, 1), np.float32)
            block = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            block.sample_rate, block.pts, block.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return film.sound(path)


def test_the_mark_in_sound_outlives_aac_at_64_kbit(tmp_path: Path) -> None:
    before = _voice()
    sound = sounds.marked(before, MARK, KEY)
    assert sound.shape == before.shape
    assert 10 * np.log10((before**2).sum() / ((sound - before) ** 2).sum()) > 18
    found = sounds.listen(_heard(sound, tmp_path / "a.mp4", 64_000), KEY)
    assert found is not None
    assert found.marks[0] == MARK
    assert sounds.listen(sound[:, 31_777:], KEY) is not None
    assert sounds.listen(before, KEY) is None
    assert sounds.listen(np.zeros((2, 100), np.float32), KEY) is None


def test_silence_after_something_loud_stays_silence() -> None:
    sound = np.zeros((2, 96_000), np.float32)
    sound[:, 20_000:30_000] = np.random.default_rng(5).uniform(-1, 1, (2, 10_000))
    after = sounds.marked(sound, MARK, KEY)
    assert np.isfinite(after).all()
    assert np.abs(after[:, 40_000:]).max() < 1e-4
    assert sounds.listen(sound, KEY) is None


def test_a_take_is_marked_as_lazily_as_it_was_made() -> None:
    closed: list[bool] = []

    def made() -> Iterator[Frame]:
        try:
            yield from _scene()
        finally:
            closed.append(True)

    silence = np.zeros((2, 4), np.float32)
    take = Take(made(), SECONDS, (), silence, lambda: Track(silence, ()))
    both = marking.marked(take, SHAPE, Mark(MARK, KEY))
    next(iter(both.frames))
    assert not closed
    getattr(both.frames, "close")()  # noqa: B009 — of a generator, which an Iterator need not be
    assert closed
    assert not both.track().sound.any()
