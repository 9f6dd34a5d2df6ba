"""Reports: saying that something should not be here, and what became of it."""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, forms, ids, moderating, shapes, staff_shapes
from backend.auth import Viewer
from backend.ids import Prefix
from backend.pages import page_of
from social.errors import InvalidValue
from social.moderation import reports
from social.moderation.reasons import Reason, Subject

PREFIXES: Final[dict[str, tuple[Subject, Prefix]]] = {
    "video": ("clip", "video"),
    "clip": ("clip", "video"),
    "character": ("character", "char"),
    "account": ("account", "acct"),
    "comment": ("comment", "cmt"),
    "message": ("message", "msg"),
}


class _Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["video", "clip", "character", "account", "comment", "message"]
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
    """One per reporter and subject: the same again answers the first. What is gone can be reported too.

    You stop seeing what you report. What it was is kept for moderators, whatever its maker deletes.
    """
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _Sent)
    if len(sent.comment) > reports.COMMENT_MAX:
        allowed = f"up to {reports.COMMENT_MAX} characters"
        raise InvalidValue("comment", f"{len(sent.comment)} characters", allowed)
    if sent.at_s is not None and not 0 <= sent.at_s <= reports.SECONDS_MAX:
        raise InvalidValue("at_s", sent.at_s, f"0 to {reports.SECONDS_MAX}, a second of the clip")
    kind, subject = subject_of(sent.subject.type, sent.subject.id)
    if (kind, subject) == ("account", viewer.id):
        raise InvalidValue("subject.id", sent.subject.id, "somebody else's account")
    async with pool.acquire() as conn, conn.transaction():
        report = await moderating.open_report(
            conn, viewer.id, kind, subject, reason=sent.reason, comment=sent.comment, at_s=sent.at_s
        )
    return staff_shapes.filed(report)


@get("/reports")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """The viewer's own with what came of them, newest first."""
    auth.need_session(viewer)
    start, limit = page_of("rep", after, limit)
    async with pool.acquire() as conn:
        rows = await reports.filed_by(conn, viewer.id, after=start, limit=limit)
    return shapes.page([staff_shapes.filed(row) for row in rows[:limit]], has_more=len(rows) > limit)


def subject_of(kind: str, public_id: str) -> tuple[Subject, UUID]:
    """Raises InvalidValue."""
    if kind not in PREFIXES:
        raise InvalidValue("subject.type", kind, ", ".join(PREFIXES))
    subject, prefix = PREFIXES[kind]
    key = ids.parse(prefix, public_id)
    if key is None:
        raise InvalidValue("subject.id", public_id, f"the id of a {kind}, {prefix}_…")
    return subject, key
