"""Open challenges: a tag, an idea, an end, and whatever is published under that tag in the meantime."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social.clips import Clip
from social.hashtags import COUNTED_MOST, Order
from social.remix_errors import ChallengeRuns, ChallengesFull, ChallengeUnknown

OPEN_MOST: Final = 3  # of one account
LONGEST: Final = timedelta(days=90)
TITLE_MAX: Final = 80  # characters
PROMPT_MAX: Final = 500


class Challenge(msgspec.Struct, frozen=True):
    """One row, as one viewer sees it: a starter that they may not see is none."""

    id: UUID
    maker: str
    tag: str
    title: str
    prompt: str
    starter: UUID | None
    created_at: datetime
    ends_at: datetime
    ended: bool
    entries: int  # counted up to COUNTED_MOST


async def create(
    conn: asyncpg.Connection, maker: UUID, *, tag: str, title: str, prompt: str, starter: UUID | None, ends_at: datetime
) -> UUID:
    """Raises ChallengesFull or ChallengeRuns. Two with one tag wait for each other."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 15))", tag)
    await conn.execute("select from account where id = $1 for no key update", maker)
    if until := await conn.fetchval("select max(ends_at) from challenge where tag = $1 and ends_at > now()", tag):
        raise ChallengeRuns(tag, until)
    if await conn.fetchval("select count(*) from challenge where maker = $1 and ends_at > now()", maker) >= OPEN_MOST:
        raise ChallengesFull(OPEN_MOST)
    created: UUID = await conn.fetchval(
        """
        insert into challenge (maker, tag, title, prompt, starter, ends_at) values ($1, $2, $3, $4, $5, $6) returning id
        """,
        maker,
        tag,
        title,
        prompt,
        starter,
        ends_at,
    )
    return created


async def one(conn: asyncpg.Connection, viewer: UUID, challenge: UUID | None, public_id: str) -> Challenge:
    """Raises ChallengeUnknown, also for those of accounts that block or are blocked."""
    row = await conn.fetchrow(
        """
        select h.id, a.handle::text as maker, h.tag, h.title, h.prompt, h.created_at, h.ends_at,
            h.ends_at <= now() as ended,
            (select c.id from visible_clip($1) c where c.id = h.starter) as starter,
            (
                select count(*) from (
                    select from clip_tag t join unmuted_clip($1) c on c.id = t.clip
                    where t.tag = h.tag and c.published_at between h.created_at and h.ends_at limit $3
                ) entered
            ) as entries
        from challenge h join account a on a.id = h.maker
        where h.id = $2 and not blocked_between(h.maker, $1)
            and not exists (
                select from report r where r.reporter = $1 and r.subject_type = 'account' and r.subject = h.maker
            )
        """,
        viewer,
        challenge,
        COUNTED_MOST,
    )
    if row is None:
        raise ChallengeUnknown(public_id)
    return msgspec.convert(dict(row), Challenge)


async def listed(
    conn: asyncpg.Connection, viewer: UUID, *, ended: bool, after: UUID | None, limit: int
) -> list[Challenge]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select h.id, a.handle::text as maker, h.tag, h.title, h.prompt, h.created_at, h.ends_at,
            h.ends_at <= now() as ended,
            (select c.id from visible_clip($1) c where c.id = h.starter) as starter,
            (
                select count(*) from (
                    select from clip_tag t join unmuted_clip($1) c on c.id = t.clip
                    where t.tag = h.tag and c.published_at between h.created_at and h.ends_at limit $5
                ) entered
            ) as entries
        from challenge h join account a on a.id = h.maker
        where (h.ends_at <= now()) = $2 and ($3::uuid is null or h.id < $3) and not blocked_between(h.maker, $1)
            and not exists (select from mute m where m.muter = $1 and m.muted = h.maker)
            and not exists (
                select from report r where r.reporter = $1 and r.subject_type = 'account' and r.subject = h.maker
            )
        order by h.id desc limit $4
        """,
        viewer,
        ended,
        after,
        limit + 1,
        COUNTED_MOST,
    )
    return [msgspec.convert(dict(row), Challenge) for row in rows]


async def entries(
    conn: asyncpg.Connection, viewer: UUID, challenge: Challenge, *, after: UUID | None, limit: int, order: Order
) -> list[Clip]:
    """Published under its tag while it ran; one more than `limit` where there are more."""
    if order == "likes":
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker
            from clip_tag g join unmuted_clip($1) c on c.id = g.clip join clip_tally t on t.clip = c.id
            join account a on a.id = c.account
            where g.tag = $2 and c.published_at between $3 and $4 and ($5::uuid is null or (t.likes, c.id) < (
                (select b.likes from clip_tally b where b.clip = $5), $5::uuid
            ))
            order by t.likes desc, c.id desc limit $6
            """,
            viewer,
            challenge.tag,
            challenge.created_at,
            challenge.ends_at,
            after,
            limit + 1,
        )
    else:
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker
            from clip_tag g join unmuted_clip($1) c on c.id = g.clip join account a on a.id = c.account
            where g.tag = $2 and c.published_at between $3 and $4 and ($5::uuid is null or g.clip < $5)
            order by g.clip desc limit $6
            """,
            viewer,
            challenge.tag,
            challenge.created_at,
            challenge.ends_at,
            after,
            limit + 1,
        )
    return [msgspec.convert(dict(row), Clip) for row in rows]
