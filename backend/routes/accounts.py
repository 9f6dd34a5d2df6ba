"""Signing up, the signed-in account, its handle, its password and its quota."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import msgspec
from litestar import Request, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from backend import auth, avatars, joining, shapes
from backend.auth import Viewer
from backend.caller import caller_of
from backend.config import Config
from backend.media_links import MediaLinks
from backend.tokens import TokenKeys
from social import accounts, guardians, handles, profiles, quota, quota_days, sessions
from social.accounts import Account
from social.graph_errors import AlreadyMember
from social.safety import refusals


class SignUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`invite_code` may be left out where CASTMATE_OPEN_SIGNUP lets everybody in."""

    handle: str
    display_name: str
    password: str
    birth_date: date
    invite_code: str | None = None
    device: str | None = None


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH: what is not named stays."""

    handle: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET  # of the IANA database; the day of the quota follows it
    bio: str | UnsetType = UNSET
    links: tuple[str, ...] | UnsetType = UNSET


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password: str


@post("/accounts", status_code=201, security=[{}], opt={"secret": True})
async def sign_up(
    request: Request[Any, Any, Any],
    data: JSONBody[SignUp],
    pool: NamedDependency[asyncpg.Pool],
    token_keys: NamedDependency[TokenKeys],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """An account for whoever holds an invite code, and its first session."""
    viewer = caller_of(request.scope).viewer
    if viewer is not None:
        raise AlreadyMember(viewer.account.handle)
    wish = joining.checked(data.handle, data.display_name, data.birth_date, data.invite_code, config)
    accounts.check_password(data.password)
    password_hash = await auth.hash_password(data.password)
    async with pool.acquire() as conn, conn.transaction():
        account = await joining.join(conn, wish, password_hash)
        return await auth.signed_in(conn, token_keys, account, auth.device(request, data.device), "password")


@get("/me")
async def me(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    async with pool.acquire() as conn:
        profile = await profiles.of(conn, viewer.id)
    return _me(viewer.account) | {"profile": avatars.profile(viewer.id, profile, media_links)}


@patch("/me")
async def change(
    data: JSONBody[Changes],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """A new name, handle, bio or links. The old handle leads here for 30 days, and is nobody else's meanwhile."""
    auth.need_session(viewer)
    name = UNSET if data.display_name is UNSET else accounts.checked_name(data.display_name)
    handle = UNSET if data.handle is UNSET else handles.checked(data.handle)
    zone = UNSET if data.time_zone is UNSET else quota_days.checked_zone(data.time_zone)
    bio = UNSET if data.bio is UNSET else profiles.checked_bio(data.bio)
    links = UNSET if data.links is UNSET else profiles.checked_links(data.links)
    async with pool.acquire() as conn, conn.transaction():
        if bio is not UNSET and bio:
            await refusals.need_fit(conn, viewer.account, "said", "bio", bio)
        await profiles.change(conn, viewer.id, bio=bio, links=links)
        if name is not UNSET:
            await accounts.rename(conn, viewer.id, name)
        if handle is not UNSET:
            await handles.change(conn, viewer.id, handle)
        if zone is not UNSET:
            await quota.set_time_zone(conn, viewer.id, zone)
        changed = await accounts.by_id(conn, viewer.id)
        profile = await profiles.of(conn, viewer.id)
    return _me(changed or viewer.account) | {"profile": avatars.profile(viewer.id, profile, media_links)}


@put("/me/password")
async def set_password(
    data: JSONBody[NewPassword],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """Needs a sign-in of lately; every other session ends."""
    auth.need_fresh(viewer)
    accounts.check_password(data.password)
    password_hash = await auth.hash_password(data.password)
    async with pool.acquire() as conn, conn.transaction():
        await accounts.set_password(conn, viewer.id, password_hash)
        await sessions.end_all(conn, viewer.id, "password_changed", but=viewer.session)
        profile = await profiles.of(conn, viewer.id)
    return _me(viewer.account) | {"profile": avatars.profile(viewer.id, profile, media_links)}


@get("/me/quota")
async def my_quota(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Clips left today, and credits beyond them."""
    async with pool.acquire() as conn:
        today = await guardians.today(conn, viewer.id, config.daily_clips)
    return msgspec.structs.asdict(today)


def _me(row: Account) -> dict[str, Any]:
    """What only the account itself is shown."""
    return shapes.account(row) | {"birth_date": row.birth_date, "is_young": row.is_young}
