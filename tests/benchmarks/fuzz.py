"""`./run bench fuzz [SECONDS]`: schemathesis for longer, another run each time, then the property tests for longer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg

from backend.db import migrate
from backend.localdb import Postgres
from tests.backend import fuzzing
from tests.benchmarks.printing import say

SECONDS = 600
DATABASE = "fuzz"
SEARCH = ("-q", "-p", "no:cacheprovider", "-m", "hypothesis")


def main(*words: str) -> None:
    """Ends with status 1 where something was found; it is printed, with how to send it again."""
    seconds = int(words[0]) if words else SECONDS
    with Postgres.scratch(max_connections="200", autovacuum="off") as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_prepared(server))
        dsn = server.dsn(DATABASE)
        found = fuzzing.run(dsn, Path(folder), seed=None, examples=50, steps=10, whole=True, seconds=seconds)
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    say(f"{found.calls} calls, {len(found.operations)} operations that answered below 400; by status {statuses}")
    for one in dict.fromkeys(found.wrong):
        say(f"\n{one}")
    search = subprocess.run(
        [sys.executable, "-m", "pytest", *SEARCH], env=os.environ | {"HYPOTHESIS_PROFILE": "search"}, check=False
    )
    raise SystemExit(bool(found.wrong) or search.returncode)


async def _prepared(server: Postgres) -> None:
    conn = await asyncpg.connect(server.dsn())
    await conn.execute(f"create database {DATABASE}")
    await conn.close()
    await migrate(server.dsn(DATABASE))
