"""Short names of public pages: guessed by nobody, typed by hand if need be."""

from __future__ import annotations

import re
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"  # nothing that is misread
LENGTH: Final = 10  # 57 bits
SHAPE: Final = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")


def new() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def is_one(text: str) -> bool:
    """Whether `new` could have made it."""
    return SHAPE.fullmatch(text) is not None
