"""A second opinion about words, where an operator has one: asked after the table of rules, from wherever words are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Final

from social.safety.rules import Finding, Place

Opinion = Callable[[str, Place, bool], Awaitable[Finding | None]]
"""Text, place, and whether to be strict: a real person is cast, or the writer is under 18."""
second: Final[ContextVar[Opinion | None]] = ContextVar("second opinion", default=None)
"""Of the process that serves this request or works at this job."""


async def of(text: str, place: Place, *, strict: bool) -> Finding | None:
    """None where nobody has one."""
    opinion = second.get()
    return None if opinion is None or not text.strip() else await opinion(text, place, strict)
