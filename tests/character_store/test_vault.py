from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from character_store import vault
from character_store.errors import KeyDestroyed, MasterKeyForeign, SealBroken
from character_store.master_key import KeyFile, sealed
from character_store.vault import Vault
from tests.factories import a_master_file, a_vault

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


def test_another_master_key_unwraps_nothing(tmp_path: Path) -> None:
    wrapped = a_vault(tmp_path).wrap(vault.new_key(), CHARACTER, 1)
    with pytest.raises(SealBroken):
        a_vault(tmp_path).unwrap(wrapped, CHARACTER, 1)


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


async def test_a_destroyed_key_opens_never_again(conn: asyncpg.Connection, tmp_path: Path) -> None:
    safe, key, character = a_vault(tmp_path), vault.new_key(), await a_character(conn)
    await vault.store_key(conn, safe, key, character, 1)
    assert await vault.open_key(conn, safe, character, 1, purpose="enrol") == key
    await vault.destroy_keys(conn, character)
    with pytest.raises(KeyDestroyed):
        await vault.open_key(conn, safe, character, 1, purpose="enrol")
    row = await conn.fetchrow("select * from character_version where character = $1", character)
    assert row["wrapped_key"] is None
    assert row["key_destroyed_at"] is not None


async def test_every_opening_leaves_an_audit_row(conn: asyncpg.Connection, tmp_path: Path) -> None:
    safe, character, clip = a_vault(tmp_path), await a_character(conn), uuid4()
    await vault.store_key(conn, safe, vault.new_key(), character, 1)
    await vault.open_key(conn, safe, character, 1, purpose="enrol")
    await vault.open_key(conn, safe, character, 1, purpose="clip", clip=clip)
    rows = await conn.fetch("select purpose, clip from vault_opening where character = $1 order by id", character)
    assert [tuple(row) for row in rows] == [("enrol", None), ("clip", clip)]


async def test_the_database_holds_no_plain_key(conn: asyncpg.Connection, tmp_path: Path) -> None:
    safe, key, character = a_vault(tmp_path), vault.new_key(), await a_character(conn)
    await vault.store_key(conn, safe, key, character, 1)
    assert key not in await conn.fetchval("select wrapped_key from character_version where character = $1", character)


async def test_a_new_master_key_wraps_all_anew_and_touches_no_data(conn: asyncpg.Connection, tmp_path: Path) -> None:
    file = a_master_file(tmp_path)
    safe = Vault(KeyFile(file), bytes(32))
    keys = [vault.new_key() for _ in range(3)]
    people = [await a_character(conn) for _ in keys]
    for key, character in zip(keys, people, strict=True):
        await vault.store_key(conn, safe, key, character, 1)
    await vault.destroy_keys(conn, people[2])
    stale = Vault(KeyFile(file), bytes(32))  # another process
    before = {row["character"]: row["wrapped_key"] for row in await conn.fetch("select * from character_version")}
    old = file.read_bytes()
    assert await vault.rewrap_due(conn)
    assert await vault.rewrap(conn, safe) == 2
    assert not await vault.rewrap_due(conn)
    assert len(file.read_bytes()) == 32
    assert file.read_bytes() != old
    assert file.stat().st_mode & 0o077 == 0
    for who in (safe, stale):
        assert await vault.open_key(conn, who, people[0], 1, purpose="enrol") == keys[0]
    fresh = Vault(KeyFile(file), bytes(32))
    for character in people[:2]:  # a backup of the database from before
        with pytest.raises(SealBroken):
            fresh.unwrap(before[character], character, 1)
    with pytest.raises(KeyDestroyed):
        await vault.open_key(conn, safe, people[2], 1, purpose="enrol")


