"""Small real things for tests. One function per thing; every call makes a new one unless told otherwise."""

from __future__ import annotations

import itertools
from pathlib import Path

_numbers = itertools.count(1)


def unique(stem: str) -> str:
    """A word that no other call in this session returned: usable as a handle."""
    return f"{stem}{next(_numbers)}"


def a_file(folder: Path, content: bytes = b"moving pictures", name: str = "clip.mp4") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
