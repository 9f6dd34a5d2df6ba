"""Wrong passwords and codes: counted by account and by address before they are looked at, so that guesses do not race.

The counts are rows, shared by all processes. A subject is a keyed hash: neither handles that do not exist nor addresses
are kept, and an unknown handle waits exactly as a known one does.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from typing import Final

import asyncpg
import msgspec

from social.errors import TooManyAttempts

FREE_BY_ACCOUNT: Final = 5
FREE_BY_ADDRESS: Final = 30


class Attempt(msgspec.Struct, frozen=True):
    """Who is being guessed at, and from where."""

    account: bytes
    address: bytes


def of(secret: bytes, account: str, address: str) -> Attempt:
    """`account`: the handle or e-mail address that was named. `secret`: the instance's."""
    return Attempt(_digest(secret, f"account/{account.casefold()}"), _digest(secret, f"address/{address}"))


async def count(conn: asyncpg.Connection, attempt: Attempt) -> None:
    """As a failure, until it is `forgiven`; not inside a transaction that may fail. Raises TooManyAttempts."""
    for subject, free in ((attempt.address, FREE_BY_ADDRESS), (attempt.account, FREE_BY_ACCOUNT)):
        counted = await conn.fetchval(
            """
            insert into attempt as a (subject, failures) values ($1, 1)
            on conflict (subject) do update set last_at = now(),
                failures = case when a.last_at < now() - interval '1 day' then 1 else a.failures + 1 end
            where a.last_at + attempt_pause(a.failures, $2) <= now()
            returning failures
            """,
            subject,
            free,
        )
        if counted is None:
            left = await conn.fetchval(
                "select extract(epoch from last_at + attempt_pause(failures, $2) - now())::float8 "
                "from attempt where subject = $1",
                subject,
                free,
            )
            raise TooManyAttempts(max(1, math.ceil(left or 0)))


async def forgiven(conn: asyncpg.Connection, attempt: Attempt) -> None:
    """It was the right one: the account starts anew, the address is where it was."""
    await conn.execute("delete from attempt where subject = $1", attempt.account)
    await conn.execute(
        "update attempt set failures = failures - 1 where subject = $1 and failures > 0", attempt.address
    )


async def tidy(conn: asyncpg.Connection) -> None:
    await conn.execute("delete from attempt where last_at < now() - interval '1 day'")


def _digest(secret: bytes, subject: str) -> bytes:
    return hmac.digest(secret, subject.encode(), hashlib.sha256)
