"""Banned people who may have come back: told by their phone, by whose invitation somebody came, by their face.

A sign is a reason for a moderator to look, and does nothing by itself: phones are sold and friends are innocent. What
is kept for it ends with the ban; a face only while its owner lets it be stored.
"""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

Sign = Literal["device", "invite", "face"]
TOLD: Final[dict[Sign, str]] = {
    "device": "uses a phone of @{handle}, who is banned",
    "invite": "was invited by @{handle}, who is banned, or by somebody whom they invited",
    "face": "sent a face like the one that @{handle}, who is banned, has stored",
}


class Suspect(msgspec.Struct, frozen=True):
    """Somebody who is banned, and what points to them."""

    banned: UUID
    handle: str
    sign: Sign

    @property
    def told(self) -> str:
        return TOLD[self.sign].format(handle=self.handle)


async def by_device(conn: asyncpg.Connection, account: UUID, platform: str, token: str) -> list[Suspect]:
    rows = await conn.fetch(
        """
        select distinct a.id as banned, a.handle::text from banned_device d
        join moderation_measure m on m.id = d.measure and m.lifted_at is null
        join account a on a.id = m.subject
        where d.digest = device_digest($2, $3) and a.id <> $1 order by a.id
        """,
        account,
        platform,
        token,
    )
    return [Suspect(row["banned"], row["handle"], "device") for row in rows]


async def by_invite(conn: asyncpg.Connection, account: UUID) -> list[Suspect]:
    """Whoever invited them, and who invited that one."""
    rows = await conn.fetch(
        """
        with recursive line as (
            select invited_by as id, 1 as steps from account where id = $1
            union all
            select a.invited_by, steps + 1 from line join account a on a.id = line.id where steps < 2
        )
        select a.id as banned, a.handle::text from line join account a on a.id = line.id where is_banned(a.id)
        order by line.steps
        """,
        account,
    )
    return [Suspect(row["banned"], row["handle"], "invite") for row in rows]


async def by_face(conn: asyncpg.Connection, account: UUID, resembles: UUID) -> list[Suspect]:
    """`resembles`: the character whose stored face is like theirs."""
    rows = await conn.fetch(
        """
        select a.id as banned, a.handle::text from character c join account a on a.id = c.owner
        where c.id = $2 and a.id <> $1 and is_banned(a.id)
        """,
        account,
        resembles,
    )
    return [Suspect(row["banned"], row["handle"], "face") for row in rows]


async def note(conn: asyncpg.Connection, account: UUID, suspect: Suspect) -> bool:
    """False where that was said before."""
    done: str = await conn.execute(
        "insert into comeback (account, banned, sign) values ($1, $2, $3) on conflict do nothing",
        account,
        suspect.banned,
        suspect.sign,
    )
    return done == "INSERT 0 1"
