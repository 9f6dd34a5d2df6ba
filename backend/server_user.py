"""Whom the local database server runs as, and which folders are that user's.

PostgreSQL refuses to run as root; root therefore lends it an existing unprivileged user. Only folders made here change
owner or mode.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path
from typing import Any, Final, Self

import msgspec

UNPRIVILEGED: Final = "nobody"


class NotOurFolder(RuntimeError):
    """A folder exists and is not a private one of the server's user; it is left as it is."""

    def __init__(self, folder: Path, uid: int) -> None:
        super().__init__(f"{folder} exists and is not a private (0700) folder of uid {uid}")
        self.folder = folder


class ServerUser(msgspec.Struct, frozen=True):
    """`uid` runs the server; `lent` says that we are root and it is another user's."""

    uid: int
    gid: int
    lent: bool

    @classmethod
    def choose(cls) -> Self:
        """Ourselves, or "nobody" when we are root."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), lent=False)
        user = pwd.getpwnam(UNPRIVILEGED)
        return cls(user.pw_uid, user.pw_gid, lent=True)

    @property
    def process(self) -> dict[str, Any]:
        """Arguments of subprocess that drop root."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}

    def can_reach(self, path: Path) -> bool:
        """May the user walk down to `path` and enter or run it?"""
        test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return subprocess.run(test, cwd="/", check=False, **self.process).returncode == 0

    def give(self, path: Path) -> None:
        """Hand over something that we just made."""
        if self.lent:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def make_private(self, folder: Path) -> None:
        """Make a 0700 folder of this user. Raises NotOurFolder when there is something else of that name."""
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            facts = folder.lstat()
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != self.uid or facts.st_mode & 0o077:
                raise NotOurFolder(folder, self.uid) from None
        else:
            self.give(folder)


def make_passable(folder: Path) -> None:
    """Make `folder` and its missing parents 0711, whatever the umask, so that the server's user can walk through."""
    for missing in [path for path in (*reversed(folder.parents), folder) if not path.exists()]:
        missing.mkdir(exist_ok=True)
        missing.chmod(0o711)
