"""Devices: the phones of an account that want to be told, and the messages on their way to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import DeviceUnknown, InvalidValue

Platform = Literal["ios", "android"]
ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
TOKENS: Final[Mapping[Platform, re.Pattern[str]]] = {
    "ios": re.compile(r"(?:[0-9A-Fa-f]{2}){32,100}"),
    "android": re.compile(r"[A-Za-z0-9:_.-]{20,4096}"),
}
MOST: Final = 20  # of one account; the one not heard of for longest makes room


class Device(msgspec.Struct, frozen=True):
    """Without its token, which nobody is shown."""

    id: str
    platform: Platform
    sandbox: bool
    details: bool
    created_at: datetime
    updated_at: datetime


class Due(msgspec.Struct, frozen=True):
    """What sending one message needs. `attempts` were made before."""

    id: UUID
    account: UUID
    device: str
    platform: Platform
    token: str
    sandbox: bool
    message: dict[str, Any]
    attempts: int
    wait_s: float  # until it is due


async def put(
    conn: asyncpg.Connection,
    account: UUID,
    device: str,
    platform: Platform,
    token: str,
    *,
    sandbox: bool,
    details: bool,
) -> Device:
    """Registered, or known again. Raises InvalidValue. Needs an open transaction."""
    if not ID.fullmatch(device):
        raise InvalidValue("id", device, "1 to 64 of A-Z, a-z, 0-9, ., _ and -")
    if not TOKENS[platform].fullmatch(token):
        allowed = "the device token in hex digits" if platform == "ios" else "the registration token of FCM"
        raise InvalidValue("token", f"{len(token)} characters", allowed)
    await conn.execute(
        "delete from device where platform = $1 and token = $2 and (account, id) <> ($3, $4)",
        platform,
        token,
        account,
        device,
    )
    row = await conn.fetchrow(
        """
        insert into device (account, id, platform, token, sandbox, details) values ($1, $2, $3, $4, $5, $6)
        on conflict (account, id) do update
        set platform = $3, token = $4, sandbox = $5, details = $6, updated_at = now()
        returning id, platform, sandbox, details, created_at, updated_at
        """,
        account,
        device,
        platform,
        token,
        sandbox,
        details,
    )
    await conn.execute(
        """
        delete from device where account = $1 and id in
            (select id from device where account = $1 order by updated_at desc, id offset $2)
        """,
        account,
        MOST,
    )
    return msgspec.convert(dict(row), Device)


async def of(conn: asyncpg.Connection, account: UUID) -> list[Device]:
    """The one last heard of first."""
    rows = await conn.fetch(
        """
        select id, platform, sandbox, details, created_at, updated_at from device
        where account = $1 order by updated_at desc, id
        """,
        account,
    )
    return [msgspec.convert(dict(row), Device) for row in rows]


async def delete(conn: asyncpg.Connection, account: UUID, device: str) -> None:
    """With what is on its way. Raises DeviceUnknown."""
    done = await conn.execute("delete from device where account = $1 and id = $2", account, device)
    if done == "DELETE 0":
        raise DeviceUnknown(device)


async def died(conn: asyncpg.Connection, platform: Platform, token: str, at: datetime | None) -> None:
    """The platform says so; `at`: since when, and a token that was registered again later lives."""
    await conn.execute(
        "delete from device where platform = $1 and token = $2 and ($3::timestamptz is null or updated_at <= $3)",
        platform,
        token,
        at,
    )


async def listening(conn: asyncpg.Connection, account: UUID, at: datetime) -> list[tuple[str, bool]]:
    """Devices that were there at that time, and whether they want details."""
    rows = await conn.fetch(
        "select id, details from device where account = $1 and created_at <= $2 order by id", account, at
    )
    return [(row["id"], row["details"]) for row in rows]


async def owe(conn: asyncpg.Connection, account: UUID, device: str, message: Mapping[str, Any]) -> UUID:
    owed: UUID = await conn.fetchval(
        "insert into push (account, device, message) values ($1, $2, $3) returning id", account, device, message
    )
    return owed


async def due(conn: asyncpg.Connection, push: UUID) -> Due | None:
    row = await conn.fetchrow(
        """
        select p.id, p.account, p.device, d.platform, d.token, d.sandbox, p.message, p.attempts,
            greatest(0, extract(epoch from p.next_at - now()))::float8 as wait_s
        from push p join device d on d.account = p.account and d.id = p.device where p.id = $1
        """,
        push,
    )
    return None if row is None else msgspec.convert(dict(row), Due)


async def over(conn: asyncpg.Connection, push: UUID) -> None:
    """Sent, or given up."""
    await conn.execute("delete from push where id = $1", push)


async def put_off(conn: asyncpg.Connection, push: UUID, wait: timedelta) -> None:
    """One attempt failed."""
    await conn.execute(
        "update push set attempts = attempts + 1, next_at = now() + $2::interval where id = $1", push, wait
    )
