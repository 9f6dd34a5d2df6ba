"""Feedback on single clips and people: more like this, less like this, hide whoever made it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from social.taste_errors import FeedbackUnknown

ClipKind = Literal["less_like_this", "more_like_this"]
Kind = Literal["less_like_this", "more_like_this", "hide_creator"]


class Feedback(msgspec.Struct, frozen=True):
    """Of a clip, or of a creator by handle."""

    id: UUID
    kind: Kind
    clip: UUID | None
    creator: str | None
    at: datetime


async def on_clip(conn: asyncpg.Connection, account: UUID, clip: UUID, kind: ClipKind) -> Feedback:
    """The last word about a clip counts. Whether the account may see it was asked before."""
    row = await conn.fetchrow(
        """
        insert into feed_feedback (account, clip, kind) values ($1, $2, $3)
        on conflict (account, clip) do update set kind = excluded.kind, at = now()
        returning id, kind, clip, null as creator, at
        """,
        account,
        clip,
        kind,
    )
    return msgspec.convert(dict(row), Feedback)


async def hide(conn: asyncpg.Connection, account: UUID, creator: UUID) -> Feedback:
    row = await conn.fetchrow(
        """
        with hidden as (
            insert into feed_feedback (account, creator, kind) values ($1, $2, 'hide_creator')
            on conflict (account, creator) do update set at = feed_feedback.at
            returning *
        )
        select h.id, h.kind, h.clip, a.handle::text as creator, h.at from hidden h join account a on a.id = h.creator
        """,
        account,
        creator,
    )
    return msgspec.convert(dict(row), Feedback)


async def of(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Feedback]:
    """Newest first; one more than `limit` where there are more. Clips that are out of sight are left out."""
    rows = await conn.fetch(
        """
        select f.id, f.kind, f.clip, a.handle::text as creator, f.at
        from feed_feedback f left join account a on a.id = f.creator
        where f.account = $1 and ($2::uuid is null or f.id < $2)
            and (f.clip is null or exists (select from visible_clip($1) c where c.id = f.clip))
        order by f.id desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Feedback) for row in rows]


async def take_back(conn: asyncpg.Connection, account: UUID, feedback: UUID, public_id: str) -> None:
    """Raises FeedbackUnknown."""
    done = await conn.execute("delete from feed_feedback where id = $2 and account = $1", account, feedback)
    if done != "DELETE 1":
        raise FeedbackUnknown(public_id)
