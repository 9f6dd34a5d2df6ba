"""What all processes below this one used of the cores, from proc(5): the same on a busy machine as on an idle one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
UTIME: Final = 11  # counted after the name in brackets, which may hold spaces; stime is the one behind it


def seconds() -> float:
    """Of those that run now, user and system, since each began. Not this process."""
    return sum(_of(pid) for pid in _below(os.getpid()))


def _below(pid: int) -> Iterator[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _below(int(child))


def _of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[UTIME]) + int(fields[UTIME + 1])) / TICKS_PER_SECOND
