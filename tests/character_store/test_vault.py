from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from character_store import vault
from character_store.errors import KeyDestroyed, SealBroken
from character_store.vault import Vault

CHARACTER = UUID(int=7)


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_again_and_shows_nothing(plain: bytes) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, plain, CHARACTER, 1, "voice")
    assert vault.unseal(key, sealed, CHARACTER, 1, "voice") == plain
    assert len(plain) < 8 or plain not in sealed
    assert vault.seal(key, plain, CHARACTER, 1, "voice") != sealed


@pytest.mark.parametrize(
    ("character", "version", "name"), [(UUID(int=8), 1, "voice"), (CHARACTER, 2, "voice"), (CHARACTER, 1, "photo1")]
)
def test_ciphertext_does_not_open_in_another_place(character: UUID, version: int, name: str) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, b"a face", CHARACTER, 1, "voice")
    with pytest.raises(SealBroken):
        vault.unseal(key, sealed, character, version, name)


def test_a_flipped_bit_or_a_cut_is_noticed() -> None:
    key = vault.new_key()
    sealed = vault.seal(key, b"a face", CHARACTER, 1, "voice")
    for broken in (
        sealed[:-1],
        sealed[:5],
        b"",
        bytes([sealed[0] ^ 1]) + sealed[1:],
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
    ):
        with pytest.raises(SealBroken):
            vault.unseal(key, broken, CHARACTER, 1, "voice")


def test_another_master_key_unwraps_nothing() -> None:
    wrapped = Vault(bytes(32)).wrap(vault.new_key(), CHARACTER, 1)
    with pytest.raises(SealBroken):
        Vault(bytes(31) + b"x").unwrap(wrapped, CHARACTER, 1)


async def a_character(conn: asyncpg.Connection) -> UUID:
    owner = await conn.fetchval(
        "insert into account (handle, display_name, password_hash, birth_date) "
        "values ($1, 'x', 'x', '1990-01-01') returning id",
        uuid4().hex[:20],
    )
    made: UUID = await conn.fetchval(
        "insert into character (owner, kind, name, handle, audience, preferences, restrictions, build) "
        "values ($1, 'person', 'M', $2, 'only_me', '', '{}', 'average') returning id",
        owner,
        uuid4().hex[:20],
    )
    return made


async def test_a_destroyed_key_opens_never_again(conn: asyncpg.Connection) -> None:
    safe, key, character = Vault(bytes(32)), vault.new_key(), await a_character(conn)
    await vault.store_key(conn, safe, key, character, 1)
    assert await vault.open_key(conn, safe, character, 1, purpose="enrol", clip=None) == key
    await vault.destroy_key(conn, character, 1)
    with pytest.raises(KeyDestroyed):
        await vault.open_key(conn, safe, character, 1, purpose="enrol", clip=None)
    row = await conn.fetchrow("select * from character_version where character = $1", character)
    assert row["wrapped_key"] is None
    assert row["key_destroyed_at"] is not None


async def test_every_opening_leaves_an_audit_row(conn: asyncpg.Connection) -> None:
    safe, character, clip = Vault(bytes(32)), await a_character(conn), uuid4()
    await vault.store_key(conn, safe, vault.new_key(), character, 1)
    await vault.open_key(conn, safe, character, 1, purpose="enrol", clip=None)
    await vault.open_key(conn, safe, character, 1, purpose="clip", clip=clip)
    rows = await conn.fetch("select purpose, clip from vault_opening where character = $1 order by id", character)
    assert [tuple(row) for row in rows] == [("enrol", None), ("clip", clip)]


async def test_the_database_holds_no_plain_key(conn: asyncpg.Connection) -> None:
    safe, key, character = Vault(bytes(32)), vault.new_key(), await a_character(conn)
    await vault.store_key(conn, safe, key, character, 1)
    assert key not in await conn.fetchval("select wrapped_key from character_version where character = $1", character)
