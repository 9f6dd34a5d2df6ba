"""Notices: what an account should know, told in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

Kind = Literal[
    "cast",  # somebody asked for a clip with your character
    "use_published",
    "use_removed",
    "cast_requested",
    "cast_decided",
    "publish_requested",
    "publish_decided",
    "granted",
    "grant_revoked",
    "remixed",
    "suggestion_taken",  # a clip was made from your comment
    "sound_used",
    "webhook_disabled",
    "guardian_asked",
    "guardian_confirmed",
    "guardian_limits",
    "moderated",  # a decision against something of yours
    "use_moderated",  # against a clip that shows your character
    "report_decided",
    "appeal_decided",
    "liked",
    "commented",  # on your clip
    "replied",  # to your comment
    "mentioned",
    "comment_liked",
    "followed",
    "friend_joined",
    "thread_added",
    "message",  # never kept as a notice: threads count their own; here for its preference
]


class Actor(msgspec.Struct, frozen=True):
    handle: str
    display_name: str


class Notice(msgspec.Struct, frozen=True):
    """`about` holds public ids and handles, and differs by kind; of several people it is the newest's."""

    id: UUID
    kind: str
    about: dict[str, Any]
    at: datetime
    read_at: datetime | None
    people: int  # 1 also where nobody in particular did it
    actors: tuple[Actor, ...]  # the newest three


async def tell(
    conn: asyncpg.Connection,
    account: UUID,
    kind: Kind,
    about: Mapping[str, Any],
    *,
    by: UUID | None = None,
    subject: str | None = None,
    once: str | None = None,
) -> None:
    """The notice, and the event that tells it to whoever listens (docs/decisions/0033).

    `by`: whose doing it was; nothing is told of oneself, of who is blocked or of whom the account has muted, and their
    handle stands in `about.by`. What the rules of consent demand to be told names nobody here, so that it always is.
    `subject`: a public id; while a notice of this kind about it is unread, more people join that one.
    `once`: names the event; whatever is tried again under the same kind and name tells nothing more.
    """
    await conn.execute("select tell_notice($1, $2, $3, $4, $5, $6)", account, kind, about, by, subject, once)


async def of(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Notice]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select id, kind, about, at, read_at, people, notice_actors(id) as actors from notice
        where account = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Notice) for row in rows]


async def unread(conn: asyncpg.Connection, account: UUID) -> int:
    return int(await conn.fetchval("select count(*) from notice where account = $1 and read_at is null", account))


async def mark_read(conn: asyncpg.Connection, account: UUID, notices: Sequence[UUID] | None) -> None:
    """Those of the account that are named; None = all. Others' and unknown ones stay as they are."""
    await conn.execute(
        """
        update notice set read_at = now(), gathering = false
        where account = $1 and read_at is null and ($2::uuid[] is null or id = any($2))
        """,
        account,
        None if notices is None else list(notices),
    )
