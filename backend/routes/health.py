"""Is it alive, can it serve, and how is it doing."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any, Final

import asyncpg
import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from obstore.exceptions import BaseError

from backend.config import Config
from backend.db import GONE
from backend.errors import Unauthenticated, Unavailable
from backend.media import Media
from backend.metrics import CONTENT_TYPE, Metrics

LOOK_SECONDS: Final = 2.0
LATE_SECONDS: Final = 600.0  # a clip that waited longer for a worker says that there are too few
log = structlog.get_logger()


@get("/health/live", security=[{}])
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@get("/health/ready", security=[{}])
async def ready(pool: NamedDependency[asyncpg.Pool], media: NamedDependency[Media]) -> dict[str, str]:
    """Database and media store answer. `queue` is `late` when a clip has waited ten minutes: a want of workers only."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            late = await _queue_is_late(pool)
            await _look_into(media)
    except (*GONE, TimeoutError) as error:
        log.warning("not ready", error=type(error).__name__)
        raise Unavailable from None
    return {"status": "ready", "database": "ok", "store": "ok", "queue": "late" if late else "ok"}


async def _queue_is_late(pool: asyncpg.Pool) -> bool:
    async with pool.acquire() as conn:
        late: bool = await conn.fetchval(
            """
            select exists (select from pgqueuer where entrypoint = 'clip' and status = 'queued'
                and greatest(created, execute_after) < now() - make_interval(secs => $1))
            from schema_migration limit 1
            """,
            LATE_SECONDS,
        )
    return late


async def _look_into(media: Media) -> None:
    """Raises OSError when the store is away; that it holds no such file is an answer."""
    try:
        await media.find("clips/health")
    except FileNotFoundError:
        return
    except BaseError as error:
        raise OSError(type(error).__name__) from error


@get("/metrics", include_in_schema=False, security=[{}])
async def metrics(
    request: Request[Any, Any, Any], pool: NamedDependency[asyncpg.Pool], config: NamedDependency[Config]
) -> Response[bytes]:
    """For Prometheus, which sends CASTMATE_METRICS_TOKEN as its bearer token; not there without one."""
    if not config.metrics_token:
        raise NotFoundException
    sent = request.headers.get("authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {config.metrics_token}".encode()):
        raise Unauthenticated("this is not the metrics token")
    numbers: Metrics = request.app.state.metrics
    async with pool.acquire() as conn:
        return Response(await numbers.text(conn), headers={"content-type": CONTENT_TYPE})
