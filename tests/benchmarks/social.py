"""`./run bench social`: the feed and its neighbours on a database of a hundred thousand people, over HTTP.

What is measured: a started web process and the embedded server, and this process that asks them, on the same cores. At
a steady rate, each request on a connection of its own, beside a route that reads one row by its key; then as many as it
takes. Answers other than 200 stand in the table.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec

from backend import ids
from backend.localdb import FAST, Postgres
from tests.benchmarks import society
from tests.benchmarks.load import Answers, drip, flood
from tests.benchmarks.printing import say, table
from tests.benchmarks.routes import WIDE, started

PER_SECOND: Final = 100.0
SECONDS: Final = 8.0
FLOOD_SECONDS: Final = 3.0
CONNECTIONS: Final = 8
PUBLISHINGS: Final = 20
BARE: Final = "one row by its key"
FILLING: Final = FAST | {"autovacuum": "off", "max_wal_size": "8GB", "wal_level": "minimal", "max_wal_senders": "0"}
MEMORY: Final = {"shared_buffers": "2GB", "max_connections": "60"}
USAGE: Final = "usage: ./run bench social [--small] [--keep FOLDER]"


class Somebody(msgspec.Struct, frozen=True):
    """An account of the society, signed in."""

    what: str
    handle: str
    id: str
    following: int
    followers: int
    friends: int
    token: str


def report(*words: str) -> None:
    """`--keep`: where the database stays, to be used again."""
    size, rest = (society.SMALL, words[1:]) if words[:1] == ("--small",) else (society.LARGE, words)
    match rest:
        case ():
            with tempfile.TemporaryDirectory(prefix="castmate-society-") as folder:
                Path(folder).chmod(0o711)
                _in(Path(folder), size)
        case ("--keep", folder):
            _in(Path(folder), size)
        case _:
            raise SystemExit(USAGE)


def _in(folder: Path, size: society.Size) -> None:
    say(f"{os.cpu_count()} cores; {size}")
    with Postgres.keep(folder, **FILLING, **MEMORY) as server:
        asyncio.run(society.make(server.dsn(), size, say))
    with Postgres.keep(folder, **MEMORY) as server, tempfile.TemporaryDirectory() as data:
        settings = {"CASTMATE_DATABASE_URL": server.dsn(), "CASTMATE_DATA": data, "CASTMATE_LOG_LEVEL": "warning"}
        with started(settings, "tests.benchmarks.bare") as bare, _web(settings) as url:
            asyncio.run(_measured(bare, url, server.dsn()))


@contextmanager
def _web(settings: dict[str, str]) -> Iterator[str]:
    with started(settings | {"CASTMATE_RATE_LIMITS": WIDE}, "backend", "web") as url:
        yield url


async def _measured(bare: str, url: str, dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        heavy = await _somebody(conn, url, "heavy", 0)
        median = await _somebody(conn, url, "median", await _median(conn))
        tree = await conn.fetchval(
            "select id from film where n = (select min(n) from film where n >= (select count(*) from film) - "
            "(select (made::jsonb ->> 'tree')::int from society))"
        )
        bytes_ = await conn.fetchval("select pg_database_size(current_database())")
    finally:
        await conn.close()
    table(
        f"Who asks; the database has {bytes_ / 2**30:.1f} GiB",
        [
            ["", "follows", "followed by", "friends"],
            *([one.what, str(one.following), str(one.followers), str(one.friends)] for one in (heavy, median)),
        ],
    )
    asked = {BARE: (f"{bare}/account/{ids.parse('acct', median.id)}", "")}
    for who in (heavy, median):
        for mode in ("for_you", "following", "friends"):
            asked[f"feed, {mode}, {who.what}"] = (f"{url}/v1/feed?mode={mode}&limit=20", who.token)
        asked[f"friends list, {who.what}"] = (f"{url}/v1/accounts/{who.handle}/friends?limit=20", who.token)
    asked["lineage of the large tree"] = (f"{url}/v1/videos/{ids.public('video', tree)}/lineage", median.token)
    rows = [["", "p50 ms", "p99 ms", "beside", "requests/s", "beside", "not 200"]]
    first: tuple[Answers, Answers] | None = None
    for name, (path, token) in asked.items():
        say(name)
        steady, much = await _both(path, token)
        first = first or (steady, much)
        rows.append(
            [
                name,
                f"{1000 * steady.percentile(0.5):.1f}",
                f"{1000 * steady.percentile(0.99):.1f}",
                f"{steady.percentile(0.99) / first[0].percentile(0.99):.1f}",
                f"{much.per_second:.0f}",
                f"{much.per_second / first[1].per_second:.2f}",
                str(steady.failures + much.failures),
            ]
        )
    table(f"At {PER_SECOND:.0f} requests/s for {SECONDS:.0f} s, and as many as {CONNECTIONS} connections take", rows)
    await _published(url, (heavy, median))


async def _both(path: str, token: str) -> tuple[Answers, Answers]:
    """A few first, so that nobody pays for what is opened once."""
    parts = urlsplit(path)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sign = f"authorization: Bearer {token}\r\n" if token else ""
    head = f"GET {target} HTTP/1.1\r\nhost: bench\r\n{sign}\r\n".encode()
    await flood(path, head, connections=CONNECTIONS, seconds=1.0)
    return (
        await drip(path, head, per_second=PER_SECOND, seconds=SECONDS),
        await flood(path, head, connections=CONNECTIONS, seconds=FLOOD_SECONDS),
    )


async def _published(url: str, people: tuple[Somebody, ...]) -> None:
    rows = [["", "followers", "median ms", "most ms", "beside the least followed"]]
    found: dict[str, list[float]] = {}
    for who in reversed(people):
        async with httpx.AsyncClient(base_url=f"{url}/v1", timeout=120) as http:
            http.headers["authorization"] = f"Bearer {who.token}"
            listed = (await http.get("/videos?limit=1")).raise_for_status().json()
            video = listed["data"][0]["id"]
            for number in range(PUBLISHINGS):
                began = time.perf_counter()
                change = {"audience": ("only_me", "everyone")[number % 2]}
                (await http.patch(f"/videos/{video}", json=change)).raise_for_status()
                found.setdefault(who.what, []).append(time.perf_counter() - began)
    base = statistics.median(found[people[-1].what])
    for who in people:
        took = found[who.what]
        middle = statistics.median(took)
        rows.append(
            [who.what, str(who.followers), f"{1000 * middle:.1f}", f"{1000 * max(took):.1f}", f"{middle / base:.1f}"]
        )
    table(f"Publishing and taking back, {PUBLISHINGS} times", rows)


async def _median(conn: asyncpg.Connection) -> int:
    """The number of somebody who follows as many as half of all do."""
    found: int = await conn.fetchval(
        """
        select p.n from person p join account_tally t on t.account = p.id
        where exists (select from film f where f.maker = p.n and f.audience = 'everyone')
        order by abs(t.following - (
            select percentile_disc(0.5) within group (order by following) from account_tally
        )), p.n limit 1
        """
    )
    return found


async def _somebody(conn: asyncpg.Connection, url: str, what: str, number: int) -> Somebody:
    row = await conn.fetchrow(
        """
        select a.id, a.handle::text, t.following, t.followers, t.friends
        from person p join account a on a.id = p.id join account_tally t on t.account = p.id where p.n = $1
        """,
        number,
    )
    async with httpx.AsyncClient(base_url=f"{url}/v1", timeout=60) as http:
        sent: dict[str, Any] = {"handle": row["handle"], "password": society.PASSWORD}
        token = (await http.post("/sessions", json=sent)).raise_for_status().json()["access_token"]
    return Somebody(
        what, row["handle"], ids.public("acct", row["id"]), row["following"], row["followers"], row["friends"], token
    )
