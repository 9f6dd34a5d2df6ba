"""People as one account sees another: how the two stand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from social.errors import AccountUnknown, NotYourself, YouBlocked


class Person(msgspec.Struct, frozen=True):
    """Another account, from the viewer's side."""

    id: UUID
    handle: str
    display_name: str
    follows_you: bool
    you_follow: bool
    blocked_by_you: bool
    blocks_you: bool
    muted_by_you: bool

    @property
    def friends(self) -> bool:
        return self.follows_you and self.you_follow


async def find(conn: asyncpg.Connection, viewer: UUID, handle: str) -> Person:
    """Whoever bears the handle, also one who blocked the viewer. Raises AccountUnknown."""
    row = await conn.fetchrow(
        """
        select a.id, a.handle::text, a.display_name,
            exists (select from follow where follower = a.id and followed = $1) as follows_you,
            exists (select from follow where follower = $1 and followed = a.id) as you_follow,
            exists (select from block where blocker = $1 and blocked = a.id) as blocked_by_you,
            exists (select from block where blocker = a.id and blocked = $1) as blocks_you,
            exists (select from mute where muter = $1 and muted = a.id) as muted_by_you
        from account a where a.id = account_of_handle($2)
        """,
        viewer,
        handle.removeprefix("@"),
    )
    if row is None:
        raise AccountUnknown(handle[:60])
    return msgspec.convert(dict(row), Person)


async def several(conn: asyncpg.Connection, viewer: UUID, accounts: Sequence[UUID]) -> dict[UUID, Person]:
    """By id, from the viewer's side; whoever is not there is left out."""
    rows = await conn.fetch(
        """
        select a.id, a.handle::text, a.display_name,
            exists (select from follow where follower = a.id and followed = $1) as follows_you,
            exists (select from follow where follower = $1 and followed = a.id) as you_follow,
            exists (select from block where blocker = $1 and blocked = a.id) as blocked_by_you,
            exists (select from block where blocker = a.id and blocked = $1) as blocks_you,
            exists (select from mute where muter = $1 and muted = a.id) as muted_by_you
        from account a where a.id = any($2)
        """,
        viewer,
        accounts,
    )
    return {row["id"]: msgspec.convert(dict(row), Person) for row in rows}


async def seen(conn: asyncpg.Connection, viewer: UUID, handle: str) -> Person:
    """One who blocked the viewer is not there. Raises AccountUnknown."""
    person = await find(conn, viewer, handle)
    if person.blocks_you:
        raise AccountUnknown(handle[:60])
    return person


async def other(conn: asyncpg.Connection, viewer: UUID, handle: str) -> Person:
    """Somebody else, blocked or not. Raises AccountUnknown or NotYourself."""
    person = await find(conn, viewer, handle)
    if person.id == viewer:
        raise NotYourself(person.handle)
    return person


async def reachable(conn: asyncpg.Connection, viewer: UUID, handle: str) -> Person:
    """Somebody else, without a block on either side. Raises AccountUnknown, NotYourself or YouBlocked."""
    person = await other(conn, viewer, handle)
    if person.blocks_you:
        raise AccountUnknown(handle[:60])
    if person.blocked_by_you:
        raise YouBlocked(person.handle)
    return person
