"""`./run bench copies`: how far apart the looks of pictures are, of copies of a clip and of clips that resemble it."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import av
import cv2
import msgspec
import numpy as np

from backend.demo.people import PEOPLE
from backend.sitters import Sitters
from generation import screenwriter
from generation.encode import encode
from generation.engine import Frame
from generation.perception.references import References
from generation.plan import CastMember, Role, Screenplay
from generation.portrait.engine import PortraitEngine
from generation.prints import prints
from generation.shapes import VideoShape
from generation.watermark.marking import Mark, marked
from social.safety.known import SAME, SHARE
from tests.benchmarks import scenes
from tests.benchmarks.provenance import _crop, _half

SHAPE: Final = VideoShape(384, 640)
KEY: Final = b"bench of copies!" * 2
ORDERS: Final = (
    '@eileen and @grace in a garden. @eileen: "Good morning." @grace: "Is it?"',
    '@grace on a beach at sunset: "I could stay here for ever."',
    '@eileen in a kitchen: "The soup is ready." @grace: "At last."',
    '@grace in an office at night: "Somebody has moved my lamp."',
    '@eileen in the snow: "I have lost my gloves."',
    '@eileen and @grace in a library. @grace: "Shh." @eileen: "You shh."',
)
WORDS: Final = ("No, never again", "What a day it was", "Please come in")
Table = Callable[[str, Sequence[Sequence[str]]], None]
Say = Callable[[str | None], None]


def main(table: Table, say: Say) -> None:
    """Some minutes."""
    engine = PortraitEngine()
    sitters = Sitters(engine.speaker)
    cast = [
        CastMember(
            f"S{number}",
            one.name,
            one.handle,
            References(sitters.face([one.photo.read_bytes()]), sitters.voice(one.voice.read_bytes()), {}),
            float(one.height_cm),
        )
        for number, one in enumerate(PEOPLE, 1)
    ]
    roles = [Role(f"S{number}", one.name, one.handle) for number, one in enumerate(PEOPLE, 1)]
    apart: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder:
        file = Path(folder) / "clip.mp4"

        def looks(play: Screenplay, seed: int, mark: int) -> tuple[str, ...]:
            take = marked(engine.make(play, cast, SHAPE, seed=seed, on_progress=_quiet), SHAPE, Mark(mark, KEY))
            return prints(encode(take, SHAPE, file, title="", on_progress=_quiet).path)

        for number, order in enumerate(ORDERS):
            say(f"scene {number + 1} of {len(ORDERS)}")
            play = screenwriter.write(order, roles, 4.0, seed=7)
            first = looks(play, 7, 1)
            frames = _frames(file)
            for name, worse, crf in (("CRF 34", frames, 34), ("half size, CRF 28", _half(frames), 28)):
                apart[name].append(_compared(first, prints(scenes.write(file, worse, crf))))
            apart["5 % off every side"].append(_compared(first, prints(scenes.write(file, _crop(frames), 23))))
            mirrored = [np.asarray(cv2.flip(one, 1), np.uint8) for one in frames]
            apart["mirrored"].append(_compared(first, prints(scenes.write(file, mirrored, 23))))
            apart["made again: another mark"].append(_compared(first, looks(play, 7, 2)))
            apart["other words, the same seed"].append(_compared(first, looks(_said(play), 7, 3)))
            apart["another seed"].append(_compared(first, looks(play, 8, 4)))
            elsewhere = screenwriter.write(ORDERS[number - 1], roles, 4.0, seed=7)
            apart["the same people elsewhere"].append(_compared(first, looks(elsewhere, 7, 5)))
    rows = [["", "bits apart, median", "seconds within the limit", "taken for a copy"]]
    for name, found in apart.items():
        taken = sum(share >= SHARE for _, share in found)
        median, share = (float(np.median([one[at] for one in found])) for at in (0, 1))
        rows.append([name, f"{median:.0f}", f"{share:.0%}", f"{taken} of {len(found)}"])
    table(f"limit: {SAME} of 256 bits in {SHARE:.0%} of the seconds", rows)


def _said(play: Screenplay) -> Screenplay:
    """With other words in every mouth."""
    replace, words = msgspec.structs.replace, iter(WORDS * 3)
    shots = [replace(one, lines=tuple(replace(line, text=next(words)) for line in one.lines)) for one in play.shots]
    return replace(play, shots=tuple(shots))


def _frames(file: Path) -> list[Frame]:
    with av.open(str(file), "r") as film:
        return [np.asarray(one.to_ndarray(format="rgb24"), np.uint8) for one in film.decode(video=0)]


def _compared(known: tuple[str, ...], other: tuple[str, ...]) -> tuple[float, float]:
    """Bits to the nearest picture of the first, in the middle; share of the other's seconds within the limit."""
    nearest = [min(sum(a != b for a, b in zip(one, two, strict=True)) for two in known) for one in other]
    return float(np.median(nearest)), float(np.mean([bits <= SAME for bits in nearest]))


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Nobody waits for one of them."""
