"""How benches print: tables, and what they are at."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def table(title: str, rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        print(
            "  "
            + row[0].ljust(widths[0])
            + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        )
    sys.stdout.flush()


def say(text: str | None) -> None:
    if text is not None:
        print(
            f"\r\033[K{text}" if sys.stderr.isatty() else text,
            end="" if sys.stderr.isatty() else "\n",
            file=sys.stderr,
            flush=True,
        )
