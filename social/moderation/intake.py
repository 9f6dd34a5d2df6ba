"""Taking in a report: evidence, priority and the first steps that wait for nobody, in the report's transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation import cases, events, evidence, measures, reports
from social.moderation.reasons import DUE, GRAVE, LIKENESS, TRUSTED, TRUSTED_HIDE, Reason, Subject, priority
from social.moderation.reports import Report

Source = Literal["member", "system", "notice"]
HIDDEN_DUE: Final = timedelta(hours=48)  # whatever is out of sight until somebody has looked
CAN_HIDE: Final[frozenset[Subject]] = frozenset({"clip", "comment", "message"})


class _Standing(msgspec.Struct, frozen=True):
    """Of a reporter towards a subject. `knows`: was ever let near it. `shown`: a character of theirs is in it."""

    knows: bool
    shown: bool
    views: int
    trust: float


async def take_in(
    conn: asyncpg.Connection,
    reporter: UUID | None,
    kind: Subject,
    subject: UUID,
    *,
    reason: Reason,
    comment: str = "",
    at_s: float | None = None,
    source: Source = "member",
    due_at: datetime | None = None,
) -> Report:
    """The report, or the first of this reporter about this subject. Belongs into a transaction.

    `reporter` None: the machine itself or a notice from outside, which are believed and see everything. A clip, comment
    or message is hidden at once for a reason in GRAVE, when a person shown reports it, or when TRUSTED_HIDE trusted
    reporters did; whoever cannot see it hides nothing.
    """
    await events.lock(conn, kind, subject)
    if reporter is not None and (known := await reports.of_reporter(conn, reporter, kind, subject)) is not None:
        return known
    standing = await _standing(conn, reporter, kind, subject)
    kept = await evidence.take(conn, kind, subject, grave=reason in GRAVE) if standing.knows else None
    trusted = standing.trust >= TRUSTED
    counts = (
        kind in CAN_HIDE
        and (reason in GRAVE or standing.shown or trusted)
        and await _sees(conn, reporter, kind, subject)
    )
    hides = counts and (reason in GRAVE or standing.shown)
    due = [reason in DUE and DUE[reason], hides and HIDDEN_DUE]
    at_latest = min((datetime.now(UTC) + one for one in due if one), default=None)
    if due_at is not None:
        at_latest = due_at if at_latest is None else min(due_at, at_latest)
    row = await conn.fetchrow(
        """
        insert into report (reporter, subject_type, subject, reason, comment, at_s, source, evidence)
        values ($1, $2, $3, $4, $5, $6, $7, $8) returning id, created_at, exists (
            select from evidence e join account a on a.id = any(e.parties)
            where e.id = $8 and a.birth_date > current_date - interval '18 years'
        ) as minor
        """,
        reporter,
        kind,
        subject,
        reason,
        comment,
        at_s,
        source,
        kept,
    )
    report: UUID = row["id"]
    weight = priority(
        reason,
        views=standing.views,
        trust=standing.trust,
        minor=row["minor"],  # its author, or somebody shown
        likeness=standing.shown or reason in LIKENESS,
    )
    about: dict[str, Any] = {
        "report": str(report),
        "reason": reason,
        "weight": weight,
        "trusted": trusted and (counts or kind not in CAN_HIDE),
        "queue": "general" if at_latest is None else "urgent",
        "due_at": "infinity" if at_latest is None else at_latest.isoformat(),
        "source": source,
    }
    await events.note(conn, kind, subject, "reported", reporter, about)
    if hides:
        await _hide(conn, kind, subject, report, reason if reason in GRAVE else "likeness_owner")
    elif kind in CAN_HIDE and about["trusted"] and (await cases.lock(conn, kind, subject)).trusted >= TRUSTED_HIDE:
        await _hide(conn, kind, subject, report, "trusted_reporters")
    return Report(report, kind, subject, reason, comment, at_s, "open", row["created_at"], None, None, None)


async def _hide(conn: asyncpg.Connection, kind: Subject, subject: UUID, report: UUID, because: str) -> None:
    """Out of sight until a decision; hidden already, it stays as it is."""
    if await conn.fetchval("select measured($1, $2, '{pending}')", kind, subject):
        return
    due_at = (datetime.now(UTC) + HIDDEN_DUE).isoformat()
    about = {"because": because, "report": str(report), "due_at": due_at}
    event = await events.note(conn, kind, subject, "hidden", None, about)
    await measures.put(conn, event, kind, subject, "pending")


async def _sees(conn: asyncpg.Connection, reporter: UUID | None, kind: Subject, subject: UUID) -> bool:
    return bool(
        await conn.fetchval(
            """
            select case
                when $1::uuid is null then true
                when $2 = 'clip' then exists (select from visible_clip($1) v where v.id = $3)
                when $2 = 'comment' then exists (select from visible_comment($1) v where v.id = $3)
                when $2 = 'message' then exists (select from readable_message($1) v where v.id = $3)
            end
            """,
            reporter,
            kind,
            subject,
        )
    )


async def _standing(conn: asyncpg.Connection, reporter: UUID | None, kind: Subject, subject: UUID) -> _Standing:
    row = await conn.fetchrow(
        """
        select $1::uuid is null or $2 <> 'message' or exists (
                select from message m join thread_member v on v.thread = m.thread where m.id = $3 and v.account = $1
            ) as knows,
            $1 is not null and $2 = 'clip' and exists (
                select from use u join character k on k.id = u.character where u.clip = $3 and k.owner = $1
            ) as shown,
            coalesce((
                select t.views from clip_tally t
                where t.clip = case $2
                    when 'clip' then $3 when 'comment' then (select clip from comment where id = $3)
                end
            ), 0) as views,
            case when $1 is null then 1.0 else reporter_trust($1) end as trust
        """,
        reporter,
        kind,
        subject,
    )
    return msgspec.convert(dict(row), _Standing)
