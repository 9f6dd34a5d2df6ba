"""The text that people sign, by version. A signed text is never edited: a new one is a new file."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

FOLDER: Final = Path(__file__).parent / "policies"


class Policy(msgspec.Struct, frozen=True):
    """`version` is a date; `sha256` is of the Markdown's bytes, in hex."""

    version: str
    sha256: str
    text: str


@cache
def current() -> Policy:
    """The newest one."""
    file = max(FOLDER.glob("*.md"))
    content = file.read_bytes()
    return Policy(file.stem, hashlib.sha256(content).hexdigest(), content.decode())
