"""Invite codes: one's own, one that somebody got, and the page it opens."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, delete, get, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from backend import auth, html_pages, shapes
from backend.auth import Viewer
from backend.config import Config
from backend.pages import LIMITS
from character_store import audit
from social import accounts, invites
from social.errors import InvalidValue, InviteUnknown
from social.invites import Invite, Issued, Offer


class InviteGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=invites.GRANT[0], le=invites.GRANT[1])]


@get("/invites")
async def mine(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Your codes, the newest first, and who joined with them."""
    auth.need_session(viewer)
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise InvalidValue("limit", limit, f"{LIMITS[0]} to {LIMITS[1]}")
    base = html_pages.public_url(request, config)
    async with pool.acquire() as conn:
        rows = await invites.of(conn, viewer.id, after=after, limit=limit)
    return shapes.page([_own(row, base) for row in rows[:limit]], has_more=len(rows) > limit)


@post("/invites", status_code=201)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """One more, where one of yours was revoked or has expired unused."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        made = await invites.issue_own(conn, viewer.id)
    return _own(made, html_pages.public_url(request, config))


@delete("/invites/{code:str}", status_code=200)
async def revoke(
    request: Request[Any, Any, Any],
    code: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Nobody joins with it any more; once or many times is the same."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        return _own(await invites.revoke(conn, viewer.id, code), html_pages.public_url(request, config))


@get("/invites/{code:str}", security=[{}])
async def one(code: FromPath[str], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Who invites, and whether the code is still good: for whoever got it."""
    async with pool.acquire() as conn:
        return _offer(await invites.offer(conn, code))


@post("/operator/accounts/{handle:str}/invites", status_code=201)
async def grant(
    request: Request[Any, Any, Any],
    handle: FromPath[str],
    data: JSONBody[InviteGrant],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """More codes for an account."""
    auth.need_role(viewer, "operator")
    auth.need_fresh(viewer)
    base = html_pages.public_url(request, config)
    async with pool.acquire() as conn, conn.transaction():
        account = await accounts.named(conn, handle.removeprefix("@"))
        made = await invites.grant(conn, account, data.count)
        await audit.note(conn, viewer.id, "invites_granted", account, {"count": data.count})
    return {"object": "list", "data": [_own(invite, base) for invite in made]}


@route("/join/{code:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False, security=[{}])
async def page(
    request: Request[Any, Any, Any],
    code: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> Response[bytes]:
    """For people without the app."""
    try:
        async with pool.acquire() as conn:
            offer = await invites.offer(conn, code)
    except InviteUnknown:
        offer = None
    if offer is None or offer.state != "good":
        status = HTTPStatus.NOT_FOUND if offer is None else HTTPStatus.GONE
        return html_pages.page("invite_over.html", config, status=status, state=offer.state if offer else "unknown")
    who = None if offer.handle is None else html_pages.one_line(f"{offer.display_name} (@{offer.handle})")
    return html_pages.page(
        "invite.html",
        config,
        code=offer.code,
        who=who,
        until=f"{offer.expires_at:%d %B %Y}",
        url=f"{html_pages.public_url(request, config)}/join/{offer.code}",
        deep_link=f"castmate://join/{offer.code}",
    )


def _own(invite: Invite, base: str) -> dict[str, Any]:
    accepted = invite.accepted if isinstance(invite, Issued) else ()
    return {
        "id": invite.code,
        "object": "invite",
        "code": invite.code,
        "url": f"{base}/join/{invite.code}",
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "expires_at": invite.expires_at,
        "revoked_at": invite.revoked_at,
        "accepted_by": accepted[-1] if accepted else None,
        "accepted": list(accepted),
    }


def _offer(offer: Offer) -> dict[str, Any]:
    inviter = None if offer.handle is None else {"handle": offer.handle, "display_name": offer.display_name}
    return {
        "object": "invite.offer",
        "code": offer.code,
        "good": offer.state == "good",
        "state": offer.state.replace(" ", "_"),
        "inviter": inviter,
        "expires_at": offer.expires_at,
    }
