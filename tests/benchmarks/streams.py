"""`./run bench streams`: how late 1,000 open streams hear of a commit, beside one stream in the same run."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec

from backend.db import migrate
from backend.localdb import Postgres
from social import invites
from tests.benchmarks.load import Answers, flood
from tests.benchmarks.printing import say, table

ACCOUNTS = 50
EACH = 20  # streams of one account
ROUNDS = 40
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 60.0
FLOOD_SECONDS = 4.0
CONNECTIONS = 4


class Listener(msgspec.Struct):
    """One open stream: when each round's event came, by `time.perf_counter`."""

    came: dict[int, float] = {}


def report() -> None:
    """One web process on an empty database; the listeners share the machine with it."""
    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder, Postgres.scratch() as database:
        Path(folder).chmod(0o711)
        asyncio.run(_prepared(database))
        with _web(Path(folder), database.dsn("bench")) as (url, process):
            asyncio.run(_measured(url, database.dsn("bench"), process))


async def _prepared(database: Postgres) -> None:
    conn = await asyncpg.connect(database.dsn())
    await conn.execute("create database bench")
    await conn.close()
    await migrate(database.dsn("bench"))


@contextmanager
def _web(data: Path, dsn: str) -> Iterator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "CASTMATE_DATA": str(data),
        "CASTMATE_DATABASE_URL": dsn,
        "CASTMATE_RATE_LIMITS": "off",
        "CASTMATE_LOG_LEVEL": "warning",
    }
    with subprocess.Popen([sys.executable, "-m", "backend", "web", "--port", str(port)], env=env) as run:
        url = f"http://127.0.0.1:{port}"
        while True:
            try:
                if httpx.get(f"{url}/health/ready").is_success:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        try:
            yield url, _serving(run.pid)
        finally:
            run.terminate()


def _serving(pid: int) -> int:
    """The process that has the app: the server's child with the most memory."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(map(int, children), key=_rss)


def _rss(pid: int) -> int:
    """Bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return 1024 * int(line.split()[1])
    raise ProcessLookupError(pid)


async def _measured(url: str, dsn: str, process: int) -> None:
    conn = await asyncpg.connect(dsn)
    say(f"{os.cpu_count()} cores; signing {ACCOUNTS} accounts up")
    people = await _people(url, conn)
    tokens = list(people.values())
    async with _open(url, tokens[:1]) as one:
        alone = await _told(conn, list(people)[:1], one)
        quiet = await _asked(url, tokens[0])
    before = _rss(process)
    say(f"opening {ACCOUNTS * EACH} streams")
    async with _open(url, tokens * EACH) as many:
        grown = _rss(process) - before
        crowd = await _told(conn, list(people), many)
        busy = await _asked(url, tokens[0])
    await conn.close()
    rows = [["from before the commit to the client", "events", "p50 ms", "p99 ms", "worst ms", "p99 beside one stream"]]
    for name, times in (("1 stream", alone), (f"{ACCOUNTS * EACH} streams of {ACCOUNTS} accounts", crowd)):
        figures = [f"{1000 * _share(times, share):.1f}" for share in (0.5, 0.99, 1.0)]
        rows.append([name, str(len(times)), *figures, f"{_share(times, 0.99) / _share(alone, 0.99):.1f}"])
    table(f"Events: {ROUNDS} commits, each telling every account once", rows)
    rows = [["GET /v1/me/quota meanwhile", "requests/s", "p50 ms", "p99 ms"]]
    for name, answers in (("1 stream is open", quiet), (f"{ACCOUNTS * EACH} streams are open", busy)):
        figures = [f"{1000 * answers.percentile(share):.1f}" for share in (0.5, 0.99)]
        rows.append([name, f"{answers.per_second:.0f}", *figures])
    table(f"Requests beside quiet streams: one web process, {CONNECTIONS} connections", rows)
    say(f"memory of the web process grew by {grown / (ACCOUNTS * EACH) / 1024:.0f} KiB for each open stream")


async def _people(url: str, conn: asyncpg.Connection) -> dict[str, str]:
    """Handle -> access token."""
    code = (await invites.issue(conn, None, role="member", max_uses=ACCOUNTS)).code
    found = {}
    async with httpx.AsyncClient(base_url=f"{url}/v1", timeout=60) as http:
        for number in range(ACCOUNTS):
            new = {
                "handle": f"listener{number}",
                "display_name": "Listener",
                "password": "correct horse battery staple",
                "birth_date": "1990-05-17",
                "invite_code": code,
            }
            answer = await http.post("/accounts", json=new)
            answer.raise_for_status()
            found[new["handle"]] = answer.json()["access_token"]
    return found


@asynccontextmanager
async def _open(url: str, tokens: list[str]) -> AsyncIterator[list[Listener]]:
    """A stream for each token, all of them begun."""
    parts = urlsplit(url)
    async with AsyncExitStack() as stack:
        listeners, reading = [], []
        for token in tokens:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            stack.callback(writer.close)
            writer.write(
                f"GET /v1/events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n".encode("latin-1")
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise SystemExit(f"a stream was refused: {head!r}")
            listener = Listener(came={})
            listeners.append(listener)
            reading.append(asyncio.create_task(_read(reader, listener)))
        await asyncio.sleep(1)
        yield listeners
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, listener: Listener) -> None:
    while line := await reader.readline():
        if line.startswith(b"data: "):
            at = time.perf_counter()
            listener.came[msgspec.json.decode(line[6:])["about"]["round"]] = at


async def _told(conn: asyncpg.Connection, handles: list[str], listeners: list[Listener]) -> list[float]:
    """Seconds from before the commit to each stream, over all rounds."""
    begun: dict[int, float] = {}
    for number in range(ROUNDS):
        begun[number] = time.perf_counter()
        await conn.execute(
            "insert into event (account, kind, about) select id, 'notice', jsonb_build_object('about', "
            "jsonb_build_object('round', $2::int)) from account where handle::text = any($1)",
            handles,
            number,
        )
        while any(number not in one.came for one in listeners):  # one at a time: how late, not how many
            if time.perf_counter() - begun[number] > PATIENCE_SECONDS:
                raise SystemExit(f"an event did not come within {PATIENCE_SECONDS:g} s")
            await asyncio.sleep(PAUSE_SECONDS)
    return [one.came[number] - begun[number] for one in listeners for number in range(ROUNDS)]


async def _asked(url: str, token: str) -> Answers:
    request = f"GET /v1/me/quota HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n".encode("latin-1")
    answers = await flood(url, request, connections=CONNECTIONS, seconds=FLOOD_SECONDS)
    if answers.failures:
        raise SystemExit(f"{answers.failures} requests failed")
    return answers


def _share(times: list[float], share: float) -> float:
    ranked = sorted(times)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
