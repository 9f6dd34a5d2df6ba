"""What no well-meant client sends, byte by byte, to a started web process: it answers 4xx or closes, and lives on."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio

from backend.localdb import Postgres
from social import invites
from tests.backend.conftest import PASSWORD
from tests.waiting import wait_until

HOST = b"Host: castmate\r\n"
JSON = b"Content-Type: application/json\r\n"


class Web(msgspec.Struct, frozen=True):
    port: int

    def told(self, *pieces: bytes) -> tuple[int | None, bytes]:
        """Status and body of the answer; None where the connection was closed without one."""
        back = b""
        with closing(socket.create_connection(("127.0.0.1", self.port), 120)) as wire:
            try:
                for piece in pieces:
                    wire.sendall(piece)
                while not _is_whole(back) and (chunk := wire.recv(65_536)):
                    back += chunk
            except (ConnectionResetError, BrokenPipeError):
                pass  # closed while we were sending
        head, _, body = back.partition(b"\r\n\r\n")
        return (int(head.split(b" ")[1]) if head else None), body


def _is_whole(back: bytes) -> bool:
    head, found, body = back.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(found and lengths) and len(body) >= int(lengths[0].split(b":")[1])


@pytest_asyncio.fixture(scope="module")
async def own_dsn(postgres: Postgres, template: str) -> AsyncIterator[str]:
    """A database for all tests of this module."""
    name = f"sockets_{uuid4().hex}"
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute(f"create database {name} template {template}")
    yield postgres.dsn(name)
    await conn.execute(f"drop database {name} with (force)")
    await conn.close()


@pytest.fixture(scope="module")
def web(own_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """`castmate web`, two processes of it, with little patience."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        "CASTMATE_DATABASE_URL": own_dsn,
        "CASTMATE_DATA": str(folder),
        "CASTMATE_PORT": str(port),
        "CASTMATE_LOG_LEVEL": "critical",
        "CASTMATE_WEB_PROCESSES": "2",
        "CASTMATE_RATE_LIMITS": "off",
        "CASTMATE_HEAD_SECONDS": "1",
        "CASTMATE_BODY_SECONDS": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "backend", "web"], env=os.environ | settings)

    def listens() -> bool:
        try:
            return Web(port).told(b"GET /health/ready HTTP/1.1\r\n" + HOST + b"\r\n")[0] == 200
        except OSError:
            return False

    try:
        wait_until(listens, 120)
        yield Web(port)
        assert process.poll() is None, "the web process died"
        assert listens()
    finally:
        process.terminate()
        process.wait(60)


def get(path: bytes, headers: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n"


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /v1/accounts HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get(b"/health/live", b"X-Bomb: " + b"a" * 1_000_000 + b"\r\n"), 431),
        (get(b"/health/live", b"".join(b"X-%d: a\r\n" % number for number in range(5000))), 431),
        (get(b"/" + b"a" * 100_000), 414),
        (get(b"/v1/me", b"X-Nul: a\0b\r\n"), 400),
        (get(b"/v1/videos/%00%ff"), 401),
        (get(b"/v1/me", b"Authorization: Bearer \xff\xfe\r\nX-Request-Id: \xff\r\n"), 401),
        (get(b"/v1/videos?after=%ff%fe&limit=%00"), 401),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"hello there\r\n\r\n", 400),
        (post(b"Content-Length: 3\r\nContent-Length: 5\r\n", b"abcde"), 400),
        (post(b"Content-Length: -3\r\n", b"abcde"), 400),
        (post(b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
        (post(JSON + b"Transfer-Encoding: chunked\r\n", b"ZZ\r\nabc\r\n"), 400),
        (post(JSON + b"Content-Length: 99999999999\r\n", b"{"), 413),
        (
            post(JSON + b"Transfer-Encoding: chunked\r\n", b"100000\r\n" + b" " * 0x100000 + b"\r\n10\r\n" + b" " * 16),
            413,
        ),
    ],
    ids=lambda value: f"{value[:24]!r}" if isinstance(value, bytes) else str(value),
)
def test_it_is_refused_at_once(web: Web, request_bytes: bytes, status: int) -> None:
    told, body = web.told(request_bytes)
    assert told in {status, None}
    if body:
        assert msgspec.json.decode(body)["status"] == status


def test_a_head_that_does_not_end_is_not_waited_for(web: Web) -> None:
    assert web.told(b"GET /health/live HTTP/1.1\r\nHost: ca") == (None, b"")
    assert web.told() == (None, b"")


def test_a_body_that_stops_coming_is_answered_408(web: Web) -> None:
    told, body = web.told(post(JSON + b"Content-Length: 100\r\n", b"{"))
    assert (told, msgspec.json.decode(body)["error"]["code"]) == (408, "body_too_slow")


def test_many_who_send_nothing_keep_nobody_waiting(web: Web) -> None:
    slow = [socket.create_connection(("127.0.0.1", web.port), 30) for _ in range(200)]
    try:
        for wire in slow:
            wire.sendall(b"POST /v1/accounts HTTP/1.1\r\nContent-Length: 10\r\n" + HOST + JSON + b"\r\n{")
        assert web.told(get(b"/health/ready"))[0] == 200
    finally:
        for wire in slow:
            wire.close()


def test_whoever_goes_in_the_middle_of_a_body_breaks_nothing(web: Web) -> None:
    for _ in range(5):
        with closing(socket.create_connection(("127.0.0.1", web.port), 30)) as wire:
            wire.sendall(post(JSON + b"Content-Length: 1000\r\n", b'{"handle": '))
    assert web.told(get(b"/health/ready"))[0] == 200


async def test_a_sign_up_sent_eight_times_at_once_to_two_processes_is_one(web: Web, own_dsn: str) -> None:
    conn = await asyncpg.connect(own_dsn)
    code = (await invites.issue(conn, None)).code
    body = {"handle": "twice", "display_name": "Twice", "password": PASSWORD, "birth_date": "1990-05-17"}
    clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{web.port}/v1", timeout=60) for _ in range(8)]
    answers = await asyncio.gather(
        *(
            http.post("/accounts", json=body | {"invite_code": code}, headers={"idempotency-key": "once"})
            for http in clients
        )
    )
    for http in clients:
        await http.aclose()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await conn.fetchval("select count(*) from account where handle = 'twice'") == 1
    await conn.close()
