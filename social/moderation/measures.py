"""Measures: what is done to a subject until it is lifted. The columns that everybody reads are settled from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from social import sessions
from social.moderation.reasons import Subject

Kind = Literal["pending", "removed", "labelled", "age_restricted", "limited", "remix_disabled", "revoked", "suspended"]


async def put(
    conn: asyncpg.Connection,
    event: UUID,
    kind: Subject,
    subject: UUID,
    what: Kind,
    detail: Mapping[str, Any] | None = None,
    until: datetime | None = None,
) -> None:
    """`until` None: until it is lifted. What a removal reaches below a clip is hidden with it.

    What was there before is kept where no other measure of the kind has changed it already. Of two suspensions by one
    event, such as a strike's beside its own, the longer counts.
    """
    await conn.execute(
        """
        insert into moderation_measure (event, subject_type, subject, kind, detail, until)
        values ($1, $2, $3, $4, $5 || case $4
            when 'remix_disabled' then coalesce((
                select jsonb_build_object('allowed', allow_remix) from clip where id = $3 and not remix_barred
            ), '{}')
            when 'revoked' then coalesce((
                select jsonb_build_object('state', state) from character where id = $3 and not barred
            ), '{}')
            else '{}'
        end, coalesce($6, timestamptz 'infinity'))
        on conflict (event, subject_type, subject, kind) do update
        set until = greatest(moderation_measure.until, excluded.until)
        """,
        event,
        kind,
        subject,
        what,
        detail or {},
        until,
    )
    await conn.execute("select settle_measures($1, $2)", kind, subject)
    if what == "removed" and kind == "clip":
        await _hide_below(conn, event, subject)
    if what == "suspended":
        await sessions.end_all(conn, subject, "suspended")


async def _hide_below(conn: asyncpg.Connection, event: UUID, clip: UUID) -> None:
    """What was made from it, or has its sound; deleted clips between are walked through.

    In the order of ids, so that removals in one tree wait for each other.
    """
    await conn.execute(
        """
        with recursive below as (
            select $2::uuid as clip
            union
            select x.clip from below b cross join lateral (
                select l.clip from lineage l where l.parent = b.clip
                union all
                select c.id from clip c where c.sound_of = b.clip
            ) x
        ), hidden as (
            insert into moderation_measure (event, subject_type, subject, kind)
            select $1, 'clip', c.id, 'lineage' from below b join clip c on c.id = b.clip where c.id <> $2 order by c.id
            on conflict do nothing
        )
        select from clip where id in (select clip from below) order by id for no key update
        """,
        event,
        clip,
    )
    await conn.execute(
        """
        select settle_measures('clip', subject) from (
            select subject from moderation_measure where event = $1 and kind = 'lineage' order by subject
        ) m
        """,
        event,
    )


async def hide_clips(conn: asyncpg.Connection, event: UUID, account: UUID) -> None:
    """All that an account has made."""
    await conn.execute(
        """
        insert into moderation_measure (event, subject_type, subject, kind)
        select $1, 'clip', c.id, 'lineage' from (
            select id from clip where account = $2 order by id for no key update
        ) c
        on conflict do nothing
        """,
        event,
        account,
    )
    await conn.execute("select settle_measures('clip', id) from clip where account = $1 order by id", account)


async def lift(conn: asyncpg.Connection, caused_by: UUID, lifted_by: UUID) -> None:
    """All that this event did, and nothing else: what another event holds too stays as it is."""
    await _lifted(
        conn,
        await conn.fetch(
            """
            update moderation_measure set lifted_at = clock_timestamp(), lifted_by = $2
            where event = $1 and lifted_at is null returning subject_type, subject
            """,
            caused_by,
            lifted_by,
        ),
    )


async def lift_pending(conn: asyncpg.Connection, kind: Subject, subject: UUID, lifted_by: UUID) -> None:
    """A decision ends what was done until there was one."""
    await _lifted(
        conn,
        await conn.fetch(
            """
            update moderation_measure set lifted_at = clock_timestamp(), lifted_by = $3
            where subject_type = $1 and subject = $2 and kind = 'pending' and lifted_at is null
            returning subject_type, subject
            """,
            kind,
            subject,
            lifted_by,
        ),
    )


async def _lifted(conn: asyncpg.Connection, rows: list[asyncpg.Record]) -> None:
    for kind, subject in sorted({(row["subject_type"], row["subject"]) for row in rows}):
        await conn.execute("select settle_measures($1, $2)", kind, subject)


async def lift_strikes(conn: asyncpg.Connection, account: UUID, lifted_by: UUID) -> None:
    """Suspensions for the number of strikes, once there are fewer."""
    await _lifted(
        conn,
        await conn.fetch(
            """
            update moderation_measure set lifted_at = clock_timestamp(), lifted_by = $2
            where subject_type = 'account' and subject = $1 and kind = 'suspended' and detail ? 'strikes'
                and lifted_at is null
            returning subject_type, subject
            """,
            account,
            lifted_by,
        ),
    )


async def lift_suspensions(conn: asyncpg.Connection, account: UUID, lifted_by: UUID) -> None:
    """All of them: whoever runs this place takes the account back."""
    await _lifted(
        conn,
        await conn.fetch(
            """
            update moderation_measure set lifted_at = clock_timestamp(), lifted_by = $2
            where subject_type = 'account' and subject = $1 and kind = 'suspended' and lifted_at is null
            returning subject_type, subject
            """,
            account,
            lifted_by,
        ),
    )


async def end_suspensions(conn: asyncpg.Connection) -> None:
    """Those whose time is over; what reads the account looks at the time itself."""
    await conn.execute(
        """
        select settle_measures('account', id) from account
        where suspended_until < now() and suspended_because = 'staff' order by id
        """
    )


async def over(conn: asyncpg.Connection) -> list[UUID]:
    """Clips that were removed so long ago that nobody can appeal any more, and nobody does."""
    rows = await conn.fetch(
        """
        select distinct m.subject from moderation_measure m join clip c on c.id = m.subject
        where m.kind = 'removed' and m.subject_type = 'clip' and m.lifted_at is null
            and m.at < now() - interval '6 months' and c.removed_because = 'moderation'
            and not exists (select from appeal p where p.event = m.event and p.outcome is null)
        order by m.subject limit 500
        """
    )
    return [row["subject"] for row in rows]
