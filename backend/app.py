"""The web process: settings to pool, media and keys, and every route on one Litestar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp, Receive, Scope, Send

from backend import compression, problems, telemetry
from backend import config as settings
from backend.caller import provide_viewer
from backend.conditional import etags
from backend.config import Config
from backend.db import open_pool
from backend.leaving import told_to_leave
from backend.metrics import Metrics
from backend.parts import Parts, parts_of
from backend.routes import (
    accounts,
    api_keys,
    appeals,
    avatars,
    challenges,
    changes,
    characters,
    circles,
    clip_collections,
    collection_pages,
    comments,
    consents,
    contract,
    controls,
    credit,
    departures,
    devices,
    edits,
    events,
    extensions,
    feed,
    figures,
    growth,
    guardians,
    hashtags,
    health,
    held,
    invites,
    likes,
    lineage,
    media,
    messages,
    moderation,
    moderation_figures,
    moderation_subjects,
    notices,
    oidc,
    outside_notices,
    passkeys,
    people,
    permissions,
    preview,
    profiles,
    provenance,
    publishing,
    recovery,
    refusals,
    remixes,
    reports,
    requests,
    screenplays,
    search,
    second_factor,
    sessions,
    share_pages,
    shares,
    sounds,
    steering,
    stored_references,
    threads,
    transfers,
    uploads,
    uses,
    video_characters,
    videos,
    web_app,
    webhooks,
)
from backend.telemetry import Asgi
from character_store.vault import check_master

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
    people.mute,
    people.unmute,
    circles.followers,
    circles.following,
    circles.friends,
    circles.suggestions,
    circles.dismiss,
    invites.mine,
    invites.create,
    invites.one,
    invites.revoke,
    invites.grant,
    growth.figures,
    growth.tree,
    feed.page,
    feed.watched,
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
    notices.preferences,
    notices.prefer,
    likes.like,
    likes.unlike,
    likes.of_clip,
    comments.of_clip,
    comments.replies,
    comments.create,
    comments.remove,
    comments.like,
    comments.unlike,
    threads.mine,
    threads.create,
    threads.one,
    threads.change,
    threads.add,
    threads.leave,
    threads.read_upto,
    messages.of_thread,
    messages.create,
    messages.remove,
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
    appeals.reasons,
    appeals.reason,
    appeals.create,
    appeals.while_suspended,
    appeals.mine,
    appeals.waiting,
    appeals.decide,
    outside_notices.create,
    outside_notices.standing,
    refusals.appeal,
    refusals.waiting,
    refusals.decide,
    moderation.page,
    moderation.claim,
    moderation.release,
    moderation.decide,
    moderation_subjects.one,
    moderation_subjects.hold,
    moderation_subjects.file,
    moderation_subjects.templates,
    moderation_figures.stats,
    moderation_figures.audit,
    moderation_figures.verify,
    uploads.router,
    changes.since,
    departures.leave,
    transfers.export,
    transfers.one_export,
    transfers.take_in,
    transfers.one_import,
    shares.share,
    shares.of_clip,
    shares.follow,
    shares.revoke,
    provenance.inspect,
    provenance.inspected,
    profiles.videos,
    profiles.characters,
    profiles.likes,
    profiles.pin,
    avatars.choose,
    avatars.mine,
    avatars.remove,
    clip_collections.create,
    clip_collections.mine,
    clip_collections.of_account,
    clip_collections.one,
    clip_collections.change,
    clip_collections.remove,
    clip_collections.items,
    clip_collections.add,
    clip_collections.take_out,
    clip_collections.reorder,
    clip_collections.follow,
    clip_collections.unfollow,
    figures.mine,
    figures.of_clip,
    departures.stay,
    departures.one,
    steering.read,
    steering.tell,
    steering.forget,
    steering.remove_chip,
    steering.say,
    steering.said,
    steering.take_back,
    steering.is_calm,
    steering.choose,
    search.find,
)


PROVIDED = (
    "config",
    "media",
    "revoker",
    "media_links",
    "vault",
    "address_secret",
    "token_keys",
    "mailer",
    "oidc",
    "account_secret",
    "embeddings",
    "events",
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
    telemetry.set_up(config.log_level)
    app = Litestar(
        route_handlers=[
            contract.openapi,
            contract.page,
            contract.script,
            health.live,
            health.ready,
            health.metrics,
            web_app.root,
            web_app.app,
            sessions.jwks,
            media.of_clip,
            avatars.file,
            transfers.download,
            invites.page,
            share_pages.page,
            share_pages.embed,
            share_pages.video,
            share_pages.poster,
            share_pages.captions,
            share_pages.style,
            share_pages.oembed,
            collection_pages.page,
            collection_pages.poster,
            outside_notices.page,
            outside_notices.sent,
            outside_notices.status,
            Router("/v1", route_handlers=ROUTES),
        ],
        middleware=[
            _layer("patience"),
            compression.middleware(),
            etags,
            _layer("callers"),
            _layer("limits"),
            _layer("classifier"),
            _layer("repeats"),
        ],
        lifespan=[_living, *around],
        dependencies={name: _part(name) for name in PROVIDED}
        | {"pool": Provide(_pool, sync_to_thread=False), "viewer": Provide(provide_viewer)},
        exception_handlers={Exception: problems.handle},
        after_exception=[refusals.note],
        logging_config=None,
        request_max_body_size=1024 * 1024,
        openapi_config=None,
    )
    furnish(app, config)
    return app


def furnish(app: Litestar, config: Config) -> None:
    """The parts of an app that is not running, in place of those it had: its routes hold nothing of a configuration."""
    parts = parts_of(config)
    app.state.parts = parts
    app.state.media_links = parts.media_links
    app.state.events = parts.events
    app.state.rate_counts = parts.counts
    app.state.metrics = Metrics(parts.events)


@asynccontextmanager
async def _living(app: Litestar) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    async with await open_pool(parts.dsn, min_size=2, max_size=16) as pool:
        app.state.pool = pool
        async with pool.acquire() as conn:
            await check_master(conn, parts.vault)
        heard = asyncio.create_task(parts.events.run())
        counted = asyncio.create_task(parts.counts.run(pool))
        try:
            yield
        finally:
            for task in (heard, counted):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await parts.in_flight.close()


def _part(name: str) -> Provide:
    def of(state: State) -> object:
        return getattr(state.parts, name)

    return Provide(of, sync_to_thread=False)


def _layer(name: str) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware of this name among the app's parts."""

    def around(app: ASGIApp) -> ASGIApp:
        async def layer(scope: Scope, receive: Receive, send: Send) -> None:
            await getattr(scope["litestar_app"].state.parts, name)(app)(scope, receive, send)

        return layer

    return around


def _pool(state: State) -> object:
    return state.pool
