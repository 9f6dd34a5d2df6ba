"""The web process: settings to pool, media and keys, and every route on one Litestar."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide

from backend import auth, compression, problems, rate_rules, telemetry
from backend import config as settings
from backend.apple import AppleKey, AppleTokens, NoApple, Revoker
from backend.caller import Callers, provide_viewer
from backend.client_address import networks
from backend.conditional import etags
from backend.config import Config
from backend.db import open_pool
from backend.events import Events
from backend.in_flight import InFlight
from backend.leaving import told_to_leave
from backend.mail import open_mailer
from backend.media import open_media
from backend.media_links import MediaLinks
from backend.metrics import Metrics
from backend.oidc import Oidc, read_providers
from backend.patience import Patience
from backend.rate_counts import RateCounts
from backend.rate_limits import RateLimits
from backend.repeats import Repeats
from backend.routes import (
    accounts,
    api_keys,
    challenges,
    changes,
    characters,
    consents,
    contract,
    controls,
    credit,
    departures,
    devices,
    edits,
    events,
    extensions,
    guardians,
    hashtags,
    health,
    held,
    lineage,
    media,
    notices,
    oidc,
    passkeys,
    people,
    permissions,
    preview,
    publishing,
    recovery,
    remixes,
    reports,
    requests,
    screenplays,
    second_factor,
    sessions,
    sounds,
    stored_references,
    transfers,
    uploads,
    uses,
    video_characters,
    videos,
    webhooks,
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
    oidc.sign_in,
    oidc.link,
    oidc.mine,
    oidc.unlink,
    passkeys.begin,
    passkeys.add,
    passkeys.mine,
    passkeys.remove,
    passkeys.challenge,
    passkeys.sign_in,
    second_factor.state,
    second_factor.enrol,
    second_factor.confirm,
    second_factor.disable,
    recovery.state,
    recovery.prepare,
    recovery.recover,
    guardians.mine,
    guardians.ask,
    guardians.take_back,
    guardians.wards,
    guardians.confirm,
    guardians.limit,
    guardians.let_go,
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
    edits.create,
    extensions.create,
    videos.mine,
    videos.one,
    videos.content,
    videos.captions,
    videos.cancel,
    videos.remove,
    preview.preview,
    controls.read,
    controls.turn,
    events.of_clip,
    events.of_account,
    publishing.change,
    remixes.create,
    remixes.of_comment,
    lineage.tree,
    lineage.remixes,
    credit.of_clip,
    sounds.used_by,
    hashtags.one,
    hashtags.trending,
    challenges.create,
    challenges.mine,
    challenges.one,
    notices.mine,
    notices.read,
    devices.register,
    devices.mine,
    devices.remove,
    webhooks.create,
    webhooks.mine,
    webhooks.remove,
    webhooks.rotate,
    webhooks.deliveries,
    reports.create,
    reports.mine,
    uploads.router,
    changes.since,
    departures.leave,
    transfers.export,
    transfers.one_export,
    transfers.take_in,
    transfers.one_import,
    departures.stay,
    departures.one,
)


def create_app() -> Asgi:
    """What the HTTP server runs. Raises ValueError without a database URL."""
    app = build(settings.read(), _streams_end)
    return telemetry.request_ids(app, app.state.metrics.observed)


@asynccontextmanager
async def _streams_end(app: Litestar) -> AsyncIterator[None]:
    with told_to_leave(app.state.events.close):
        yield


def build(config: Config, *around: Callable[[Litestar], AbstractAsyncContextManager[None]]) -> Litestar:
    """The app; opens the database when it starts. `around` is entered after that."""
    if config.database_url is None:
        raise ValueError("CASTMATE_DATABASE_URL is not set; `castmate serve` sets it")
    dsn = config.database_url
    telemetry.set_up(config.log_level)
    token_keys = TokenKeys(config.token_keys)
    account_secret = made_once(config.account_key, new_key)
    vault = open_vault(config)
    address_secret = made_once(config.address_key, new_key)
    mailer = open_mailer(config)
    trusted = Oidc(read_providers(config.oidc_file))
    listening = Events(dsn)
    in_flight = InFlight(dsn)
    callers = Callers(
        lambda request: auth.provide_viewer(request, request.app.state.pool, token_keys),
        networks(config.trusted_proxies),
    )
    counts = RateCounts()
    limits = RateLimits(
        rate_rules.read(config.rate_limits),
        counts,
        lambda address: hmac.digest(address_secret, address.encode(), hashlib.sha256).hex()[:32],
    )
    repeats = Repeats(in_flight, made_once(config.answers_key, new_key))
    store = open_media(config.media_url)
    media_links = MediaLinks(made_once(config.media_key, new_key), config.media_base_url)
    revoker = _revoker(config)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        app.state.media_links = media_links
        async with await open_pool(dsn, min_size=2, max_size=16) as pool:
            app.state.pool = pool
            async with pool.acquire() as conn:
                await check_master(conn, vault)
            app.state.events = listening
            app.state.rate_counts = counts
            heard = asyncio.create_task(listening.run())
            counted = asyncio.create_task(counts.run(pool))
            try:
                yield
            finally:
                for task in (heard, counted):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                await in_flight.close()

    app = Litestar(
        route_handlers=[
            contract.openapi,
            contract.page,
            contract.script,
            health.live,
            health.ready,
            health.metrics,
            sessions.jwks,
            media.of_clip,
            transfers.download,
            Router("/v1", route_handlers=ROUTES),
        ],
        middleware=[Patience(config.body_seconds), compression.middleware(), etags, callers, limits, repeats],
        lifespan=[lifespan, *around],
        dependencies={
            "config": Provide(lambda: config, sync_to_thread=False),
            "pool": Provide(_pool, sync_to_thread=False),
            "media": Provide(lambda: store, sync_to_thread=False),
            "revoker": Provide(lambda: revoker, sync_to_thread=False),
            "media_links": Provide(lambda: media_links, sync_to_thread=False),
            "vault": Provide(lambda: vault, sync_to_thread=False),
            "address_secret": Provide(lambda: address_secret, sync_to_thread=False),
            "token_keys": Provide(lambda: token_keys, sync_to_thread=False),
            "mailer": Provide(lambda: mailer, sync_to_thread=False),
            "oidc": Provide(lambda: trusted, sync_to_thread=False),
            "account_secret": Provide(lambda: account_secret, sync_to_thread=False),
            "events": Provide(lambda: listening, sync_to_thread=False),
            "viewer": Provide(provide_viewer),
        },
        exception_handlers={Exception: problems.handle},
        logging_config=None,
        request_max_body_size=1024 * 1024,
        openapi_config=None,
    )
    app.state.metrics = Metrics(listening)
    return app


def _pool(state: State) -> object:
    return state.pool


def _revoker(config: Config) -> Revoker:
    """Apple's, where all four settings are there."""
    team, key, client, file = config.apple_team_id, config.apple_key_id, config.apple_client_id, config.apple_key_file
    if team is None or key is None or client is None or file is None:
        return NoApple()
    return AppleTokens(AppleKey(team, key, client, file), config.apple_url)
