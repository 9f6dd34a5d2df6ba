"""Identities that others vouch for (OpenID Connect): which account they open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from social import means
from social.errors import IdentityTaken, IdentityUnknown


class Identity(msgspec.Struct, frozen=True):
    provider: str
    linked_at: datetime


async def account_of(conn: asyncpg.Connection, provider: str, subject: str) -> UUID | None:
    account: UUID | None = await conn.fetchval(
        "select account from oidc_identity where provider = $1 and subject = $2", provider, subject
    )
    return account


async def link(conn: asyncpg.Connection, account: UUID, provider: str, subject: str) -> None:
    """Once more is as good as once. Raises IdentityTaken."""
    linked = await conn.fetchval(
        """
        insert into oidc_identity as i (provider, subject, account) values ($1, $2, $3)
        on conflict do nothing returning true
        """,
        provider,
        subject,
        account,
    )
    if linked:
        return
    bearer = await account_of(conn, provider, subject)
    if bearer is None:
        raise IdentityTaken(provider, "this account is linked to another identity of that provider; unlink it first")
    if bearer != account:
        raise IdentityTaken(provider, "it opens another account")


async def of(conn: asyncpg.Connection, account: UUID) -> list[Identity]:
    rows = await conn.fetch(
        "select provider, linked_at from oidc_identity where account = $1 order by linked_at, provider", account
    )
    return [msgspec.convert(dict(row), Identity) for row in rows]


async def unlink(conn: asyncpg.Connection, account: UUID, provider: str) -> None:
    """Raises IdentityUnknown or LastSignIn. Belongs into a transaction."""
    if provider not in {one.provider for one in await of(conn, account)}:
        raise IdentityUnknown(provider)
    await means.need_another(conn, account, f"the identity of {provider!r}")
    await conn.execute("delete from oidc_identity where account = $1 and provider = $2", account, provider)
