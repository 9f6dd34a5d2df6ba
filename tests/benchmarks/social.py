"""`./run bench social`: the feed and its neighbours on a database of a hundred thousand people, over HTTP.

What is measured: started web processes, one a core, the embedded server, and this process that asks them, all on the
same cores. Every request is by another account of a group, so that nothing is answered out of what was just ranked for
it: at a steady rate, on connections of their own, beside a route that reads one row by its key; then as many as it
takes, with what web and database use of the cores for each. Answers other than 200 stand in the table. The database
is read into memory first, as on a server that runs.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import httpx
import msgspec

from backend import config, ids
from backend.localdb import FAST, Postgres
from backend.tokens import TokenKeys
from social import sessions
from tests.benchmarks import cores, society
from tests.benchmarks.load import Answers, drip, flood
from tests.benchmarks.printing import say, table
from tests.benchmarks.routes import WIDE, started

PER_SECOND: Final = 100.0
SECONDS: Final = 6.0
FLOOD_SECONDS: Final = 3.0
CONNECTIONS: Final = 8
GROUP: Final = 100  # accounts
PUBLISHINGS: Final = 20
BARE: Final = "one row by its key"
FILLING: Final = FAST | {"autovacuum": "off", "max_wal_size": "2GB", "wal_level": "minimal", "max_wal_senders": "0"}
MEMORY: Final = {"shared_buffers": "8GB", "max_connections": "60"}
WEB: Final = {"CASTMATE_RATE_LIMITS": WIDE, "CASTMATE_WEB_PROCESSES": str(os.cpu_count())}
UNREAD: Final = ("edge", "film", "role", "script")  # what filling left
USAGE: Final = "usage: ./run bench social [--small] [--keep FOLDER]"


class Somebody(msgspec.Struct, frozen=True):
    """An account of the society, signed in."""

    id: UUID
    handle: str
    following: int
    followers: int
    friends: int
    clip: UUID | None  # of theirs, public, showing nobody else
    token: str = ""


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
        asyncio.run(_read(server.dsn()))
        settings = {"CASTMATE_DATABASE_URL": server.dsn(), "CASTMATE_DATA": data, "CASTMATE_LOG_LEVEL": "warning"}
        with (
            started(settings, "tests.benchmarks.bare") as bare,
            started(settings | WEB, "backend", "web") as url,
        ):
            asyncio.run(_measured(bare, url, server.dsn(), TokenKeys(config.read(settings).token_keys)))


async def _read(dsn: str) -> None:
    conn = await asyncpg.connect(dsn, command_timeout=600)
    began = time.perf_counter()
    await conn.execute("create extension if not exists pg_prewarm")
    await conn.fetchval(
        "select sum(pg_prewarm(oid)) from pg_class where relkind in ('r', 'i', 't') and relpages > 0 "
        "and relpersistence = 'p' and not relname = any($1)",
        UNREAD,
    )
    await conn.close()
    say(f"read into memory in {time.perf_counter() - began:.0f} s")


async def _measured(bare: str, url: str, dsn: str, keys: TokenKeys) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        groups = {name: await _group(conn, keys, order) for name, order in ORDERS.items()}
        followed, *_ = await _group(conn, keys, MOST_FOLLOWED, 1)
        tree = await conn.fetchval(
            "select id from film where n = (select count(*) - (select (made::jsonb ->> 'tree')::int from society) "
            "from film)"
        )
        await _sizes(conn)
    finally:
        await conn.close()
    table(
        "Who asks: median, most",
        [["", "accounts", "follow", "followed by", "friends"], *(_described(*one) for one in groups.items())],
    )
    rows = [["", "p50 ms", "p99 ms", "beside", "requests/s", "beside", "core ms", "not 200"]]
    first: tuple[Answers, Answers] | None = None

    async def measure(name: str, at: str, requests: Sequence[bytes]) -> None:
        nonlocal first
        say(name)
        await flood(at, *requests, connections=CONNECTIONS, seconds=1.0)
        steady = await drip(at, *requests, per_second=PER_SECOND, seconds=SECONDS)
        used = cores.seconds()
        much = await flood(at, *requests, connections=CONNECTIONS, seconds=FLOOD_SECONDS)
        used = (cores.seconds() - used) / len(much.latencies)
        first = first or (steady, much)
        p50, p99 = steady.percentile(0.5), steady.percentile(0.99)
        beside, most = p99 / first[0].percentile(0.99), much.per_second / first[1].per_second
        tail = [f"{1e3 * used:.1f}", str(steady.failures + much.failures)]
        rows.append(
            [
                name,
                f"{1e3 * p50:.1f}",
                f"{1e3 * p99:.1f}",
                f"{beside:.1f}",
                f"{much.per_second:.0f}",
                f"{most:.2f}",
                *tail,
            ]
        )

    await measure(BARE, bare, [_get(f"/account/{one.id}") for one in groups["median"]])
    for what, people in groups.items():
        first_pages = [_get("/v1/feed?limit=20", one.token) for one in people]
        await measure(f"feed, for_you, {what}, ranked", url, first_pages)
        await measure(f"feed, for_you, {what}, whole lists", url, await _lists(url, people))
        for mode in ("following", "friends"):
            asked = [_get(f"/v1/feed?mode={mode}&limit=20", one.token) for one in people]
            await measure(f"feed, {mode}, {what}", url, asked)
        asked = [_get(f"/v1/accounts/{one.handle}/friends?limit=20", one.token) for one in people]
        await measure(f"friends list, {what}", url, asked)
    asked = [_get(f"/v1/videos/{ids.public('video', tree)}/lineage", one.token) for one in groups["median"]]
    await measure("lineage of the large tree", url, asked)
    table(f"At {PER_SECOND:.0f} requests/s for {SECONDS:.0f} s, and as many as {CONNECTIONS} connections take", rows)
    await _published(url, (followed, next(one for one in groups["median"] if one.clip)))


async def _sizes(conn: asyncpg.Connection) -> None:
    rows = await conn.fetch(
        """
        select relname, greatest(reltuples, 1)::bigint as rows, pg_total_relation_size(oid) as bytes,
            pg_indexes_size(oid) as indexes
        from pg_class where relkind = 'r' and relname = any($1) order by bytes desc
        """,
        society.FILLED,
    )
    whole = await conn.fetchval("select pg_database_size(current_database())")
    table(
        f"What a row takes, of {whole / 2**30:.1f} GiB",
        [
            ["", "rows", "MiB", "bytes a row", "of them in indexes"],
            *(
                [name, str(count), f"{size / 2**20:.0f}", f"{size / count:.0f}", f"{indexes / count:.0f}"]
                for name, count, size, indexes in rows
            ),
        ],
    )


def _described(name: str, people: Sequence[Somebody]) -> list[str]:
    figures = ([getattr(one, what) for one in people] for what in ("following", "followers", "friends"))
    return [name, str(len(people)), *(f"{statistics.median(one):.0f}, {max(one)}" for one in figures)]


def _get(target: str, token: str = "") -> bytes:
    sign = f"authorization: Bearer {token}\r\n" if token else ""
    return f"GET {target} HTTP/1.1\r\nhost: bench\r\n{sign}\r\n".encode()


async def _lists(url: str, people: Sequence[Somebody]) -> list[bytes]:
    """All pages of a list each, the first one ranked when it is asked: the others are of a list ranked before."""
    limit = asyncio.Semaphore(CONNECTIONS)

    async def pages(http: httpx.AsyncClient, one: Somebody) -> list[bytes]:
        asked, after = [], ""
        async with limit:
            while True:
                target = f"/v1/feed?limit=20{after}"
                asked.append(_get(target, one.token))
                found = await http.get(target, headers={"authorization": f"Bearer {one.token}"})
                if (last := found.raise_for_status().json()["last_id"]) is None:
                    return asked
                after = f"&after={last}"

    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        found = await asyncio.gather(*(pages(http, one) for one in people))
    return [request for asked in found for request in asked]


async def _published(url: str, people: Sequence[Somebody]) -> None:
    found: list[list[float]] = []
    for who in people:
        assert who.clip is not None
        took = []
        async with httpx.AsyncClient(base_url=f"{url}/v1", timeout=120) as http:
            http.headers["authorization"] = f"Bearer {who.token}"
            for number in range(PUBLISHINGS):
                began = time.perf_counter()
                change = {"audience": ("only_me", "everyone")[number % 2]}
                (await http.patch(f"/videos/{ids.public('video', who.clip)}", json=change)).raise_for_status()
                took.append(time.perf_counter() - began)
        found.append(took)
    base = statistics.median(found[-1])
    rows = [
        [str(who.followers), *(f"{1000 * one:.1f}" for one in (middle, max(took))), f"{middle / base:.1f}"]
        for who, took in zip(people, found, strict=True)
        for middle in (statistics.median(took),)
    ]
    table(
        f"Publishing and taking back, {PUBLISHINGS} times",
        [["followers", "median ms", "most ms", "beside the least followed"], *rows],
    )


ORDERS: Final = {
    "heavy": "t.following desc",
    "median": "abs(t.following - (select percentile_disc(0.5) within group (order by following) from account_tally))",
}
MOST_FOLLOWED: Final = "t.followers desc"


async def _group(conn: asyncpg.Connection, keys: TokenKeys, order: str, count: int = GROUP) -> list[Somebody]:
    """The first of an order, each in a session."""
    rows = await conn.fetch(
        f"""
        select a.id, a.handle::text, t.following, t.followers, t.friends, (
            select id from film f where f.maker = p.n and f.audience = 'everyone' and f.n % 3 <> 1 limit 1
        ) as clip
        from (select p.id, p.n from person p join account_tally t on t.account = p.id order by {order}, p.n limit $1) p
        join account a on a.id = p.id join account_tally t on t.account = p.id order by {order}, p.n
        """,  # noqa: S608 - one of two orders above
        count,
    )
    people = [msgspec.convert(dict(row), Somebody) for row in rows]
    opened = [(await sessions.open_session(conn, one.id, "bench", "password"))[0] for one in people]
    return [
        msgspec.structs.replace(one, token=keys.sign(one.id, session.id))
        for one, session in zip(people, opened, strict=True)
    ]
