"""Comments: what people say of a clip, threaded one level, perhaps pinned to a second of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import texts
from social.clips import Clip
from social.errors import InvalidValue
from social.talk_errors import CommentsClosed, CommentUnknown, YoungProtected

TEXT_MAX: Final = 500  # characters
MENTIONS_MOST: Final = 10
KEPT: Final = timedelta(days=30)  # the words of a deleted one, for whoever reports it after all
MENTION: Final = re.compile(r"(?<![\w.])@([a-z0-9](?:[a-z0-9_.]{1,28})[a-z0-9])", re.IGNORECASE)
Order = Literal["newest", "second"]
Commenters = Literal["everyone", "friends", "nobody"]


class Comment(msgspec.Struct, frozen=True):
    """One row with its author, from the viewer's side. `replies`: those the viewer may read, counted to 1,000."""

    id: UUID
    clip: UUID
    author: UUID
    handle: str
    display_name: str
    text: str
    at_s: float | None
    reply_to: UUID | None
    likes: int
    liked: bool
    replies: int
    created_at: datetime
    deleted: bool  # shown for the answers to it; without words and author


def checked_text(given: str) -> str:
    """Raises InvalidValue."""
    text = texts.checked("text", given, TEXT_MAX)
    if len(mentions(text)) > MENTIONS_MOST:
        raise InvalidValue("text", f"{len(mentions(text))} mentions", f"up to {MENTIONS_MOST}")
    return text


def mentions(text: str) -> list[str]:
    """Handles, in lower case, each once."""
    return list(dict.fromkeys(handle.lower() for handle in MENTION.findall(text)))


def check_second(at_s: float | None, clip: Clip) -> None:
    """Raises InvalidValue with the range of this clip."""
    if at_s is not None and not 0 <= at_s <= float(clip.seconds):
        raise InvalidValue("at_s", at_s, f"0 to {clip.seconds}, a second of the video")


async def need_open(conn: asyncpg.Connection, writer: UUID, clip: Clip, public_id: str) -> None:
    """Whether the writer may comment on a clip that they see. Raises CommentsClosed or YoungProtected."""
    row = await conn.fetchrow(
        """
        select c.commenters, mutuals(c.account, $2) as friends, may_address($2, c.account) as may
        from clip c where c.id = $1
        """,
        clip.id,
        writer,
    )
    if clip.account == writer:
        return
    if row["commenters"] == "nobody" or (row["commenters"] == "friends" and not row["friends"]):
        raise CommentsClosed(public_id, row["commenters"])
    if not row["may"]:
        raise YoungProtected(clip.maker)


async def create(
    conn: asyncpg.Connection, author: UUID, clip: UUID, text: str, at_s: float | None, reply_to: Comment | None
) -> UUID:
    """An answer to an answer answers the first. Raises YoungProtected."""
    if reply_to is not None and not await conn.fetchval("select may_address($1, $2)", author, reply_to.author):
        raise YoungProtected(reply_to.handle)
    created: UUID = await conn.fetchval(
        "insert into comment (clip, author, text, at_s, reply_to) values ($1, $2, $3, $4, $5) returning id",
        clip,
        author,
        text,
        at_s,
        None if reply_to is None else reply_to.reply_to or reply_to.id,
    )
    return created


async def find(conn: asyncpg.Connection, viewer: UUID, comment: UUID, public_id: str) -> Comment:
    """One that the viewer may read, on a clip that they may see. Raises CommentUnknown."""
    row = await conn.fetchrow(
        """
        select m.id, m.clip, m.author, a.handle::text, a.display_name, m.text, m.at_s, m.reply_to, m.likes,
            exists (select from comment_like l where l.comment = m.id and l.account = $1) as liked,
            (
                select count(*) from (select from visible_comment($1) r where r.reply_to = m.id limit 1000) many
            ) as replies, m.created_at,
            false as deleted
        from visible_comment($1) m join account a on a.id = m.author
        where m.id = $2 and exists (select from visible_clip($1) c where c.id = m.clip)
        """,
        viewer,
        comment,
    )
    if row is None:
        raise CommentUnknown(public_id)
    return msgspec.convert(dict(row), Comment)


async def by_second(
    conn: asyncpg.Connection, viewer: UUID, clip: UUID, *, after: UUID | None, limit: int
) -> list[Comment]:
    """Those that answer none, first those that are pinned, in the order of the clip. One more than `limit`."""
    rows = await conn.fetch(
        """
        select m.id, m.clip, m.author, a.handle::text, a.display_name,
            case when t.deleted then '' else m.text end as text, m.at_s, m.reply_to, m.likes,
            exists (select from comment_like l where l.comment = m.id and l.account = $1) as liked,
            t.replies, m.created_at, t.deleted
        from comment m join account a on a.id = m.author
        cross join lateral (
            select not exists (select from visible_comment($1) v where v.id = m.id) as deleted,
                (
                select count(*) from (select from visible_comment($1) r where r.reply_to = m.id limit 1000) many
            ) as replies
        ) t
        where m.clip = $2 and m.reply_to is null and (not t.deleted or t.replies > 0)
            and ($3::uuid is null or (coalesce(m.at_s, 'infinity'), m.id) > (
                select coalesce(p.at_s, 'infinity'), p.id from comment p where p.id = $3
            ))
        order by coalesce(m.at_s, 'infinity'), m.id limit $4
        """,
        viewer,
        clip,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Comment) for row in rows]


