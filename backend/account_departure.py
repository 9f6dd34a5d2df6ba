"""An account leaves: faces and voices in the same transaction, clips and the account when its time has come."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from backend import avatars, departure, jobs, sealed_files, studio
from backend.apple import Revoker
from backend.db import GONE
from backend.media import Media
from character_store import audit, characters, consents
from social import api_keys, departures, removals, sessions
from social.departures import Departure
from social.errors import InvalidValue, NotLeaving

GRACE_DAYS: Final = (0, 30)
PAGE: Final = 100


async def leave(
    pool: asyncpg.Pool,
    media: Media,
    account: UUID,
    grace_days: int,
    *,
    remove_clips: bool,
    revoker: Revoker,
    apple_code: str | None,
) -> Departure:
    """Keys of faces and voices are destroyed before this answers, grace or not; the rest waits `grace_days`.

    `remove_clips`: clips of others that show the account's characters go too. Raises InvalidValue, or AppleRefused
    before anything has happened.
    """
    if not GRACE_DAYS[0] <= grace_days <= GRACE_DAYS[1]:
        raise InvalidValue("grace_days", grace_days, f"{GRACE_DAYS[0]} to {GRACE_DAYS[1]} days")
    if apple_code is not None:
        await revoker.revoke(apple_code)
    swept: list[str] = []
    async with pool.acquire() as conn, conn.transaction():
        asked = await departures.ask(conn, account, timedelta(days=grace_days))
        owned = await _owned(conn, account)
        for character in owned:
            await departure.leave(conn, character, "deleted", account)
            if remove_clips:
                showing = await studio.clips_showing(conn, character)
                swept += await studio.take_down(conn, showing, account, "character_deleted")
        for receipt in await _receipts(conn, account):
            await consents.withdraw(conn, receipt, consents.PURPOSES)
        for clip in await departures.running(conn, account):
            await studio.end(conn, clip, "cancelled", "its maker is leaving")
        await departures.hide_clips(conn, asked)
        for key in await api_keys.of(conn, account):
            await api_keys.revoke(conn, account, key.id)
        await sessions.end_all(conn, account, "revoked")
        await audit.note(conn, account, "account_leaves", account, {"grace_days": grace_days})
        if grace_days == 0:
            await jobs.enqueue(conn, jobs.LEAVE, asked.id)
    with suppress(*GONE):  # the worker will
        await studio.sweep(pool, media, swept)
        for character in owned:
            await departure.sweep(pool, media, character)
        await sealed_files.sweep(pool, media)
    return asked


async def stay(pool: asyncpg.Pool, account: UUID) -> Departure:
    """Raises NotLeaving. What was stored of a face or voice does not come back."""
    async with pool.acquire() as conn, conn.transaction():
        staying = await departures.stay(conn, account)
        if staying is None:
            raise NotLeaving
        await audit.note(conn, account, "account_stays", account, {})
    return staying


async def finish(pool: asyncpg.Pool, media: Media, wanted: UUID) -> None:
    """Clips, their files, then the account. Safe to repeat; does nothing before its time or where it was taken back."""
    async with pool.acquire() as conn:
        if wanted not in await departures.due(conn):
            return
        asked = await departures.find(conn, wanted)
        if asked is None:
            return
        clips = await departures.clips(conn, asked.account)
        owned = await _owned(conn, asked.account)
    for clip in clips:
        async with pool.acquire() as conn, conn.transaction():
            await studio.end(conn, clip, "cancelled", "its maker is leaving")
            keys = await removals.delete(conn, asked.account, clip)
        await studio.sweep(pool, media, keys)
    for character in owned:
        await departure.sweep(pool, media, character)
    await avatars.remove(pool, media, asked.account)
    async with pool.acquire() as conn, conn.transaction():
        await departures.mark_media_deleted(conn, asked.id)
        await departures.delete_account(conn, asked)
        await audit.note(conn, None, "account_deleted", asked.account, {})
    await sealed_files.sweep(pool, media)


async def _owned(conn: asyncpg.Connection, account: UUID) -> list[UUID]:
    found: list[UUID] = []
    while True:
        rows = await characters.owned_by(conn, account, after=found[-1] if found else None, limit=PAGE)
        found += [row.id for row in rows[:PAGE]]
        if len(rows) <= PAGE:
            return found


async def _receipts(conn: asyncpg.Connection, account: UUID) -> list[UUID]:
    found: list[UUID] = []
    while True:
        rows = await consents.of(conn, account, after=found[-1] if found else None, limit=PAGE)
        found += [row.id for row in rows[:PAGE]]
        if len(rows) <= PAGE:
            return found
