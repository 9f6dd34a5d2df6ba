"""An account's small picture: wished for, made by a worker, shown until another one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec


class Avatar(msgspec.Struct, frozen=True):
    """`media_key` and `sha256` are of what is shown now, also while another is made."""

    account: UUID
    state: Literal["processing", "ready", "refused"]
    wish: UUID
    upload: UUID | None
    clip: UUID | None
    at_s: float | None
    attempts: int
    refusal: str | None
    media_key: str | None
    sha256: str | None


async def of(conn: asyncpg.Connection, account: UUID) -> Avatar | None:
    row = await conn.fetchrow("select * from avatar where account = $1", account)
    return None if row is None else msgspec.convert(dict(row), Avatar)


async def wish(
    conn: asyncpg.Connection, account: UUID, *, upload: UUID | None, clip: UUID | None, at_s: float | None
) -> Avatar:
    """In place of whatever was wished for before."""
    row = await conn.fetchrow(
        """
        insert into avatar (account, state, wish, upload, clip, at_s) values ($1, 'processing', uuidv7(), $2, $3, $4)
        on conflict (account) do update set state = 'processing', wish = excluded.wish, upload = excluded.upload,
            clip = excluded.clip, at_s = excluded.at_s, attempts = 0, refusal = null
        returning *
        """,
        account,
        upload,
        clip,
        at_s,
    )
    return msgspec.convert(dict(row), Avatar)


async def begin(conn: asyncpg.Connection, account: UUID) -> Avatar | None:
    """One more attempt; None where nothing is to be made."""
    row = await conn.fetchrow(
        "update avatar set attempts = attempts + 1 where account = $1 and state = 'processing' returning *", account
    )
    return None if row is None else msgspec.convert(dict(row), Avatar)


async def finish(conn: asyncpg.Connection, made: Avatar, media_key: str, sha256: str) -> tuple[bool, str | None]:
    """Whether the wish still stands, and the key of what was shown before."""
    row = await conn.fetchrow(
        """
        update avatar set state = 'ready', media_key = $3, sha256 = $4, upload = null, clip = null, at_s = null
        where account = $1 and wish = $2 and state = 'processing' returning old.media_key as had
        """,
        made.account,
        made.wish,
        media_key,
        sha256,
    )
    return (False, None) if row is None else (True, row["had"])


async def refuse(conn: asyncpg.Connection, wanted: Avatar, why: str) -> None:
    """What was shown before stays."""
    await conn.execute(
        """
        update avatar set state = 'refused', refusal = $3, upload = null, clip = null, at_s = null
        where account = $1 and wish = $2 and state = 'processing'
        """,
        wanted.account,
        wanted.wish,
        why,
    )


async def remove(conn: asyncpg.Connection, account: UUID) -> str | None:
    """The key of what was shown."""
    key: str | None = await conn.fetchval("delete from avatar where account = $1 returning media_key", account)
    return key


async def unheld(conn: asyncpg.Connection, keys: Sequence[str]) -> list[str]:
    """Those of the media keys that no account shows."""
    rows = await conn.fetch("select media_key from avatar where media_key = any($1)", list(keys))
    return sorted(set(keys) - {row["media_key"] for row in rows})


async def only_own_cast(conn: asyncpg.Connection, account: UUID, clip: UUID) -> bool:
    """A finished clip of the account that shows nobody else's character."""
    fits: bool = await conn.fetchval(
        """
        select exists (select from visible_clip($1) c where c.id = $2 and c.account = $1 and c.status = 'completed')
            and not exists (
                select from use u join character k on k.id = u.character where u.clip = $2 and k.owner <> $1
            )
        """,
        account,
        clip,
    )
    return fits
