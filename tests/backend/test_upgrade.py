"""A database of the version before consent and grants, with what people had in it, brought up to date."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest_asyncio

from backend import enrolment, jobs, vaulted
from backend.db import MIGRATIONS, migrate, open_pool
from backend.localdb import Postgres
from backend.media import Media, vault_key
from backend.studio import end
from character_store import characters, grants, uses, vault, versions
from character_store.likeness import Likeness, Sitting
from character_store.vault import Vault
from generation.perception.references import References
from social import clips, quota
from tests.factories import a_likeness, a_vault

BEFORE = "0001_accounts_characters_clips.sql"


class Old(msgspec.Struct, frozen=True):
    dsn: str
    account: UUID
    ready: UUID
    processing: UUID
    refused: UUID
    queued: UUID
    published: UUID
    key: bytes


@pytest_asyncio.fixture
async def old(postgres: Postgres, tmp_path: Path, media: Media) -> tuple[Old, Vault]:
    """Rows as the old program wrote them; references without what has been added since."""
    name, folder = f"old_{uuid4().hex}", tmp_path / "migrations"
    folder.mkdir()
    shutil.copy(MIGRATIONS / BEFORE, folder)
    server = await asyncpg.connect(postgres.dsn())
    await server.execute(f"create database {name}")
    await server.close()
    dsn, safe, key = postgres.dsn(name), a_vault(tmp_path), vault.new_key()
    await migrate(dsn, folder)
    async with await open_pool(dsn, min_size=1, max_size=2) as pool:
        account = await pool.fetchval(
            "insert into account (handle, display_name, password_hash, birth_date, role) "
            "values ('grace', 'Grace', '', '1990-01-01', 'operator') returning id"
        )
        made = {
            state: await _character(pool, safe, account, state, key) for state in ("ready", "processing", "refused")
        }
        face = msgspec.to_builtins(a_likeness().references.face, builtin_types=(bytes,))
        voice = msgspec.to_builtins(a_likeness().references.voice, builtin_types=(bytes,))
        for added in ("identity", "left_png", "right_png", "height_px"):
            del face[added]
        stored = {
            "photo1": b"a photo",
            "voice": b"a voice",
            "references": msgspec.msgpack.encode({"face": face, "voice": voice, "measured_with": {}}),
        }
        for part, plain in stored.items():
            place = vault_key(made["ready"].hex, 1, part)
            await media.put(place, vault.seal(key, plain, made["ready"], 1, part))
            await pool.execute("insert into vault_object values ($1, 1, $2, $3)", made["ready"], part, place)
        place = vault_key(made["processing"].hex, 1, "photo1")
        await media.put(place, vault.seal(key, b"a photo", made["processing"], 1, "photo1"))
        await pool.execute("insert into vault_object values ($1, 1, 'photo1', $2)", made["processing"], place)
        await pool.execute(
            "insert into vault_opening (character, version, purpose) values ($1, 1, 'enrol')", made["ready"]
        )
        await pool.execute("insert into quota_day values ($1, current_date, 5)", account)
        queued = await _clip(pool, account, made["ready"], "queued")
        published = await _clip(pool, account, made["ready"], "completed")
    return Old(dsn, account, made["ready"], made["processing"], made["refused"], queued, published, key), safe


async def _character(pool: asyncpg.Pool, safe: Vault, owner: UUID, state: str, key: bytes) -> UUID:
    made: UUID = await pool.fetchval(
        "insert into character (owner, kind, name, handle, audience, preferences, restrictions, build, rights, state, "
        "refusal, attempts) values ($1, 'person', 'Grace', $2::text, 'everyone', '', '{}', 'average', 'public domain', "
        "$2::text, $3, 1) returning id",
        owner,
        state,
        {"check": "quality", "message": "too dark"} if state == "refused" else None,
    )
    await pool.execute(
        "insert into character_version (character, version, wrapped_key, key_destroyed_at) "
        "values ($1, 1, $2, case when $2::bytea is null then now() end)",
        made,
        None if state == "refused" else safe.wrap(key, made, 1),
    )
    return made


async def _clip(pool: asyncpg.Pool, account: UUID, character: UUID, status: str) -> UUID:
    made: UUID = await pool.fetchval(
        "insert into clip (account, status, prompt, model, size, seconds, seed, audience, debited_on, media) "
        "values ($1, $2, '@ready waves', 'castmate-1', '384x640', '4', 1, $3, current_date, $4) returning id",
        account,
        status,
        "everyone" if status == "completed" else "only_me",
        {} if status == "completed" else None,
    )
    await pool.execute(
        "insert into use (clip, character, version, speaker, decision) values ($1, $2, 1, 'S1', $3)",
        made,
        character,
        {"audience": "everyone"},
    )
    return made


async def test_characters_clips_and_uses_live_on(old: tuple[Old, Vault]) -> None:
    had, safe = old
    assert await migrate(had.dsn) == [file.stem[5:] for file in sorted(MIGRATIONS.glob("*.sql"))[1:]]
    async with await open_pool(had.dsn, min_size=1, max_size=4) as pool, pool.acquire() as conn:
        cards = {one.id: one for one in await characters.owned_by(conn, had.account, after=None, limit=10)}
        assert {one.id: (one.state, one.newest_state) for one in cards.values()} == {
            had.ready: ("ready", "ready"),
            had.processing: ("processing", "processing"),
            had.refused: ("refused", "refused"),
        }
        refusal = cards[had.refused].refusal
        assert refusal is not None
        assert refusal.message == "too dark"
        stranger = await conn.fetchval(
            "insert into account (handle, display_name, password_hash, birth_date) "
            "values ('leo', 'Leo', '', '1990-01-01') returning id"
        )
        assert await grants.refusal(conn, stranger, had.ready) is None
        assert await grants.refusal(conn, stranger, had.processing) == "not_ready"
        assert await vault.open_key(conn, safe, had.ready, 1, purpose="export") == had.key
        shown = await uses.of_character(conn, had.ready, after=None, limit=10)
        assert {one.clip for one in shown} == {had.queued, had.published}
        assert (await clips.visible(conn, stranger, had.published)) is not None
        assert (await clips.visible(conn, stranger, had.queued)) is None
        assert await jobs.rescue(conn) == 2  # the queued clip and the character in the making
        assert (await quota.today(conn, had.account, 30)).used == 5
        async with conn.transaction():
            assert await end(conn, had.queued, "cancelled", "")
        assert (await quota.today(conn, had.account, 30)).used == 4
        assert await conn.fetch("select * from quota_imbalance") == []
        assert await vault.rewrap_due(conn)
        assert await vault.rewrap(conn, safe) == 2
        assert await vault.open_key(conn, safe, had.ready, 1, purpose="export") == had.key


async def test_what_was_being_measured_is_and_old_references_are_renewed(old: tuple[Old, Vault], media: Media) -> None:
    had, safe = old
    await migrate(had.dsn)
    known: list[bytes | None] = []

    def measure(sitting: Sitting) -> Likeness:
        known.append(sitting.known)
        return a_likeness()

    async with await open_pool(had.dsn, min_size=1, max_size=4) as pool:
        await enrolment.enrol(pool, media, safe, had.processing, measure)
        plain = await vaulted.opened(pool, media, safe, had.ready, 1, "references", purpose="export")
        assert msgspec.msgpack.decode(plain, type=References).face is not None
        async with pool.acquire() as conn:
            character = await characters.by_id(conn, had.ready)
            assert character is not None
        await enrolment.take_in_again(pool, media, safe, character, {"photo1": b"new", "voice": b"new"}, None)
        await enrolment.enrol(pool, media, safe, had.ready, measure)
        async with pool.acquire() as conn:
            for key, version in ((had.processing, 1), (had.ready, 2)):
                found = await versions.find(conn, key, version)
                assert found is not None
                assert found.state == "ready"
            assert await conn.fetchval("select count(*) from face_index") == 2
    assert known == [None, None]
