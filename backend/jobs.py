"""The queue: what a job is, and how it gets into the caller's transaction. pgqueuer on the same PostgreSQL."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import asyncpg
from pgqueuer.queries import Queries

CLIP: Final = "clip"
ENROL: Final = "enrol"
SWEEP: Final = "sweep"
WEBHOOK: Final = "webhook"
PUSH: Final = "push"
LEAVE: Final = "leave"
EXPORT: Final = "export"
IMPORT: Final = "import"
AVATAR: Final = "avatar"
INSPECT: Final = "inspect"
STAMP: Final = "stamp"


async def enqueue(conn: asyncpg.Connection, kind: str, subject: UUID) -> None:
    """One job for `subject`; a worker sees it after the transaction commits. A second one for the same is skipped."""
    await Queries.from_asyncpg_connection(conn).enqueue(
        kind, subject.bytes, dedupe_key=f"{kind}:{subject.hex}", on_conflict="skip"
    )


def subject_of(payload: bytes | None) -> UUID:
    """The clip, character, delivery or message a job is about."""
    return UUID(bytes=payload or b"")


async def rescue(conn: asyncpg.Connection) -> int:
    """Enqueue again whatever waits without a job: a net under everything that may go wrong with one. How many."""
    lost = await conn.fetch(
        """
        select 'clip' as kind, id from clip
        where status in ('queued', 'in_progress')
            and not exists (select from pgqueuer where dedupe_key = 'clip:' || replace(clip.id::text, '-', ''))
        union all
        select 'enrol', character from character_version
        where state = 'processing'
            and wrapped_key is not null
            and not exists (select from pgqueuer where dedupe_key = 'enrol:' || replace(character::text, '-', ''))
        union all
        select 'sweep', id from character
        where left_at is not null and swept_at is null
            and not exists (select from pgqueuer where dedupe_key = 'sweep:' || replace(character.id::text, '-', ''))
        union all
        select 'webhook', id from webhook_delivery d
        where state = 'waiting'
            and not exists (select from pgqueuer where dedupe_key = 'webhook:' || replace(d.id::text, '-', ''))
        union all
        select 'push', id from push p
        where not exists (select from pgqueuer where dedupe_key = 'push:' || replace(p.id::text, '-', ''))
        union all
        select 'leave', id from account_departure d
        where due_at <= now() and cancelled_at is null and account_deleted_at is null
            and not exists (select from pgqueuer where dedupe_key = 'leave:' || replace(d.id::text, '-', ''))
        union all
        select 'export', id from export e
        where state in ('queued', 'in_progress')
            and not exists (select from pgqueuer where dedupe_key = 'export:' || replace(e.id::text, '-', ''))
        union all
        select 'import', id from import i
        where state in ('queued', 'in_progress')
            and not exists (select from pgqueuer where dedupe_key = 'import:' || replace(i.id::text, '-', ''))
        union all
        select 'avatar', account from avatar v
        where state = 'processing'
            and not exists (select from pgqueuer where dedupe_key = 'avatar:' || replace(v.account::text, '-', ''))
        union all
        select 'inspect', id from inspection i
        where state = 'queued'
            and not exists (select from pgqueuer where dedupe_key = 'inspect:' || replace(i.id::text, '-', ''))
        union all
        select 'stamp', clip from clip_stamp s
        where failed_at is null
            and not exists (select from pgqueuer where dedupe_key = 'stamp:' || replace(s.clip::text, '-', ''))
        """
    )
    for row in lost:
        await enqueue(conn, row["kind"], row["id"])
    return len(lost)
