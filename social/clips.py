"""Clips: their rows and the few ways a row may change.

queued -> in_progress -> completed | failed. A failed clip is always refunded, in the statement's own transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import quota

Status = Literal["queued", "in_progress", "completed", "failed"]
PROMPT_MAX: Final = 32_000  # characters
ATTEMPTS_MAX: Final = 5  # workers that may die over one clip


class StoredMedia(msgspec.Struct, frozen=True):
    key: str
    size: int
    sha256: str
    media_type: str
    marked_for: str | None = None  # whose name stands in its pictures


class StageTime(msgspec.Struct, frozen=True):
    stage: str
    seconds: float


class Retake(msgspec.Struct, frozen=True):
    """What a draft that is made again goes back to if that fails. `attempts` had been used up before."""

    screenplay: dict[str, Any]
    seed: int
    attempts: int


class Continued(msgspec.Struct, frozen=True):
    """What a clip begins with: another one's files as they were, up to `at_s` of both clocks."""

    at_s: float
    video: StoredMedia
    captions: StoredMedia | None = None  # clips of the first version have none


class Clip(msgspec.Struct, frozen=True):
    """One row, with the maker's handle."""

    id: UUID
    account: UUID
    maker: str
    status: Status
    progress: int
    stage: str
    shot: int
    prompt: str
    model: str
    size: str
    seconds: str
    seed: int
    audience: str
    caption: str
    allow_remix: bool
    commenters: str
    remixed_from: UUID | None
    screenplay: dict[str, Any] | None
    engine: dict[str, Any] | None
    stages: tuple[StageTime, ...] | None
    engine_seconds: float | None
    error_code: str | None
    error_message: str | None
    attempts: int
    retake: Retake | None  # while a draft is made again
    created_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None
    media: dict[str, StoredMedia] | None
    blurhash: str | None
    identity_report: dict[str, Any] | None  # by speaker; None: not measured
    published_at: datetime | None
    removed_at: datetime | None
    hidden_at: datetime | None
    imported_from: UUID | None
    label: str | None = None  # a moderator's word beside it
    continues: Continued | None = None  # for one that extends another
    pictured: bool = False  # a picture became its scene
    driven: bool = False  # a recording drives somebody in it
    allow_sound: bool = True
    sound_of: UUID | None = None  # the clip whose sound it has

    @property
    def delivered_seed(self) -> int:
        """The seed that really made it: a take that did not pass is made once more with another."""
        notes = [
            one for one in (self.engine or {}).get("fallbacks", ()) if isinstance(one, dict) and "delivered" in one
        ]
        return int(notes[-1]["delivered"]) if notes else self.seed


async def create(
    conn: asyncpg.Connection,
    account: UUID,
    *,
    prompt: str,
    model: str,
    size: str,
    seconds: str,
    seed: int,
    debit: UUID,
    remixed_from: UUID | None,
    continues: Continued | None = None,
) -> UUID:
    """A queued clip."""
    created: UUID = await conn.fetchval(
        """
        insert into clip (account, prompt, model, size, seconds, seed, debit, remixed_from, continues)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
        """,
        account,
        prompt,
        model,
        size,
        seconds,
        seed,
        debit,
        remixed_from,
        continues,
    )
    return created


async def of_file(conn: asyncpg.Connection, viewer: UUID, sha256: str) -> UUID | None:
    """The clip whose video or download this file is, of those that the viewer may see: their own first, the newest."""
    found: UUID | None = await conn.fetchval(
        """
        select id from visible_clip($1)
        where media #>> '{video,sha256}' = $2 or media #>> '{stamped,sha256}' = $2
        order by account = $1 desc, id desc limit 1
        """,
        viewer,
        sha256,
    )
    return found


async def video_key(conn: asyncpg.Connection, clip: UUID) -> str | None:
    """For the worker: where the clip's file is, if it is there; shown to nobody."""
    key: str | None = await conn.fetchval("select media #>> '{video,key}' from clip where id = $1", clip)
    return key


async def visible(conn: asyncpg.Connection, viewer: UUID | None, clip: UUID) -> Clip | None:
    """None sees what is for everyone."""
    row = await conn.fetchrow(
        """
        select c.*, a.handle::text as maker from visible_clip($1) c join account a on a.id = c.account where c.id = $2
        """,
        viewer,
        clip,
    )
    return None if row is None else msgspec.convert(dict(row), Clip)


async def by_id(conn: asyncpg.Connection, clip: UUID) -> Clip | None:
    """For the worker, who serves no viewer."""
    row = await conn.fetchrow(
        "select c.*, a.handle::text as maker from clip c join account a on a.id = c.account where c.id = $1", clip
    )
    return None if row is None else msgspec.convert(dict(row), Clip)


async def made_by(
    conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int, newest_first: bool
) -> list[Clip]:
    """One more than `limit` where there are more: the page's has_more."""
    if newest_first:
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker from visible_clip($1) c join account a on a.id = c.account
            where c.account = $1 and ($2::uuid is null or c.id < $2) order by c.id desc limit $3
            """,
            account,
            after,
            limit + 1,
        )
    else:
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker from visible_clip($1) c join account a on a.id = c.account
            where c.account = $1 and ($2::uuid is null or c.id > $2) order by c.id limit $3
            """,
            account,
            after,
            limit + 1,
        )
    return [msgspec.convert(dict(row), Clip) for row in rows]


