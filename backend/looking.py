"""Looks at one file that anybody may have sent: a process of its own, that ends with it. Prints what it saw as JSON.

python -P -m backend.looking FILE SECRETS    # SECRETS: the instance's folder of secrets, read only
"""

from __future__ import annotations

import hashlib
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from backend.seen import Seen, SeenMark
from generation import credentials, prints
from generation.errors import NotAVideo
from generation.perception import film
from generation.watermark import sounds, watching
from generation.watermark.reading import Reading

CPU_SECONDS: Final = 60
MEMORY_BYTES: Final = 4 * 1024**3
SECONDS_MOST: Final = 60.0  # of a file, from its beginning
SOUND_MOST: Final = 48_000 * 60


def main(file: Path, secrets: Path) -> None:
    """Raises nothing for a file that is no video: then it says so little."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    root = msgspec.json.decode((secrets / "credentials.json").read_bytes())["root"]
    key = (secrets / "mark.key").read_bytes()
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    told = credentials.read(file, root)
    marks: list[SeenMark] = []
    looks: tuple[str, ...] = ()
    with suppress(NotAVideo):
        marks += _noted("pictures", watching.look(file, key, SECONDS_MOST))
        looks = prints.prints(file)
    with suppress(NotAVideo):
        marks += _noted("sound", sounds.listen(film.sound(file)[:, :SOUND_MOST], key))
    sys.stdout.buffer.write(msgspec.json.encode(Seen(sha256, msgspec.to_builtins(told), tuple(marks), looks)))


def _noted(where: str, reading: Reading | None) -> list[SeenMark]:
    return [] if reading is None else [SeenMark(where, mark, reading.agreement) for mark in reading.marks]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
