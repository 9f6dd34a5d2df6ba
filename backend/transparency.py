"""The report on moderation that a month ends with: counts, medians and no names (DSA, articles 15 and 24)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, Final

import asyncpg

from social.errors import InvalidValue
from social.moderation import chain, figures

MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


def month_of(text: str) -> date:
    """Its first day. Raises InvalidValue for what is no month or has not begun."""
    found = MONTH.fullmatch(text)
    first = None if found is None else date(int(found[1]), int(found[2]), 1)
    if first is None or first > datetime.now(UTC).date():
        raise InvalidValue("month", text, "a month that has begun, YYYY-MM")
    return first


async def report(pool: asyncpg.Pool, first: date) -> dict[str, Any]:
    """As JSON goes out. `audit_head`: what the log of the house ends with now, to be kept elsewhere."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        checked = await chain.verify(conn)
        counted = await figures.month(conn, first)
    return {
        "month": f"{first:%Y-%m}",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "audit_head": None if checked.head is None else checked.head.hex(),
        "audit_intact": checked.broken_at is None,
        **counted,
    }
