"""Outgoing webhooks by the Standard Webhooks specification 1.0: signed, sent from here to public addresses, retried.

A delivery is owed by the relay in one transaction with its job. Each attempt is signed anew: with the newest secret,
and for a day after a rotation with the one before.
"""

from __future__ import annotations

import asyncio
import base64
import random
import secrets
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import asyncpg
import httpx
import msgspec
import structlog
from pgqueuer.errors import RetryRequested
from standardwebhooks import Webhook as Signer

from backend.ids import public
from backend.public_address import NotPublic, first_public, is_public
from character_store.vault import Vault, hold_master
from social import notices, webhooks
from social.errors import InvalidValue
from social.events import Event
from social.webhooks import Due, Webhook

SECRET_BYTES: Final = 32
URL_MOST: Final = 2048
SECONDS: Final = 15.0  # of one attempt, from the name to the status line
AT_ONCE: Final = 4  # to one endpoint from one process; the others keep their places
BUSY: Final = timedelta(seconds=5)
AFTER: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)  # the specification's own proposal
)
JITTER: Final = 0.1  # of each wait, so that what failed together does not come back together
log = structlog.get_logger()


class NotTaken(Exception):
    """An attempt that failed; `status` where the endpoint answered."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


def checked_url(url: str, *, local: bool) -> SplitResult:
    """Raises InvalidValue for what no webhook may go to; names are looked up when something is sent."""
    allowed = "an https URL with a public host, without user name or fragment, of up to 2048 characters"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidValue("url", url, allowed) from None
    if (
        len(url) > URL_MOST
        or not url.isascii()
        or not url.isprintable()
        or " " in url
        or parts.scheme not in ({"https", "http"} if local else {"https"})
        or not host
        or parts.username is not None
        or parts.fragment
        or not (local or _may_be_public(host))
    ):
        raise InvalidValue("url", url, allowed)
    return parts


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return "." in host.rstrip(".") and not host.endswith((".localhost", ".local", ".internal"))


async def create(
    pool: asyncpg.Pool, vault: Vault, account: UUID, url: str, events: Sequence[str], *, local: bool
) -> tuple[Webhook, str]:
    """The endpoint and its secret, which nobody is shown again. Raises InvalidValue or WebhooksFull."""
    checked_url(url, local=local)
    async with pool.acquire() as conn, conn.transaction():
        made = await webhooks.create(conn, account, url, events)
        return made, await _new_secret(conn, vault, made.id, 1)


async def rotate(pool: asyncpg.Pool, vault: Vault, account: UUID, webhook: UUID) -> str:
    """A new secret; the old one signs beside it for a day. Raises WebhookUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        await webhooks.need(conn, account, webhook, public("hook", webhook))
        return await _new_secret(conn, vault, webhook, await webhooks.newest_version(conn, webhook) + 1)


async def _new_secret(conn: asyncpg.Connection, vault: Vault, webhook: UUID, version: int) -> str:
    secret = secrets.token_bytes(SECRET_BYTES)
    await hold_master(conn, vault)
    await webhooks.keep_secret(conn, webhook, version, vault.wrap(secret, webhook, version))
    return "whsec_" + base64.b64encode(secret).decode()


async def owe(conn: asyncpg.Connection, event: Event, key: UUID) -> list[UUID]:
    """What an event of `social.events` owes to the account's endpoints: ids of deliveries. `key` names the event."""
    match event.kind, event.about.get("status"):
        case "video", "completed":
            kind: webhooks.EventName = "video.completed"
        case "video", "failed":
            kind = "video.failed"
        case _:
            return []
    body = {
        "id": public("evt", key),
        "object": "event",
        "created_at": int(event.at.timestamp()),
        "type": kind,
        "data": {"id": event.about["id"]},
    }
    return await webhooks.owe(conn, event.account, kind, event.at, key, msgspec.json.encode(body).decode())


