"""Envelope encryption of stored identities (AES-256-GCM, NIST SP 800-38D).

Each character version has a data key of its own; the master key wraps it; both seals are bound to their place by
additional authenticated data, so that no ciphertext can stand in for another. Destroying the wrapped key destroys the
version: the bytes that remain mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from character_store.errors import KeyDestroyed, MasterKeyForeign, SealBroken
from character_store.master_key import MasterKey, opened, sealed

Purpose = Literal["enrol", "clip", "match", "review", "export"]


class Opening(msgspec.Struct, frozen=True):
    """One time that a version was opened, and for what. `actor` is a handle; None = the machine by itself."""

    id: UUID
    version: int
    purpose: Purpose
    clip: UUID | None
    actor: str | None
    at: datetime


class Vault:
    """Wraps data keys with the master key; holds the secret of the face index beside it (32 bytes)."""

    def __init__(self, master: MasterKey, index_secret: bytes) -> None:
        self.master = master
        self.index_secret = index_secret

    def wrap(self, key: bytes, character: UUID, version: int) -> bytes:
        return self.master.wrap(key, _place(character, version, "key"))

    def unwrap(self, wrapped: bytes, character: UUID, version: int) -> bytes:
        """Raises SealBroken."""
        return self.master.unwrap(wrapped, _place(character, version, "key"))


def new_key() -> bytes:
    """32 random bytes: a data key, or a master key."""
    return AESGCM.generate_key(256)


def seal(key: bytes, plain: bytes, character: UUID, version: int, name: str) -> bytes:
    """Ciphertext for one named object of one version."""
    return sealed(AESGCM(key), plain, _place(character, version, name))


def unseal(key: bytes, content: bytes, character: UUID, version: int, name: str) -> bytes:
    """Raises SealBroken."""
    return opened(AESGCM(key), content, _place(character, version, name))


async def store_key(conn: asyncpg.Connection, vault: Vault, key: bytes, character: UUID, version: int) -> None:
    """A new version, with its data key. Waits while `rewrap` runs. Raises MasterKeyForeign; then nothing is stored."""
    await hold_master(conn, vault)
    await conn.execute(
        "insert into character_version (character, version, wrapped_key) values ($1, $2, $3)",
        character,
        version,
        vault.wrap(key, character, version),
    )


async def hold_master(conn: asyncpg.Connection, vault: Vault) -> None:
    """No renewal of the master key until the transaction ends, and it is the right one. Raises MasterKeyForeign."""
    await conn.execute("select pg_advisory_xact_lock_shared(hashtext('castmate master key'))")
    await check_master(conn, vault)


async def check_master(conn: asyncpg.Connection, vault: Vault) -> None:
    """The master key opens what is stored: not one made anew over a lost one, nor a copy from before a renewal.

    Raises MasterKeyForeign.
    """
    row = await conn.fetchrow(
        """
        (
            select character, version, wrapped_key from character_version
            where wrapped_key is not null order by character desc, version desc limit 1
        )
        union all
        (select id, 0, wrapped_key from clip_given where wrapped_key is not null order by id desc limit 1)
        union all
        (select id, 0, wrapped_key from sealed_file where wrapped_key is not null order by id desc limit 1)
        limit 1
        """
    )
    try:
        if row is not None:
            vault.unwrap(row["wrapped_key"], row["character"], row["version"])
    except SealBroken:
        raise MasterKeyForeign from None


async def open_key(
    conn: asyncpg.Connection,
    vault: Vault,
    character: UUID,
    version: int,
    *,
    purpose: Purpose,
    actor: UUID | None = None,
    clip: UUID | None = None,
) -> bytes:
    """The data key; leaves an audit row. Raises KeyDestroyed or SealBroken."""
    wrapped = await conn.fetchval(
        """
        with opened as (
            insert into vault_opening (character, version, purpose, clip, actor)
            select character, version, $3, $4, $5 from character_version where character = $1 and version = $2
        )
        select wrapped_key from character_version where character = $1 and version = $2
        """,
        character,
        version,
        purpose,
        clip,
        actor,
    )
    try:
        if wrapped is not None:
            return vault.unwrap(wrapped, character, version)
    except SealBroken:  # perhaps wrapped anew since it was read, and the old master key is gone
        again = await conn.fetchval(
            "select wrapped_key from character_version where character = $1 and version = $2", character, version
        )
        if again == wrapped:
            raise
        if again is not None:
            return vault.unwrap(again, character, version)
    raise KeyDestroyed(str(character), version)


async def openings(conn: asyncpg.Connection, character: UUID, *, after: UUID | None, limit: int) -> list[Opening]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select o.id, o.version, o.purpose, o.clip, a.handle::text as actor, o.at
        from vault_opening o left join account a on a.id = o.actor
        where o.character = $1 and ($2::uuid is null or o.id < $2) order by o.id desc limit $3
        """,
        character,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Opening) for row in rows]


