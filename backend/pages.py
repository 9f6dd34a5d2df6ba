"""Keyset pages: where one begins and how long it is."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from backend.ids import Prefix, parse
from social.errors import InvalidValue

LIMITS: Final = (0, 100)


def page_of(prefix: Prefix, after: str | None, limit: int) -> tuple[UUID | None, int]:
    """Raises InvalidValue."""
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise InvalidValue("limit", limit, f"{LIMITS[0]} to {LIMITS[1]}")
    start = None if after is None else parse(prefix, after)
    if after is not None and start is None:
        raise InvalidValue("after", after, f"the last_id of the page before, {prefix}_…")
    return start, limit
