from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from backend.localdb import Postgres, PostgresError
from backend.server_user import NotOurFolder, ServerUser, make_passable
from tests.waiting import is_alive, wait_until

OWNER = """
import sys, time
from pathlib import Path
from backend.localdb import Postgres
server = Postgres.keep(Path(sys.argv[1])) if len(sys.argv) > 1 else Postgres.scratch()
print(server.pid, server.home, flush=True)
time.sleep(600)
"""


async def _ask(dsn: str, query: str) -> object:
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


async def test_a_scratch_server_has_what_we_use_and_leaves_no_folder() -> None:
    with Postgres.scratch() as server:
        assert await _ask(server.dsn(), "SELECT uuid_extract_version(uuidv7())") == 7
        assert await _ask(server.dsn(), "SHOW listen_addresses") == ""
        for extension in ("vector", "pg_trgm", "citext"):
            await _ask(server.dsn(), f"CREATE EXTENSION {extension}")
        pid = server.pid
    wait_until(lambda: not is_alive(pid))
    assert not server.home.exists()


async def test_what_a_kept_server_stored_is_there_after_a_restart(open_path: Path) -> None:
    with Postgres.keep(open_path / "var") as server:
        await _ask(server.dsn(), "CREATE TABLE kept AS SELECT 42 AS x")
        assert await _ask(server.dsn(), "SHOW fsync") == "on"
        first = server.pid
    assert not server.alive
    with Postgres.keep(open_path / "var") as server:
        assert server.pid != first
        assert await _ask(server.dsn(), "SELECT x FROM kept") == 42


def test_two_starters_at_once_share_one_server(open_path: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(Postgres.keep, [open_path, open_path])
    assert one.pid == other.pid
    one.close()
    other.close()
    wait_until(lambda: not one.alive)


def test_one_that_joined_leaves_the_server_running(open_path: Path) -> None:
    with Postgres.keep(open_path) as starter:
        with Postgres.keep(open_path) as joined:
            assert joined.pid == starter.pid
        assert starter.alive


@pytest.mark.parametrize("kind", ["keep", "scratch"])
def test_the_server_ends_with_its_killed_owner(open_path: Path, kind: str) -> None:
    arguments = [str(open_path)] if kind == "keep" else []
    with subprocess.Popen([sys.executable, "-c", OWNER, *arguments], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid, home = owner.stdout.readline().split()
        assert is_alive(int(pid))
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_alive(int(pid)))
    if kind == "scratch":
        wait_until(lambda: not Path(home).exists())


def test_a_server_killed_without_warning_is_started_again(open_path: Path) -> None:
    with Postgres.keep(open_path) as server:
        dsn, pid = server.dsn(), server.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not server.alive)
        server.revive()
        assert server.alive
        assert (server.dsn(), server.pid != pid) == (dsn, True)
    assert not server.alive


def test_a_pid_file_that_names_another_program_is_not_joined(open_path: Path) -> None:
    with Postgres.keep(open_path) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    assert not server.alive


def test_only_its_own_folder_changes_owner_and_mode(open_path: Path) -> None:
    data = open_path / "data"
    data.mkdir(mode=0o755)
    (data / "note").write_text("mine")
    before = [(path, path.stat().st_uid, path.stat().st_mode) for path in (open_path, data, data / "note")]
    accounts = Path("/etc/passwd").read_bytes()
    with Postgres.keep(data) as server:
        assert server.home.stat().st_mode & 0o777 == 0o700
    assert [(path, path.stat().st_uid, path.stat().st_mode) for path, _, _ in before] == before
    assert Path("/etc/passwd").read_bytes() == accounts


def test_a_folder_that_is_anothers_is_refused_and_left_alone(open_path: Path) -> None:
    taken = open_path / "postgres-18"
    taken.mkdir(mode=0o755)
    with pytest.raises(NotOurFolder, match="postgres-18"):
        Postgres.keep(open_path)
    assert list(taken.iterdir()) == []
    assert taken.stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another user")
def test_a_folder_behind_a_closed_one_is_refused_with_its_name(open_path: Path) -> None:
    closed = open_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match="closed"):
        Postgres.keep(closed)


def test_a_cluster_of_another_version_is_refused(open_path: Path) -> None:
    with Postgres.keep(open_path) as server:
        pass
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresError, match="PostgreSQL 16, not 18"):
        Postgres.keep(open_path)


def test_a_long_path_gets_its_socket_elsewhere_and_takes_it_away(open_path: Path) -> None:
    deep = open_path / ("d" * 100)
    with Postgres.keep(deep) as server:
        socket_folder = Path(server._pid_file()["socket"])
        assert not socket_folder.is_relative_to(deep)
        assert server.alive
        assert server.dsn().endswith(str(socket_folder))
    assert not socket_folder.exists()


def test_a_server_that_cannot_start_says_why(open_path: Path) -> None:
    with pytest.raises(PostgresError, match="no_such_setting"):
        Postgres.keep(open_path, no_such_setting="1")


def test_new_parents_are_passable_whatever_the_umask(open_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        make_passable(open_path / "a" / "b")
    finally:
        os.umask(umask)
    assert ServerUser.choose().can_reach(open_path / "a" / "b")
