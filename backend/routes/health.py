"""Is it alive, and can it serve."""

from __future__ import annotations

import asyncpg
from litestar import get
from litestar.di import NamedDependency


@get("/health/live", security=[{}])
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@get("/health/ready", security=[{}])
async def ready(pool: NamedDependency[asyncpg.Pool]) -> dict[str, str]:
    """The database answers and is migrated."""
    async with pool.acquire(timeout=2) as conn:
        await conn.fetchval("select max(version) from schema_migration")
    return {"status": "ready"}
