"""Guardians of young people: asked by them, confirmed by the guardian; they set limits, and see no messages.

A link counts until its young person is of age. Where two guardians set limits, the stricter ones hold.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import quota
from social.errors import GuardianLimit, GuardianRefused, GuardianUnknown
from social.quota import Quota

GUARDIANS_MOST: Final = 2
ClipAudience = Literal["only_me", "friends", "everyone"]
WIDTH: Final[dict[str, int]] = {"only_me": 0, "friends": 1, "everyone": 2}


class Link(msgspec.Struct, frozen=True):
    """`handle` and `display_name` are the other side's. `active`: the young account may be used.

    `calm_feed`: the young account's feed is calm, which it may have chosen otherwise from 16 years on.
    """

    young: UUID
    guardian: UUID
    handle: str
    display_name: str
    daily_clips: int | None
    clip_audience: ClipAudience | None
    active: bool
    asked_at: datetime
    confirmed_at: datetime | None
    calm_feed: bool


async def ask(conn: asyncpg.Connection, young: UUID, guardian: UUID, handle: str) -> Link:
    """Raises GuardianRefused. Belongs into a transaction."""
    await conn.execute("select from account where id = $1 for update", young)
    if not await conn.fetchval(
        "select birth_date <= current_date - interval '18 years' from account where id = $1", guardian
    ):
        raise GuardianRefused("a guardian is 18 or older")
    others = await conn.fetchval(
        "select count(*) from guardian_link where young = $1 and guardian <> $2", young, guardian
    )
    if others >= GUARDIANS_MOST:
        raise GuardianRefused(f"you have {GUARDIANS_MOST}, which is the most")
    await conn.execute(
        "insert into guardian_link (young, guardian) values ($1, $2) on conflict do nothing", young, guardian
    )
    return await of_young(conn, young, handle)


async def guardians(conn: asyncpg.Connection, young: UUID) -> list[Link]:
    """Whom a young account has asked, and who has confirmed."""
    rows = await conn.fetch(
        """
        select g.young, g.guardian, a.handle::text, a.display_name, g.daily_clips, g.clip_audience, true as active,
            g.asked_at, g.confirmed_at, feed_is_calm(g.young) as calm_feed
        from guardian_link g join account a on a.id = g.guardian where g.young = $1 order by g.asked_at, g.guardian
        """,
        young,
    )
    return [msgspec.convert(dict(row), Link) for row in rows]


async def wards(conn: asyncpg.Connection, guardian: UUID) -> list[Link]:
    """The young accounts that asked a guardian, while they are young."""
    rows = await conn.fetch(
        """
        select g.young, g.guardian, a.handle::text, a.display_name, g.daily_clips, g.clip_audience,
            a.suspended_at is null as active, g.asked_at, g.confirmed_at, feed_is_calm(g.young) as calm_feed
        from guardian_link g join account a on a.id = g.young
        where g.guardian = $1 and a.birth_date > current_date - interval '18 years' order by g.asked_at, g.young
        """,
        guardian,
    )
    return [msgspec.convert(dict(row), Link) for row in rows]


async def of_young(conn: asyncpg.Connection, young: UUID, handle: str) -> Link:
    """Raises GuardianUnknown."""
    found = [link for link in await guardians(conn, young) if link.handle == handle.lower()]
    if not found:
        raise GuardianUnknown(handle)
    return found[0]


async def of_guardian(conn: asyncpg.Connection, guardian: UUID, handle: str) -> Link:
    """Raises GuardianUnknown."""
    found = [link for link in await wards(conn, guardian) if link.handle == handle.lower()]
    if not found:
        raise GuardianUnknown(handle)
    return found[0]


async def confirm(conn: asyncpg.Connection, link: Link) -> None:
    await conn.execute(
        "update guardian_link set confirmed_at = coalesce(confirmed_at, now()) where young = $1 and guardian = $2",
        link.young,
        link.guardian,
    )


async def limit(conn: asyncpg.Connection, link: Link) -> None:
    """As the link says. Raises GuardianRefused before it is confirmed."""
    if link.confirmed_at is None:
        raise GuardianRefused("confirm it first")
    await conn.execute(
        "update guardian_link set daily_clips = $3, clip_audience = $4 where young = $1 and guardian = $2",
        link.young,
        link.guardian,
        link.daily_clips,
        link.clip_audience,
    )


async def part(conn: asyncpg.Connection, link: Link) -> None:
    """The limits go with it."""
    await conn.execute("delete from guardian_link where young = $1 and guardian = $2", link.young, link.guardian)


async def today(conn: asyncpg.Connection, account: UUID, most: int) -> Quota:
    """As `quota.today`, of what a guardian allows: then there are no credits."""
    allowed = await _allowed(conn, account)
    if allowed is None:
        return await quota.today(conn, account, most)
    return msgspec.structs.replace(await quota.today(conn, account, min(most, allowed)), extra=0, credits=())


async def debit(conn: asyncpg.Connection, account: UUID, most: int) -> UUID:
    """As `quota.debit`; credits do not go beyond what a guardian allows. Raises QuotaSpent."""
    allowed = await _allowed(conn, account)
    limit = most if allowed is None else min(most, allowed)
    return await quota.debit(conn, account, limit, beyond=allowed is None)


async def _allowed(conn: asyncpg.Connection, account: UUID) -> int | None:
    """Clips a day; None: no guardian has said."""
    allowed: int | None = await conn.fetchval(
        """
        select min(g.daily_clips) from guardian_link g join account a on a.id = g.young
        where g.young = $1 and g.confirmed_at is not null and a.birth_date > current_date - interval '18 years'
        """,
        account,
    )
    return allowed


async def need_audience(conn: asyncpg.Connection, account: UUID, wanted: str) -> None:
    """Whom an account may show a clip to. Raises GuardianLimit."""
    rows = await conn.fetch(
        """
        select g.clip_audience from guardian_link g join account a on a.id = g.young
        where g.young = $1 and g.confirmed_at is not null and g.clip_audience is not null
            and a.birth_date > current_date - interval '18 years'
        """,
        account,
    )
    widest = min((WIDTH[row["clip_audience"]] for row in rows), default=WIDTH["everyone"])
    if WIDTH[wanted] > widest:
        raise GuardianLimit("audience", wanted, ", ".join(name for name, width in WIDTH.items() if width <= widest))
