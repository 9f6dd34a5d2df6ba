"""Files that are sealed part by part, so that no size of them has to fit into memory.

Each file has a key of its own, wrapped by the master key; each part's seal is bound to the file and to where it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from character_store import vault
from character_store.errors import KeyDestroyed
from character_store.vault import Vault

VERSION: Final = 0  # in the place a seal is bound to: characters count from 1


class Part(msgspec.Struct, frozen=True):
    """`size` plain bytes from `start` on."""

    start: int
    size: int
    media_key: str


class SealedFile(msgspec.Struct, frozen=True):
    """A file whose key is open; its parts in order, without gaps."""

    id: UUID
    key: bytes
    size: int
    parts: tuple[Part, ...]


async def create(conn: asyncpg.Connection, safe: Vault, account: UUID, receipt: UUID | None = None) -> SealedFile:
    """An empty file. Waits while the master key is renewed. Raises MasterKeyForeign."""
    await vault.hold_master(conn, safe)
    file: UUID = await conn.fetchval("select uuidv7()")
    key = vault.new_key()
    await conn.execute(
        "insert into sealed_file (id, account, receipt, wrapped_key) values ($1, $2, $3, $4)",
        file,
        account,
        receipt,
        safe.wrap(key, file, VERSION),
    )
    return SealedFile(file, key, 0, ())


async def append(conn: asyncpg.Connection, file: UUID, parts: Sequence[Part]) -> bool:
    """All of them or none; False where the file does not end where they begin, or its key is destroyed."""
    done = await conn.execute(
        "update sealed_file set size = $3 where id = $1 and size = $2 and wrapped_key is not null",
        file,
        parts[0].start,
        parts[-1].start + parts[-1].size,
    )
    if done != "UPDATE 1":
        return False
    await conn.executemany(
        "insert into sealed_part (file, start, size, media_key) values ($1, $2, $3, $4)",
        [(file, part.start, part.size, part.media_key) for part in parts],
    )
    return True


async def opened(conn: asyncpg.Connection, safe: Vault, file: UUID) -> SealedFile:
    """Raises KeyDestroyed or SealBroken."""
    row = await conn.fetchrow("select wrapped_key, size from sealed_file where id = $1", file)
    if row is None or row["wrapped_key"] is None:
        raise KeyDestroyed(f"file_{file.hex}", VERSION)
    parts = await conn.fetch("select start, size, media_key from sealed_part where file = $1 order by start", file)
    key = safe.unwrap(row["wrapped_key"], file, VERSION)
    return SealedFile(file, key, row["size"], tuple(msgspec.convert(dict(part), Part) for part in parts))


def seal(file: SealedFile, start: int, plain: bytes) -> bytes:
    """Ciphertext of one part."""
    return vault.seal(file.key, plain, file.id, VERSION, str(start))


def unseal(file: SealedFile, part: Part, content: bytes) -> bytes:
    """Raises SealBroken."""
    return vault.unseal(file.key, content, file.id, VERSION, str(part.start))


async def destroy(conn: asyncpg.Connection, file: UUID) -> bool:
    """The key, for good; False where it was destroyed before. Sweep the bytes afterwards."""
    done = await conn.execute(
        """
        update sealed_file set wrapped_key = null, key_destroyed_at = clock_timestamp()
        where id = $1 and wrapped_key is not null
        """,
        file,
    )
    return bool(done == "UPDATE 1")


async def unswept(conn: asyncpg.Connection) -> list[UUID]:
    """Those whose key is destroyed and whose bytes may still be there."""
    rows = await conn.fetch("select id from sealed_file where wrapped_key is null and swept_at is null order by id")
    return [row["id"] for row in rows]


async def mark_swept(conn: asyncpg.Connection, file: UUID) -> None:
    await conn.execute("delete from sealed_part where file = $1", file)
    await conn.execute("delete from upload where id = $1", file)
    await conn.execute("update sealed_file set swept_at = now() where id = $1", file)


async def unheld(conn: asyncpg.Connection, media_keys: Sequence[str]) -> list[str]:
    """Those that no file holds."""
    rows = await conn.fetch("select media_key from sealed_part where media_key = any($1)", list(media_keys))
    return sorted(set(media_keys) - {row["media_key"] for row in rows})


async def tidy(conn: asyncpg.Connection) -> None:
    """Forget files that are gone from backups too: the master key was renewed since."""
    await conn.execute(
        """
        delete from sealed_file
        where swept_at is not null and key_destroyed_at < (select max(at) from master_key_renewal)
        """
    )
