"""Secrets that an instance makes for itself: a file each, private, made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's content; made on first use, mode 0600 in a 0700 folder. Two starters at once agree on one secret."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
        with suppress(FileExistsError):  # the other starter was first: its secret counts
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
