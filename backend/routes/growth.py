"""For operators: how the house grows."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, ids, shapes
from backend.auth import Viewer
from backend.pages import LIMITS
from social import accounts, growth
from social.errors import InvalidValue


@get("/operator/growth")
async def figures(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Invitations, the K-factor, and who came back after 1, 7 and 30 days, by the week in which they joined."""
    auth.need_role(viewer, "operator")
    async with pool.acquire() as conn:
        return {
            "object": "growth",
            "invitations": msgspec.to_builtins(await growth.invitations(conn)),
            "k_factor": msgspec.to_builtins(await growth.k_factor(conn)),
            "retention": msgspec.to_builtins(await growth.cohorts(conn)),
        }


@get("/operator/invite-tree")
async def tree(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    root: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 100,
) -> dict[str, Any]:
    """Who let whom in, level by level; `root`: a handle, whose people are wanted."""
    auth.need_role(viewer, "operator")
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise InvalidValue("limit", limit, f"{LIMITS[0]} to {LIMITS[1]}")
    async with pool.acquire() as conn:
        top = None if root is None else await accounts.named(conn, root.removeprefix("@"))
        rows = await growth.tree(conn, top, after=_place(after), limit=limit)
    shown = [
        {
            "id": f"{row.depth}.{ids.public('acct', row.id)}",
            "object": "invite.node",
            "account": ids.public("acct", row.id),
            "handle": row.handle,
            "invited_by": row.invited_by,
            "depth": row.depth,
            "invited": row.invited,
        }
        for row in rows[:limit]
    ]
    return shapes.page(shown, has_more=len(rows) > limit)


def _place(after: str | None) -> Any:
    """Raises InvalidValue."""
    if after is None:
        return None
    depth, _, account = after.partition(".")
    key = ids.parse("acct", account)
    if not depth.isdecimal() or len(depth) > 6 or key is None:
        raise InvalidValue("after", after, "the last_id of the page before")
    return int(depth), key
