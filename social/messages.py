"""Messages of threads: words, clips, and words that become a clip. Numbered in the order of commits within a thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import texts
from social.clips import Status
from social.talk_errors import MessageUnknown, NotFriends, YoungProtected
from social.threads import Thread

TEXT_MAX: Final = 2000  # characters
Kind = Literal["text", "video", "answer"]


class Message(msgspec.Struct, frozen=True):
    """As a member may read it. `handle` None: the account is gone. `status` and `progress` are its clip's."""

    id: UUID
    thread: UUID
    author: UUID | None
    handle: str | None
    display_name: str | None
    kind: Kind
    text: str
    clip: UUID | None
    status: Status | None
    progress: int | None
    error_code: str | None
    created_at: datetime
    deleted: bool


def checked_text(given: str) -> str:
    """Raises InvalidValue."""
    return texts.checked("text", given, TEXT_MAX)


async def need_writable(conn: asyncpg.Connection, writer: UUID, thread: Thread) -> None:
    """Two write each other while they are friends. Raises NotFriends or YoungProtected."""
    if thread.kind == "group":
        return
    row = await conn.fetchrow(
        """
        select a.handle::text, mutuals($2, a.id) as friends, may_address($2, a.id) as may
        from thread t join account a on a.id in (t.one, t.other) and a.id <> $2 where t.id = $1
        """,
        thread.id,
        writer,
    )
    if row is None or not row["friends"]:
        raise NotFriends("whose account is gone" if row is None else row["handle"])
    if not row["may"]:
        raise YoungProtected(row["handle"])


async def write(
    conn: asyncpg.Connection, author: UUID, thread: UUID, kind: Kind, *, text: str = "", clip: UUID | None = None
) -> UUID:
    """Read by its author; who had left a thread of two is in it again. Needs an open transaction."""
    await conn.execute("select from thread where id = $1 for no key update", thread)
    await conn.execute(
        """
        update thread_member v set left_at = null, joined_at = clock_timestamp()
        from thread t where t.id = $1 and t.kind = 'direct' and v.thread = t.id and v.left_at is not null
        """,
        thread,
    )
    written: UUID = await conn.fetchval(
        "insert into message (thread, author, kind, text, clip) values ($1, $2, $3, $4, $5) returning id",
        thread,
        author,
        kind,
        text,
        clip,
    )
    await conn.execute("update thread set newest = $2 where id = $1", thread, written)
    await conn.execute(
        "update thread_member set read_upto = $3 where thread = $1 and account = $2", thread, author, written
    )
    return written


async def of_thread(
    conn: asyncpg.Connection, viewer: UUID, thread: UUID, *, after: UUID | None, limit: int, newest_first: bool
) -> list[Message]:
    """Those that the viewer may read; one more than `limit` where there are more."""
    if newest_first:
        rows = await conn.fetch(
            """
            select m.id, m.thread, m.author, a.handle::text, a.display_name, m.kind, m.text, m.clip, c.status,
                c.progress, c.error_code, m.created_at, m.deleted_at is not null as deleted
            from readable_message($1) m left join account a on a.id = m.author left join clip c on c.id = m.clip
            where m.thread = $2 and ($3::uuid is null or m.id < $3) order by m.id desc limit $4
            """,
            viewer,
            thread,
            after,
            limit + 1,
        )
    else:
        rows = await conn.fetch(
            """
            select m.id, m.thread, m.author, a.handle::text, a.display_name, m.kind, m.text, m.clip, c.status,
                c.progress, c.error_code, m.created_at, m.deleted_at is not null as deleted
            from readable_message($1) m left join account a on a.id = m.author left join clip c on c.id = m.clip
            where m.thread = $2 and ($3::uuid is null or m.id > $3) order by m.id limit $4
            """,
            viewer,
            thread,
            after,
            limit + 1,
        )
    return [msgspec.convert(dict(row), Message) for row in rows]


async def some(conn: asyncpg.Connection, viewer: UUID, wanted: Sequence[UUID]) -> list[Message]:
    """Those of them that the viewer may read."""
    rows = await conn.fetch(
        """
        select m.id, m.thread, m.author, a.handle::text, a.display_name, m.kind, m.text, m.clip, c.status,
            c.progress, c.error_code, m.created_at, m.deleted_at is not null as deleted
        from readable_message($1) m left join account a on a.id = m.author left join clip c on c.id = m.clip
        where m.id = any($2)
        """,
        viewer,
        list(wanted),
    )
    return [msgspec.convert(dict(row), Message) for row in rows]


async def find(conn: asyncpg.Connection, viewer: UUID, message: UUID, public_id: str) -> Message:
    """Raises MessageUnknown."""
    found = await some(conn, viewer, [message])
    if not found:
        raise MessageUnknown(public_id)
    return found[0]


async def is_of(conn: asyncpg.Connection, message: UUID, thread: UUID) -> bool:
    return bool(
        await conn.fetchval("select exists (select from message where id = $1 and thread = $2)", message, thread)
    )


async def with_clip(conn: asyncpg.Connection, author: UUID, thread: UUID, clip: UUID) -> UUID | None:
    """What an author wrote that is this clip."""
    found: UUID | None = await conn.fetchval(
        "select id from message where author = $1 and thread = $2 and clip = $3 order by id limit 1",
        author,
        thread,
        clip,
    )
    return found


async def delete(conn: asyncpg.Connection, author: UUID, message: UUID, public_id: str) -> None:
    """Its words and its clip are gone for everybody, its place stays. Raises MessageUnknown, also for others'."""
    done = await conn.execute(
        """
        update message set deleted_at = now(), text = '', clip = null
        where id = $2 and author = $1 and deleted_at is null
            and exists (select from open_thread($1) t where t.id = message.thread)
        """,
        author,
        message,
    )
    if done == "UPDATE 0":
        raise MessageUnknown(public_id)
