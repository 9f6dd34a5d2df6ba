"""What requests with an Idempotency-Key were answered: for 24 h; sealed, and for 10 minutes, where it is a secret."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


class Answer(msgspec.Struct, frozen=True):
    """As it went out, without what layers outside add."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Kept(msgspec.Struct, frozen=True):
    """`answer` None: it held a secret, and its time is over."""

    request_sha256: bytes
    answer: Answer | None


class Name(msgspec.Struct, frozen=True):
    """What an answer is found by. The client's own key is part of what seals a secret and is stored nowhere."""

    scope: str
    key: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(f"{self.scope}\0{self.key}".encode()).digest()

    @property
    def lock(self) -> int:
        """For PostgreSQL's advisory locks: 64 bits, signed."""
        return int.from_bytes(self.sha256[:8], signed=True)

    def sealing_key(self, secret: bytes) -> bytes:
        return hmac.digest(secret, f"answer\0{self.scope}\0{self.key}".encode(), hashlib.sha256)


async def find(conn: asyncpg.Connection, name: Name, secret: bytes) -> Kept | None:
    """What this name answered within the last 24 hours."""
    row = await conn.fetchrow(
        """
        select request_sha256, status, headers, body, secret,
            forgotten or (secret and kept_at < now() - interval '10 minutes') as gone
        from kept_answer where name = $1 and kept_at > now() - interval '24 hours'
        """,
        name.sha256,
    )
    if row is None:
        return None
    if row["gone"]:
        return Kept(row["request_sha256"], None)
    body = row["body"]
    if row["secret"]:
        body = AESGCM(name.sealing_key(secret)).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], name.sha256)
    return Kept(row["request_sha256"], Answer(row["status"], tuple((k, v) for k, v in row["headers"]), body))


async def keep(
    conn: asyncpg.Connection,
    name: Name,
    account: UUID | None,
    request_sha256: bytes,
    answer: Answer,
    *,
    sealed_with: bytes | None,
) -> None:
    """`sealed_with`: the instance's secret, for an answer that holds one. An account that is gone keeps nothing."""
    body = answer.body
    if sealed_with is not None:
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + AESGCM(name.sealing_key(sealed_with)).encrypt(nonce, body, name.sha256)
    await conn.execute(
        """
        insert into kept_answer (name, account, request_sha256, status, headers, body, secret)
        select $1, $2, $3, $4, $5, $6, $7 where $2::uuid is null or exists (select from account where id = $2)
        on conflict (name) do update set request_sha256 = excluded.request_sha256, status = excluded.status,
            headers = excluded.headers, body = excluded.body, secret = excluded.secret, forgotten = false,
            kept_at = now()
        """,
        name.sha256,
        account,
        request_sha256,
        answer.status,
        _rows(answer.headers),
        body,
        sealed_with is not None,
    )


def _rows(headers: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(pair) for pair in headers]


async def forget_secrets(conn: asyncpg.Connection) -> None:
    """Secrets are emptied once they are 10 minutes old; that the key was used stays known."""
    await conn.execute(
        """
        update kept_answer set body = '', headers = '[]', forgotten = true
        where secret and not forgotten and kept_at < now() - interval '10 minutes'
        """
    )


async def tidy(conn: asyncpg.Connection) -> None:
    await conn.execute("delete from kept_answer where kept_at < now() - interval '24 hours'")
