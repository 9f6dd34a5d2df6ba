"""Push messages from event to phone: owed by the relay, sent by jobs, given up after a day."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import structlog
from pgqueuer.errors import RetryRequested

from backend.config import Config
from backend.push.apns import Apns, Credentials
from backend.push.console import Console
from backend.push.fcm import Fcm, ServiceAccount
from backend.push.message import Message, NotNow, Pusher, Refused, TokenDead, message_of
from social import devices, preferences
from social.devices import Platform
from social.events import Event

AFTER: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21_600, 43_200))
JITTER: Final = 0.1
log = structlog.get_logger()


async def owe(conn: asyncpg.Connection, event: Event) -> list[UUID]:
    """A message for every device of the account, if the event is one for phones and wanted there; their ids."""
    kind = event.about["kind"] if event.kind == "notice" else event.kind
    if not await preferences.wants_push(conn, event.account, kind):
        return []
    owed = []
    for device, details in await devices.listening(conn, event.account, event.at):
        message = message_of(event, details=details)
        if message is not None:
            owed.append(await devices.owe(conn, event.account, device, msgspec.to_builtins(message)))
    return owed


def pushers(config: Config) -> dict[Platform, Pusher]:
    """Those that are configured; the console for the others. Raises OSError or ValueError for files that do not do."""
    ios: Pusher = Console()
    android: Pusher = Console()
    if config.apns_key_file is not None:
        ios = Apns(
            Credentials(config.apns_key_file.read_bytes(), config.apns_key_id, config.apns_team_id, config.apns_topic)
        )
    if config.fcm_account_file is not None:
        android = Fcm(msgspec.json.decode(config.fcm_account_file.read_bytes(), type=ServiceAccount))
    return {"ios": ios, "android": android}


async def send(pool: asyncpg.Pool, by: Mapping[Platform, Pusher], push: UUID) -> None:
    """One attempt, and what follows from it. Raises RetryRequested while more are to come."""
    async with pool.acquire() as conn:
        due = await devices.due(conn, push)
    if due is None:
        return
    if due.wait_s > 0:
        raise RetryRequested(timedelta(seconds=due.wait_s), "it is not due yet")
    wait: timedelta | None = None
    dead: TokenDead | None = None
    try:
        message = msgspec.convert(due.message, Message)
        await by[due.platform].push(due.token, message, str(due.id), sandbox=due.sandbox)
    except TokenDead as error:
        dead = error
    except Refused as error:
        log.warning("a push message was refused", error=str(error), platform=due.platform)
    except NotNow as error:
        if due.attempts < len(AFTER):
            wait = max(AFTER[due.attempts] * random.uniform(1 - JITTER, 1 + JITTER), error.after or timedelta(0))  # noqa: S311  no secret
        log.info("a push message was not taken", error=str(error), again=wait is not None)
    async with pool.acquire() as conn, conn.transaction():
        if wait is not None:
            await devices.put_off(conn, due.id, wait)
        else:
            await devices.over(conn, due.id)
        if dead is not None:
            await devices.died(conn, due.platform, due.token, dead.at)
    if wait is not None:
        raise RetryRequested(wait, "the platform did not take it")
