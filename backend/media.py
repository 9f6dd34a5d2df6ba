"""The object store: clips and the vault's ciphertext, in a local folder or in S3, through obstore.

    media = open_media("file:///srv/castmate/media")  # or a plain path, or s3://bucket/prefix (AWS_* variables)
    stored = await media.put_file(path, "clips")  # key clips/ab/<sha256>.mp4
    answer = respond(request, await media.find(stored.key))

Objects are never rewritten: a key is made once, and the same content has the same key. A missing object is
FileNotFoundError everywhere, and so is reading by a key that `KEY` does not allow.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, S3Store

from backend.server_user import make_passable

CHUNK: Final = 256 * 1024  # bytes handed on at a time
# Plain names between slashes, none of them of dots only: what a URL may ask for without reaching out of the store.
KEY: Final = re.compile(r"(?!\.+(/|$))[A-Za-z0-9_.-]+(/(?!\.+(/|$))[A-Za-z0-9_.-]+)*")
UNKNOWN_TYPE: Final = "application/octet-stream"
# Python 3.11's own table lacks webp, and the system's differs from machine to machine.
MEDIA_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".vtt": "text/vtt",
    ".wav": "audio/wav",
    ".webp": "image/webp",
    ".zip": "application/zip",
}


class Stored(msgspec.Struct, frozen=True):
    """What the database keeps about an object: `size` in bytes, `sha256` in hex."""

    key: str
    size: int
    sha256: str


class StoredObject(msgspec.Struct, frozen=True):
    """An object that was there a moment ago; a `byte_ranges.Source`. `etag` is quoted."""

    store: ObjectStore
    key: str
    size: int
    etag: str
    modified: datetime
    media_type: str

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Stream the bytes from `start` up to `stop`. Fails midway if the object is deleted on the way."""
        result = await self.store.get_async(self.key, options={"range": (start, stop)})
        async for chunk in result.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)


class Media:
    """One place for objects; made by `open_media`. Holds nothing that needs closing."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    async def put(self, key: str, content: bytes | Path) -> None:
        """Store bytes or a file under a new key, at once or not at all. Raises FileExistsError for a used key."""
        # The local store keeps no attributes and refuses to be given any.
        attributes = None if isinstance(self.store, LocalStore) else {"Content-Type": media_type(key)}
        try:
            await self.store.put_async(key, content, mode="create", attributes=attributes)
        except AlreadyExistsError:
            raise FileExistsError(key) from None

    async def put_file(self, path: Path, kind: str) -> Stored:
        """Store a file as kind/ab/<sha256><suffix>. Content that is there already is left as it is."""
        size, sha256 = await asyncio.to_thread(_measure, path)
        stored = Stored(f"{kind}/{sha256[:2]}/{sha256}{path.suffix}", size, sha256)
        with suppress(FileExistsError):
            await self.put(stored.key, path)
        return stored

    async def find(self, key: str) -> StoredObject:
        """Look an object up without reading it."""
        facts = await self.store.head_async(_possible(key))
        modified: datetime = facts["last_modified"]
        etag = facts["e_tag"] or f'"{modified.timestamp():.6f}-{facts["size"]}"'
        return StoredObject(self.store, key, facts["size"], etag, modified, media_type(key))

    async def get(self, key: str) -> bytes:
        """Read a whole object into memory."""
        result = await self.store.get_async(_possible(key))
        return bytes(await result.bytes_async())

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is as good as deleted."""
        with suppress(FileNotFoundError):
            await self.store.delete_async(key)

    async def delete_prefix(self, prefix: str) -> int:
        """Delete what lies below a folder-like prefix ("vault/<character>"); returns how many objects there were.

        Safe to repeat after a failure. Objects put while it runs may stay.
        """
        if not prefix.strip("/"):
            raise ValueError("an empty prefix would delete every object")
        keys = [facts["path"] async for batch in self.store.list_async(prefix) for facts in batch]
        for key in keys:  # after the listing is complete: emptied folders vanish under a local store's walk
            await self.delete(key)
        return len(keys)

    async def older_than(self, prefix: str, age: timedelta) -> AsyncIterator[list[str]]:
        """Keys below a folder-like prefix whose objects were made longer ago than that, some at a time."""
        before = datetime.now(UTC) - age
        async for batch in self.store.list_async(prefix):
            yield [facts["path"] for facts in batch if facts["last_modified"] < before]


def open_media(url: str) -> Media:
    """Open the store at a plain path, a file:/// URL or s3://bucket/prefix. Raises ValueError for anything else.

    Side effect of a local store: the process's umask becomes 077, since obstore makes its files by the umask.
    The folder is made (0700) if missing; S3 takes its credentials, region and endpoint from the AWS_* variables.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        return Media(S3Store(parts.netloc, prefix=parts.path.strip("/") or None))
    if parts.scheme not in {"", "file"} or parts.netloc or not parts.path:
        raise ValueError(f"media URL {url!r}: expected a path, file:///folder or s3://bucket/prefix")
    os.umask(0o077)
    folder = Path(unquote(parts.path) if parts.scheme else url).absolute()
    make_passable(folder.parent)  # where a local database may want to live too
    folder.mkdir(mode=0o700, exist_ok=True)
    return Media(LocalStore(folder, automatic_cleanup=True))


def vault_key(character: str, version: int, name: str) -> str:
    """Where one part of an enrolment lies, encrypted; `delete_prefix("vault/<character>")` removes all versions."""
    return f"vault/{character}/{version}/{name}"


def preview_key(clip: str) -> str:
    """Where the first shot of a clip in the making lies; gone with the making."""
    return f"previews/{clip}.mp4"


def media_type(name: str) -> str:
    """The media type by the name's suffix."""
    return MEDIA_TYPES.get(Path(name).suffix.lower(), UNKNOWN_TYPE)


def _possible(key: str) -> str:
    if KEY.fullmatch(key) is None:
        raise FileNotFoundError(key)
    return key


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest
