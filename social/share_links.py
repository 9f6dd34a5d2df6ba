"""Links to clips: one of each account to a clip, until it expires or is revoked, as far as the clip may be seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social import clips, shorts
from social.clips import Clip
from social.errors import InvalidValue
from social.sharing_errors import ShareClosed, ShareEnded, ShareUnknown

LONGEST: Final = timedelta(days=366)


class ShareLink(msgspec.Struct, frozen=True):
    id: UUID
    short: str
    clip: UUID
    account: UUID
    opens: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def checked_end(expires_at: datetime | None) -> datetime | None:
    """Raises InvalidValue."""
    if expires_at is None:
        return None
    now = datetime.now(UTC)
    if expires_at.tzinfo is None or not now < expires_at <= now + LONGEST:
        raise InvalidValue("expires_at", expires_at.isoformat(), "a time with its zone, within the next 366 days")
    return expires_at


async def make(conn: asyncpg.Connection, account: UUID, clip: UUID, expires_at: datetime | None) -> ShareLink:
    """The account's living link to the clip, which ends at `expires_at` from now on. Belongs into a transaction."""
    await conn.execute(
        """
        update share_link set revoked_at = expires_at
        where clip = $1 and account = $2 and revoked_at is null and expires_at <= now()
        """,
        clip,
        account,
    )
    row = await conn.fetchrow(
        """
        insert into share_link (short, clip, account, expires_at) values ($1, $2, $3, $4)
        on conflict (clip, account) where revoked_at is null do update set expires_at = excluded.expires_at
        returning *
        """,
        shorts.new(),
        clip,
        account,
        expires_at,
    )
    return msgspec.convert(dict(row), ShareLink)


async def ensure(conn: asyncpg.Connection, account: UUID, clip: UUID) -> None:
    """A living link, without changing one that is there."""
    await conn.execute(
        """
        insert into share_link (short, clip, account) values ($1, $2, $3)
        on conflict (clip, account) where revoked_at is null do nothing
        """,
        shorts.new(),
        clip,
        account,
    )


async def of_clip(
    conn: asyncpg.Connection, viewer: UUID, clip: UUID, *, after: UUID | None, limit: int
) -> list[ShareLink]:
    """Newest first, ended ones too: all for the clip's maker, for others their own; one more than `limit`."""
    rows = await conn.fetch(
        """
        select l.* from share_link l
        where l.clip = $2 and ($3::uuid is null or l.id < $3)
            and (l.account = $1 or exists (select from clip c where c.id = $2 and c.account = $1))
        order by l.id desc limit $4
        """,
        viewer,
        clip,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), ShareLink) for row in rows]


async def revoke(conn: asyncpg.Connection, viewer: UUID, short: str) -> ShareLink:
    """By whoever made it, or the clip's maker; once more is the same. Raises ShareUnknown."""
    row = await conn.fetchrow(
        """
        update share_link l set revoked_at = coalesce(revoked_at, now())
        where short = $2 and (
            l.account = $1 or exists (select from clip c where c.id = l.clip and c.account = $1)
        )
        returning l.*
        """,
        viewer,
        short,
    )
    if row is None:
        raise ShareUnknown(short)
    return msgspec.convert(dict(row), ShareLink)


async def led_to(conn: asyncpg.Connection, viewer: UUID | None, short: str) -> Clip:
    """The clip behind a link, for this viewer; None is whoever has only the link.

    Raises ShareUnknown, ShareEnded, or ShareClosed where somebody signed in might see it.
    """
    row = await conn.fetchrow(
        """
        select l.clip, (l.revoked_at is not null or coalesce(l.expires_at <= now(), false)) as ended,
            coalesce(
                c.status = 'completed' and c.removed_at is null and c.hidden_at is null
                and (c.audience = 'friends' or (c.audience = 'everyone' and c.adults_only)), false
            ) as closed
        from share_link l left join clip c on c.id = l.clip where l.short = $1
        """,
        short,
    )
    if row is None:
        raise ShareUnknown(short)
    if row["ended"]:
        raise ShareEnded(short)
    found = await clips.visible(conn, viewer, row["clip"])
    if found is not None and found.status == "completed":
        return found
    if row["closed"] and viewer is None:
        raise ShareClosed(short)
    raise ShareEnded(short)


async def count_open(conn: asyncpg.Connection, short: str) -> None:
    """One more; nothing is kept of who it was."""
    await conn.execute("update share_link set opens = opens + 1 where short = $1", short)
