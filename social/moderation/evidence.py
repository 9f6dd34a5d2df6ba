"""Evidence: what there was when somebody reported it, out of reach of those it speaks of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from social.clips import StoredMedia
from social.moderation.reasons import Subject

HELD: Final = ("thumbnail", "spritesheet", "captions")
HELD_GRAVE: Final = (*HELD, "video")  # preservation: the clip itself too


class Evidence(msgspec.Struct, frozen=True):
    """`parties`: the author and the owners of the characters shown."""

    id: UUID
    subject_type: Subject
    subject: UUID
    author: UUID | None
    parties: tuple[UUID, ...]
    snapshot: dict[str, Any]
    sha256: bytes
    at: datetime
    keep_until: datetime
    legal_hold: bool


async def take(conn: asyncpg.Connection, kind: Subject, subject: UUID, *, grave: bool) -> UUID | None:
    """Of the subject as it stands; the newest that there is where it stands as before or is gone.

    A clip is locked first: nobody deletes its files between the look and the commit. `grave` holds the video too.
    """
    if kind == "clip":
        await conn.execute("select from clip where id = $1 for no key update", subject)
    made: UUID | None = await conn.fetchval(
        """
        with seen as materialized (select evidence_of($1, $2) as snapshot)
        insert into evidence (subject_type, subject, author, parties, snapshot, sha256, legal_hold)
        select $1, $2, (s.snapshot ->> 'author')::uuid, array(
                select distinct p from (
                    select (s.snapshot ->> 'author')::uuid as p
                    union all
                    select (r ->> 'owner')::uuid from jsonb_array_elements(s.snapshot -> 'cast') r
                ) all_ where p is not null order by p
            ), s.snapshot, sha256(convert_to(s.snapshot::text, 'UTF8')), exists (
                select from evidence e where e.subject_type = $1 and e.subject = $2 and e.legal_hold
            )
        from seen s
        where s.snapshot is not null and not (s.snapshot ? 'gone' and exists (
            select from evidence e where e.subject_type = $1 and e.subject = $2
        ))
        on conflict (subject_type, subject, sha256) do nothing returning id
        """,
        kind,
        subject,
    )
    new = made is not None
    if not new:
        made = await conn.fetchval(
            "select id from evidence where subject_type = $1 and subject = $2 order by id desc limit 1", kind, subject
        )
    if made is not None and (new or grave):
        await conn.execute(
            """
            insert into evidence_media (evidence, variant, key, size, sha256, media_type)
            select e.id, m.key, m.value ->> 'key', (m.value ->> 'size')::bigint, m.value ->> 'sha256',
                m.value ->> 'media_type'
            from evidence e, clip c, jsonb_each(c.media) m
            where e.id = $1 and e.subject_type = 'clip' and c.id = e.subject and m.key = any($2)
                and e.snapshot -> 'media' -> m.key ->> 'key' = m.value ->> 'key'
            on conflict do nothing
            """,
            made,
            list(HELD_GRAVE if grave else HELD),
        )
    return made


async def of(conn: asyncpg.Connection, kind: Subject, subject: UUID) -> list[Evidence]:
    """Newest first."""
    rows = await conn.fetch(
        """
        select id, subject_type, subject, author, parties, snapshot, sha256, at, keep_until, legal_hold from evidence
        where subject_type = $1 and subject = $2 order by id desc limit 20
        """,
        kind,
        subject,
    )
    return [msgspec.convert(dict(row), Evidence) for row in rows]


async def find(conn: asyncpg.Connection, key: UUID) -> Evidence | None:
    row = await conn.fetchrow(
        """
        select id, subject_type, subject, author, parties, snapshot, sha256, at, keep_until, legal_hold from evidence
        where id = $1
        """,
        key,
    )
    return None if row is None else msgspec.convert(dict(row), Evidence)


async def files(conn: asyncpg.Connection, evidence: UUID) -> dict[str, StoredMedia]:
    rows = await conn.fetch(
        "select variant, key, size, sha256, media_type from evidence_media where evidence = $1 order by variant",
        evidence,
    )
    return {row["variant"]: StoredMedia(row["key"], row["size"], row["sha256"], row["media_type"]) for row in rows}


async def hold(conn: asyncpg.Connection, kind: Subject, subject: UUID, *, held: bool) -> None:
    """A legal hold stops the clock of everything kept of the subject, and of what is still to come."""
    await conn.execute(
        "update evidence set legal_hold = $3 where subject_type = $1 and subject = $2", kind, subject, held
    )


async def expire(conn: asyncpg.Connection) -> list[str]:
    """Forget what is over its time and open no more; the keys of files to sweep."""
    rows = await conn.fetch(
        """
        select e.id, array(select m.key from evidence_media m where m.evidence = e.id) as keys from evidence e
        where e.keep_until < now() and not e.legal_hold and not exists (
            select from moderation_subject_status s
            where s.subject_type = e.subject_type and s.subject = e.subject and (s.state = 'open' or s.appeals > 0)
        )
        order by e.id limit 500
        """
    )
    await conn.execute("delete from evidence where id = any($1)", [row["id"] for row in rows])
    return [key for row in rows for key in row["keys"]]
