"""Child processes that are started again when they die, and die with us.

    async with keep_running({"worker": Program((sys.executable, "worker.py"), stop_s=90.0)}, {"PORT": "8080"}):
        ...  # stopped on the way out

Their output goes to our stderr. They hold the read end of a pipe of ours, for `backend.owner` to watch.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from backend.owner import OWNER_FD

FIRST_PAUSE_S: Final = 0.2  # before a child that died is started again; doubles
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0  # who ran for so long starts over with the first pause

log = logging.getLogger(__name__)


class Program(msgspec.Struct, frozen=True):
    """What to run; `stop_s` after SIGTERM it is killed."""

    command: tuple[str, ...]
    stop_s: float


@asynccontextmanager
async def keep_running(programs: Mapping[str, Program], settings: Mapping[str, str]) -> AsyncIterator[None]:
    """Run all programs, with `settings` added to our environment; stop them one after another, in order, at the end."""
    theirs, ours = os.pipe()
    environment = {**os.environ, **settings, OWNER_FD: str(theirs)}
    stops = {name: asyncio.Event() for name in programs}
    tasks = {
        name: asyncio.create_task(_run(name, programs[name], environment, theirs, stops[name])) for name in programs
    }
    try:
        yield
    finally:
        for name in programs:
            stops[name].set()
            await tasks[name]
        os.close(theirs)
        os.close(ours)


async def _run(name: str, program: Program, environment: Mapping[str, str], owner: int, stop: asyncio.Event) -> None:
    """Run a program until `stop`, again and again with growing waits if it ends by itself."""
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_S
    while not stop.is_set():
        begun = loop.time()
        # A session of its own: Ctrl-C reaches us alone, and what the child started can be found again.
        process = await asyncio.create_subprocess_exec(
            *program.command,
            env=environment,
            pass_fds=[owner],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
        )
        await first_of(process.wait(), stop.wait())
        if stop.is_set():
            await _end(name, process, program.stop_s)
            return
        _sweep(process.pid)
        pause = FIRST_PAUSE_S if loop.time() - begun > STEADY_S else pause
        log.warning("%s ended with %s; starting it again in %.1f s", name, process.returncode, pause)
        await set_within(stop, pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


async def _end(name: str, process: asyncio.subprocess.Process, stop_s: float) -> None:
    """Ask a child to stop, and kill it when it does not."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), stop_s)
    except TimeoutError:
        log.warning("%s did not stop in time; killing it", name)
    _sweep(process.pid)
    await process.wait()


def _sweep(session: int) -> None:
    """Kill what is left of a child's session: a web server's own processes would keep the port."""
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but no longer; says whether it is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def first_of(*waits: Awaitable[object]) -> None:
    """Wait for one of several; the others are cancelled. Raises what that one raises."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()