async def newest(
    conn: asyncpg.Connection, viewer: UUID, clip: UUID, *, after: UUID | None, limit: int
) -> list[Comment]:
    """Those that answer none, newest first; one more than `limit` where there are more.

    One that the viewer may not read stays as a place without words where answers that they may read hang on it.
    """
    rows = await conn.fetch(
        """
        select m.id, m.clip, m.author, a.handle::text, a.display_name,
            case when t.deleted then '' else m.text end as text, m.at_s, m.reply_to, m.likes,
            exists (select from comment_like l where l.comment = m.id and l.account = $1) as liked,
            t.replies, m.created_at, t.deleted
        from comment m join account a on a.id = m.author
        cross join lateral (
            select not exists (select from visible_comment($1) v where v.id = m.id) as deleted,
                (
                select count(*) from (select from visible_comment($1) r where r.reply_to = m.id limit 1000) many
            ) as replies
        ) t
        where m.clip = $2 and m.reply_to is null and (not t.deleted or t.replies > 0)
            and ($3::uuid is null or m.id < $3)
        order by m.id desc limit $4
        """,
        viewer,
        clip,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Comment) for row in rows]


async def replies(
    conn: asyncpg.Connection, viewer: UUID, comment: UUID, *, after: UUID | None, limit: int
) -> list[Comment]:
    """Oldest first, as people answered each other; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select m.id, m.clip, m.author, a.handle::text, a.display_name, m.text, m.at_s, m.reply_to, m.likes,
            exists (select from comment_like l where l.comment = m.id and l.account = $1) as liked,
            0 as replies, m.created_at, false as deleted
        from visible_comment($1) m join account a on a.id = m.author
        where m.reply_to = $2 and ($3::uuid is null or m.id > $3) order by m.id limit $4
        """,
        viewer,
        comment,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Comment) for row in rows]


async def by_author(conn: asyncpg.Connection, author: UUID, *, after: UUID | None, limit: int) -> list[Comment]:
    """What an account has said and not deleted, for its export. One more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select m.id, m.clip, m.author, a.handle::text, a.display_name, m.text, m.at_s, m.reply_to, m.likes,
            false as liked, 0 as replies, m.created_at, false as deleted
        from comment m join account a on a.id = m.author
        where m.author = $1 and m.deleted_at is null and ($2::uuid is null or m.id > $2) order by m.id limit $3
        """,
        author,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Comment) for row in rows]


async def some(conn: asyncpg.Connection, viewer: UUID, wanted: Sequence[UUID]) -> dict[UUID, Comment]:
    """Those of them that the viewer may read."""
    found: dict[UUID, Comment] = {}
    for one in wanted:
        try:
            found[one] = await find(conn, viewer, one, "")
        except CommentUnknown:
            continue
    return found


async def place_of(conn: asyncpg.Connection, comment: UUID) -> tuple[UUID, UUID | None] | None:
    """Its clip and what it answers: whether it belongs to a list; None where it is gone."""
    row: Any = await conn.fetchrow("select clip, reply_to from comment where id = $1", comment)
    return None if row is None else (row["clip"], row["reply_to"])


async def is_placed(conn: asyncpg.Connection, viewer: UUID, comment: UUID) -> bool:
    """Whether it stands in a list that the viewer is shown: one they may read, or the place that answers hang on."""
    return bool(
        await conn.fetchval(
            """
            select exists (
                select from comment m
                where m.id = $2 and exists (select from visible_clip($1) c where c.id = m.clip)
                    and exists (select from visible_comment($1) v where v.id = m.id or v.reply_to = m.id)
            )
            """,
            viewer,
            comment,
        )
    )


async def delete(conn: asyncpg.Connection, account: UUID, comment: UUID) -> bool:
    """By its author or the maker of the clip: nobody reads it any more, answers to it stay. False for anybody else."""
    done = await conn.execute(
        """
        update comment m set deleted_at = now()
        where m.id = $2 and m.deleted_at is null
            and (m.author = $1 or exists (select from clip c where c.id = m.clip and c.account = $1))
        """,
        account,
        comment,
    )
    return bool(done == "UPDATE 1")


async def like(conn: asyncpg.Connection, account: UUID, comment: UUID) -> bool:
    """True for the first time."""
    done = await conn.execute(
        "insert into comment_like (account, comment) values ($1, $2) on conflict do nothing", account, comment
    )
    return bool(done == "INSERT 0 1")


async def unlike(conn: asyncpg.Connection, account: UUID, comment: UUID) -> None:
    await conn.execute("delete from comment_like where account = $1 and comment = $2", account, comment)


async def mentioned(conn: asyncpg.Connection, author: UUID, clip: UUID, handles: Sequence[str]) -> list[UUID]:
    """Those of the named who may see the clip and be addressed by the author, the author not among them."""
    rows = await conn.fetch(
        """
        select a.id from account a
        where a.handle = any($3::citext[]) and a.id <> $1 and may_address($1, a.id)
            and exists (select from visible_clip(a.id) c where c.id = $2)
        order by a.id
        """,
        author,
        clip,
        list(handles),
    )
    return [row["id"] for row in rows]


async def tidy(conn: asyncpg.Connection) -> None:
    """Forget the words of what was deleted long ago."""
    await conn.execute("update comment set text = '' where deleted_at < now() - $1::interval and text <> ''", KEPT)
