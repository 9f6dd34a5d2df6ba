"""Reviews: an appeal is opened against a decision, and somebody else lets it stand or takes everything back."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InvalidValue
from social.moderation import appeals, cases, chain, events, measures, strikes
from social.moderation.appeals import Appeal, Outcome
from social.moderation.errors import OwnMatter, SeniorNeeded, StatementUnknown
from social.moderation.reasons import Subject

ANSWER_MAX: Final = 2000  # characters


class Against(msgspec.Struct, frozen=True):
    """The decision that somebody may appeal, and as whom."""

    event: UUID
    subject_type: Subject
    subject: UUID
    side: Literal["author", "reporter"]


class Reviewed(msgspec.Struct, frozen=True):
    """`author`: whom the decision was against. `reporters`: id of their report, and who filed it."""

    appeal: Appeal
    event: UUID
    author: UUID | None
    reporters: tuple[tuple[UUID, UUID], ...]


async def against_statement(conn: asyncpg.Connection, statement: UUID | None, account: UUID, public_id: str) -> Against:
    """By whom it was decided against. Raises StatementUnknown."""
    row = await conn.fetchrow(
        "select event, subject_type, subject, 'author' as side from statement where id = $1 and account = $2",
        statement,
        account,
    )
    if row is None:
        raise StatementUnknown(public_id)
    return msgspec.convert(dict(row), Against)


async def against_report(conn: asyncpg.Connection, report: UUID | None, account: UUID, public_id: str) -> Against:
    """By whoever filed a report that was dismissed. Raises StatementUnknown or InvalidValue."""
    row = await conn.fetchrow(
        """
        select ruling as event, subject_type, subject, 'reporter' as side, outcome from report
        where id = $1 and reporter = $2
        """,
        report,
        account,
    )
    if row is None:
        raise StatementUnknown(public_id)
    if row["outcome"] != "dismissed":
        raise InvalidValue("report", public_id, "a report of yours that was dismissed")
    return msgspec.convert({name: row[name] for name in ("event", "subject_type", "subject", "side")}, Against)


async def open_appeal(conn: asyncpg.Connection, against: Against, appellant: UUID, words: str) -> Appeal:
    """The first of this account against this decision. Raises InvalidValue or AppealLate."""
    words = words.strip()
    if not 1 <= len(words) <= appeals.WORDS_MAX:
        raise InvalidValue("words", f"{len(words)} characters", f"1 to {appeals.WORDS_MAX} characters")
    await events.lock(conn, against.subject_type, against.subject)
    appeal, new = await appeals.open_appeal(conn, against.event, appellant, against.side, words)
    if new:
        about = {"appeal": str(appeal), "event": str(against.event), "side": against.side}
        await events.note(conn, against.subject_type, against.subject, "appealed", appellant, about)
    return await appeals.sure(conn, appeal, appeal.hex)


async def close_appeal(
    conn: asyncpg.Connection, appeal: UUID | None, public_id: str, by: UUID, role: str, outcome: Outcome, answer: str
) -> Reviewed:
    """`overturned`: all that the decision did is undone, and nothing else; a dismissal's case is open again.

    Raises AppealUnknown, AppealDecided, SeniorNeeded, OwnMatter or InvalidValue.
    """
    if role not in cases.SENIOR:
        raise SeniorNeeded(role)
    answer = answer.strip()
    if not 1 <= len(answer) <= ANSWER_MAX:
        raise InvalidValue("answer", f"{len(answer)} characters", f"1 to {ANSWER_MAX} characters")
    found = await appeals.sure(conn, appeal, public_id)
    case = await cases.lock(conn, found.subject_type, found.subject)
    if found.against != by:  # their own decision is the better reason to refuse
        await _need_stranger(conn, case, by)
    closed = await appeals.close(conn, found.id, public_id, by, outcome, answer)
    about = {
        "appeal": str(found.id),
        "event": str(found.event),
        "side": found.side,
        "outcome": outcome,
        "answer": answer,
        "against": None if found.against is None else str(found.against),
    }
    event = await events.note(conn, case.subject_type, case.subject, "appeal_decided", by, about)
    author, _ = await cases.people(conn, case)
    reporters: tuple[tuple[UUID, UUID], ...] = ()
    if outcome == "overturned" and found.side == "author":
        await measures.lift(conn, found.event, event)
        await strikes.take_back(conn, found.event, event)
        reporters = await _outcome_of_reports(conn, found.event)
    elif outcome == "overturned":
        await _reopen(conn, found, by)
    said = {"event": str(event), "appeal": str(found.id), "outcome": outcome}
    await chain.note(conn, by, "appeal_decided", case.subject_type, case.subject, said)
    return Reviewed(closed, event, author, reporters)


async def _need_stranger(conn: asyncpg.Connection, case: cases.Case, by: UUID) -> None:
    await cases.need_outsider(conn, case, by)
    author, _ = await cases.people(conn, case)
    if author == by:
        raise OwnMatter("the decision was about you")


async def _outcome_of_reports(conn: asyncpg.Connection, decided: UUID) -> tuple[tuple[UUID, UUID], ...]:
    """What was upheld was not right after all; trust in its reporters follows."""
    rows = await conn.fetch(
        "update report set outcome = 'dismissed' where ruling = $1 and outcome = 'upheld' returning id, reporter",
        decided,
    )
    return tuple((row["id"], row["reporter"]) for row in rows if row["reporter"] is not None)


async def _reopen(conn: asyncpg.Connection, appeal: Appeal, by: UUID) -> None:
    await conn.execute(
        "update report set state = 'open', outcome = null, ruling = null, decided_at = null where ruling = $1",
        appeal.event,
    )
    case = await cases.lock(conn, appeal.subject_type, appeal.subject)
    if case.state == "decided" and case.decided_event == appeal.event:  # nothing newer stands
        about = {"event": str(appeal.event), "appeal": str(appeal.id)}
        await events.note(conn, appeal.subject_type, appeal.subject, "reopened", by, about)
