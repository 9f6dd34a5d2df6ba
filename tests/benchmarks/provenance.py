"""How well marks are read after what happens to files, and whether they are ever read where nobody put any.

./run bench provenance [--clips N] [--foreign N] [--seconds S] [--size WxH]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar

import av
import cv2
import msgspec
import numpy as np

from generation.engine import Frame, Sound
from generation.perception import film as films
from generation.shapes import SAMPLE_RATE, VideoShape
from generation.watermark import pictures, sounds, watching
from generation.watermark.payload import bits_of, new_mark, soft_bits
from tests.benchmarks import scenes

KEY: Final = b"bench provenance" * 2
FOREIGN: Final = VideoShape(192, 336)
FOREIGN_SECONDS: Final = 3.0
Table = Callable[[str, Sequence[Sequence[str]]], None]
Say = Callable[[str | None], None]
T = TypeVar("T")


def main(words: Sequence[str], table: Table, say: Say) -> None:
    parser = argparse.ArgumentParser(prog="./run bench provenance")
    parser.add_argument("--clips", type=int, default=100, help="marked ones")
    parser.add_argument("--foreign", type=int, default=1000, help="unmarked ones")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--size", default="480x848")
    asked = parser.parse_args(list(words))
    shape = VideoShape(*(int(side) for side in asked.size.split("x")))
    if asked.clips:
        _marked(asked.clips, shape, asked.seconds, table, say)
    if asked.foreign:
        _foreign(asked.foreign, table, say)


def _half(frames: list[Frame]) -> list[Frame]:
    size = (frames[0].shape[1] // 4 * 2, frames[0].shape[0] // 4 * 2)
    return [np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.uint8) for one in frames]


def _crop(frames: list[Frame]) -> list[Frame]:
    """5 % off every side."""
    rows, columns = frames[0].shape[0] // 40 * 2, frames[0].shape[1] // 40 * 2
    return [one[rows:-rows, columns:-columns] for one in frames]


def _to_30(frames: list[Frame]) -> list[Frame]:
    return [frames[index * 24 // 30] for index in range(len(frames) * 30 // 24)]


def _trim(frames: list[Frame]) -> list[Frame]:
    """The middle half."""
    return frames[len(frames) // 4 : len(frames) * 3 // 4]


ATTACKS: Final[Mapping[str, tuple[Callable[[list[Frame]], list[Frame]], int, int]]] = {
    "H.264 CRF 23": (list, 23, 24),
    "H.264 CRF 28": (list, 28, 24),
    "H.264 CRF 34": (list, 34, 24),
    "half size, CRF 28": (_half, 28, 24),
    "30 fps, CRF 28": (_to_30, 28, 30),
    "crop 5 %, CRF 28": (_crop, 28, 24),
    "middle half, CRF 28": (_trim, 28, 24),
}


class Marked(msgspec.Struct, frozen=True):
    """One clip: what was read by attack, how many coded bits were right, dB of pictures and sound, CPU seconds."""

    read: dict[str, bool]
    accuracy: dict[str, float]
    psnr: float
    snr: float
    costs: dict[str, list[float]]


def _each(job: Callable[[int], T], count: int, what: str, say: Say) -> list[T]:
    """`job` of every number, in as many processes as there are cores."""
    found = []
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        for number, one in enumerate(pool.map(job, range(count)), 1):
            say(f"{what} {number} of {count}")
            found.append(one)
    return found


def _marked(clips: int, shape: VideoShape, seconds: float, table: Table, say: Say) -> None:
    found = _each(partial(_one_marked, shape=(shape.width, shape.height), seconds=seconds), clips, "marked clip", say)
    rows = [["", "coded bits right", "clips read"]]
    for attack in found[0].read:
        right = f"{np.mean([one.accuracy[attack] for one in found]):.1%}" if attack in found[0].accuracy else "-"
        rows.append([attack, right, f"{sum(one.read[attack] for one in found)} of {clips}"])
    table(f"{clips} clips of {seconds:g} s, {shape.width}x{shape.height}", rows)
    spent = {name: [second for one in found for second in one.costs[name]] for name in found[0].costs}
    table(
        "What it takes",
        [
            ["", "mean", "worst"],
            [
                "PSNR of pictures, dB",
                f"{np.mean([one.psnr for one in found]):.1f}",
                f"{min(one.psnr for one in found):.1f}",
            ],
            ["SNR of sound, dB", f"{np.mean([one.snr for one in found]):.1f}", f"{min(one.snr for one in found):.1f}"],
            *([f"{name}, CPU s", f"{np.mean(each):.2f}", f"{max(each):.2f}"] for name, each in spent.items()),
        ],
    )


def _one_marked(number: int, shape: tuple[int, int], seconds: float) -> Marked:
    accuracy: dict[str, float] = {}
    read: dict[str, bool] = {}
    costs: dict[str, list[float]] = defaultdict(list)
    mark, size = new_mark(), VideoShape(*shape)
    plain = list(scenes.film(number, size, seconds))
    began = time.process_time()
    frames = list(pictures.marked(plain, size, mark, KEY))
    costs["marking pictures"].append(time.process_time() - began)
    psnr = float(np.mean([cv2.PSNR(one, other) for one, other in zip(plain, frames, strict=True)]))
    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder:
        for attack, (worse, crf, rate) in ATTACKS.items():
            path = scenes.write(Path(folder) / "clip.mp4", worse(frames), crf, rate)
            began = time.process_time()
            seen = watching.look(path, KEY, 60)
            costs["looking at pictures"].append(time.process_time() - began)
            read[attack] = seen is not None and mark in seen.marks
            accuracy[attack] = _bits_right(path, mark)
        before = scenes.sound(number, seconds)
        began = time.process_time()
        after = sounds.marked(before, mark, KEY)
        costs["marking sound"].append(time.process_time() - began)
        for attack, heard in _sounds(Path(folder), after).items():
            began = time.process_time()
            listened = sounds.listen(heard, KEY)
            costs["listening"].append(time.process_time() - began)
            read[attack] = listened is not None and mark in listened.marks
    snr = 10 * float(np.log10((before**2).sum() / ((after - before) ** 2).sum()))
    return Marked(read, accuracy, psnr, snr, costs)


def _bits_right(path: Path, mark: int) -> float:
    """Of the 288 coded bits, before the code mends them; where the detector believes the picture to lie."""
    parts, grid = watching.swings(path, 60)
    total = parts.sum(axis=0)
    place = max(watching.find(total, KEY, grid), key=lambda one: one.score)
    soft = soft_bits(pictures.layout_of(KEY, grid), watching.chips_at(total, place, grid))
    return float(np.mean((soft > 0) == (bits_of(mark) > 0)))


def _sounds(folder: Path, sound: Sound) -> dict[str, Sound]:
    middle = sound[:, sound.shape[1] // 4 + 777 : sound.shape[1] * 3 // 4]
    return {
        "AAC 64 kb/s": _aac(folder / "a.mp4", sound),
        "AAC 64 kb/s, middle half": _aac(folder / "a.mp4", middle),
    }


def _aac(path: Path, sound: Sound) -> Sound:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        stream.bit_rate = 64_000
        for start in range(0, sound.shape[1], 1024):
            part = np.ascontiguousarray(np.clip(sound[:, start : start + 1024], -1, 1), np.float32)
            block = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return films.sound(path)


def _foreign(clips: int, table: Table, say: Say) -> None:
    """Another instance's mark is foreign too."""
    seen: dict[str, list[bool]] = defaultdict(list)
    for number, (by_pictures, by_sound) in enumerate(_each(_one_foreign, clips, "foreign clip", say)):
        seen[scenes.KINDS[number % len(scenes.KINDS)]].append(by_pictures)
        seen[scenes.SOUNDS[number % len(scenes.SOUNDS)]].append(by_sound)
    rows = [["", "clips", "taken for ours"]]
    rows += [[kind, str(len(wrong)), str(sum(wrong))] for kind, wrong in seen.items()]
    table(f"{clips} foreign clips, every fourth with another instance's mark", rows)


def _one_foreign(number: int) -> tuple[bool, bool]:
    """Whether its pictures and its sound are taken for ours."""
    frames = list(scenes.film(10_000 + number, FOREIGN, FOREIGN_SECONDS))
    sound = scenes.sound(10_000 + number, FOREIGN_SECONDS)
    if number % 4 == 3:
        frames = list(pictures.marked(frames, FOREIGN, new_mark(), b"o" * 32))
        sound = sounds.marked(sound, new_mark(), b"o" * 32)
    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder:
        path = scenes.write(Path(folder) / "foreign.mp4", frames, 28)
        return watching.look(path, KEY, 60) is not None, sounds.listen(sound, KEY) is not None
