"""What is still to be made of a clip that was begun before, as a screenplay on a clock of its own."""

from __future__ import annotations

import msgspec

from generation.errors import EngineError
from generation.plan import Line, Screenplay, Shot


def rest_of(screenplay: Screenplay, since_s: float) -> Screenplay:
    """The shots from `since_s` on, where one must begin. Raises EngineError."""
    shots = tuple(_moved(shot, since_s) for shot in screenplay.shots if shot.start_s >= since_s)
    if not shots or shots[0].start_s != 0.0:
        raise EngineError("join", f"the clip goes on at {since_s:g} s, where none of its shots begins")
    return msgspec.structs.replace(screenplay, shots=shots)


def _moved(shot: Shot, since_s: float) -> Shot:
    lines = tuple(_line(line, since_s) for line in shot.lines)
    return msgspec.structs.replace(shot, start_s=shot.start_s - since_s, end_s=shot.end_s - since_s, lines=lines)


def _line(line: Line, since_s: float) -> Line:
    return line if line.start_s is None else msgspec.structs.replace(line, start_s=line.start_s - since_s)
