"""Public ids: a prefix that says what it is, and the UUIDv7 of the row."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

Prefix = Literal[
    "acct",
    "key",
    "char",
    "video",
    "cons",
    "open",
    "grant",
    "req",
    "ntc",
    "rep",
    "sess",
    "pk",
    "upload",
    "export",
    "import",
    "leave",
    "hook",
    "evt",
    "dlv",
    "dev",
    "chal",
    "link",
    "coll",
    "chip",
    "fb",
    "cmt",
    "thr",
    "msg",
    "mev",
    "stm",
    "apl",
    "evd",
    "at",
    "ref",
    "onc",
    "insp",
]


def public(prefix: Prefix, key: UUID) -> str:
    """`video_0190…`: 32 hex digits after the prefix."""
    return f"{prefix}_{key.hex}"


def parse(prefix: Prefix, text: str) -> UUID | None:
    """None for anything that `public` does not write."""
    digits = text.removeprefix(f"{prefix}_")
    if digits == text or len(digits) != 32 or digits != digits.lower():
        return None
    try:
        return UUID(hex=digits)
    except ValueError:
        return None