async def destroy_keys(conn: asyncpg.Connection, character: UUID, version: int | None = None) -> None:
    """Of one version or of all, for good. Sweep the bytes afterwards."""
    await conn.execute(
        """
        update character_version set wrapped_key = null, key_destroyed_at = clock_timestamp()
        where character = $1 and ($2::int is null or version = $2) and wrapped_key is not null
        """,
        character,
        version,
    )


async def rewrap(conn: asyncpg.Connection, vault: Vault) -> int:
    """A new master key; every data key is wrapped with it, no data is touched, and the old master key is destroyed.

    How many were wrapped. Not inside a transaction: the old key may only go once the new wraps are committed. One at a
    time, on all machines: the session's lock is held from the first key to the last. A wrap that no key opens is left
    alone. Raises MasterKeyForeign.
    """
    await conn.execute("select pg_advisory_lock(hashtext('castmate master key'))")
    try:
        await check_master(conn, vault)
        newest = vault.master.renew()
        async with conn.transaction():
            rows = await conn.fetch(
                "select character, version, wrapped_key from character_version where wrapped_key is not null for update"
            )
            fresh = [
                (row["character"], row["version"], wrapped)
                for row in rows
                if (wrapped := _rewrapped(vault, *row)) is not None
            ]
            await conn.executemany(
                "update character_version set wrapped_key = $3 where character = $1 and version = $2", fresh
            )
            clips = await conn.fetch(
                "select id, 0, wrapped_key from clip_given where wrapped_key is not null for update"
            )
            again = [(row["id"], wrapped) for row in clips if (wrapped := _rewrapped(vault, *row)) is not None]
            await conn.executemany("update clip_given set wrapped_key = $2 where id = $1", again)
            files = await conn.fetch(
                "select id, 0, wrapped_key from sealed_file where wrapped_key is not null for update"
            )
            parts = [(row["id"], wrapped) for row in files if (wrapped := _rewrapped(vault, *row)) is not None]
            await conn.executemany("update sealed_file set wrapped_key = $2 where id = $1", parts)
            hooks = await conn.fetch("select webhook, version, wrapped from webhook_secret for update")
            signing = [
                (row["webhook"], row["version"], wrapped)
                for row in hooks
                if (wrapped := _rewrapped(vault, *row)) is not None
            ]
            await conn.executemany(
                "update webhook_secret set wrapped = $3 where webhook = $1 and version = $2", signing
            )
            wrapped_anew = len(fresh) + len(again) + len(parts) + len(signing)
            await conn.execute("insert into master_key_renewal (rewrapped) values ($1)", wrapped_anew)
        vault.master.drop_older(newest)
    finally:
        await conn.execute("select pg_advisory_unlock(hashtext('castmate master key'))")
    return wrapped_anew


async def rewrap_due(conn: asyncpg.Connection) -> bool:
    """A key was destroyed since the master key was last renewed."""
    due: bool = await conn.fetchval(
        """
        select coalesce((select max(at) from master_key_renewal), '-infinity') < greatest(
            (select max(key_destroyed_at) from character_version),
            (select max(key_destroyed_at) from clip_given),
            (select max(key_destroyed_at) from sealed_file)
        ) is true
        """
    )
    return due


async def note_object(conn: asyncpg.Connection, character: UUID, version: int, name: str, media_key: str) -> None:
    await conn.execute(
        """
        insert into vault_object (character, version, name, media_key) values ($1, $2, $3, $4)
        on conflict (character, version, name) do update set media_key = excluded.media_key
        """,
        character,
        version,
        name,
        media_key,
    )


async def objects(conn: asyncpg.Connection, character: UUID, version: int) -> dict[str, str]:
    """Name -> media key, by name."""
    rows = await conn.fetch(
        "select name, media_key from vault_object where character = $1 and version = $2 order by name",
        character,
        version,
    )
    return {row["name"]: row["media_key"] for row in rows}


async def unheld(conn: asyncpg.Connection, media_keys: Sequence[str]) -> list[str]:
    """Those that no version holds."""
    rows = await conn.fetch("select media_key from vault_object where media_key = any($1)", list(media_keys))
    return sorted(set(media_keys) - {row["media_key"] for row in rows})


async def forget_objects(conn: asyncpg.Connection, character: UUID, version: int | None = None) -> None:
    """Of one version or of all."""
    await conn.execute(
        "delete from vault_object where character = $1 and ($2::int is null or version = $2)", character, version
    )


def _rewrapped(vault: Vault, character: UUID, version: int, wrapped: bytes) -> bytes | None:
    try:
        return vault.wrap(vault.unwrap(wrapped, character, version), character, version)
    except SealBroken:
        return None


def _place(character: UUID, version: int, name: str) -> bytes:
    return f"castmate/{character}/{version}/{name}".encode()
