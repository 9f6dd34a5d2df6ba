"""The queue: cases claimed, let go and decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID

import asyncpg
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, ids, moderating, shapes, staff_shapes
from backend.auth import Viewer
from backend.pages import page_of
from character_store import versions
from social.errors import InvalidValue
from social.moderation import cases
from social.moderation.cases import Queue
from social.moderation.errors import CaseUnknown
from social.moderation.reasons import Reason, Subject
from social.moderation.rulings import Ruling

QUEUES: Final[tuple[Queue, ...]] = get_args(Queue)


class Decide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`until` belongs to suspend, `label` to label. `copies`: every other clip with the very same file as well.

    `legal_ground`: the law that it breaks, where it is more than a rule of this place (`policy`).
    """

    decision: str
    policy: str
    explanation: str
    strike: bool = False
    until: datetime | None = None
    label: str | None = None
    legal_ground: str | None = None
    copies: bool = False


@get("/moderation/queue")
async def page(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    queue: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Open cases: the nearest deadline first, then by priority. Counts go up to 1000. `escalated` is for seniors."""
    auth.need_staff(viewer)
    if queue is not None and queue not in QUEUES:
        raise InvalidValue("queue", queue, ", ".join(QUEUES))
    start, limit = page_of("rep", after, limit)
    senior = viewer.account.role in cases.SENIOR
    async with pool.acquire() as conn:
        place = None if start is None else await cases.place_of(conn, start)
        if start is not None and place is None:
            raise InvalidValue("after", after, "the last_id of the page before, rep_…")
        rows = await cases.queue(conn, _queue(queue), after=place, limit=limit, senior=senior)
        counts = await cases.counts(conn)
        held = await versions.held_count(conn)
    page = shapes.page([staff_shapes.case(row) for row in rows[:limit]], has_more=len(rows) > limit)
    return page | {"counts": counts, "held_characters": held}


@post("/moderation/reports/{report_id:str}/claim", status_code=200)
async def claim(
    report_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """The whole case of this report is yours for 15 minutes; claimed again, for as long from then."""
    auth.need_staff(viewer)
    auth.need_fresh(viewer, auth.STAFF_FRESH_SECONDS)
    async with pool.acquire() as conn, conn.transaction():
        kind, subject = await _of(conn, report_id)
        case = await cases.claim(conn, kind, subject, viewer.id, viewer.account.role)
    return staff_shapes.case(case)


@post("/moderation/reports/{report_id:str}/release", status_code=200)
async def release(
    report_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Back to the queue, undecided."""
    auth.need_staff(viewer)
    auth.need_fresh(viewer, auth.STAFF_FRESH_SECONDS)
    async with pool.acquire() as conn, conn.transaction():
        kind, subject = await _of(conn, report_id)
        case = await cases.release(conn, kind, subject, viewer.id)
    return staff_shapes.case(case)


@post("/moderation/reports/{report_id:str}/decide", status_code=200)
async def decide(
    report_id: FromPath[str],
    data: JSONBody[Decide],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """About all open reports of the subject, by whoever has claimed it; nobody about their own.

    What follows and who is told happens in one transaction. `escalate` hands it to seniors and leaves it open.
    """
    auth.need_staff(viewer)
    auth.need_fresh(viewer, auth.STAFF_FRESH_SECONDS)
    ruling = msgspec.convert(
        {name: getattr(data, name) for name in Ruling.__struct_fields__}, Ruling
    )  # an unknown decision is a ValidationError, with the words that are allowed
    async with pool.acquire() as conn, conn.transaction():
        kind, subject = await _of(conn, report_id)
        if data.copies and (kind != "clip" or ruling.decision == "escalate"):
            raise InvalidValue("copies", data.copies, "false, unless a clip is decided")
        if kind == "clip" and (data.copies or ruling.decision == "remove"):
            await cases.lock_with_copies(conn, subject)
        case = await cases.lock(conn, kind, subject)
        ruled = await moderating.decide(conn, kind, subject, ruling, viewer.id)
        reason: Reason = msgspec.convert(case.reason, Reason)
        also, skipped = (
            await moderating.decide_copies(conn, subject, ruling, viewer.id, reason) if data.copies else ([], [])
        )
        if kind == "clip" and ruling.decision == "remove":
            await moderating.report_alike(conn, subject, reason)
    return {
        "event": ids.public("mev", ruled.event),
        "decision": ruling.decision,
        "statement": None if ruled.statement is None else ids.public("stm", ruled.statement),
        "reports": [ids.public("rep", report) for report, _ in ruled.reports],
        "copies": [{"video": ids.public("video", one.subject), "event": ids.public("mev", one.event)} for one in also],
        "skipped": [{"video": ids.public("video", one.clip), "because": str(one.because)} for one in skipped],
    }


async def _of(conn: asyncpg.Connection, report_id: str) -> tuple[Subject, UUID]:
    """Raises CaseUnknown."""
    key = ids.parse("rep", report_id)
    if key is None:
        raise CaseUnknown(report_id)
    return await cases.of_report(conn, key, report_id)


def _queue(name: str | None) -> Queue | None:
    return next((one for one in QUEUES if one == name), None)
