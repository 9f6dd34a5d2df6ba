"""The web process: settings to pool, media and keys, and every route on one Litestar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from litestar import Litestar, Request, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from backend import auth, compression, errors, telemetry
from backend import config as settings
from backend.conditional import etags
from backend.config import Config
from backend.db import open_pool
from backend.events import Events
from backend.media import open_media
from backend.media_links import MediaLinks
from backend.routes import (
    accounts,
    api_keys,
    changes,
    characters,
    consents,
    controls,
    health,
    held,
    media,
    notices,
    people,
    permissions,
    preview,
    publishing,
    reports,
    requests,
    screenplays,
    sessions,
    stored_references,
    uploads,
    uses,
    video_characters,
    videos,
)
from backend.safe import open_vault
from backend.secret_file import made_once
from backend.telemetry import Asgi
from backend.tokens import TokenKeys
from character_store.vault import check_master, new_key

ROUTES = (
    accounts.sign_up,
    accounts.me,
    accounts.change,
    accounts.set_password,
    accounts.my_quota,
    api_keys.create,
    api_keys.mine,
    api_keys.revoke,
    sessions.sign_in,
    sessions.refresh,
    sessions.mine,
    sessions.sign_out,
    sessions.revoke,
    characters.create,
    characters.mine,
    characters.one,
    characters.change,
    characters.remove,
    consents.text,
    consents.sign,
    consents.mine,
    consents.one,
    consents.challenge,
    consents.withdraw,
    stored_references.renew,
    stored_references.export,
    stored_references.openings,
    held.queue,
    held.face,
    held.decide,
    video_characters.create,
    video_characters.one,
    permissions.permission,
    permissions.given,
    permissions.give,
    permissions.take_back,
    uses.of_character,
    uses.remove,
    requests.ask,
    requests.inbox,
    requests.decide,
    people.one,
    people.follow,
    people.unfollow,
    people.block,
    people.unblock,
    screenplays.create,
    videos.create,
    videos.mine,
    videos.one,
    videos.content,
    videos.captions,
    videos.watch,
    videos.cancel,
    videos.remove,
    preview.preview,
    controls.read,
    controls.turn,
    publishing.change,
    publishing.remix,
    notices.mine,
    notices.read,
    reports.create,
    reports.mine,
    uploads.router,
    changes.since,
)


def create_app() -> Asgi:
    """What the HTTP server runs. Raises ValueError without a database URL."""
    return telemetry.request_ids(build(settings.read()))


@get("/openapi.json", include_in_schema=False, security=[{}])
async def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The contract, as this server really has it."""
    return request.app.openapi_schema.to_schema()


def build(config: Config) -> Litestar:
    """The app; opens the database when it starts."""
    if config.database_url is None:
        raise ValueError("CASTMATE_DATABASE_URL is not set; `castmate serve` sets it")
    dsn = config.database_url
    telemetry.set_up(config.log_level)
    token_keys = TokenKeys(config.token_keys)
    account_secret = made_once(config.account_key, new_key)
    vault = open_vault(config)
    address_secret = made_once(config.address_key, new_key)
    store = open_media(config.media_url)
    media_links = MediaLinks(made_once(config.media_key, new_key), config.media_base_url)
    events = Events(dsn)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        app.state.media_links = media_links
        async with await open_pool(dsn, min_size=2, max_size=16) as pool:
            app.state.pool = pool
            async with pool.acquire() as conn:
                await check_master(conn, vault)
            listening = asyncio.create_task(events.run())
            try:
                yield
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening

    return Litestar(
        route_handlers=[
            openapi,
            health.live,
            health.ready,
            sessions.jwks,
            media.of_clip,
            Router("/v1", route_handlers=ROUTES),
        ],
        lifespan=[lifespan],
        dependencies={
            "config": Provide(lambda: config, sync_to_thread=False),
            "pool": Provide(_pool, sync_to_thread=False),
            "media": Provide(lambda: store, sync_to_thread=False),
            "media_links": Provide(lambda: media_links, sync_to_thread=False),
            "vault": Provide(lambda: vault, sync_to_thread=False),
            "address_secret": Provide(lambda: address_secret, sync_to_thread=False),
            "events": Provide(lambda: events, sync_to_thread=False),
            "token_keys": Provide(lambda: token_keys, sync_to_thread=False),
            "account_secret": Provide(lambda: account_secret, sync_to_thread=False),
            "viewer": Provide(auth.provide_viewer),
        },
        middleware=[compression.middleware(), etags],
        exception_handlers={Exception: errors.handle},
        logging_config=None,
        request_max_body_size=1024 * 1024,
        openapi_config=OpenAPIConfig(
            title="Castmate",
            version="1",
            path="/docs",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"bearer": []}],
        ),
    )


def _pool(state: State) -> object:
    return state.pool
