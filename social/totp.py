"""The second factor: time-based one-time passwords (RFC 6238), six digits every 30 seconds."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Final
from uuid import UUID

import asyncpg
import pyotp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1  # a phone's clock may be this far off
_NONCE_BYTES: Final = 12


async def enrol(conn: asyncpg.Connection, secret: bytes, account: UUID) -> str | None:
    """A new secret in base32, off until it is confirmed; None where one is on already."""
    made = pyotp.random_base32()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + AESGCM(_key(secret)).encrypt(nonce, made.encode(), account.bytes)
    stored = await conn.fetchval(
        """
        insert into totp as t (account, sealed) values ($1, $2)
        on conflict (account) do update set sealed = excluded.sealed, step = 0, created_at = now()
            where t.confirmed_at is null
        returning true
        """,
        account,
        sealed,
    )
    return made if stored else None


def uri(made: str, handle: str) -> str:
    """What an authenticator app reads as a QR code."""
    return pyotp.TOTP(made).provisioning_uri(name=handle, issuer_name="Castmate")


async def is_on(conn: asyncpg.Connection, account: UUID) -> bool:
    return bool(
        await conn.fetchval("select exists (select from totp where account = $1 and confirmed_at is not null)", account)
    )


async def is_enrolled(conn: asyncpg.Connection, account: UUID) -> bool:
    """Confirmed or not."""
    return bool(await conn.fetchval("select exists (select from totp where account = $1)", account))


async def use(conn: asyncpg.Connection, secret: bytes, account: UUID, code: str) -> bool:
    """Whether it is the code of about now, and was not used before; two at once cannot both use it."""
    sealed: bytes | None = await conn.fetchval("select sealed from totp where account = $1", account)
    if sealed is None:
        return False
    made = AESGCM(_key(secret)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], account.bytes).decode()
    now = int(time.time()) // STEP_SECONDS
    given = code.replace(" ", "").encode()
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(pyotp.TOTP(made).at(step * STEP_SECONDS).encode(), given):
            done = await conn.execute("update totp set step = $2 where account = $1 and step < $2", account, step)
            return bool(done == "UPDATE 1")
    return False


async def confirm(conn: asyncpg.Connection, account: UUID) -> None:
    await conn.execute("update totp set confirmed_at = coalesce(confirmed_at, now()) where account = $1", account)


async def remove(conn: asyncpg.Connection, account: UUID) -> None:
    await conn.execute("delete from totp where account = $1", account)


def _key(secret: bytes) -> bytes:
    """Of this use alone."""
    return hmac.digest(secret, b"totp", hashlib.sha256)
