"""Exports and imports: what stands of each, and the rows they read and write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.clips import StoredMedia

EXPORT_KEPT: Final = timedelta(days=7)
State = Literal["queued", "in_progress", "completed", "failed"]


class Export(msgspec.Struct, frozen=True):
    """`file`: the sealed ZIP, while it is there."""

    id: UUID
    account: UUID
    state: State
    progress: int
    file: UUID | None
    created_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None


class Import(msgspec.Struct, frozen=True):
    """`taken_in`: how many of what."""

    id: UUID
    account: UUID
    upload: UUID
    state: State
    progress: int
    error_code: str | None
    error_message: str | None
    taken_in: dict[str, int] | None
    created_at: datetime
    completed_at: datetime | None


class ClipIn(msgspec.Struct, frozen=True):
    """A clip that was made elsewhere, with the files stored here. `origin`: its id there, `parent`: its parent's."""

    origin: UUID
    parent: UUID | None
    prompt: str
    model: str
    size: str
    seconds: str
    seed: int
    caption: str
    screenplay: dict[str, Any] | None
    engine: dict[str, Any] | None
    engine_seconds: float | None
    blurhash: str | None
    created_at: datetime
    completed_at: datetime | None
    media: dict[str, StoredMedia]


async def ask_export(conn: asyncpg.Connection, account: UUID) -> UUID:
    """A new one, or the one that is being made."""
    made: UUID | None = await conn.fetchval(
        """
        insert into export (account) values ($1)
        on conflict (account) where state in ('queued', 'in_progress') do nothing returning id
        """,
        account,
    )
    if made is None:
        made = await conn.fetchval(
            "select id from export where account = $1 and state in ('queued', 'in_progress')", account
        )
    if made is None:  # it was finished just now
        return await ask_export(conn, account)
    return made


async def export(conn: asyncpg.Connection, key: UUID) -> Export | None:
    row = await conn.fetchrow(
        """
        select e.id, e.account, e.state, e.progress, f.id as file, e.created_at, e.completed_at, e.expires_at
        from export e left join sealed_file f on f.id = e.file and f.wrapped_key is not null where e.id = $1
        """,
        key,
    )
    return None if row is None else msgspec.convert(dict(row), Export)


async def begin_export(conn: asyncpg.Connection, key: UUID, file: UUID) -> UUID | None:
    """The file that a worker before this one had begun."""
    row = await conn.fetchrow(
        """
        update export set state = 'in_progress', progress = 0, file = $2
        where id = $1 and state in ('queued', 'in_progress') returning old.file as had
        """,
        key,
        file,
    )
    return None if row is None else row["had"]


async def note_export(conn: asyncpg.Connection, key: UUID, file: UUID, progress: int) -> bool:
    """False where it is not this worker's any more: the account left, or another took over."""
    done = await conn.execute(
        "update export set progress = $3 where id = $1 and file = $2 and state = 'in_progress'", key, file, progress
    )
    return bool(done == "UPDATE 1")


async def finish_export(conn: asyncpg.Connection, key: UUID, file: UUID) -> bool:
    done = await conn.execute(
        """
        update export set state = 'completed', progress = 100, completed_at = now(), expires_at = now() + $3
        where id = $1 and file = $2 and state = 'in_progress'
        """,
        key,
        file,
        EXPORT_KEPT,
    )
    return bool(done == "UPDATE 1")


async def expire_exports(conn: asyncpg.Connection) -> None:
    """Their keys; the bytes are swept as those of uploads are."""
    await conn.execute(
        """
        update sealed_file f set wrapped_key = null, key_destroyed_at = clock_timestamp()
        from export e where e.file = f.id and e.expires_at <= now() and f.wrapped_key is not null
        """
    )


async def ask_import(conn: asyncpg.Connection, account: UUID, upload: UUID) -> UUID | None:
    """None while another one is under way."""
    made: UUID | None = await conn.fetchval(
        """
        insert into import (account, upload) values ($1, $2)
        on conflict (account) where state in ('queued', 'in_progress') do nothing returning id
        """,
        account,
        upload,
    )
    return made


