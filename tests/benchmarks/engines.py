"""`./run bench engines`: what a clip costs, step by step, beside its own length.

The sample people, a warm engine, two characters. Every clip has words that were not spoken before.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from backend.demo.people import PEOPLE
from backend.sitters import Sitters
from generation import screenwriter
from generation.encode import encode
from generation.measuring import measure
from generation.perception.references import References
from generation.plan import CastMember, Role, Screenplay
from generation.portrait.engine import PortraitEngine
from generation.shapes import VideoShape

Table = Callable[[str, Sequence[Sequence[str]]], None]
Say = Callable[[str], None]

SEED: Final = 7
SECONDS: Final = (10.0, 10.0, 4.0, 8.0, 12.0)  # the first is not counted: it warms the engine
SIZES: Final = ("720x1280", "480x848")
ORDERS: Final = (
    '@eileen and @grace meet in a sunny garden. @eileen: "{0} {1}" @grace: "{2} {3}"',
    '@eileen and @grace meet in a sunny garden. @eileen: "{0}" @grace: "{2}"',
)
WORDS: Final = (
    ("Good morning, neighbour! Any news?", "The garden show opens on Sunday.", "Wonderful.", "I bring my best roses."),
    ("Look at the sky this evening!", "I have never seen so many stars.", "Neither have I.", "Shall we count them?"),
    ("Somebody ate my sandwich again.", "It was on this very table.", "How strange.", "I only saw a large bird."),
    ("The ship leaves tomorrow at noon.", "Will you come with us?", "Of course.", "I packed two weeks ago."),
    ("My robot learned to dance today.", "It only knows the waltz.", "Show me now!", "I love a slow waltz."),
)  # fmt: skip


class Cost(msgspec.Struct, frozen=True):
    """Seconds of one clip: the clock's and, of both cores together, the processor's."""

    length: float
    clock: float
    processor: float
    first_shot: float  # from the order to its last frame
    stages: dict[str, float]
    report: float
    megabytes: float  # the file


def main(table: Table, say: Say) -> None:
    """Some minutes: enrols the sample people first."""
    say(f"{os.cpu_count()} cores; enrolling the sample people")
    engine = PortraitEngine()
    sitters = Sitters(engine.speaker)
    cast = [
        CastMember(
            f"S{number}",
            person.name,
            person.handle,
            References(
                face=sitters.face([person.photo.read_bytes()]),
                voice=sitters.voice(person.voice.read_bytes()),
                measured_with={},
            ),
            float(person.height_cm),
        )
        for number, person in enumerate(PEOPLE, 1)
    ]
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak begins anew
    for size in SIZES:
        costs = []
        for number, seconds in enumerate(SECONDS):
            say(f"{size}: {seconds:g} s")
            costs.append(_cost(engine, sitters, _screenplay(number, seconds), cast, VideoShape.of(size)))
        _print(table, size, costs[1:])
    rows = [["MB", "peak", "limit"], ["the worker's process while it makes clips", f"{_peak_mb():.0f}", "2500"]]
    table("Memory: engine, and the models that measure", rows)


def _screenplay(number: int, seconds: float) -> Screenplay:
    order = ORDERS[seconds < 8].format(*WORDS[number])
    roles = [Role(f"S{i}", one.name, one.handle) for i, one in enumerate(PEOPLE, 1)]
    return screenwriter.write(order, roles, seconds, seed=SEED)


def _cost(
    engine: PortraitEngine, sitters: Sitters, play: Screenplay, cast: Sequence[CastMember], size: VideoShape
) -> Cost:
    began, burnt = time.perf_counter(), time.process_time()
    stages: dict[str, float] = {}
    since, current = began, "starting"
    first_shot = 0.0

    def noted(stage: str, _fraction: float, shot: int) -> None:
        nonlocal since, current, first_shot
        now = time.perf_counter()
        stages[current] = stages.get(current, 0.0) + now - since
        since, current = now, stage
        if stage == "render" and shot == 1:
            first_shot = now - began

    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder:
        take = engine.make(play, cast, size, seed=SEED, on_progress=noted)
        encoded = encode(take, size, Path(folder) / "clip.mp4", title="", on_progress=_quiet)
        noted("end", 1.0, 0)
        clock, processor = time.perf_counter() - began, time.process_time() - burnt
        measured = time.perf_counter()
        measure(encoded.path, play, cast, encoded.track.captions, sitters.models, _quiet)
        report = time.perf_counter() - measured
        return Cost(play.seconds, clock, processor, first_shot, stages, report, encoded.size_bytes / 1e6)


def _print(table: Table, size: str, costs: Sequence[Cost]) -> None:
    names = [name for name in dict.fromkeys(name for one in costs for name in one.stages) if name != "starting"]
    rows = [["seconds", *(f"{one.length:g} s clip" for one in costs)]]
    rows += [[name, *(f"{one.stages.get(name, 0.0):.2f}" for one in costs)] for name in names]
    rows.append(["render and encode, all of it", *(f"{one.clock:.2f}" for one in costs)])
    rows.append(["... x the clip's length", *(f"{one.clock / one.length:.2f}" for one in costs)])
    rows.append(["processor, of both cores", *(f"{one.processor:.2f}" for one in costs)])
    rows.append(["until the first shot is drawn", *(f"{one.first_shot:.2f}" for one in costs)])
    rows.append(["beside it: the report", *(f"{one.report:.2f}" for one in costs)])
    rows.append(["the file, MB", *(f"{one.megabytes:.2f}" for one in costs)])
    table(f"{size}, two characters, warm engine", rows)


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM:"))


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Counted by the engine's own progress."""
