"""The ways an account can be signed in to. The last one is never taken away."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from social.errors import LastSignIn


async def need_another(conn: asyncpg.Connection, account: UUID, what: str) -> None:
    """`what` is about to go. Raises LastSignIn. Belongs into the transaction that takes it away: others wait."""
    await conn.execute("select from account where id = $1 for update", account)
    ways = await conn.fetchval(
        """
        select (select count(*) from account where id = $1 and password_hash is not null)
            + (select count(*) from passkey where account = $1)
            + (select count(*) from oidc_identity where account = $1)
        """,
        account,
    )
    if ways <= 1:
        raise LastSignIn(what)