async def find_import(conn: asyncpg.Connection, key: UUID) -> Import | None:
    row = await conn.fetchrow(
        """
        select id, account, upload, state, progress, error_code, error_message, taken_in, created_at, completed_at
        from import where id = $1
        """,
        key,
    )
    return None if row is None else msgspec.convert(dict(row), Import)


async def note_import(conn: asyncpg.Connection, key: UUID, progress: int) -> None:
    await conn.execute(
        "update import set state = 'in_progress', progress = $2 where id = $1 and state in ('queued', 'in_progress')",
        key,
        progress,
    )


async def fail_import(conn: asyncpg.Connection, key: UUID, code: str, message: str) -> None:
    await conn.execute(
        """
        update import set state = 'failed', error_code = $2, error_message = $3, completed_at = now()
        where id = $1 and state in ('queued', 'in_progress')
        """,
        key,
        code,
        message,
    )


async def finish_import(conn: asyncpg.Connection, key: UUID, taken_in: Mapping[str, int]) -> bool:
    """For exactly one caller, in the transaction that takes things in."""
    done = await conn.execute(
        """
        update import set state = 'completed', progress = 100, completed_at = now(), taken_in = $2
        where id = $1 and state in ('queued', 'in_progress')
        """,
        key,
        taken_in,
    )
    return bool(done == "UPDATE 1")


async def known(conn: asyncpg.Connection, account: UUID, origins: list[UUID]) -> dict[UUID, UUID]:
    """Of clips with these ids elsewhere: those that the account has here, made or taken in before."""
    rows = await conn.fetch(
        """
        select coalesce(imported_from, id) as origin, id from clip
        where account = $1 and (imported_from = any($2) or id = any($2))
        """,
        account,
        origins,
    )
    return {row["origin"]: row["id"] for row in rows}


async def take_in(conn: asyncpg.Connection, account: UUID, clip: ClipIn, parent: UUID | None) -> UUID:
    """A finished draft that costs nothing."""
    made: UUID = await conn.fetchval(
        """
        insert into clip (account, status, progress, stage, prompt, model, size, seconds, seed, caption, allow_remix,
            remixed_from, screenplay, engine, engine_seconds, blurhash, created_at, completed_at, media, imported_from)
        values ($1, 'completed', 100, 'done', $2, $3, $4, $5, $6, $7, false, $8, $9, $10, $11, $12, $13, $14, $15,
            $16)
        returning id
        """,
        account,
        clip.prompt,
        clip.model,
        clip.size,
        clip.seconds,
        clip.seed,
        clip.caption,
        parent,
        clip.screenplay,
        clip.engine,
        clip.engine_seconds,
        clip.blurhash,
        clip.created_at,
        clip.completed_at,
        clip.media,
        clip.origin,
    )
    return made


async def take_in_notice(
    conn: asyncpg.Connection, account: UUID, kind: str, about: Mapping[str, Any], at: datetime, read_at: datetime | None
) -> None:
    await conn.execute(
        """
        insert into notice (account, kind, about, at, read_at) select $1, $2, $3, $4, coalesce($5, now())
        where not exists (select from notice where account = $1 and kind = $2 and about = $3 and at = $4)
        """,
        account,
        kind,
        about,
        at,
        read_at,
    )


async def followed(conn: asyncpg.Connection, account: UUID) -> dict[str, list[str]]:
    """Handles."""
    row = await conn.fetchrow(
        """
        select
            array(select a.handle::text from follow f join account a on a.id = f.followed
                where f.follower = $1 order by 1) as following,
            array(select a.handle::text from follow f join account a on a.id = f.follower
                where f.followed = $1 order by 1) as followers,
            array(select a.handle::text from block b join account a on a.id = b.blocked
                where b.blocker = $1 order by 1) as blocked
        """,
        account,
    )
    return dict(row)
