"""Webhooks: endpoints that an account wants told when its clips end, and every delivery owed to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InvalidValue, WebhooksFull, WebhookUnknown

EventName = Literal["video.completed", "video.failed"]
EVENTS: Final[tuple[EventName, ...]] = ("video.completed", "video.failed")
MOST: Final = 10  # endpoints of one account
LOG_DAYS: Final = 30
OLD_SECRET: Final = timedelta(hours=24)  # for so long a rotated secret signs beside the new one
FAILING: Final = timedelta(days=5)  # an endpoint that took nothing for so long is asked no more


class Webhook(msgspec.Struct, frozen=True):
    id: UUID
    url: str
    events: tuple[str, ...]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None


class Secret(msgspec.Struct, frozen=True):
    """`wrapped` with the master key for this webhook and version."""

    version: int
    wrapped: bytes


class Delivery(msgspec.Struct, frozen=True):
    """One event on its way to one endpoint."""

    id: UUID
    event: UUID
    kind: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_at: datetime
    last_status: int | None
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None


class Due(msgspec.Struct, frozen=True):
    """What sending one delivery needs. `attempts` were made before."""

    id: UUID
    webhook: UUID
    account: UUID
    url: str
    event: UUID
    body: str
    attempts: int
    disabled_at: datetime | None
    wait_s: float  # until it is due


async def create(conn: asyncpg.Connection, account: UUID, url: str, events: Sequence[str]) -> Webhook:
    """Raises WebhooksFull or InvalidValue. Needs an open transaction."""
    for one in events or ("",):
        if one not in EVENTS:
            raise InvalidValue("events", list(events), f"one or more of {', '.join(EVENTS)}")
    await conn.execute("select from account where id = $1 for no key update", account)
    if await conn.fetchval("select count(*) from webhook where account = $1", account) >= MOST:
        raise WebhooksFull(MOST)
    row = await conn.fetchrow(
        """
        insert into webhook (account, url, events) values ($1, $2, $3)
        returning id, url, events, created_at, failing_since, disabled_at, disabled_because
        """,
        account,
        url,
        [one for one in EVENTS if one in events],
    )
    return msgspec.convert(dict(row), Webhook)


async def of(conn: asyncpg.Connection, account: UUID) -> list[Webhook]:
    """Newest first."""
    rows = await conn.fetch(
        """
        select id, url, events, created_at, failing_since, disabled_at, disabled_because
        from webhook where account = $1 order by id desc
        """,
        account,
    )
    return [msgspec.convert(dict(row), Webhook) for row in rows]


async def need(conn: asyncpg.Connection, account: UUID, webhook: UUID, named: str) -> None:
    """It is the account's; locked until the transaction ends. Raises WebhookUnknown."""
    if not await conn.fetchval(
        "select true from webhook where id = $1 and account = $2 for no key update", webhook, account
    ):
        raise WebhookUnknown(named)


async def delete(conn: asyncpg.Connection, webhook: UUID) -> None:
    """With its deliveries, also those that wait."""
    await conn.execute("delete from webhook where id = $1", webhook)


async def newest_version(conn: asyncpg.Connection, webhook: UUID) -> int:
    """Of its secret; 0 where it has none yet."""
    return int(await conn.fetchval("select coalesce(max(version), 0) from webhook_secret where webhook = $1", webhook))


async def keep_secret(conn: asyncpg.Connection, webhook: UUID, version: int, wrapped: bytes) -> None:
    """The newest from now on; only the one before stays, for OLD_SECRET."""
    await conn.execute(
        "delete from webhook_secret where webhook = $1 and (version < $2 - 1 or expires_at < now())", webhook, version
    )
    await conn.execute(
        "update webhook_secret set expires_at = now() + $2::interval where webhook = $1 and expires_at is null",
        webhook,
        OLD_SECRET,
    )
    await conn.execute(
        "insert into webhook_secret (webhook, version, wrapped) values ($1, $2, $3)", webhook, version, wrapped
    )


