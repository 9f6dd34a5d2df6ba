"""Sealed files in the object store: parts written as they arrive, ranges read without the rest."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import asyncpg
import msgspec

from backend.media import Media
from character_store import sealed_files
from character_store.sealed_files import Part, SealedFile

PART_BYTES: Final = 4 * 1024 * 1024  # what one file in the making, or being read, takes of memory (twice while sealing)


async def put_part(media: Media, file: SealedFile, start: int, plain: bytes) -> Part:
    """Ciphertext into the store, at a place of its own: who comes second must not touch what the first has stored."""
    place = f"sealed/{file.id.hex}/{start}.{secrets.token_hex(4)}"
    await media.put(place, await asyncio.to_thread(sealed_files.seal, file, start, plain))
    return Part(start, len(plain), place)


async def read(media: Media, file: SealedFile, start: int, stop: int) -> AsyncIterator[bytes]:
    """The plain bytes from `start` up to `stop`, a part at a time. Raises SealBroken or FileNotFoundError."""
    for part in file.parts:
        if part.start < stop and part.start + part.size > start:
            content = await media.get(part.media_key)
            plain = await asyncio.to_thread(sealed_files.unseal, file, part, content)
            yield plain[max(0, start - part.start) : stop - part.start]


async def whole(media: Media, file: SealedFile, most: int | None = None) -> bytes:
    """Everything, or its first `most` bytes, in memory: for what is small by its kind."""
    return b"".join([piece async for piece in read(media, file, 0, file.size if most is None else most)])


class SealedSource(msgspec.Struct, frozen=True):
    """A `byte_ranges.Source`."""

    media: Media
    file: SealedFile
    modified: datetime
    media_type: str

    @property
    def size(self) -> int:
        return self.file.size

    @property
    def etag(self) -> str:
        """The bytes under one id never change once they are complete."""
        return f'"{self.file.id.hex}"'

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """The plain bytes from `start` up to `stop`."""
        return read(self.media, self.file, start, stop)


async def sweep(pool: asyncpg.Pool, media: Media) -> int:
    """Delete the bytes whose keys are destroyed; how many files had some. Safe to repeat."""
    async with pool.acquire() as conn:
        gone = await sealed_files.unswept(conn)
    for file in gone:
        await media.delete_prefix(f"sealed/{file.hex}")
        async with pool.acquire() as conn, conn.transaction():
            await sealed_files.mark_swept(conn, file)
    return len(gone)