async def start(conn: asyncpg.Connection, clip: UUID) -> Clip | None:
    """A worker takes the clip: queued, or left behind by a worker that died. None when it has ended."""
    row = await conn.fetchrow(
        """
        update clip c set status = 'in_progress', attempts = attempts + 1, stage = 'starting'
        from account a where a.id = c.account and c.id = $1 and c.status in ('queued', 'in_progress')
        returning c.*, a.handle::text as maker
        """,
        clip,
    )
    return None if row is None else msgspec.convert(dict(row), Clip)


async def keep_screenplay(conn: asyncpg.Connection, clip: UUID, screenplay: Mapping[str, Any]) -> None:
    await conn.execute("update clip set screenplay = $2 where id = $1", clip, screenplay)


async def note_given(conn: asyncpg.Connection, clip: UUID, *, pictured: bool, driven: bool) -> None:
    """What it was given beside the words, long after that is forgotten."""
    await conn.execute("update clip set pictured = $2, driven = $3 where id = $1", clip, pictured, driven)


async def make_again(
    conn: asyncpg.Connection, clip: Clip, screenplay: Mapping[str, Any], seed: int, debit: UUID
) -> bool:
    """A completed draft back into the queue, with its files; False where it is none (any more)."""
    done = await conn.execute(
        """
        update clip set status = 'queued', stage = 'queued', progress = 0, shot = 0, screenplay = $2, seed = $3,
            debit = $4, error_code = null, error_message = null,
            retake = jsonb_build_object('screenplay', screenplay, 'seed', seed, 'attempts', attempts)
        where id = $1 and status = 'completed' and audience = 'only_me' and removed_at is null
        """,
        clip.id,
        screenplay,
        seed,
        debit,
    )
    return bool(done == "UPDATE 1")


async def hand_back(conn: asyncpg.Connection, clip: UUID, attempt: int) -> None:
    """A worker that is told to stop puts the clip back; that was no attempt."""
    await conn.execute(
        """
        update clip set status = 'queued', stage = 'queued', attempts = attempts - 1
        where id = $1 and status = 'in_progress' and attempts = $2
        """,
        clip,
        attempt,
    )


async def note_progress(
    conn: asyncpg.Connection, clip: UUID, attempt: int, *, progress: int, stage: str, shot: int
) -> bool:
    """False when the clip has ended, or another worker has taken it: stop making it."""
    done = await conn.execute(
        """
        update clip set progress = $3, stage = $4, shot = $5
        where id = $1 and status = 'in_progress' and attempts = $2
        """,
        clip,
        attempt,
        progress,
        stage,
        shot,
    )
    return bool(done == "UPDATE 1")


async def complete(
    conn: asyncpg.Connection,
    clip: UUID,
    attempt: int,
    *,
    media: Mapping[str, StoredMedia],
    engine: Mapping[str, Any],
    stages: Sequence[StageTime],
    engine_seconds: float,
    blurhash: str,
    identity_report: Mapping[str, Any] | None,
) -> list[str] | None:
    """The keys of the media that these replace; None for everybody but one caller."""
    row = await conn.fetchrow(
        """
        update clip set status = 'completed', progress = 100, stage = 'done', completed_at = now(), retake = null,
            media = $3, engine = $4, stages = $5, engine_seconds = $6, blurhash = $7, identity_report = $8
        where id = $1 and status = 'in_progress' and attempts = $2
        returning old.media as had
        """,
        clip,
        attempt,
        media,
        engine,
        stages,
        engine_seconds,
        blurhash,
        identity_report,
    )
    return None if row is None else [str(one["key"]) for one in (row["had"] or {}).values()]


async def fail(conn: asyncpg.Connection, clip: UUID, code: str, message: str, attempt: int | None = None) -> bool:
    """Failed and refunded; True for exactly one caller. A worker names its attempt: an overtaken one fails nothing.

    A draft that is made again is the finished one again, with its files, and tells the error. Needs an open
    transaction.
    """
    row = await conn.fetchrow(
        """
        update clip set error_code = $2, error_message = $3, retake = null, shot = 0,
            status = case when retake is null then 'failed' else 'completed' end,
            refunded_at = case when retake is null then now() end,
            completed_at = case when retake is null then now() else completed_at end,
            progress = case when retake is null then progress else 100 end,
            stage = case when retake is null then stage else 'done' end,
            screenplay = case when retake is null then screenplay else retake -> 'screenplay' end,
            seed = case when retake is null then seed else (retake ->> 'seed')::bigint end
        where id = $1 and status in ('queued', 'in_progress') and ($4::int is null or attempts = $4)
        returning debit
        """,
        clip,
        code,
        message,
        attempt,
    )
    if row is None:
        return False
    await quota.refund(conn, row["debit"])
    return True
