"""Uploads in the making (tus 1.0.0): received in parts, sealed as they come, resumed after whatever cuts them off.

What has been acknowledged is in the store and in the database. One request writes at a time, by a lease that lapses
when nothing arrives: a telephone that changes networks need not wait for its old connection to die.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec

from backend import ids, sealed_files, sniff, upload_kinds
from backend.auth import Viewer, need_session
from backend.errors import (
    BadUpload,
    ChecksumMismatch,
    OffsetMismatch,
    UploadLocked,
    UploadMisused,
    UploadOverrun,
    UploadsFull,
    UploadStalled,
    UploadTooLarge,
    UploadUnfinished,
    UploadUnknown,
)
from backend.forms import Fields
from backend.media import Media
from backend.sealed_files import PART_BYTES
from backend.sniff import Upload
from backend.upload_kinds import FIELDS, KINDS
from character_store import clip_vault, consents, uploads
from character_store import sealed_files as rows
from character_store.errors import KeyDestroyed
from character_store.sealed_files import Part, SealedFile
from character_store.uploads import Row
from character_store.vault import Vault
from social.errors import InvalidValue

STALL_SECONDS: Final = 30.0
RENEW_SECONDS: Final = uploads.LEASE.total_seconds() / 3
LEASE_SECONDS: Final = int(uploads.LEASE.total_seconds())
ALGORITHMS: Final = ("sha1", "sha256")
FILENAME_MOST: Final = 200  # characters


class Checksum(msgspec.Struct, frozen=True):
    """Of the body of one request."""

    algorithm: str  # one of ALGORITHMS
    digest: bytes


class Announced(msgspec.Struct, frozen=True):
    """What a client says before it sends. `metadata` as it came."""

    kind: str
    length: int
    filename: str
    consent: UUID | None
    metadata: str


async def create(pool: asyncpg.Pool, safe: Vault, viewer: Viewer, announced: Announced) -> Row:
    """An upload that waits for its bytes.

    Raises InvalidValue, UploadTooLarge, UploadsFull, Forbidden or ConsentError.
    """
    if announced.kind not in KINDS:
        raise InvalidValue("Upload-Metadata kind", announced.kind, ", ".join(KINDS))
    kind = KINDS[announced.kind]
    if kind.session:
        need_session(viewer)
    if announced.length < 1:
        raise InvalidValue("Upload-Length", announced.length, f"1 to {kind.most} bytes")
    if announced.length > kind.most:
        raise UploadTooLarge(announced.kind, announced.length, kind.most)
    async with pool.acquire() as conn, conn.transaction():
        receipt = announced.consent
        if kind.likeness and receipt is None:
            receipt = await clip_vault.need_receipt(conn, viewer.id)
        elif receipt is not None:
            await consents.need(conn, viewer.id, receipt, f"an upload of kind {announced.kind}")
        if await uploads.count(conn, viewer.id) >= uploads.OPEN_MOST:
            raise UploadsFull(uploads.OPEN_MOST)
        file = await rows.create(conn, safe, viewer.id, receipt)
        filename = announced.filename[:FILENAME_MOST]
        await uploads.create(conn, file.id, viewer.id, announced.kind, filename, announced.metadata, announced.length)
        made = await uploads.find(conn, viewer.id, file.id)
    if made is None:
        raise UploadUnknown(ids.public("upload", file.id))
    return made


async def find(pool: asyncpg.Pool, viewer: Viewer, reference: str, param: str = "upload") -> Row:
    """Raises UploadUnknown, also for those of others."""
    key = ids.parse("upload", reference)
    async with pool.acquire() as conn:
        found = None if key is None else await uploads.find(conn, viewer.id, key)
    if found is None:
        raise UploadUnknown(reference, param)
    return found


async def terminate(pool: asyncpg.Pool, media: Media, upload: UUID) -> None:
    """The key, then the bytes."""
    async with pool.acquire() as conn:
        await rows.destroy(conn, upload)
    await sealed_files.sweep(pool, media)


async def receive(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    upload: Row,
    offset: int,
    chunks: AsyncIterator[bytes],
    checksum: Checksum | None = None,
) -> Row:
    """Store what arrives from `offset` on; how the upload stands then. Memory: PART_BYTES and as much while sealing.

    `chunks` ends early where the connection dies: what had come is kept, unless a checksum was to prove it. Raises
    TusError leaves, or BadUpload leaves for bytes that are not what they were announced as; those end the upload.
    """
    holder, public = uuid4(), ids.public("upload", upload.id)
    async with pool.acquire() as conn:
        if not await uploads.lease(conn, upload.id, holder):
            raise UploadLocked(LEASE_SECONDS)
    try:
        async with pool.acquire() as conn:
            try:
                file = await rows.opened(conn, safe, upload.id)
            except KeyDestroyed:
                raise UploadUnknown(public) from None
        if file.size != offset:
            raise OffsetMismatch(offset, file.size)
        await _Intake(pool, media, upload, file, holder, checksum).run(chunks)
    except BadUpload:
        await terminate(pool, media, upload.id)
        raise
    finally:
        async with pool.acquire() as conn:
            await uploads.release(conn, upload.id, holder)
    async with pool.acquire() as conn:
        stands = await uploads.find(conn, upload.account, upload.id)
    if stands is None:
        raise UploadUnknown(public)
    return stands


class _Intake:
    """One request's bytes on their way into the store."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        media: Media,
        upload: Row,
        file: SealedFile,
        holder: UUID,
        checksum: Checksum | None,
    ) -> None:
        self.pool, self.media, self.upload, self.file, self.holder = pool, media, upload, file, holder
        self.checksum = checksum
        self.seen = None if checksum is None else hashlib.new(checksum.algorithm)
        self.buffer = bytearray()
        self.stored = file.size  # bytes in the store, committed or waiting for the checksum
        self.waiting: list[Part] = []
        self.whole = False  # the client said that this was all
        self.renewed = time.monotonic()

    async def run(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for chunk in self._arriving(chunks):
                await self._take(chunk)
            await self._flush()
            if self.seen is not None and self.checksum is not None:
                if not hmac.compare_digest(self.seen.digest(), self.checksum.digest):
                    raise ChecksumMismatch(self.checksum.algorithm)
                await self._commit()
        finally:
            for part in self.waiting:  # of a checksum that did not come true
                await self.media.delete(part.media_key)

    async def _arriving(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if self.seen is None:
                    await self._flush()
                raise UploadStalled(int(STALL_SECONDS), self.file.size if self.seen else self.stored) from None
            if time.monotonic() - self.renewed > RENEW_SECONDS:
                await self._renew()
            yield chunk

    async def _take(self, chunk: bytes) -> None:
        if self.stored + len(self.buffer) + len(chunk) > self.upload.length:
            raise UploadOverrun(self.upload.length)
        if self.seen is not None:
            self.seen.update(chunk)
        for start in range(0, len(chunk), PART_BYTES):
            self.buffer += chunk[start : start + PART_BYTES]
            if len(self.buffer) >= PART_BYTES:
                await self._flush()

    async def _flush(self) -> None:
        """The buffer into the store; into the database too, unless a checksum has to be waited for."""
        if not self.buffer:
            return
        plain = bytes(self.buffer)
        self.buffer.clear()
        part = await sealed_files.put_part(self.media, self.file, self.stored, plain)
        self.waiting.append(part)
        self.stored += len(plain)
        if self.seen is None:
            await self._commit()

    async def _check(self, parts: tuple[Part, ...]) -> None:
        """Once when the type can be told, and once all that a header may need is there."""
        complete = self.stored == self.upload.length
        if not complete and not self.file.size < sniff.TYPE_BYTES <= self.stored:
            return
        head = await sealed_files.whole(
            self.media, msgspec.structs.replace(self.file, size=self.stored, parts=parts), sniff.HEADER_BYTES
        )
        await upload_kinds.check_head(self.upload.kind, self.upload.filename, head, complete=complete)

    async def _commit(self) -> None:
        if not self.waiting:
            return
        parts = (*self.file.parts, *self.waiting)
        await self._check(parts)
        async with self.pool.acquire() as conn, conn.transaction():
            if not await uploads.note_stored(conn, self.upload.id, self.holder, self.stored):
                raise UploadLocked(LEASE_SECONDS)
            if not await rows.append(conn, self.upload.id, self.waiting):
                raise UploadUnknown(ids.public("upload", self.upload.id))
        self.file = msgspec.structs.replace(self.file, size=self.stored, parts=parts)
        self.waiting = []
        self.renewed = time.monotonic()

    async def _renew(self) -> None:
        async with self.pool.acquire() as conn:
            if not await uploads.lease(conn, self.upload.id, self.holder):
                raise UploadLocked(LEASE_SECONDS)
        self.renewed = time.monotonic()


async def stand_in(pool: asyncpg.Pool, media: Media, safe: Vault, viewer: Viewer, fields: Fields) -> Fields:
    """The fields of a form with every upload's id replaced by the file itself, wherever a file may stand.

    An id stands there as text, or as `{"file_id": id}`. Raises BadUpload leaves. The bytes are in memory from here on,
    as those of a multipart body are; what is large by its kind is never used by this way.
    """
    found = dict(fields)
    for name, allowed in FIELDS.items():
        kinds = ("photo",) if (name, fields.get("kind")) == ("photos", "person") else allowed
        held = fields.get(name)
        many = held if isinstance(held, list) else [held]
        files = [await _file(pool, media, safe, viewer, name, kinds, one) for one in many]
        if held is not None:
            found[name] = files if isinstance(held, list) else files[0]
    return found


async def _file(
    pool: asyncpg.Pool, media: Media, safe: Vault, viewer: Viewer, param: str, kinds: tuple[str, ...], value: Any
) -> Any:
    """The upload that `value` names, or `value` itself where it names none."""
    match value:
        case str(reference) if reference.startswith("upload_"):
            pass
        case {"file_id": str(reference), **rest} if not rest:
            pass
        case _:
            return value
    row, file = await complete(pool, safe, viewer, reference, param, kinds)
    return Upload(row.filename or reference, await sealed_files.whole(media, file))


async def complete(
    pool: asyncpg.Pool, safe: Vault, viewer: Viewer, reference: str, param: str, kinds: tuple[str, ...]
) -> tuple[Row, SealedFile]:
    """A finished upload of the viewer's, of one of the kinds. Raises BadUpload leaves."""
    row = await find(pool, viewer, reference, param)
    if row.kind not in kinds:
        raise UploadMisused(param, reference, row.kind, ", ".join(kinds))
    if row.received != row.length:
        raise UploadUnfinished(reference, row.received, row.length, param)
    async with pool.acquire() as conn:
        try:
            return row, await rows.opened(conn, safe, row.id)
        except KeyDestroyed:
            raise UploadUnknown(reference, param) from None
