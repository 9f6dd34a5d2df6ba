"""Statements of reasons (Digital Services Act, article 17): what was decided, why, and what can be done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from social.moderation.reasons import Subject


class Statement(msgspec.Struct, frozen=True):
    """`body` has the fields of the DSA transparency database (transparency.dsa.ec.europa.eu, "API documentation")."""

    id: UUID
    event: UUID
    account: UUID | None
    subject_type: Subject
    subject: UUID
    body: dict[str, Any]
    at: datetime


async def write(
    conn: asyncpg.Connection, event: UUID, account: UUID, kind: Subject, subject: UUID, body: dict[str, Any]
) -> UUID:
    made: UUID = await conn.fetchval(
        """
        insert into statement (event, account, subject_type, subject, body)
        values ($1, (select id from account where id = $2), $3, $4, $5) returning id
        """,
        event,
        account,
        kind,
        subject,
        body,
    )
    return made


async def of(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Statement]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select id, event, account, subject_type, subject, body, at from statement
        where account = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Statement) for row in rows]


async def find(conn: asyncpg.Connection, statement: UUID) -> Statement | None:
    row = await conn.fetchrow(
        "select id, event, account, subject_type, subject, body, at from statement where id = $1", statement
    )
    return None if row is None else msgspec.convert(dict(row), Statement)


async def of_suspension(conn: asyncpg.Connection, account: UUID) -> UUID | None:
    """Why an account is suspended now; None where no decision did it."""
    statement: UUID | None = await conn.fetchval(
        """
        select s.id from account a join statement s on s.event = a.suspended_event and s.account = a.id where a.id = $1
        """,
        account,
    )
    return statement
