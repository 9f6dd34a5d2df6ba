"""Figures of moderation, all from its events: per day, per queue, per moderator, and a month for the public."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import msgspec


class Day(msgspec.Struct, frozen=True):
    """Of one queue. Seconds are medians over what was decided: waited since it was opened, handled since claimed."""

    day: date
    queue: str
    taken_in: int
    done: int
    waited_s: float | None
    handled_s: float | None


class Moderator(msgspec.Struct, frozen=True):
    """`handle` None: the machine, or an account that is gone. `appealed`: answered, of which `overturned`."""

    handle: str | None
    done: int
    handled_s: float | None
    appealed: int
    overturned: int


class Waiting(msgspec.Struct, frozen=True):
    queue: str
    open: int
    claimed: int
    overdue: int
    oldest_s: float


async def days(conn: asyncpg.Connection, first: date, last: date) -> list[Day]:
    """UTC days, both ends included; those without anything are left out."""
    rows = await conn.fetch(
        """
        select (e.at at time zone 'utc')::date as day, e.detail ->> 'queue' as queue,
            (count(*) filter (where e.kind = 'reported'))::integer as taken_in,
            (count(*) filter (where e.kind = 'decided'))::integer as done,
            percentile_cont(0.5) within group (order by (e.detail ->> 'waited_s')::float8) as waited_s,
            percentile_cont(0.5) within group (order by (e.detail ->> 'handled_s')::float8) as handled_s
        from moderation_event e
        where e.kind in ('reported', 'decided')
            and e.at >= $1::date::timestamp at time zone 'utc' and e.at < ($2::date + 1)::timestamp at time zone 'utc'
        group by 1, 2 order by 1, 2
        """,
        first,
        last,
    )
    return [msgspec.convert(dict(row), Day) for row in rows]


async def moderators(conn: asyncpg.Connection, first: date, last: date) -> list[Moderator]:
    """Who decided most first."""
    rows = await conn.fetch(
        """
        with did as (
            select case e.kind when 'decided' then e.actor else (e.detail ->> 'against')::uuid end as who,
                e.kind, e.detail
            from moderation_event e
            where e.kind in ('decided', 'appeal_decided')
                and e.at >= $1::date::timestamp at time zone 'utc'
                and e.at < ($2::date + 1)::timestamp at time zone 'utc'
        )
        select a.handle::text, (count(*) filter (where d.kind = 'decided'))::integer as done,
            percentile_cont(0.5) within group (order by (d.detail ->> 'handled_s')::float8) as handled_s,
            (count(*) filter (where d.kind = 'appeal_decided'))::integer as appealed,
            (count(*) filter (where d.kind = 'appeal_decided' and d.detail ->> 'outcome' = 'overturned'))::integer
                as overturned
        from did d left join account a on a.id = d.who
        group by a.handle order by done desc, a.handle
        """,
        first,
        last,
    )
    return [msgspec.convert(dict(row), Moderator) for row in rows]


async def waiting(conn: asyncpg.Connection) -> list[Waiting]:
    """Now, exactly."""
    rows = await conn.fetch(
        """
        select queue, count(*)::integer as open, (count(*) filter (where lease_until > now()))::integer as claimed,
            (count(*) filter (where due_at < now()))::integer as overdue,
            greatest(0, extract(epoch from now() - min(opened_at)))::float8 as oldest_s
        from moderation_subject_status where state = 'open' group by queue order by queue
        """
    )
    return [msgspec.convert(dict(row), Waiting) for row in rows]


async def month(conn: asyncpg.Connection, first: date) -> dict[str, Any]:
    """The calendar month (UTC) that begins with `first`, in the terms of the DSA's articles 15 and 24.

    Nobody is named: counts and medians alone.
    """
    row = await conn.fetchrow(
        """
        with e as materialized (
            select * from moderation_event
            where at >= $1::date::timestamp at time zone 'utc'
                and at < ($1::date + interval '1 month') at time zone 'utc'
        ), reported as (
            select detail ->> 'source' as source, detail ->> 'reason' as reason, count(*) as number
            from e where kind = 'reported' group by 1, 2
        ), decided as (
            select detail ->> 'decision' as decision, detail ->> 'reason' as reason, actor is null as automated,
                detail ->> 'legal_ground' is not null as illegal, count(*) as number
            from e where kind = 'decided' group by 1, 2, 3, 4
        ), hidden as (
            select detail ->> 'because' as because, count(*) as number from e where kind = 'hidden' group by 1
        ), appeals as (
            select detail ->> 'side' as side, detail ->> 'outcome' as outcome, count(*) as number
            from e where kind = 'appeal_decided' group by 1, 2
        ), strikes as (
            select m.detail ? 'strikes' as by_strikes, m.until = 'infinity' as for_good, count(*) as number
            from moderation_measure m join e on e.id = m.event where m.kind = 'suspended' group by 1, 2
        )
        select
            (select coalesce(jsonb_agg(to_jsonb(r) order by number desc, source, reason), '[]') from reported r
            ) as reports,
            (select coalesce(jsonb_agg(to_jsonb(d) order by number desc, decision, reason), '[]') from decided d
            ) as decisions,
            (select coalesce(jsonb_agg(to_jsonb(h) order by number desc, because), '[]') from hidden h
            ) as hidden_at_once,
            (select coalesce(jsonb_agg(to_jsonb(p) order by side, outcome), '[]') from appeals p) as appeals_decided,
            (select count(*) from e where kind = 'appealed') as appeals_received,
            (select coalesce(jsonb_agg(to_jsonb(s) order by by_strikes, for_good), '[]') from strikes s
            ) as suspensions,
            (select count(*) from e where kind = 'decided' and (detail ->> 'strike')::boolean) as strikes,
            (select count(*) from e where kind = 'escalated') as escalated,
            (select percentile_cont(0.5) within group (order by (detail ->> 'waited_s')::float8) from e
                where kind = 'decided') as median_waited_s,
            (select count(*) from statement s join e on e.id = s.event) as statements_of_reasons
        """,
        first,
    )
    return dict(row)
