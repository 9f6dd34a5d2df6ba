"""Invite codes: the only way in."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InviteSpent, InviteUnknown

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread aloud
LENGTH: Final = 8
LIFE: Final = timedelta(days=30)
CODES_PER_ACCOUNT: Final = 4


class Invite(msgspec.Struct, frozen=True):
    code: str
    issuer: UUID | None
    role: str
    max_uses: int
    uses: int
    expires_at: datetime
    revoked_at: datetime | None


async def issue(conn: asyncpg.Connection, issuer: UUID | None, *, role: str = "member", max_uses: int = 1) -> Invite:
    """A new code that lives 30 days."""
    row = await conn.fetchrow(
        """
        insert into invite (code, issuer, role, max_uses, expires_at) values ($1, $2, $3, $4, $5)
        returning code, issuer, role, max_uses, uses, expires_at, revoked_at
        """,
        "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        issuer,
        role,
        max_uses,
        datetime.now(UTC) + LIFE,
    )
    return msgspec.convert(dict(row), Invite)


async def open_operator_code(conn: asyncpg.Connection) -> str | None:
    """A code that makes an operator and still can be used."""
    code: str | None = await conn.fetchval(
        """
        select code from invite
        where role = 'operator' and uses < max_uses and expires_at > now() and revoked_at is null
        order by created_at limit 1
        """
    )
    return code


async def use_up(conn: asyncpg.Connection, code: str) -> Invite:
    """One use less. Raises InviteUnknown or InviteSpent. Belongs into the transaction that creates the account."""
    row = await conn.fetchrow(
        """
        update invite set uses = uses + 1
        where code = $1 and uses < max_uses and expires_at > now() and revoked_at is null
        returning code, issuer, role, max_uses, uses, expires_at, revoked_at
        """,
        code.strip().upper(),
    )
    if row is not None:
        return msgspec.convert(dict(row), Invite)
    why = await conn.fetchval(
        """
        select case
            when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'used up'
        end
        from invite where code = $1
        """,
        code.strip().upper(),
    )
    if why is None:
        raise InviteUnknown(code)
    raise InviteSpent(code.strip().upper(), why)
