"""`serve` runs in a process of its own, with tiny real programs in place of the web and the worker."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from backend.localdb import Postgres
from tests.waiting import is_alive, wait_until

WEB = """
import http.server, os, pathlib, signal, sys
from backend.owner import watch_owner
watch_owner()
data = pathlib.Path(os.environ["CASTMATE_DATA"])
(data / "web.pid").write_text(str(os.getpid()))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
def stop(*_):
    with (data / "story").open("a") as story: story.write("web stopped\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("web speaks", flush=True)
http.server.HTTPServer((os.environ["CASTMATE_HOST"], int(os.environ["CASTMATE_PORT"])), Handler).serve_forever()
"""

WORKER = """
import asyncio, json, os, pathlib, signal, subprocess, sys, time
import asyncpg
from backend.owner import watch_owner
watch_owner()
data = pathlib.Path(os.environ["CASTMATE_DATA"])
settings = {name: value for name, value in os.environ.items() if name.startswith("CASTMATE_")}
(data / "settings").write_text(json.dumps(settings))
async def ask():
    conn = await asyncpg.connect(settings["CASTMATE_DATABASE_URL"])
    await conn.fetchval("SELECT count(*) FROM pgqueuer")
    await conn.close()
def stop(*_):
    time.sleep(0.3)
    asyncio.run(ask())  # the database is still there
    with (data / "story").open("a") as story: story.write("worker drained\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
asyncio.run(ask())
if "OFFSPRING" in os.environ:
    offspring = subprocess.Popen(["sleep", "60"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    (data / "offspring.pid").write_text(str(offspring.pid))
(data / "worker.pid").write_text(str(os.getpid()))
while True:
    time.sleep(0.05)
"""

SERVE = """
import asyncio, logging, pathlib, sys
from backend.children import Program
from backend.supervise import serve
logging.basicConfig()
host, port, data, worker, web = sys.argv[1:]
programs = {name: Program((sys.executable, file), stop_s=20) for name, file in (("worker", worker), ("web", web))}
async def greet(dsn):
    print("hello", dsn.partition(":")[0], flush=True)
sys.exit(asyncio.run(serve(host, int(port), pathlib.Path(data), greet=greet, programs=programs)))
"""


class Served:
    """A running `serve` and its first lines of output; it and its children complain into a file."""

    def __init__(self, process: subprocess.Popen[str], data: Path, complaints: Path) -> None:
        assert process.stdout is not None
        self.process = process
        self.data = data
        self.greeting = process.stdout.readline()
        self.line = process.stdout.readline()
        self._complaints = complaints

    @property
    def complaints(self) -> list[str]:
        return self._complaints.read_text().splitlines()

    def pid(self, name: str) -> int:
        """Of the child; 0 before it has said."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((self.data / f"{name}.pid").read_text())
        return 0

    def has(self, name: str, old: int = 0) -> bool:
        return self.pid(name) not in (0, old)

    def database_pid(self) -> int:
        """Of the local server; 0 unless it is ready."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.data / "postgres-18" / "data" / "postmaster.pid").read_text().split()
            return int(lines[0]) if "ready" in lines else 0
        return 0


Start = Callable[..., Served]


@pytest.fixture
def start(open_path: Path) -> Iterator[Start]:
    running = []
    for name, text in (("worker", WORKER), ("web", WEB), ("serve", SERVE)):
        (open_path / f"{name}.py").write_text(textwrap.dedent(text))

    def begin(port: int = 0, **environment: str) -> Served:
        data = open_path / "data"
        data.mkdir(exist_ok=True)
        files = [open_path / "worker.py", open_path / "web.py"]
        complaints = open_path / "complaints"
        with complaints.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, open_path / "serve.py", "127.0.0.1", str(port), data, *files],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        running.append(process)
        return Served(process, data, complaints)

    yield begin
    for process in running:
        process.terminate()  # and not kill: the database would still be writing while its folder is removed
        with process:
            process.wait(30)


def test_it_says_ready_and_answers_there(start: Start) -> None:
    served = start()
    assert served.greeting == "hello postgresql\n"
    assert served.line.startswith("ready http://127.0.0.1:")
    url = served.line.split()[1]
    assert httpx.get(f"{url}/health/ready").status_code == 200
    wait_until(lambda: served.has("worker"))
    settings = json.loads((served.data / "settings").read_text())
    assert settings["CASTMATE_MEDIA_URL"] == (served.data / "media").as_uri()
    assert settings["CASTMATE_DATA"] == str(served.data)
    assert url == f"http://{settings['CASTMATE_HOST']}:{settings['CASTMATE_PORT']}"
    assert "postgres-18" in settings["CASTMATE_DATABASE_URL"]
    assert "CASTMATE_OWNER_FD" not in settings


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_drains_the_worker_then_stops_the_web_then_the_database(start: Start, number: signal.Signals) -> None:
    served = start()
    wait_until(lambda: served.has("worker"))
    database = served.database_pid()
    served.process.send_signal(number)
    assert served.process.wait(30) == 0
    assert (served.data / "story").read_text() == "worker drained\nweb stopped\n"
    assert not is_alive(database)
    assert not Path(f"/proc/{served.pid('web')}").exists()


def test_everything_ends_with_a_killed_parent(start: Start) -> None:
    served = start()
    wait_until(lambda: served.has("worker"))
    pids = [served.pid("worker"), served.pid("web"), served.database_pid()]
    assert all(map(is_alive, pids))
    served.process.kill()
    wait_until(lambda: not any(map(is_alive, pids)))


@pytest.mark.parametrize("name", ["worker", "web"])
def test_a_child_that_died_is_started_again(start: Start, name: str) -> None:
    served = start()
    wait_until(lambda: served.has("worker") and served.has("web"))
    old = served.pid(name)
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: served.has(name, old) and is_alive(served.pid(name)))
    wait_until(lambda: any(f"{name} ended with -9" in line for line in served.complaints))


def test_what_a_child_started_ends_with_it(start: Start) -> None:
    served = start(OFFSPRING="1")
    wait_until(lambda: served.has("worker"))
    killed = served.pid("offspring")
    os.kill(served.pid("worker"), signal.SIGKILL)
    wait_until(lambda: not is_alive(killed) and served.has("offspring", killed))
    stopped = served.pid("offspring")
    served.process.terminate()
    assert served.process.wait(30) == 0
    wait_until(lambda: not is_alive(stopped))


def test_an_unreachable_database_is_one_line(start: Start) -> None:
    served = start(CASTMATE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert served.process.wait(30) == 1
    [line] = served.complaints
    assert line.startswith("castmate: ")


def test_a_database_that_died_is_started_again_at_the_same_address(start: Start) -> None:
    served = start()
    wait_until(lambda: served.has("worker"))
    old = served.database_pid()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: served.database_pid() not in (0, old))
    served.process.terminate()
    assert served.process.wait(30) == 0
    assert "worker drained" in (served.data / "story").read_text()


def test_a_taken_port_is_one_line_and_starts_nothing(start: Start, open_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = start(port)
        assert served.process.wait(30) == 1
    assert served.complaints == [f"castmate: cannot listen on 127.0.0.1 port {port}: Address already in use"]
    assert list((open_path / "data").iterdir()) == []


def test_a_given_database_is_used_and_left_running(start: Start, postgres: Postgres, dsn: str) -> None:
    served = start(CASTMATE_DATABASE_URL=dsn)
    wait_until(lambda: served.has("worker"))
    assert json.loads((served.data / "settings").read_text())["CASTMATE_DATABASE_URL"] == dsn
    served.process.terminate()
    assert served.process.wait(30) == 0
    assert postgres.alive
    assert not (served.data / "postgres-18").exists()
