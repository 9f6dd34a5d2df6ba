from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from backend.db import MigrationChanged, MigrationMisnamed, MigrationUnknown, migrate, open_pool
from backend.localdb import Postgres
from tests.factories import a_file

FIRST = b"CREATE TABLE person (name text); INSERT INTO person VALUES ('Maya');"


@pytest_asyncio.fixture
async def empty(postgres: Postgres) -> str:
    """The DSN of a database without a table."""
    name = f"empty_{uuid4().hex}"
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute(f"CREATE DATABASE {name}")
    await conn.close()
    return postgres.dsn(name)


async def _value(dsn: str, query: str) -> object:
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


async def test_files_are_applied_once_and_in_order(empty: str, tmp_path: Path) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    a_file(tmp_path, b"ALTER TABLE person ADD handle text; UPDATE person SET handle = 'maya'", "0002_handles.sql")
    assert await migrate(empty, tmp_path) == ["pgqueuer", "people", "handles"]
    assert await migrate(empty, tmp_path) == []
    assert await _value(empty, "SELECT string_agg(name || handle, ',') FROM person") == "Mayamaya"
    assert await _value(empty, "SELECT count(*) FROM pgqueuer") == 0


async def test_a_later_file_is_applied_to_a_database_in_use(empty: str, tmp_path: Path) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    await migrate(empty, tmp_path)
    a_file(tmp_path, b"ALTER TABLE person ADD handle text", "0002_handles.sql")
    conn = await asyncpg.connect(empty)
    assert await migrate(conn, tmp_path) == ["handles"]
    await conn.close()


async def test_a_failing_file_leaves_nothing_of_itself(empty: str, tmp_path: Path) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    a_file(tmp_path, b"CREATE TABLE half (x int); SELECT 1 / 0;", "0002_half.sql")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty, tmp_path)
    assert await _value(empty, "SELECT to_regclass('half') IS NULL AND to_regclass('person') IS NOT NULL")
    a_file(tmp_path, b"CREATE TABLE half (x int)", "0002_half.sql")
    assert await migrate(empty, tmp_path) == ["half"]


async def test_an_edited_file_is_an_error_that_names_it(empty: str, tmp_path: Path) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    await migrate(empty, tmp_path)
    a_file(tmp_path, FIRST + b" ", "0001_people.sql")
    with pytest.raises(MigrationChanged, match=r"0001_people\.sql"):
        await migrate(empty, tmp_path)


async def test_a_database_newer_than_the_program_is_refused(empty: str, tmp_path: Path) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    await migrate(empty, tmp_path)
    (tmp_path / "0001_people.sql").unlink()
    with pytest.raises(MigrationUnknown, match=r"0001_people\.sql"):
        await migrate(empty, tmp_path)


@pytest.mark.parametrize("name", ["1_people.sql", "0000_people.sql", "people.sql", "0001_other.sql"])
async def test_a_file_that_cannot_be_ordered_is_refused(tmp_path: Path, empty: str, name: str) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    a_file(tmp_path, FIRST, name)
    with pytest.raises(MigrationMisnamed):
        await migrate(empty, tmp_path)


async def test_many_processes_may_migrate_at_once(empty: str, tmp_path: Path) -> None:
    a_file(tmp_path, FIRST, "0001_people.sql")
    done = await asyncio.gather(*(migrate(empty, tmp_path) for _ in range(5)))
    assert sorted(done, key=len) == [[], [], [], [], ["pgqueuer", "people"]]


async def test_json_goes_in_and_out_as_values(pool: asyncpg.Pool) -> None:
    value = {"shots": [1, 2.5, None, True, "é"]}
    assert await pool.fetchval("SELECT $1::jsonb", value) == value
    assert await pool.fetchval("SELECT jsonb_typeof($1)", value) == "object"
    assert await pool.fetchval("SELECT $1::json", "a word") == "a word"


async def test_a_queued_job_keeps_its_headers_on_the_way_through_the_pool(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        queue = Queries.from_asyncpg_connection(conn)
        await queue.enqueue(["render"] * 2, [b"1", b"2"], [0, 0], headers=[{"trace": "abc"}, None])
        jobs = [Job.model_validate(dict(row)) for row in await conn.fetch("SELECT * FROM pgqueuer ORDER BY id")]
    assert [job.headers for job in jobs] == [{"trace": "abc"}, None]


async def test_the_pool_works_again_after_the_database_was_restarted(open_path: Path) -> None:
    server = await asyncio.to_thread(Postgres.keep, open_path)
    async with await open_pool(server.dsn(), min_size=2, max_size=2) as pool:
        assert await pool.fetchval("SELECT 1") == 1
        await asyncio.to_thread(server.close)
        with pytest.raises(OSError):  # noqa: PT011  refused or not there, as the system says it
            await pool.fetchval("SELECT 1")
        server = await asyncio.to_thread(Postgres.keep, open_path)
        assert await pool.fetchval("SELECT 2") == 2
    await asyncio.to_thread(server.close)
