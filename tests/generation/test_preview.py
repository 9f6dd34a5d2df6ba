"""The first shot as a file, written while the rest of the take is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from generation.engine import Frame, Take, Track
from generation.preview import Preview
from generation.shapes import VideoShape

SHAPE = VideoShape(96, 160)


SEAL = b"\0\0\0\x0cfreeseal"  # a box that players pass over


def sealed(plain: Path, target: Path) -> None:
    target.write_bytes(plain.read_bytes() + SEAL)


def a_take(frames: Iterator[Frame], cuts_s: tuple[float, ...] = (1.0,)) -> Take:
    sound = np.zeros((2, 48_000), np.float32)
    return Take(frames, 2.0, cuts_s, sound, lambda: Track(np.zeros((2, 96_000), np.float32), ()))


def pictures(count: int) -> Iterator[Frame]:
    for number in range(count):
        yield np.full((160, 96, 3), 2 * number, np.uint8)


def test_the_first_shot_is_a_small_fast_starting_file(tmp_path: Path) -> None:
    path = tmp_path / "preview.mp4"
    take = a_take(pictures(48))
    seen = list(Preview(take, SHAPE, path, title="Tea", seal=sealed).at(take.frames))
    assert [int(frame[0, 0, 0]) for frame in seen] == [2 * number for number in range(48)]
    assert list(tmp_path.iterdir()) == [path]
    content = path.read_bytes()
    assert content.endswith(SEAL)
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        assert (video.width, video.height, len(list(film.decode(video)))) == (48, 80, 24)
        assert len(film.streams.audio) == 1


def test_a_clip_of_one_shot_has_no_preview_and_a_broken_take_leaves_no_file(tmp_path: Path) -> None:
    one = a_take(pictures(48), cuts_s=())
    assert len(list(Preview(one, SHAPE, tmp_path / "one.mp4", title="Tea", seal=sealed).at(one.frames))) == 48

    def breaking() -> Iterator[Frame]:
        yield from pictures(12)
        raise RuntimeError("the light went out")

    broken = a_take(breaking())
    with pytest.raises(RuntimeError, match="light"):
        list(Preview(broken, SHAPE, tmp_path / "two.mp4", title="Tea", seal=sealed).at(broken.frames))
    assert list(tmp_path.iterdir()) == []

    def unsealable(_plain: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise RuntimeError("the seal broke")

    unsealed = a_take(pictures(48))
    with pytest.raises(RuntimeError, match="seal"):
        list(Preview(unsealed, SHAPE, tmp_path / "two.mp4", title="Tea", seal=unsealable).at(unsealed.frames))
    assert list(tmp_path.iterdir()) == []