def signed(due: Due, keys: Sequence[bytes], now: datetime) -> dict[str, str]:
    """The headers; one signature for each key."""
    name = public("evt", due.event)
    return {
        "content-type": "application/json",
        "user-agent": "Castmate-Webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(key).sign(name, now, due.body) for key in keys),
    }


class Sender:
    """Sends deliveries. Has one HTTP client, without kept connections: they would outlive the check of an address."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault, *, local: bool) -> None:
        self._pool = pool
        self._vault = vault
        self._local = local
        self._places: dict[UUID, int] = {}  # attempts under way, by endpoint
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=SECONDS,
            limits=httpx.Limits(max_keepalive_connections=0, max_connections=None),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, delivery: UUID) -> None:
        """One attempt, and what follows from it. Raises RetryRequested while more are to come."""
        async with self._pool.acquire() as conn:
            due = await webhooks.due(conn, delivery)
        if due is None or due.disabled_at is not None:
            return
        if due.wait_s > 0:
            raise RetryRequested(timedelta(seconds=due.wait_s), "it is not due yet")
        if self._places.get(due.webhook, 0) >= AT_ONCE:
            raise RetryRequested(BUSY, "its endpoint is busy")
        self._places[due.webhook] = self._places.get(due.webhook, 0) + 1
        try:
            async with self._pool.acquire() as conn:
                kept = await webhooks.secrets(conn, due.webhook)
            keys = [self._vault.unwrap(one.wrapped, due.webhook, one.version) for one in kept]
            status = await self._attempt(due, keys)
        except NotTaken as error:
            await self._missed(due, error)
        else:
            async with self._pool.acquire() as conn:
                await webhooks.arrived(conn, due.id, status)
        finally:
            self._places[due.webhook] -= 1
            if not self._places[due.webhook]:
                del self._places[due.webhook]

    async def _missed(self, due: Due, error: NotTaken) -> None:
        wait = AFTER[due.attempts] * random.uniform(1 - JITTER, 1 + JITTER) if due.attempts < len(AFTER) else None  # noqa: S311  no secret
        async with self._pool.acquire() as conn, conn.transaction():
            hopeless = await webhooks.missed(conn, due.id, error.status, str(error), wait)
            gone = error.status == httpx.codes.GONE
            if (gone or hopeless) and await webhooks.disable(conn, due.webhook, "gone" if gone else "failing"):
                about = {"webhook": public("hook", due.webhook), "url": due.url, "because": str(error)}
                await notices.tell(conn, due.account, "webhook_disabled", about)
                log.info("a webhook was disabled", webhook=str(due.webhook))
                return
        if wait is not None and not (gone or hopeless):
            raise RetryRequested(wait, "the endpoint did not take it")

    async def _attempt(self, due: Due, keys: Sequence[bytes]) -> int:
        """The status of success. Raises NotTaken."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._post(due, keys)
        except TimeoutError:
            raise NotTaken(f"it took over {SECONDS:g} s") from None
        except NotPublic as error:
            raise NotTaken(str(error)) from None
        except (OSError, httpx.HTTPError, UnicodeError) as error:
            raise NotTaken(f"its host did not answer ({type(error).__name__})") from None

    async def _post(self, due: Due, keys: Sequence[bytes]) -> int:
        """To the very address that was checked, in the host's name. Raises NotTaken and what the network raises."""
        parts = checked_url(due.url, local=self._local)
        host = str(parts.hostname)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]) for one in found]
        address = addresses[0] if self._local and addresses else first_public(addresses)
        literal = f"[{address}]" if ":" in address else address
        target = f"{parts.scheme}://{literal}:{port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        headers = signed(due, keys, datetime.now(UTC)) | {"host": parts.netloc}
        async with self._http.stream(
            "POST", target, content=due.body.encode(), headers=headers, extensions={"sni_hostname": host}
        ) as answer:
            if not answer.is_success:
                raise NotTaken(f"it answered {answer.status_code}; allowed: 200 to 299", answer.status_code)
            return answer.status_code
