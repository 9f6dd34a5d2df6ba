"""A child process ends with the process that started it, however that one ended.

The owner keeps the write end of a pipe and the child the read end: the kernel closes the owner's end when it dies, by
SIGKILL too. (PDEATHSIG would be tied to the thread that started the child.)
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

OWNER_FD: Final = "CASTMATE_OWNER_FD"
GRACE_S: Final = 10.0  # the local database has gone with the owner: there is little left to finish


def watch_owner() -> None:
    """Send ourselves SIGTERM when the owner dies, and kill our whole process group `GRACE_S` later.

    Does nothing without an owner. An owner makes us the leader of a session, so the group is ours alone.
    """
    number = os.environ.pop(OWNER_FD, None)
    if number is not None:
        os.set_inheritable(int(number), False)
        threading.Thread(target=_outlive, args=(int(number),), name="owner", daemon=True).start()


def _outlive(pipe: int) -> None:
    os.read(pipe, 1)  # nobody writes: returns at the end of the owner
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os.killpg(0, signal.SIGKILL)
