"""Events of moderation: added, never changed; each moves the status of its subject in the same statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation.reasons import Subject

Kind = Literal[
    "reported",
    "hidden",
    "claimed",
    "released",
    "escalated",
    "decided",
    "appealed",
    "appeal_decided",
    "reopened",
    "restored",
]


class Event(msgspec.Struct, frozen=True):
    """`actor` None: the machine itself. `by`: its handle, where that account is still there."""

    id: UUID
    kind: Kind
    actor: UUID | None
    by: str | None
    detail: dict[str, Any]
    at: datetime


async def lock(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> None:
    """Until the transaction ends: events of one subject are numbered in the order of their commits."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1 || $2::uuid::text, 5018019))", kind, subject)


async def note(
    conn: asyncpg.Connection, kind: Subject, subject: UUID, what: Kind, actor: UUID | None, detail: Mapping[str, Any]
) -> UUID:
    """Its id. Belongs into a transaction that holds the subject (`lock`)."""
    made: UUID = await conn.fetchval(
        """
        insert into moderation_event (subject_type, subject, kind, actor, detail) values ($1, $2, $3, $4, $5)
        returning id
        """,
        kind,
        subject,
        what,
        actor,
        detail,
    )
    return made


async def of(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> list[Event]:
    """The newest 200 of a subject, newest first."""
    rows = await conn.fetch(
        """
        select e.id, e.kind, e.actor, a.handle::text as by, e.detail, e.at
        from moderation_event e left join account a on a.id = e.actor
        where e.subject_type = $1 and e.subject = $2 order by e.seq desc limit 200
        """,
        kind,
        subject,
    )
    return [msgspec.convert(dict(row), Event) for row in rows]
