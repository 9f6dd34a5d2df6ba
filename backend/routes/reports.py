"""Reports: saying that something should not be here, and what became of it."""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, forms, ids, shapes
from backend.auth import Viewer
from backend.ids import Prefix
from backend.pages import page_of
from social import reports
from social.errors import InvalidValue
from social.reports import Reason, Report, Subject

PREFIXES: Final[dict[str, tuple[Subject, Prefix]]] = {
    "video": ("clip", "video"),
    "clip": ("clip", "video"),
    "character": ("character", "char"),
    "account": ("account", "acct"),
}


class _Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["video", "clip", "character", "account"]
    id: str


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: _Subject
    reason: Reason
    comment: str = ""
    at_s: float | None = None


@post("/reports", status_code=201)
async def create(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """One per reporter and subject: the same again answers the first. What is gone can be reported too."""
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _Sent)
    if len(sent.comment) > reports.COMMENT_MAX:
        allowed = f"up to {reports.COMMENT_MAX} characters"
        raise InvalidValue("comment", f"{len(sent.comment)} characters", allowed)
    if sent.at_s is not None and not 0 <= sent.at_s <= reports.SECONDS_MAX:
        raise InvalidValue("at_s", sent.at_s, f"0 to {reports.SECONDS_MAX}, a second of the clip")
    kind, subject = _subject(sent.subject)
    async with pool.acquire() as conn, conn.transaction():
        report = await reports.file(
            conn, viewer.id, kind, subject, reason=sent.reason, comment=sent.comment, at_s=sent.at_s
        )
    return _report(report)


@get("/reports")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """The viewer's own, newest first."""
    auth.need_session(viewer)
    start, limit = page_of("rep", after, limit)
    async with pool.acquire() as conn:
        rows = await reports.filed_by(conn, viewer.id, after=start, limit=limit)
    return shapes.page([_report(row) for row in rows[:limit]], has_more=len(rows) > limit)


def _subject(sent: _Subject) -> tuple[Subject, UUID]:
    """Raises InvalidValue."""
    kind, prefix = PREFIXES[sent.type]
    key = ids.parse(prefix, sent.id)
    if key is None:
        raise InvalidValue("subject.id", sent.id, f"the id of a {sent.type}, {prefix}_…")
    return kind, key


def _report(row: Report) -> dict[str, Any]:
    kind, prefix = PREFIXES[row.subject_type]
    return {
        "id": ids.public("rep", row.id),
        "object": "report",
        "subject": {"type": "video" if kind == "clip" else kind, "id": ids.public(prefix, row.subject)},
        "reason": row.reason,
        "comment": row.comment,
        "at_s": row.at_s,
        "state": row.state,
        "created_at": row.created_at,
    }
