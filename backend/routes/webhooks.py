"""Webhooks: endpoints of the viewer's own, their secrets and what was sent to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import forms, ids, shapes
from backend import webhooks as sending
from backend.auth import Viewer
from backend.config import Config
from backend.pages import page_of
from character_store.vault import Vault
from social import webhooks
from social.errors import WebhookUnknown
from social.webhooks import Delivery, Webhook


class _New(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    events: tuple[str, ...] = webhooks.EVENTS


@post("/webhooks", status_code=200, opt={"secret": True})
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    vault: NamedDependency[Vault],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """An endpoint; its secret is shown this once."""
    new = msgspec.convert(await forms.read(request), _New)
    made, secret = await sending.create(pool, vault, viewer.id, new.url, new.events, local=config.webhook_local)
    return _webhook(made) | {"secret": secret}


@get("/webhooks")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """All of them, newest first; there are ten at most."""
    async with pool.acquire() as conn:
        rows = await webhooks.of(conn, viewer.id)
    return shapes.page([_webhook(row) for row in rows], has_more=False)


@delete("/webhooks/{webhook_id:str}", status_code=200)
async def remove(
    webhook_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Nothing more is sent there, not even what waits."""
    async with pool.acquire() as conn, conn.transaction():
        key = _key(webhook_id)
        await webhooks.need(conn, viewer.id, key, webhook_id)
        await webhooks.delete(conn, key)
    return {"id": webhook_id, "deleted": True, "object": "webhook.deleted"}


@post("/webhooks/{webhook_id:str}/rotate", status_code=200, opt={"secret": True})
async def rotate(
    webhook_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    vault: NamedDependency[Vault],
) -> dict[str, Any]:
    """A new secret, shown this once; for 24 hours deliveries carry the signatures of both."""
    return {"id": webhook_id, "secret": await sending.rotate(pool, vault, viewer.id, _key(webhook_id))}


@get("/webhooks/{webhook_id:str}/deliveries")
async def deliveries(
    webhook_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """What was sent and what waits, newest first, of the last 30 days."""
    start, limit = page_of("dlv", after, limit)
    async with pool.acquire() as conn, conn.transaction():
        key = _key(webhook_id)
        await webhooks.need(conn, viewer.id, key, webhook_id)
        rows = await webhooks.log(conn, key, after=start, limit=limit)
    return shapes.page([_delivery(row) for row in rows[:limit]], has_more=len(rows) > limit)


def _key(webhook_id: str) -> UUID:
    """Raises WebhookUnknown."""
    key = ids.parse("hook", webhook_id)
    if key is None:
        raise WebhookUnknown(webhook_id)
    return key


def _webhook(row: Webhook) -> dict[str, Any]:
    return {
        "id": ids.public("hook", row.id),
        "object": "webhook",
        "url": row.url,
        "events": row.events,
        "created_at": row.created_at,
        "failing_since": row.failing_since,
        "disabled_at": row.disabled_at,
        "disabled_because": row.disabled_because,
    }


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": ids.public("dlv", row.id),
        "object": "webhook.delivery",
        "event": ids.public("evt", row.event),
        "type": row.kind,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": row.next_at if row.state == "waiting" else None,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }
