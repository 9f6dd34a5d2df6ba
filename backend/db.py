"""The connection pool and the migration runner.

    pool = await open_pool(dsn, min_size=1, max_size=8)  # close it with `async with pool:` or `await pool.close()`
    await migrate(dsn)  # forward only, idempotent, safe when many processes start at once

MigrationError
├── MigrationChanged     a file that this database has applied reads differently now
├── MigrationUnknown     the database has applied a version that this program does not know: it is newer than we are
└── MigrationMisnamed    a file in the folder is not NNNN_words.sql, or shares its number
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
from pgqueuer.queries import Queries

MIGRATIONS: Final = Path(__file__).parent / "migrations"
FILE_NAME: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
COMMAND_TIMEOUT_S: Final = 30.0  # for every statement of a pool, unless the call says otherwise
CONNECT_TIMEOUT_S: Final = 10.0
QUEUE_VERSION: Final = 0  # the queue's own tables come before our first file


GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.TransactionRollbackError,  # a deadlock or a serialization failure: nothing happened
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that died between two steps of the protocol
    OSError,
)
"""How a database that is away, going or coming shows itself to a query or a connect; a media store too (OSError)."""


class MigrationError(Exception):
    """Base. Nothing of the offending file was applied; files before it may have been."""


class MigrationChanged(MigrationError):
    """`file` was edited after this database applied it."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} has changed since this database applied it; write a new migration instead")
        self.file = file


class MigrationUnknown(MigrationError):
    """The database is at `version`, which no file here has."""

    def __init__(self, version: int, name: str) -> None:
        super().__init__(f"the database has applied {version:04}_{name}.sql, which this program lacks; upgrade it")
        self.version = version


class MigrationMisnamed(MigrationError):
    """`file` cannot be put in order."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} is not named NNNN_words.sql with a number of its own")
        self.file = file


class Migration(msgspec.Struct, frozen=True):
    """One file of SQL; `sha256` of its bytes, in hex."""

    version: int
    name: str
    sha256: str
    sql: str


class _Stateless(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """Sends no reset when it is released, which would be a round trip each time.

    Nobody here leaves state on a connection: transactions are blocks, and listeners keep theirs.
    """

    def get_reset_query(self) -> str:
        return ""


async def open_pool(dsn: str, *, min_size: int, max_size: int) -> asyncpg.Pool:
    """Open `min_size` connections, which speak JSON as Python values; the caller closes the pool.

    After a restart of the database, dead connections are replaced as they are asked for. Raises OSError or
    asyncpg.PostgresError when the database cannot be reached now. Pgqueuer reads back the headers and tracebacks that
    it wrote only through connections of one kind: give it connections of such pools only.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        init=_speak_json,
        connection_class=_Stateless,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=COMMAND_TIMEOUT_S,
        server_settings={"application_name": "castmate"},
    )


async def _speak_json(conn: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await conn.set_type_codec(kind, schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode)


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def migrate(where: asyncpg.Connection | str, folder: Path = MIGRATIONS) -> list[str]:
    """Bring the database of a connection or DSN up to date; returns the names of what was applied, in order.

    Each file runs in a transaction of its own, so it must not contain CREATE INDEX CONCURRENTLY and the like.
    """
    if isinstance(where, str):
        conn = await asyncpg.connect(where, timeout=CONNECT_TIMEOUT_S)
        try:
            return await migrate(conn, folder)
        finally:
            await conn.close()

    queue = Queries.from_asyncpg_connection(where)
    tables = queue.qbe.build_install_query(create_schema=False)
    wanted = [Migration(QUEUE_VERSION, "pgqueuer", _sha256(tables.encode()), tables), *read_migrations(folder)]
    if not _pending(wanted, await _applied(where)):
        return []
    async with _only_one(where):
        pending = _pending(wanted, await _applied(where))  # again: another process may have been faster
        for step in pending:
            if step.version == QUEUE_VERSION:
                await queue.upgrade()  # takes no transaction: adding a label to an enum cannot share one
                await _book(where, step)
            else:
                async with where.transaction():
                    await where.execute(step.sql)
                    await _book(where, step)
    return [step.name for step in pending]


def read_migrations(folder: Path) -> list[Migration]:
    """Read the files of a folder in order. Raises MigrationMisnamed."""
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = FILE_NAME.fullmatch(path.name)
        if match is None or int(match[1]) in {QUEUE_VERSION, *found}:
            raise MigrationMisnamed(path.name)
        content = path.read_bytes()
        version = int(match[1])
        found[version] = Migration(version, match[2], _sha256(content), content.decode())
    return list(found.values())


def _pending(wanted: list[Migration], applied: dict[int, Migration]) -> list[Migration]:
    """What is not applied yet. A changed queue is brought up to date; a changed file of ours is an error."""
    known = {step.version for step in wanted}
    for version, done in applied.items():
        if version not in known:
            raise MigrationUnknown(version, done.name)
    pending = []
    for step in wanted:
        row = applied.get(step.version)
        if row is None or (row.sha256 != step.sha256 and step.version == QUEUE_VERSION):
            pending.append(step)
        elif row.sha256 != step.sha256:
            raise MigrationChanged(f"{step.version:04}_{step.name}.sql")
    return pending


async def _applied(conn: asyncpg.Connection) -> dict[int, Migration]:
    if not await conn.fetchval("SELECT to_regclass('schema_migration') IS NOT NULL"):
        return {}
    rows = await conn.fetch("SELECT version, name, sha256, '' AS sql FROM schema_migration")
    return {row["version"]: msgspec.convert(dict(row), Migration) for row in rows}


async def _book(conn: asyncpg.Connection, step: Migration) -> None:
    await conn.execute(
        "INSERT INTO schema_migration (version, name, sha256) VALUES ($1, $2, $3)"
        " ON CONFLICT (version) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()",
        step.version,
        step.name,
        step.sha256,
    )


@asynccontextmanager
async def _only_one(conn: asyncpg.Connection) -> AsyncIterator[None]:
    """Hold the session's advisory lock; the server drops it if we die. Makes the table of applied migrations."""
    await conn.execute("SELECT pg_advisory_lock(hashtext('castmate schema_migration'))")
    try:
        await conn.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration (version integer PRIMARY KEY, name text NOT NULL,"
            " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        yield
    finally:
        await conn.execute("SELECT pg_advisory_unlock(hashtext('castmate schema_migration'))")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
