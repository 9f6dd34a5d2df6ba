"""Cases: all that is reported of one subject. Claimed for fifteen minutes by one moderator, then decided or let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation import events
from social.moderation.errors import CaseDecided, CaseUnknown, LeaseHeld, LeaseNeeded, OwnMatter, SeniorNeeded
from social.moderation.reasons import Subject
from social.safety import known

LEASE_MINUTES: Final = 15
COUNTED: Final = 1000
SENIOR: Final = frozenset({"senior", "operator"})
Queue = Literal["general", "urgent", "escalated", "appealed"]


class Case(msgspec.Struct, frozen=True):
    """`lead`: its gravest report, by which it is named. `claimed_by` None: nobody's, or a lease that ran out."""

    subject_type: Subject
    subject: UUID
    state: Literal["open", "decided"]
    queue: Queue
    lead: UUID
    reason: str
    reports: int
    trusted: int
    priority: float
    due_at: datetime | None
    opened_at: datetime
    claimed_by: UUID | None
    claimed_handle: str | None
    lease_until: datetime | None
    decision: str | None
    decided_event: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    appeals: int


class Place(msgspec.Struct, frozen=True):
    """Where a page of the queue begins: after this case."""

    due_at: datetime | None
    priority: float
    lead: UUID


async def find(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> Case | None:
    row = await conn.fetchrow(
        """
        select s.subject_type, s.subject, s.state, s.queue, s.lead, s.reason, s.reports, s.trusted, s.priority,
            nullif(s.due_at, 'infinity') as due_at, s.opened_at,
            case when s.lease_until > clock_timestamp() then s.claimed_by end as claimed_by,
            case when s.lease_until > clock_timestamp() then a.handle::text end as claimed_handle,
            case when s.lease_until > clock_timestamp() then s.lease_until end as lease_until,
            s.decision, s.decided_event, s.decided_by, s.decided_at, s.appeals
        from moderation_subject_status s left join account a on a.id = s.claimed_by
        where s.subject_type = $1 and s.subject = $2
        """,
        kind,
        subject,
    )
    return None if row is None else msgspec.convert(dict(row), Case)


async def lock(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> Case:
    """Until the transaction ends: what is done to one subject comes one after the other. Raises CaseUnknown."""
    await events.lock(conn, kind, subject)
    case = await find(conn, kind, subject)
    if case is None:
        raise CaseUnknown(subject.hex)
    return case


async def lock_with_copies(conn: asyncpg.Connection, clip: UUID) -> None:
    """And what looks like it, in the order of ids, before anything is decided: so two moderators do not deadlock."""
    for one in sorted({clip, *await copies(conn, clip), *await known.lookalikes(conn, clip)}):
        await events.lock(conn, "clip", one)


async def of_report(conn: asyncpg.Connection, report: UUID, public_id: str) -> tuple[Subject, UUID]:
    """Raises CaseUnknown."""
    row = await conn.fetchrow("select subject_type, subject from report where id = $1", report)
    if row is None:
        raise CaseUnknown(public_id)
    return row["subject_type"], row["subject"]


def need_senior(case: Case, role: str) -> None:
    """What was escalated is for seniors alone. Raises SeniorNeeded."""
    if case.queue == "escalated" and case.state == "open" and role not in SENIOR:
        raise SeniorNeeded(role)


async def need_outsider(conn: asyncpg.Connection, case: Case, moderator: UUID) -> None:
    """Raises OwnMatter for the author, the owners of characters shown, and whoever reported it."""
    row = await conn.fetchrow(
        """
        select exists (
                select from evidence where subject_type = $1 and subject = $2 and $3 = any(parties)
            ) or ($1 = 'account' and $2 = $3) as shown,
            exists (select from report where subject_type = $1 and subject = $2 and reporter = $3) as reported
        """,
        case.subject_type,
        case.subject,
        moderator,
    )
    if row["shown"]:
        raise OwnMatter("it is yours, or shows a character of yours")
    if row["reported"]:
        raise OwnMatter("you reported it yourself")


async def claim(conn: asyncpg.Connection, kind: Subject, subject: UUID, moderator: UUID, role: str) -> Case:
    """The case, this moderator's for LEASE_MINUTES from now; claimed again, for as long from then.

    Raises CaseUnknown, CaseDecided, LeaseHeld, SeniorNeeded or OwnMatter.
    """
    case = await lock(conn, kind, subject)
    if case.state != "open":
        raise CaseDecided(case.decision)
    need_senior(case, role)
    await need_outsider(conn, case, moderator)
    if case.queue == "appealed" and case.decided_by == moderator:
        raise OwnMatter("you decided it before")
    if case.claimed_by not in (None, moderator) and case.lease_until is not None:
        raise LeaseHeld(case.lease_until)
    until = await conn.fetchval("select clock_timestamp() + make_interval(mins => $1)", LEASE_MINUTES)
    await events.note(conn, kind, subject, "claimed", moderator, {"until": until.isoformat()})
    return await lock(conn, kind, subject)


async def need_lease(conn: asyncpg.Connection, kind: Subject, subject: UUID, moderator: UUID) -> Case:
    """The case, locked. Raises CaseUnknown, CaseDecided or LeaseNeeded."""
    case = await lock(conn, kind, subject)
    if case.state != "open":
        raise CaseDecided(case.decision)
    if case.claimed_by != moderator:
        raise LeaseNeeded(LEASE_MINUTES)
    return case


async def need_open(conn: asyncpg.Connection, kind: Subject, subject: UUID, by: UUID | None) -> Case:
    """The case, locked; nobody but `by` holds it. The machine (None) waits for no lease.

    Raises CaseUnknown, CaseDecided or LeaseHeld.
    """
    case = await lock(conn, kind, subject)
    if case.state != "open":
        raise CaseDecided(case.decision)
    if by is not None and case.claimed_by not in (None, by) and case.lease_until is not None:
        raise LeaseHeld(case.lease_until)
    return case


async def people(conn: asyncpg.Connection, case: Case) -> tuple[UUID | None, tuple[UUID, ...]]:
    """The author, and the owners of the characters shown, as far as they are still here."""
    row = await conn.fetchrow(
        """
        select (select a.id from account a where a.id = e.author) as author,
            array(select a.id from account a where a.id = any(e.parties) and a.id <> e.author order by a.id) as shown
        from evidence e where e.subject_type = $1 and e.subject = $2 order by e.id desc limit 1
        """,
        case.subject_type,
        case.subject,
    )
    return (None, ()) if row is None else (row["author"], tuple(row["shown"]))


async def release(conn: asyncpg.Connection, kind: Subject, subject: UUID, moderator: UUID) -> Case:
    """Raises CaseUnknown, CaseDecided or LeaseNeeded."""
    await need_lease(conn, kind, subject, moderator)
    await events.note(conn, kind, subject, "released", moderator, {})
    return await lock(conn, kind, subject)


async def queue(
    conn: asyncpg.Connection, which: Queue | None, *, after: Place | None, limit: int, senior: bool
) -> list[Case]:
    """Open cases: first those with a deadline, the nearest first, then by priority. One more than `limit`."""
    place = after or Place(None, 2.0, UUID(int=0))
    if which is not None:
        rows = await conn.fetch(
            """
            select s.subject_type, s.subject, s.state, s.queue, s.lead, s.reason, s.reports, s.trusted, s.priority,
                nullif(s.due_at, 'infinity') as due_at, s.opened_at,
                case when s.lease_until > now() then s.claimed_by end as claimed_by,
                case when s.lease_until > now() then a.handle::text end as claimed_handle,
                case when s.lease_until > now() then s.lease_until end as lease_until,
                s.decision, s.decided_event, s.decided_by, s.decided_at, s.appeals
            from (
                select * from moderation_subject_status s
                where s.state = 'open' and s.queue = $1 and ($2 or s.queue <> 'escalated')
                    and (s.due_at, -s.priority, s.lead) > (
                        case when $3 then '-infinity' else coalesce($4::timestamptz, 'infinity') end,
                        -$5::float8, $6::uuid
                    )
                order by s.due_at, -s.priority, s.lead limit $7
            ) s left join account a on a.id = s.claimed_by
            order by s.due_at, -s.priority, s.lead
            """,
            which,
            senior,
            after is None,
            place.due_at,
            place.priority,
            place.lead,
            limit + 1,
        )
    else:
        rows = await conn.fetch(
            """
            select s.subject_type, s.subject, s.state, s.queue, s.lead, s.reason, s.reports, s.trusted, s.priority,
                nullif(s.due_at, 'infinity') as due_at, s.opened_at,
                case when s.lease_until > now() then s.claimed_by end as claimed_by,
                case when s.lease_until > now() then a.handle::text end as claimed_handle,
                case when s.lease_until > now() then s.lease_until end as lease_until,
                s.decision, s.decided_event, s.decided_by, s.decided_at, s.appeals
            from (
                select * from moderation_subject_status s
                where s.state = 'open' and ($1 or s.queue <> 'escalated')
                    and (s.due_at, -s.priority, s.lead) > (
                        case when $2 then '-infinity' else coalesce($3::timestamptz, 'infinity') end,
                        -$4::float8, $5::uuid
                    )
                order by s.due_at, -s.priority, s.lead limit $6
            ) s left join account a on a.id = s.claimed_by
            order by s.due_at, -s.priority, s.lead
            """,
            senior,
            after is None,
            place.due_at,
            place.priority,
            place.lead,
            limit + 1,
        )
    return [msgspec.convert(dict(row), Case) for row in rows]


async def place_of(conn: asyncpg.Connection, report: UUID) -> Place | None:
    """Where the case of this report stands now; None where there is none."""
    row = await conn.fetchrow(
        """
        select nullif(s.due_at, 'infinity') as due_at, s.priority, s.lead
        from report r join moderation_subject_status s on (s.subject_type, s.subject) = (r.subject_type, r.subject)
        where r.id = $1
        """,
        report,
    )
    return None if row is None else Place(row["due_at"], row["priority"], row["lead"])


async def counts(conn: asyncpg.Connection) -> dict[str, dict[str, int]]:
    """By queue: open, claimed, overdue; each up to COUNTED, so that a page costs the same however many wait."""
    rows = await conn.fetch(
        """
        select q.queue,
            (select count(*) from (
                select from moderation_subject_status s where s.state = 'open' and s.queue = q.queue
                order by s.due_at limit $1
            ) o)::integer as open,
            (select count(*) from (
                select from moderation_subject_status s
                where s.state = 'open' and s.queue = q.queue and s.due_at < now() limit $1
            ) o)::integer as overdue,
            (select count(*) from moderation_subject_status s
                where s.lease_until > now() and s.state = 'open' and s.queue = q.queue)::integer as claimed
        from unnest('{general,urgent,escalated,appealed}'::text[]) q(queue)
        """,
        COUNTED,
    )
    return {row["queue"]: {"open": row["open"], "claimed": row["claimed"], "overdue": row["overdue"]} for row in rows}


async def copies(conn: asyncpg.Connection, clip: UUID) -> Sequence[UUID]:
    """Other clips with the very same video file, as it is or as the evidence knows it."""
    rows = await conn.fetch(
        """
        with same as (
            select media -> 'video' ->> 'sha256' as sha256 from clip where id = $1 and media is not null
            union
            select e.snapshot -> 'media' -> 'video' ->> 'sha256' from evidence e
            where e.subject_type = 'clip' and e.subject = $1
        )
        select c.id from clip c join same on c.media -> 'video' ->> 'sha256' = same.sha256
        where c.media is not null and c.id <> $1 order by c.id limit 1000
        """,
        clip,
    )
    return [row["id"] for row in rows]
