"""What comes after a right password: a code of the authenticator app, or one of the ten on paper."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from social import recovery, totp
from social.errors import SecondFactorNeeded, WrongCode


async def need(conn: asyncpg.Connection, secret: bytes, account: UUID, code: str | None) -> None:
    """Nothing, where no second factor is on. Raises SecondFactorNeeded or WrongCode."""
    if not await totp.is_on(conn, account):
        return
    if code is None:
        raise SecondFactorNeeded
    if not await is_right(conn, secret, account, code):
        raise WrongCode


async def is_right(conn: asyncpg.Connection, secret: bytes, account: UUID, code: str) -> bool:
    """Uses it up."""
    return await totp.use(conn, secret, account, code) or await recovery.use_code(
        conn, account, recovery.digest(secret, code)
    )
