"""Threads: conversations of two friends, which every pair has one of, and of groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import people, texts
from social.errors import InvalidValue
from social.people import Person
from social.talk_errors import NotFriends, ThreadDirect, ThreadFull, ThreadUnknown, YoungProtected

MOST: Final = 20  # members
TITLE_MAX: Final = 60  # characters
UNREAD_MOST: Final = 100  # counted up to here


class Member(msgspec.Struct, frozen=True):
    handle: str
    display_name: str


class Thread(msgspec.Struct, frozen=True):
    """From one member's side. `unread` is of others' messages, up to UNREAD_MOST; `newest` the order of lists."""

    id: UUID
    kind: Literal["direct", "group"]
    title: str
    newest: UUID
    created_at: datetime
    muted: bool
    read_upto: UUID | None
    unread: int
    members: tuple[Member, ...]  # the viewer too


def checked_title(given: str) -> str:
    """Raises InvalidValue."""
    return texts.checked("title", given, TITLE_MAX)


async def friends_named(conn: asyncpg.Connection, viewer: UUID, handles: Sequence[str]) -> list[Person]:
    """Each once. Raises AccountUnknown, NotYourself, YouBlocked or NotFriends."""
    found: dict[UUID, Person] = {}
    for handle in handles:
        person = await people.reachable(conn, viewer, handle)
        if not person.friends:
            raise NotFriends(person.handle)
        found[person.id] = person
    return list(found.values())


async def need_young_safe(conn: asyncpg.Connection, members: Sequence[UUID]) -> None:
    """No young person among adults whom they do not follow. Raises YoungProtected."""
    handle = await conn.fetchval(
        """
        select handle::text from account where id = (
            select reader from unnest($1::uuid[]) writer cross join unnest($1::uuid[]) reader
            where not may_address(writer, reader) limit 1
        )
        """,
        list(members),
    )
    if handle is not None:
        raise YoungProtected(handle)


async def direct(conn: asyncpg.Connection, creator: UUID, other: UUID) -> tuple[UUID, bool]:
    """The thread of the two, and whether it is new; two who begin it at once get the same one."""
    row = await conn.fetchrow(
        """
        with fresh as (select uuidv7() as id)
        insert into thread (id, newest, kind, one, other)
        select id, id, 'direct', least($1::uuid, $2), greatest($1::uuid, $2) from fresh
        on conflict (one, other) do update set kind = 'direct'
        returning id, old.id is null as fresh
        """,
        creator,
        other,
    )
    await conn.execute(
        """
        insert into thread_member (thread, account) select $1, unnest(array[$2::uuid, $3])
        on conflict (thread, account) do update set left_at = null, joined_at = clock_timestamp()
        where thread_member.left_at is not null and thread_member.account = $2
        """,
        row["id"],
        creator,
        other,
    )
    return row["id"], row["fresh"]


async def group(conn: asyncpg.Connection, members: Sequence[UUID], title: str) -> UUID:
    created: UUID = await conn.fetchval(
        """
        with fresh as (select uuidv7() as id)
        insert into thread (id, newest, kind, title) select id, id, 'group', $1 from fresh returning id
        """,
        title,
    )
    await conn.execute(
        "insert into thread_member (thread, account) select $1, unnest($2::uuid[])", created, list(members)
    )
    return created


async def find(conn: asyncpg.Connection, viewer: UUID, thread: UUID, public_id: str) -> Thread:
    """Raises ThreadUnknown."""
    found = await some(conn, viewer, [thread])
    if not found:
        raise ThreadUnknown(public_id)
    return found[0]


async def some(conn: asyncpg.Connection, viewer: UUID, wanted: Sequence[UUID]) -> list[Thread]:
    """Those of them that the viewer is in."""
    rows = await conn.fetch(
        """
        select t.id, t.kind, t.title, t.newest, t.created_at, v.muted, v.read_upto,
            (
                select count(*) from (
                    select from readable_message($1) m
                    where m.thread = t.id and m.author <> $1 and m.deleted_at is null
                        and (v.read_upto is null or m.id > v.read_upto) limit $3
                ) late
            ) as unread,
            (
                select jsonb_agg(jsonb_build_object('handle', a.handle, 'display_name', a.display_name)
                    order by o.joined_at, a.id)
                from thread_member o join account a on a.id = o.account
                where o.thread = t.id and (o.left_at is null or t.kind = 'direct')
            ) as members
        from open_thread($1) t join thread_member v on v.thread = t.id and v.account = $1
        where t.id = any($2)
        """,
        viewer,
        list(wanted),
        UNREAD_MOST,
    )
    return [msgspec.convert(dict(row), Thread) for row in rows]


async def of(conn: asyncpg.Connection, viewer: UUID, *, after: UUID | None, limit: int) -> list[Thread]:
    """Those with the newest messages first; one more than `limit`. `after`: the `newest` where the page before ended.

    A thread that is written in while somebody turns pages is found at the front again, and on no later page.
    """
    rows = await conn.fetch(
        """
        select t.id from open_thread($1) t where $2::uuid is null or t.newest < $2 order by t.newest desc limit $3
        """,
        viewer,
        after,
        limit + 1,
    )
    found = await some(conn, viewer, [row["id"] for row in rows])
    return sorted(found, key=lambda one: one.newest, reverse=True)


async def unread(conn: asyncpg.Connection, viewer: UUID) -> int:
    """Threads with something to read, muted ones not counted."""
    return int(
        await conn.fetchval(
            """
            select count(*) from open_thread($1) t join thread_member v on v.thread = t.id and v.account = $1
            where not v.muted and (v.read_upto is null or t.newest > v.read_upto) and exists (
                select from readable_message($1) m
                where m.thread = t.id and m.author <> $1 and m.deleted_at is null
                    and (v.read_upto is null or m.id > v.read_upto)
            )
            """,
            viewer,
        )
    )


async def add(conn: asyncpg.Connection, thread: Thread, account: UUID, public_id: str) -> bool:
    """True where they were not in it. Raises ThreadDirect, ThreadFull or YoungProtected. Needs an open transaction."""
    if thread.kind == "direct":
        raise ThreadDirect(public_id)
    await _lock(conn, thread.id)
    rows = await conn.fetch("select account from thread_member where thread = $1 and left_at is null", thread.id)
    members = [row["account"] for row in rows]
    if account in members:
        return False
    if len(members) >= MOST:
        raise ThreadFull(MOST)
    await need_young_safe(conn, [*members, account])
    await conn.execute(
        """
        insert into thread_member (thread, account) values ($1, $2)
        on conflict (thread, account) do update set left_at = null, joined_at = clock_timestamp(), read_upto = null
        """,
        thread.id,
        account,
    )
    return True


async def leave(conn: asyncpg.Connection, account: UUID, thread: UUID) -> None:
    """One of two: out of the list, with what was said, until something new is. The last of a group takes it along."""
    await _lock(conn, thread)
    await conn.execute(
        "update thread_member set left_at = clock_timestamp() where thread = $1 and account = $2", thread, account
    )
    await conn.execute(
        """
        delete from thread t where t.id = $1 and t.kind = 'group'
            and not exists (select from thread_member v where v.thread = t.id and v.left_at is null)
        """,
        thread,
    )


async def rename(conn: asyncpg.Connection, thread: Thread, title: str, public_id: str) -> None:
    """Raises ThreadDirect."""
    if thread.kind == "direct":
        raise ThreadDirect(public_id)
    await conn.execute("update thread set title = $2 where id = $1 and title <> $2", thread.id, title)


async def mute(conn: asyncpg.Connection, account: UUID, thread: UUID, *, muted: bool) -> None:
    """For the account alone: its phones stay silent."""
    await conn.execute(
        "update thread_member set muted = $3 where thread = $1 and account = $2 and muted <> $3", thread, account, muted
    )


async def read(conn: asyncpg.Connection, account: UUID, thread: Thread, upto: UUID | None, shown: str | None) -> None:
    """Up to that message, or all; never back. Raises InvalidValue for one that is not of this thread."""
    if upto is not None and not await conn.fetchval(
        "select exists (select from message where id = $1 and thread = $2)", upto, thread.id
    ):
        raise InvalidValue("upto", shown, "the id of a message in this thread")
    await conn.execute(
        """
        update thread_member set read_upto = $3
        where thread = $1 and account = $2 and (read_upto is null or read_upto < $3)
        """,
        thread.id,
        account,
        upto or thread.newest,
    )


async def _lock(conn: asyncpg.Connection, thread: UUID) -> None:
    await conn.execute("select from thread where id = $1 for no key update", thread)
