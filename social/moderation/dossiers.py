"""Dossiers: what a moderator has to know beside the evidence, in few statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation.reasons import Subject


class Filed(msgspec.Struct, frozen=True):
    """A report as moderators see it. `trust`: of its reporter, 0.05 to 1; None: no member's."""

    id: UUID
    handle: str | None
    trust: float | None
    source: Literal["member", "system", "notice"]
    reason: str
    comment: str
    at_s: float | None
    state: Literal["open", "decided"]
    outcome: Literal["upheld", "dismissed"] | None
    created_at: datetime


class Node(msgspec.Struct, frozen=True):
    """Of the tree of remixes. `state`: what everybody else gets of it."""

    clip: UUID
    parent: UUID | None
    depth: int
    handle: str | None
    state: Literal["shown", "hidden", "removed", "gone"]


class Measure(msgspec.Struct, frozen=True):
    kind: str
    event: UUID
    detail: dict[str, Any]
    until: datetime | None
    at: datetime


class Past(msgspec.Struct, frozen=True):
    """A decision against an account."""

    event: UUID
    subject_type: Subject
    subject: UUID
    decision: str
    policy: str
    at: datetime
    overturned: bool


class Record(msgspec.Struct, frozen=True):
    """Of an account. `reports`: against what it made, over its subjects; `strikes`: those that count now."""

    id: UUID
    handle: str
    display_name: str
    created_at: datetime
    is_young: bool
    suspended: str | None
    suspended_until: datetime | None
    strikes: int
    reports: int
    upheld: int
    past: tuple[Past, ...]


async def filed(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> list[Filed]:
    """The newest hundred."""
    rows = await conn.fetch(
        """
        select r.id, a.handle::text, case when a.id is not null then reporter_trust(a.id) end as trust, r.source,
            r.reason, r.comment, r.at_s, r.state, r.outcome, r.created_at
        from report r left join account a on a.id = r.reporter
        where r.subject_type = $1 and r.subject = $2 order by r.id desc limit 100
        """,
        kind,
        subject,
    )
    return [msgspec.convert(dict(row), Filed) for row in rows]


async def lineage(conn: asyncpg.Connection, clip: UUID) -> list[Node]:
    """The whole tree that a clip is in, from its root; at most 200."""
    rows = await conn.fetch(
        """
        select l.clip, l.parent, l.depth, a.handle::text, case
                when c.id is null then 'gone' when c.removed_at is not null then 'removed'
                when c.hidden_at is not null then 'hidden' else 'shown'
            end as state
        from lineage l left join clip c on c.id = l.clip left join account a on a.id = l.maker
        where l.root = (select root from lineage where clip = $1) order by l.depth, l.clip limit 200
        """,
        clip,
    )
    return [msgspec.convert(dict(row), Node) for row in rows]


async def standing(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> list[Measure]:
    """What is done to a subject now, oldest first."""
    rows = await conn.fetch(
        """
        select kind, event, detail, nullif(until, 'infinity') as until, at from moderation_measure
        where subject_type = $1 and subject = $2 and lifted_at is null order by id
        """,
        kind,
        subject,
    )
    return [msgspec.convert(dict(row), Measure) for row in rows]


async def record(conn: asyncpg.Connection, account: UUID) -> Record | None:
    row = await conn.fetchrow(
        """
        select a.id, a.handle::text, a.display_name, a.created_at,
            a.birth_date > current_date - interval '18 years' as is_young, suspended_by(a) as suspended,
            a.suspended_until,
            (select count(*) from strike s where s.account = a.id and s.taken_back is null and s.expires_at > now()
            )::integer as strikes,
            f.reports, f.upheld,
            coalesce((
                select jsonb_agg(jsonb_build_object(
                    'event', e.id, 'subject_type', e.subject_type, 'subject', e.subject,
                    'decision', e.detail ->> 'decision', 'policy', e.detail ->> 'policy', 'at', e.at,
                    'overturned', exists (select from appeal p where p.event = e.id and p.outcome = 'overturned')
                ) order by e.seq desc)
                from (
                    select m.* from statement s join moderation_event m on m.id = s.event
                    where s.account = a.id order by s.id desc limit 20
                ) e
            ), '[]') as past
        from account a cross join lateral (
            select count(*)::integer as reports, (count(*) filter (where r.outcome = 'upheld'))::integer as upheld
            from report r join evidence v on v.id = r.evidence where v.author = a.id
        ) f
        where a.id = $1
        """,
        account,
    )
    return None if row is None else msgspec.convert(dict(row), Record)