async def test_a_renewal_that_breaks_off_loses_no_key(conn: asyncpg.Connection, tmp_path: Path) -> None:
    file = a_master_file(tmp_path)
    safe = Vault(KeyFile(file), bytes(32))
    key, first, second = vault.new_key(), await a_character(conn), await a_character(conn)
    await vault.store_key(conn, safe, key, first, 1)
    safe.master.renew()  # and the process dies before anything is wrapped with it
    again = Vault(KeyFile(file), bytes(32))
    assert await vault.open_key(conn, again, first, 1, purpose="enrol") == key
    await vault.store_key(conn, again, key, second, 1)
    assert await vault.rewrap(conn, again) == 2
    for character in (first, second):
        assert await vault.open_key(conn, again, character, 1, purpose="enrol") == key


async def test_renewals_at_once_and_a_new_character_meanwhile_lose_nothing(pool: asyncpg.Pool, tmp_path: Path) -> None:
    file = a_master_file(tmp_path)
    safe = Vault(KeyFile(file), bytes(32))
    async with pool.acquire() as conn:
        people = [await a_character(conn) for _ in range(12)]

    async def stored(character: UUID) -> None:
        own = Vault(KeyFile(file), bytes(32))
        async with pool.acquire() as conn, conn.transaction():
            await vault.store_key(conn, own, character.bytes * 2, character, 1)

    async def renewed() -> None:
        async with pool.acquire() as conn:
            await vault.rewrap(conn, Vault(KeyFile(file), bytes(32)))

    await asyncio.gather(*(task for character in people for task in (stored(character), renewed())))
    async with pool.acquire() as conn:
        for character in people:
            assert await vault.open_key(conn, safe, character, 1, purpose="enrol") == character.bytes * 2


async def test_a_renewal_that_comes_late_drops_no_key_of_the_next_one(conn: asyncpg.Connection, tmp_path: Path) -> None:
    """Its lock went with its connection after the keys were wrapped, and another renewal has begun."""
    file = a_master_file(tmp_path)
    late, next_one = KeyFile(file), KeyFile(file)
    character, key = await a_character(conn), vault.new_key()
    mine = late.renew()
    await vault.store_key(conn, Vault(late, bytes(32)), key, character, 1)
    newer = next_one.renew()
    late.drop_older(mine)
    late.drop_older(mine)
    assert await vault.open_key(conn, Vault(next_one, bytes(32)), character, 1, purpose="enrol") == key
    next_one.drop_older(newer)
    late.drop_older(mine)
    assert len(file.read_bytes()) == 32


def test_keys_wrapped_before_keys_had_numbers_still_open(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(bytes(32))
    place = f"castmate/{CHARACTER}/1/key".encode()
    wrapped = sealed(AESGCM(bytes(32)), b"k" * 32, place)
    assert Vault(KeyFile(file), bytes(32)).unwrap(wrapped, CHARACTER, 1) == b"k" * 32


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_master_key_of_another_length_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="master key file"):
        KeyFile(file)


async def test_a_master_key_made_anew_stores_nothing_and_renews_nothing(
    conn: asyncpg.Connection, tmp_path: Path
) -> None:
    safe, key, character = a_vault(tmp_path), vault.new_key(), await a_character(conn)
    await vault.store_key(conn, safe, key, character, 1)
    other_file = a_master_file(tmp_path)
    foreign, before = Vault(KeyFile(other_file), bytes(32)), other_file.read_bytes()
    for refused in (
        vault.check_master(conn, foreign),
        vault.store_key(conn, foreign, key, await a_character(conn), 1),
        vault.rewrap(conn, foreign),
    ):
        with pytest.raises(MasterKeyForeign):
            await refused
    assert other_file.read_bytes() == before
    assert await conn.fetchval("select count(*) from character_version") == 1
    assert await vault.rewrap(conn, safe) == 1


async def test_one_wrap_that_no_key_opens_stops_no_renewal(conn: asyncpg.Connection, tmp_path: Path) -> None:
    safe, key = a_vault(tmp_path), vault.new_key()
    broken, good = await a_character(conn), await a_character(conn)
    for character in (broken, good):
        await vault.store_key(conn, safe, key, character, 1)
    await conn.execute("update character_version set wrapped_key = 'x' where character = $1", broken)
    assert await vault.rewrap(conn, safe) == 1
    assert await vault.open_key(conn, safe, good, 1, purpose="enrol") == key
