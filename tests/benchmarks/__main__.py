"""`./run bench [NAME …]`: the measurements that the documents quote; without a name, the times of a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    copies,
    engines,
    face_index,
    faces_sheet,
    feed,
    fuzz,
    identity,
    moderation,
    performed,
    provenance,
    reading,
    routes,
    safety,
    sets_sheet,
    sheets,
    social,
    sound,
    streams,
    times,
    tokens,
    uploads,
    voices,
)
from tests.benchmarks.printing import say, table


def main(arguments: Sequence[str]) -> None:
    """Runs one of BENCHES. A wrong name or number of words ends with what there is."""
    name, *words = arguments or ["times"]
    if name not in BENCHES:
        raise SystemExit(f"there is no bench {name!r}; there are {', '.join(BENCHES)}")
    BENCHES[name](*words)


def _identity(*words: str) -> None:
    match words:
        case []:
            sheet = None
        case ["--sheet", file]:
            sheet = Path(file)
        case _:
            raise SystemExit("usage: ./run bench identity [--sheet FILE]")
    say(f"{os.cpu_count()} cores")
    identity.main(table, say, sheet)


def _faces(*words: str) -> None:
    print(face_index.centre() if words == ("--centre",) else face_index.report())


def _faces_sheet(*words: str) -> None:
    if len(words) != 1:
        raise SystemExit("usage: ./run bench faces-sheet FILE")
    print("\n".join(faces_sheet.write(Path(words[0]))))


def _sets_sheet(*words: str) -> None:
    if len(words) != 1:
        raise SystemExit("usage: ./run bench sets-sheet FILE")
    print("\n".join(sets_sheet.write(Path(words[0]))))


def _lines(report: Callable[[], Iterable[str]]) -> Callable[..., None]:
    def run() -> None:
        for line in report():
            print(line, flush=True)

    return run


BENCHES: Final[Mapping[str, Callable[..., None]]] = {
    "times": times.report,
    "provenance": lambda *words: provenance.main(words, table, say),
    "copies": lambda: copies.main(table, say),
    "engines": lambda: engines.main(table, say),
    "identity": _identity,
    "moderation": moderation.main,
    "faces": _faces,
    "feed": feed.report,
    "fuzz": fuzz.main,
    "faces-sheet": _faces_sheet,
    "sets-sheet": _sets_sheet,
    "sheets": sheets.main,
    "performed": _lines(performed.report),
    "routes": routes.report,
    "safety": _lines(safety.report),
    "tokens": _lines(tokens.report),
    "voices": _lines(voices.report),
    "reading": _lines(reading.report),
    "social": social.report,
    "sound": _lines(sound.report),
    "streams": streams.report,
    "uploads": uploads.report,
}

if __name__ == "__main__":
    main(sys.argv[1:])