async def secrets(conn: asyncpg.Connection, webhook: UUID) -> list[Secret]:
    """Those that sign now, the newest first."""
    rows = await conn.fetch(
        """
        select version, wrapped from webhook_secret
        where webhook = $1 and (expires_at is null or expires_at > now()) order by version desc
        """,
        webhook,
    )
    return [msgspec.convert(dict(row), Secret) for row in rows]


async def owe(
    conn: asyncpg.Connection, account: UUID, kind: EventName, at: datetime, event: UUID, body: str
) -> list[UUID]:
    """A delivery for every endpoint that wanted such an event when it happened; their ids."""
    rows = await conn.fetch(
        """
        insert into webhook_delivery (webhook, event, kind, body)
        select id, $4, $2, $5 from webhook
        where account = $1 and $2 = any(events) and disabled_at is null and created_at <= $3
        returning id
        """,
        account,
        kind,
        at,
        event,
        body,
    )
    return [row["id"] for row in rows]


async def due(conn: asyncpg.Connection, delivery: UUID) -> Due | None:
    """None where nothing waits any more."""
    row = await conn.fetchrow(
        """
        select d.id, d.webhook, w.account, w.url, d.event, d.body, d.attempts, w.disabled_at,
            greatest(0, extract(epoch from d.next_at - now()))::float8 as wait_s
        from webhook_delivery d join webhook w on w.id = d.webhook where d.id = $1 and d.state = 'waiting'
        """,
        delivery,
    )
    return None if row is None else msgspec.convert(dict(row), Due)


async def arrived(conn: asyncpg.Connection, delivery: UUID, status: int) -> None:
    await conn.execute(
        """
        with done as (
            update webhook_delivery set state = 'delivered', attempts = attempts + 1, last_status = $2,
                last_error = null, ended_at = now()
            where id = $1 and state = 'waiting' returning webhook
        )
        update webhook set failing_since = null from done where id = done.webhook
        """,
        delivery,
        status,
    )


async def missed(
    conn: asyncpg.Connection, delivery: UUID, status: int | None, error: str, again_after: timedelta | None
) -> bool:
    """One attempt failed; None: the last one. True when the endpoint has been failing for longer than FAILING."""
    row = await conn.fetchrow(
        """
        with tried as (
            update webhook_delivery set attempts = attempts + 1, last_status = $2, last_error = $3,
                state = case when $4::interval is null then 'failed' else 'waiting' end,
                ended_at = case when $4 is null then now() end, next_at = now() + coalesce($4, interval '0')
            where id = $1 and state = 'waiting' returning webhook
        )
        update webhook w set failing_since = coalesce(w.failing_since, now()) from tried where w.id = tried.webhook
        returning w.failing_since < now() - $5::interval as hopeless
        """,
        delivery,
        status,
        error,
        again_after,
        FAILING,
    )
    return row is not None and row["hopeless"]


async def disable(conn: asyncpg.Connection, webhook: UUID, because: Literal["failing", "gone"]) -> bool:
    """No more deliveries, and those that wait have failed. True for exactly one caller."""
    done = await conn.execute(
        "update webhook set disabled_at = now(), disabled_because = $2 where id = $1 and disabled_at is null",
        webhook,
        because,
    )
    await conn.execute(
        """
        update webhook_delivery set state = 'failed', ended_at = now(), last_error = 'the endpoint is disabled'
        where webhook = $1 and state = 'waiting'
        """,
        webhook,
    )
    return bool(done == "UPDATE 1")


async def log(conn: asyncpg.Connection, webhook: UUID, *, after: UUID | None, limit: int) -> list[Delivery]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select id, event, kind, state, attempts, next_at, last_status, last_error, created_at, ended_at
        from webhook_delivery where webhook = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """,
        webhook,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Delivery) for row in rows]


async def tidy(conn: asyncpg.Connection) -> None:
    """The log goes back LOG_DAYS."""
    await conn.execute("delete from webhook_delivery where ended_at < now() - $1::interval", timedelta(days=LOG_DAYS))
    await conn.execute("delete from webhook_secret where expires_at < now()")
