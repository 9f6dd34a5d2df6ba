"""Figures of moderation, and the log of what staff did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import asyncpg
import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, moderating
from backend.auth import Viewer
from backend.pages import LIMITS
from social.errors import InvalidValue
from social.moderation import chain, figures

DAYS_MOST: Final = 366


@get("/moderation/stats")
async def stats(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    first: FromQuery[date | None] = None,
    last: FromQuery[date | None] = None,
) -> dict[str, Any]:
    """By UTC day and queue, and by moderator; the last seven days unless told otherwise. `waiting` is now."""
    auth.need_staff(viewer)
    end = last or datetime.now(UTC).date()
    begin = first or end - timedelta(days=6)
    if not 0 <= (end - begin).days < DAYS_MOST:
        raise InvalidValue("first", begin.isoformat(), f"up to {DAYS_MOST} days, the last being {end.isoformat()}")
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        by_day = await figures.days(conn, begin, end)
        by_moderator = await figures.moderators(conn, begin, end)
        waiting = await figures.waiting(conn)
    told = [(msgspec.structs.asdict(one) | {"overturn_rate": _rate(one)}) for one in by_moderator]
    return {
        "object": "moderation.stats",
        "first": begin,
        "last": end,
        "days": [msgspec.structs.asdict(one) for one in by_day],
        "moderators": told,
        "waiting": [msgspec.structs.asdict(one) for one in waiting],
    }


@get("/moderation/audit")
async def audit(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """What staff did, newest first. Each row's `hash` binds it to the one before it (SHA-256)."""
    auth.need_staff(viewer)
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise InvalidValue("limit", limit, f"{LIMITS[0]} to {LIMITS[1]}")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise InvalidValue("after", after, "the last_id of the page before, a number")
    async with pool.acquire() as conn:
        rows = await chain.page(conn, after=None if after is None else int(after), limit=limit)
    data = [_row(row) for row in rows[:limit]]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(rows) > limit,
    }


@get("/moderation/audit/verify")
async def verify(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Whether every row is as it was written. Keep `head` elsewhere: rows cut off at the end show only against it."""
    auth.need_staff(viewer)
    async with pool.acquire() as conn:
        found = await chain.verify(conn)
    return {
        "object": "moderation.audit_check",
        "intact": found.broken_at is None,
        "rows": found.rows,
        "head": None if found.head is None else found.head.hex(),
        "broken_at": found.broken_at,
    }


def _rate(one: figures.Moderator) -> float | None:
    return None if one.appealed == 0 else round(one.overturned / one.appealed, 4)


def _row(row: chain.Row) -> dict[str, Any]:
    return {
        "id": str(row.seq),
        "object": "moderation.audit_row",
        "at": row.at,
        "by": row.by,
        "action": row.action,
        "subject": moderating.subject(row.subject_type, row.subject),
        "detail": row.detail,
        "prev_hash": row.prev_hash.hex(),
        "hash": row.hash.hex(),
    }
