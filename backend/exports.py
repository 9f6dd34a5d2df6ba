"""Exports: the ZIP of an account, sealed part by part as it is written, and gone after a week."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import asyncpg
import msgspec

from backend import jobs, packing, sealed_files
from backend.media import Media
from backend.sealed_files import PART_BYTES, SealedSource
from backend.stopping import Stopping
from character_store import audit
from character_store import sealed_files as rows
from character_store.errors import KeyDestroyed
from character_store.sealed_files import SealedFile
from character_store.vault import Vault
from social import accounts, transfers
from social.errors import ExportUnknown
from social.transfers import Export


async def ask(pool: asyncpg.Pool, account: UUID) -> Export:
    """A new one, or the one that is being made already."""
    async with pool.acquire() as conn, conn.transaction():
        key = await transfers.ask_export(conn, account)
        await jobs.enqueue(conn, jobs.EXPORT, key)
        await audit.note(conn, account, "account_exported", account, {})
        found = await transfers.export(conn, key)
    if found is None:
        raise ExportUnknown(str(key))
    return found


async def opened(pool: asyncpg.Pool, media: Media, safe: Vault, export: Export) -> SealedSource:
    """The ZIP, for ranges. Raises ExportUnknown where it is not there (any more)."""
    if export.state != "completed" or export.file is None or export.completed_at is None:
        raise ExportUnknown(f"export_{export.id.hex}")
    async with pool.acquire() as conn:
        try:
            file = await rows.opened(conn, safe, export.file)
        except KeyDestroyed:
            raise ExportUnknown(f"export_{export.id.hex}") from None
    return SealedSource(media, file, export.completed_at, "application/zip")


async def make(pool: asyncpg.Pool, media: Media, safe: Vault, wanted: UUID, stopping: Callable[[], bool]) -> None:
    """As a job: begins anew where a worker died over it. Raises Stopping."""
    async with pool.acquire() as conn, conn.transaction():
        export = await transfers.export(conn, wanted)
        account = None if export is None else await accounts.by_id(conn, export.account)
        if export is None or account is None or export.state not in {"queued", "in_progress"}:
            return
        file = await rows.create(conn, safe, account.id)
        begun = await transfers.begin_export(conn, wanted, file.id)
        if begun is not None:
            await rows.destroy(conn, begun)
    writer = _Writer(pool, media, file)

    async def on_progress(percent: int) -> None:
        async with pool.acquire() as conn:
            mine = await transfers.note_export(conn, wanted, file.id, percent)
        if not mine:
            raise _Overtaken
        if stopping():
            raise Stopping

    try:
        await packing.pack(pool, media, safe, account, writer.take, on_progress)
        async with pool.acquire() as conn:
            mine = await transfers.finish_export(conn, wanted, file.id)
    except _Overtaken:
        mine = False
    if not mine:
        async with pool.acquire() as conn:
            await rows.destroy(conn, file.id)


class _Overtaken(Exception):
    """The account left, or another worker makes this export."""


class _Writer:
    """Pieces of any size into parts."""

    def __init__(self, pool: asyncpg.Pool, media: Media, file: SealedFile) -> None:
        self._pool = pool
        self._media = media
        self._file = file

    async def take(self, content: bytes) -> None:
        for start in range(0, len(content), 2 * PART_BYTES):
            plain = content[start : start + 2 * PART_BYTES]
            part = await sealed_files.put_part(self._media, self._file, self._file.size, plain)
            async with self._pool.acquire() as conn, conn.transaction():
                if not await rows.append(conn, self._file.id, [part]):
                    raise _Overtaken
            self._file = msgspec.structs.replace(self._file, size=self._file.size + len(plain))
