"""How a house grows: who let whom in, what comes of invitations, and who comes back. For operators."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

K_WINDOW: Final = timedelta(days=30)
COHORTS: Final = 12  # weeks
DAYS: Final = (1, 7, 30)


class Invitations(msgspec.Struct, frozen=True):
    """Codes of accounts; those of the house are nobody's growth. `share`: accepted of issued; None without any."""

    issued: int
    accepted: int
    share: float | None


class KFactor(msgspec.Struct, frozen=True):
    """How many people an account brings in within its first `window_days`.

    Of `accounts` that are older than that, `invited` in all; None without such accounts.
    """

    window_days: int
    accounts: int
    invited: int
    value: float | None


class Cohort(msgspec.Struct, frozen=True):
    """Those who joined in the week that begins with `week`.

    `day_n`: the share of them who were here on the n-th day after they joined; None before all of them could.
    """

    week: date
    accounts: int
    day_1: float | None
    day_7: float | None
    day_30: float | None


class Node(msgspec.Struct, frozen=True):
    """`depth` counts from the root that was asked for, or from those nobody invited."""

    id: UUID
    handle: str
    invited_by: str | None
    depth: int
    invited: int


async def was_here(conn: asyncpg.Connection, account: UUID, day: date) -> None:
    """Once or many times a day is the same; nothing where the account is gone by now."""
    await conn.execute(
        """
        insert into account_activity (account, day) select id, $2 from account where id = $1 on conflict do nothing
        """,
        account,
        day,
    )


async def invitations(conn: asyncpg.Connection) -> Invitations:
    row = await conn.fetchrow(
        """
        select count(*) as issued, count(*) filter (where uses > 0) as accepted from invite where issuer is not null
        """
    )
    share = row["accepted"] / row["issued"] if row["issued"] else None
    return Invitations(row["issued"], row["accepted"], share)


async def k_factor(conn: asyncpg.Connection) -> KFactor:
    row = await conn.fetchrow(
        """
        select count(distinct a.id) as accounts, count(i.id) as invited
        from account a left join account i on i.invited_by = a.id and i.created_at < a.created_at + $1::interval
        where a.created_at < now() - $1::interval
        """,
        K_WINDOW,
    )
    value = row["invited"] / row["accounts"] if row["accounts"] else None
    return KFactor(K_WINDOW.days, row["accounts"], row["invited"], value)


async def cohorts(conn: asyncpg.Connection) -> list[Cohort]:
    """The last weeks, the newest first; weeks (UTC, from Monday) in which nobody joined are left out."""
    rows = await conn.fetch(
        """
        with member as (
            select id, (created_at at time zone 'UTC')::date as joined,
                date_trunc('week', created_at at time zone 'UTC')::date as week
            from account where created_at > now() - make_interval(weeks => $1)
        ), today as (select (now() at time zone 'UTC')::date as day)
        select week, count(*) as accounts,
            case when week + 6 + 1 < today.day then avg((d1.day is not null)::int)::float8 end as day_1,
            case when week + 6 + 7 < today.day then avg((d7.day is not null)::int)::float8 end as day_7,
            case when week + 6 + 30 < today.day then avg((d30.day is not null)::int)::float8 end as day_30
        from member cross join today
        left join account_activity d1 on d1.account = member.id and d1.day = member.joined + 1
        left join account_activity d7 on d7.account = member.id and d7.day = member.joined + 7
        left join account_activity d30 on d30.account = member.id and d30.day = member.joined + 30
        group by week, today.day order by week desc
        """,
        COHORTS,
    )
    return [msgspec.convert(dict(row), Cohort) for row in rows]


async def tree(
    conn: asyncpg.Connection, root: UUID | None, *, after: tuple[int, UUID] | None, limit: int
) -> list[Node]:
    """Level by level, in the order of joining; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        with recursive below as (
            select id, invited_by, 0 as depth from account
            where case when $1::uuid is null then invited_by is null else id = $1 end
            union all
            select a.id, a.invited_by, b.depth + 1 from account a join below b on a.invited_by = b.id
        )
        select b.id, a.handle::text, inviter.handle::text as invited_by, b.depth,
            (select count(*) from account i where i.invited_by = b.id) as invited
        from below b join account a on a.id = b.id left join account inviter on inviter.id = b.invited_by
        where $2::int is null or (b.depth, b.id) > ($2, $3)
        order by b.depth, b.id limit $4
        """,
        root,
        None if after is None else after[0],
        None if after is None else after[1],
        limit + 1,
    )
    return [msgspec.convert(dict(row), Node) for row in rows]
