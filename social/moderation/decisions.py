"""Decisions: what a moderator, or the machine, does about all that was reported of a subject."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation import cases, chain, dsa, events, measures, statements, strikes
from social.moderation.cases import Case
from social.moderation.errors import DecisionMisplaced
from social.moderation.reasons import Subject
from social.moderation.rulings import ALLOWED, MEASURE, PERSON, Ruling, checked


class Ruled(msgspec.Struct, frozen=True):
    """What was done, for whoever tells of it. `reports`: id and reporter. `shown`: owners of characters in it."""

    event: UUID
    subject_type: Subject
    subject: UUID
    ruling: Ruling
    author: UUID | None
    shown: tuple[UUID, ...]
    statement: UUID | None
    reports: tuple[tuple[UUID, UUID | None], ...]


async def decide(
    conn: asyncpg.Connection, kind: Subject, subject: UUID, ruling: Ruling, by: UUID | None, *, leased: bool = True
) -> Ruled:
    """All open reports of the subject, with everything that follows, in the caller's transaction.

    `by` None: the machine itself, which needs no lease. `leased` False: a copy of what a moderator holds.
    Raises CaseUnknown, CaseDecided, LeaseNeeded, LeaseHeld, OwnMatter, InvalidValue or DecisionMisplaced.
    """
    ruling = checked(ruling, kind)
    if by is not None and leased:
        case = await cases.need_lease(conn, kind, subject, by)
    else:
        case = await cases.need_open(conn, kind, subject, by)
    if by is not None:
        await cases.need_outsider(conn, case, by)
    author, shown = await cases.people(conn, case)
    if ruling.decision == "escalate":
        return await _escalate(conn, case, ruling, by, author, shown)
    person = ruling.decision in PERSON or ruling.strike
    if person and author is None:
        known = [one for one in ALLOWED[kind] if one not in PERSON]
        raise DecisionMisplaced(ruling.decision, f"{kind} whose author is gone", known)
    event = await events.note(
        conn,
        kind,
        subject,
        "decided",
        by,
        {
            "decision": ruling.decision,
            "policy": ruling.policy,
            "explanation": ruling.explanation,
            "strike": ruling.strike or ruling.decision == "strike",
            "until": None if ruling.until is None else ruling.until.isoformat(),
            "label": ruling.label,
            "legal_ground": ruling.legal_ground,
            "reason": case.reason,
            "reports": case.reports,
            "queue": case.queue,
            "waited_s": round((datetime.now(UTC) - case.opened_at).total_seconds(), 3),
            "handled_s": await _handled_s(conn, case) if by is not None and leased else None,
        },
    )
    await measures.lift_pending(conn, kind, subject, event)
    await _apply(conn, case, ruling, event, author)
    told = await _close_reports(conn, case, event, "dismissed" if ruling.decision == "dismiss" else "upheld")
    statement = None
    if ruling.decision != "dismiss" and author is not None:
        body = await dsa.body(conn, case, ruling, event, by_machine=by is None)
        statement = await statements.write(conn, event, author, kind, subject, body)
    said = {"event": str(event), "decision": ruling.decision, "policy": ruling.policy, "strike": ruling.strike}
    await chain.note(conn, by, "decided", kind, subject, said)
    return Ruled(event, kind, subject, ruling, author, shown, statement, told)


async def _escalate(
    conn: asyncpg.Connection, case: Case, ruling: Ruling, by: UUID | None, author: UUID | None, shown: tuple[UUID, ...]
) -> Ruled:
    """On to the restricted queue, still open; nobody else is told."""
    detail = {"policy": ruling.policy, "explanation": ruling.explanation}
    event = await events.note(conn, case.subject_type, case.subject, "escalated", by, detail)
    await chain.note(conn, by, "escalated", case.subject_type, case.subject, {"event": str(event), **detail})
    return Ruled(event, case.subject_type, case.subject, ruling, author, shown, None, ())


async def _apply(conn: asyncpg.Connection, case: Case, ruling: Ruling, event: UUID, author: UUID | None) -> None:
    kind, subject = case.subject_type, case.subject
    if (what := MEASURE.get(ruling.decision)) is not None:
        detail = {"label": ruling.label} if what == "labelled" else {}
        await measures.put(conn, event, kind, subject, what, detail)
    if author is None:
        return
    if ruling.decision in {"suspend", "ban"}:
        await measures.put(conn, event, "account", author, "suspended", {"decision": ruling.decision}, ruling.until)
    if ruling.decision == "ban":
        await measures.hide_clips(conn, event, author)
    if ruling.strike or ruling.decision == "strike":
        await strikes.give(conn, author, event)


async def _handled_s(conn: asyncpg.Connection, case: Case) -> float | None:
    """Since this lease was first taken."""
    seconds = await conn.fetchval(
        """
        select extract(epoch from clock_timestamp() - min(at))::float8 from moderation_event e
        where e.subject_type = $1 and e.subject = $2 and e.kind = 'claimed' and e.actor = $3 and e.seq > coalesce((
            select max(o.seq) from moderation_event o
            where o.subject_type = $1 and o.subject = $2 and (
                o.kind in ('released', 'escalated', 'decided', 'reopened') or (o.kind = 'claimed' and o.actor <> $3)
            )
        ), 0)
        """,
        case.subject_type,
        case.subject,
        case.claimed_by,
    )
    return None if seconds is None else round(seconds, 3)


async def _close_reports(
    conn: asyncpg.Connection, case: Case, event: UUID, outcome: Literal["upheld", "dismissed"]
) -> tuple[tuple[UUID, UUID | None], ...]:
    rows = await conn.fetch(
        """
        update report set state = 'decided', outcome = $4, ruling = $3, decided_at = clock_timestamp()
        where subject_type = $1 and subject = $2 and state = 'open' returning id, reporter
        """,
        case.subject_type,
        case.subject,
        event,
        outcome,
    )
    return tuple((row["id"], row["reporter"]) for row in sorted(rows, key=lambda row: row["id"]))
