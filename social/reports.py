"""Reports: somebody says that something should not be here. One per reporter and subject; moderation reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

Subject = Literal["clip", "character", "account"]
Reason = Literal[
    "violence",
    "sexual",
    "non_consensual_intimate",
    "child_safety",
    "harassment",
    "hate",
    "impersonation",
    "likeness_without_consent",
    "deceased_or_public_figure",
    "copyright",
    "scam_or_spam",
    "self_harm",
    "misleading",
    "other",
]
HIDING: Final[frozenset[str]] = frozenset({"child_safety", "non_consensual_intimate"})  # pending review
COMMENT_MAX: Final = 2000  # characters
SECONDS_MAX: Final = 60.0  # no clip is longer


class Report(msgspec.Struct, frozen=True):
    """`subject` is the row's key; a thing that is gone can still be reported."""

    id: UUID
    subject_type: Subject
    subject: UUID
    reason: str
    comment: str
    at_s: float | None
    state: Literal["open", "claimed", "decided"]
    created_at: datetime


async def file(
    conn: asyncpg.Connection,
    reporter: UUID,
    kind: Subject,
    subject: UUID,
    *,
    reason: Reason,
    comment: str,
    at_s: float | None,
) -> Report:
    """The report, or the first one of this reporter about this subject.

    A clip that its reporter can see is hidden at once when a person shown reports it, or for a reason in `HIDING`;
    whoever cannot see a clip can hide none.
    """
    if kind == "clip":
        await conn.execute(
            """
            update clip c set hidden_at = now()
            where c.id = $2 and c.hidden_at is null and exists (select from visible_clip($1) v where v.id = $2)
                and ($3 or exists (
                    select from use u join character k on k.id = u.character where u.clip = c.id and k.owner = $1
                ))
            """,
            reporter,
            subject,
            reason in HIDING,
        )
    await conn.execute(
        """
        insert into report (reporter, subject_type, subject, reason, comment, at_s) values ($1, $2, $3, $4, $5, $6)
        on conflict (reporter, subject_type, subject) do nothing
        """,
        reporter,
        kind,
        subject,
        reason,
        comment,
        at_s,
    )
    row = await conn.fetchrow(
        """
        select id, subject_type, subject, reason, comment, at_s, state, created_at from report
        where reporter = $1 and subject_type = $2 and subject = $3
        """,
        reporter,
        kind,
        subject,
    )
    return msgspec.convert(dict(row), Report)


async def filed_by(conn: asyncpg.Connection, reporter: UUID, *, after: UUID | None, limit: int) -> list[Report]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select id, subject_type, subject, reason, comment, at_s, state, created_at from report
        where reporter = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """,
        reporter,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Report) for row in rows]
