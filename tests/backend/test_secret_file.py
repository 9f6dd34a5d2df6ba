from __future__ import annotations

import os
import threading
from pathlib import Path

from backend.secret_file import made_once


def test_a_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "some.key"
    first = made_once(path, lambda: os.urandom(32))
    assert made_once(path, lambda: os.urandom(32)) == first
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_who_comes_second_takes_what_the_first_made(tmp_path: Path) -> None:
    path, inside = tmp_path / "some.key", threading.Event()

    def slow() -> bytes:
        inside.set()
        (tmp_path / "other").write_bytes(b"first")
        os.link(tmp_path / "other", path)
        return b"second"

    assert made_once(path, slow) == b"first"
    assert inside.is_set()
