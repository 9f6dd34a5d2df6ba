"""Being told that the process is asked to stop, beside whoever else handles the signal.

The web server waits for open answers before it ends the app, so answers without an end have to hear of it themselves.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def told_to_leave(tell: Callable[[], None]) -> Iterator[None]:
    """`tell` runs in this thread's event loop on SIGTERM and SIGINT; their handlers run as before. Main thread only."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def chained(number: int, frame: FrameType | None) -> Any:
        loop.call_soon_threadsafe(tell)
        handler = before[signal.Signals(number)]
        return handler(number, frame) if callable(handler) else None

    chains = [number for number, handler in before.items() if callable(handler)]  # else nobody would stop us
    for number in chains:
        signal.signal(number, chained)
    try:
        yield
    finally:
        for number in chains:
            signal.signal(number, before[number])
