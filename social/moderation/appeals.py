"""Appeals: whoever was decided against, or whose report was dismissed, asks another moderator to look again."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.moderation.errors import AppealDecided, AppealLate, AppealUnknown, OwnMatter
from social.moderation.reasons import Subject

WORDS_MAX: Final = 4000  # characters
Outcome = Literal["upheld", "overturned"]


class Appeal(msgspec.Struct, frozen=True):
    """With the decision that it is against. `outcome` upheld: the decision stands."""

    id: UUID
    event: UUID
    appellant: UUID | None
    handle: str | None
    side: Literal["author", "reporter"]
    words: str
    created_at: datetime
    outcome: Outcome | None
    answer: str | None
    decided_at: datetime | None
    subject_type: Subject
    subject: UUID
    decision: str
    against: UUID | None  # who decided


async def open_appeal(
    conn: asyncpg.Connection, event: UUID, appellant: UUID, side: Literal["author", "reporter"], words: str
) -> tuple[UUID, bool]:
    """Its id, and whether it is new: asked twice, it is the first. Raises AppealLate."""
    until = await conn.fetchval("select at + interval '6 months' from moderation_event where id = $1", event)
    if await conn.fetchval("select now() > $1::timestamptz", until):
        raise AppealLate(until)
    made = await conn.fetchval(
        """
        insert into appeal (event, appellant, side, words) values ($1, $2, $3, $4)
        on conflict (event, appellant) do nothing returning id
        """,
        event,
        appellant,
        side,
        words,
    )
    if made is not None:
        return made, True
    known: UUID = await conn.fetchval("select id from appeal where event = $1 and appellant = $2", event, appellant)
    return known, False


async def find(conn: asyncpg.Connection, appeal: UUID) -> Appeal | None:
    row = await conn.fetchrow(
        """
        select p.id, p.event, p.appellant, a.handle::text, p.side, p.words, p.created_at, p.outcome, p.answer,
            p.decided_at, e.subject_type, e.subject, e.detail ->> 'decision' as decision, e.actor as against
        from appeal p join moderation_event e on e.id = p.event left join account a on a.id = p.appellant
        where p.id = $1
        """,
        appeal,
    )
    return None if row is None else msgspec.convert(dict(row), Appeal)


async def sure(conn: asyncpg.Connection, appeal: UUID | None, public_id: str) -> Appeal:
    """Raises AppealUnknown."""
    found = None if appeal is None else await find(conn, appeal)
    if found is None:
        raise AppealUnknown(public_id)
    return found


async def waiting(conn: asyncpg.Connection, *, after: UUID | None, limit: int) -> list[Appeal]:
    """Oldest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select p.id, p.event, p.appellant, a.handle::text, p.side, p.words, p.created_at, p.outcome, p.answer,
            p.decided_at, e.subject_type, e.subject, e.detail ->> 'decision' as decision, e.actor as against
        from appeal p join moderation_event e on e.id = p.event left join account a on a.id = p.appellant
        where p.outcome is null and ($1::uuid is null or p.id > $1) order by p.id limit $2
        """,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Appeal) for row in rows]


async def of_account(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Appeal]:
    """Their own, newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select p.id, p.event, p.appellant, a.handle::text, p.side, p.words, p.created_at, p.outcome, p.answer,
            p.decided_at, e.subject_type, e.subject, e.detail ->> 'decision' as decision, e.actor as against
        from appeal p join moderation_event e on e.id = p.event left join account a on a.id = p.appellant
        where p.appellant = $1 and ($2::uuid is null or p.id < $2) order by p.id desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Appeal) for row in rows]


async def close(
    conn: asyncpg.Connection, appeal: UUID, public_id: str, by: UUID, outcome: Outcome, answer: str
) -> Appeal:
    """Decided once. Raises AppealUnknown, AppealDecided or OwnMatter."""
    await conn.execute("select from appeal where id = $1 for no key update", appeal)
    found = await sure(conn, appeal, public_id)
    if found.outcome is not None:
        raise AppealDecided(found.outcome)
    if found.against == by:
        raise OwnMatter("the appeal is against your own decision")
    if found.appellant == by:
        raise OwnMatter("the appeal is your own")
    if await conn.fetchval("select exists (select from appeal where event = $1 and decided_by = $2)", found.event, by):
        raise OwnMatter("you have answered another appeal against it")
    await conn.execute(
        """
        update appeal set outcome = $2, answer = $3, decided_by = $4, decided_at = clock_timestamp() where id = $1
        """,
        appeal,
        outcome,
        answer,
        by,
    )
    return await sure(conn, appeal, public_id)
