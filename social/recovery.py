"""Getting back into an account: an address that was verified, codes that were mailed, ten codes on paper.

Only keyed digests of codes are kept. A mailed code lives 15 minutes and five tries, and only the newest one counts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import AddressTaken, MailedLately

ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread aloud
MAILED_LENGTH: Final = 8
PAPER_LENGTH: Final = 16
PAPER_CODES: Final = 10
TRIES_MOST: Final = 5
CODE_SECONDS: Final = 900
PAUSE_SECONDS: Final = 60  # between two mails to one account
Purpose = Literal["verify", "recover"]


class Recovery(msgspec.Struct, frozen=True):
    """`codes_left`: of the ten on paper."""

    address: str | None
    verified_at: datetime | None
    codes_left: int


def new_code(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def digest(secret: bytes, code: str) -> bytes:
    """As it is kept; spaces, dashes and capitals do not count."""
    read = "".join(one for one in code.lower() if one not in " -")
    return hmac.digest(secret, f"code/{read}".encode(), hashlib.sha256)


async def of(conn: asyncpg.Connection, account: UUID) -> Recovery:
    row = await conn.fetchrow(
        """
        select r.address::text, r.verified_at,
            (select count(*) from recovery_code where account = a.id and used_at is null) as codes_left
        from account a left join recovery_address r on r.account = a.id where a.id = $1
        """,
        account,
    )
    return Recovery(None, None, 0) if row is None else msgspec.convert(dict(row), Recovery)


async def forget_address(conn: asyncpg.Connection, account: UUID) -> None:
    """Codes on their way to it work no more. Belongs into a transaction."""
    await conn.execute("delete from recovery_address where account = $1", account)
    await conn.execute("delete from mailed_code where account = $1", account)


async def note_mailed(conn: asyncpg.Connection, account: UUID, purpose: Purpose, address: str, kept: bytes) -> None:
    """Takes the place of the code before. Raises MailedLately within a minute."""
    noted = await conn.fetchval(
        """
        insert into mailed_code as m (account, purpose, address, digest, expires_at)
        values ($1, $2, $3, $4, now() + make_interval(secs => $5))
        on conflict (account, purpose) do update set address = excluded.address, digest = excluded.digest,
            tries = 0, mailed_at = now(), expires_at = excluded.expires_at
            where m.mailed_at < now() - make_interval(secs => $6)
        returning true
        """,
        account,
        purpose,
        address,
        kept,
        CODE_SECONDS,
        PAUSE_SECONDS,
    )
    if not noted:
        raise MailedLately(PAUSE_SECONDS)


async def use_mailed(conn: asyncpg.Connection, account: UUID, purpose: Purpose, given: bytes) -> str | None:
    """The address it was mailed to; None for a wrong one. Let a wrong try commit, or it does not count."""
    row = await conn.fetchrow(
        """
        update mailed_code set tries = tries + 1
        where account = $1 and purpose = $2 and tries < $3 and expires_at > now()
        returning digest, address::text
        """,
        account,
        purpose,
        TRIES_MOST,
    )
    if row is None or not hmac.compare_digest(row["digest"], given):
        return None
    await conn.execute("delete from mailed_code where account = $1 and purpose = $2", account, purpose)
    return str(row["address"])


async def forget_mailed(conn: asyncpg.Connection, account: UUID, purpose: Purpose) -> None:
    """It was not sent after all."""
    await conn.execute("delete from mailed_code where account = $1 and purpose = $2", account, purpose)


async def set_address(conn: asyncpg.Connection, account: UUID, address: str) -> None:
    """One that was verified; codes on their way to the one before work no more. Raises AddressTaken."""
    try:
        await conn.execute(
            """
            insert into recovery_address (account, address, verified_at) values ($1, $2, now())
            on conflict (account) do update set address = excluded.address, verified_at = now()
            """,
            account,
            address,
        )
    except asyncpg.UniqueViolationError:
        raise AddressTaken from None
    await forget_mailed(conn, account, "recover")


async def by_address(conn: asyncpg.Connection, address: str) -> UUID | None:
    account: UUID | None = await conn.fetchval("select account from recovery_address where address = $1", address)
    return account


async def replace_codes(conn: asyncpg.Connection, account: UUID, kept: list[bytes]) -> None:
    """The old ones stop working. Belongs into a transaction."""
    await conn.execute("delete from recovery_code where account = $1", account)
    await conn.execute("insert into recovery_code (account, digest) select $1, unnest($2::bytea[])", account, kept)


async def use_code(conn: asyncpg.Connection, account: UUID, given: bytes) -> bool:
    """Each works once."""
    done = await conn.execute(
        "update recovery_code set used_at = now() where account = $1 and digest = $2 and used_at is null",
        account,
        given,
    )
    return bool(done == "UPDATE 1")


async def tidy(conn: asyncpg.Connection) -> None:
    await conn.execute("delete from mailed_code where expires_at < now()")
