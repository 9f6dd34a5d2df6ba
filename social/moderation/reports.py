"""Reports: somebody says that something should not be here. One per reporter and subject; moderation reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation.reasons import Subject

COMMENT_MAX: Final = 2000  # characters
SECONDS_MAX: Final = 60.0  # no clip is longer


class Report(msgspec.Struct, frozen=True):
    """`subject` is the row's key; a thing that is gone can still be reported. `decision`: what came of it."""

    id: UUID
    subject_type: Subject
    subject: UUID
    reason: str
    comment: str
    at_s: float | None
    state: Literal["open", "decided"]
    created_at: datetime
    outcome: Literal["upheld", "dismissed"] | None
    decision: str | None
    decided_at: datetime | None


async def of_reporter(conn: asyncpg.Connection, reporter: UUID, kind: Subject, subject: UUID) -> Report | None:
    """The one that this account has filed about this subject."""
    row = await conn.fetchrow(
        """
        select r.id, r.subject_type, r.subject, r.reason, r.comment, r.at_s, r.state, r.created_at, r.outcome,
            e.detail ->> 'decision' as decision, r.decided_at
        from report r left join moderation_event e on e.id = r.ruling
        where r.reporter = $1 and r.subject_type = $2 and r.subject = $3
        """,
        reporter,
        kind,
        subject,
    )
    return None if row is None else msgspec.convert(dict(row), Report)


async def filed_by(conn: asyncpg.Connection, reporter: UUID, *, after: UUID | None, limit: int) -> list[Report]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select r.id, r.subject_type, r.subject, r.reason, r.comment, r.at_s, r.state, r.created_at, r.outcome,
            e.detail ->> 'decision' as decision, r.decided_at
        from report r left join moderation_event e on e.id = r.ruling
        where r.reporter = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3
        """,
        reporter,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Report) for row in rows]
