"""The audit log of moderation: each row holds the SHA-256 of the one before it, so that none can be changed unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from social.moderation.reasons import Subject


class Row(msgspec.Struct, frozen=True):
    seq: int
    at: datetime
    actor: UUID | None
    by: str | None  # its handle, while that account is there
    action: str
    subject_type: Subject
    subject: UUID
    detail: dict[str, Any]
    prev_hash: bytes
    hash: bytes


class Verdict(msgspec.Struct, frozen=True):
    """`broken_at`: the first number whose row is missing or is not what was written; None: the chain holds."""

    rows: int
    head: bytes | None
    broken_at: int | None


async def note(
    conn: asyncpg.Connection, actor: UUID | None, action: str, kind: str, subject: UUID, detail: Mapping[str, Any]
) -> None:
    """Last in its transaction: the end of the chain stays locked until that ends."""
    await conn.execute("select note_audit($1, $2, $3, $4, $5)", actor, action, kind, subject, detail)


async def page(conn: asyncpg.Connection, *, after: int | None, limit: int) -> list[Row]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select m.seq, m.at, m.actor, a.handle::text as by, m.action, m.subject_type, m.subject, m.detail, m.prev_hash,
            m.hash
        from moderation_audit m left join account a on a.id = m.actor
        where $1::bigint is null or m.seq < $1 order by m.seq desc limit $2
        """,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Row) for row in rows]


async def verify(conn: asyncpg.Connection) -> Verdict:
    """Every row, recomputed. A chain cut at its end still holds: compare `head` with one kept elsewhere."""
    row = await conn.fetchrow(
        """
        with linked as (
            select a.seq, row_number() over (order by a.seq) as number, a.hash,
                a.hash = audit_hash(a) as own,
                a.prev_hash = coalesce(lag(a.hash) over (order by a.seq), sha256('castmate moderation')) as bound
            from moderation_audit a
        )
        select count(*) as rows, (select hash from moderation_audit order by seq desc limit 1) as head,
            min(number) filter (where seq <> number or not own or not bound) as broken_at
        from linked
        """
    )
    return Verdict(row["rows"], row["head"], row["broken_at"])
