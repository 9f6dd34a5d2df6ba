"""The vault of one clip: what its maker gave with it, under a key of the clip's own.

Triggers destroy the key where the clip fails, is published, removed or deleted, and where the receipt is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store import vault
from character_store.errors import ConsentNeeded, KeyDestroyed, RecordingRefused
from character_store.vault import Vault

KEPT: Final = timedelta(days=30)  # with a draft that may be made again
VERSION: Final = 0  # in the place a seal is bound to: characters count from 1

Voice = Literal["character", "recorded"]


class Driven(msgspec.Struct, frozen=True):
    """A performance and whom it drives. `vouched_by`: the character whose stored voice an own voice must be."""

    name: str  # of the sealed object
    speaker: str
    voice: Voice
    vouched_by: UUID | None = None


class Opened(msgspec.Struct, frozen=True):
    """Everything a clip was given, sealed still: `places` name -> media key."""

    id: UUID
    key: bytes
    places: dict[str, str]
    scene: bool
    performances: tuple[Driven, ...]


async def need_receipt(conn: asyncpg.Connection, account: UUID) -> UUID:
    """The maker's newest receipt whose `store` and `generate` hold, locked until the transaction ends.

    Raises ConsentNeeded.
    """
    receipt: UUID | None = await conn.fetchval(
        """
        select r.id from consent_receipt r
        where r.account = $1 and consent_holds(r.id, 'store') and consent_holds(r.id, 'generate')
        order by r.id desc limit 1
        """,
        account,
    )
    if receipt is None:
        raise ConsentNeeded(
            "a performance", "sign a receipt for the purposes store and generate with POST /v1/consents first"
        )
    await conn.execute("select from consent_purpose where receipt = $1 for share", receipt)
    return receipt


async def voucher(conn: asyncpg.Connection, account: UUID, character: UUID, shown: str) -> UUID:
    """Whose stored voice a voice that is heard as recorded must be: the driven person's, or their figure's maker's.

    Raises RecordingRefused for a character of somebody else, and where the maker has no ready person to compare with.
    """
    found: UUID | None = await conn.fetchval(
        """
        select p.id from character k join character_card p on p.owner = $1 and p.kind = 'person' and p.state = 'ready'
        where k.id = $2 and k.owner = $1 and (k.kind <> 'person' or p.id = k.id)
        order by p.created_at desc limit 1
        """,
        account,
        character,
    )
    if found is None:
        raise RecordingRefused(shown)
    return found


async def keep(
    conn: asyncpg.Connection,
    safe: Vault,
    given: UUID,
    key: bytes,
    clip: UUID,
    receipt: UUID | None,
    places: Mapping[str, str],
    performances: Sequence[Driven],
) -> None:
    """In the clip's own transaction. Waits while the master key is renewed. Raises MasterKeyForeign."""
    await vault.hold_master(conn, safe)
    await conn.execute(
        """
        insert into clip_given (id, clip, receipt, wrapped_key, scene, performances) values ($1, $2, $3, $4, $5, $6)
        """,
        given,
        clip,
        receipt,
        safe.wrap(key, given, VERSION),
        "scene" in places,
        msgspec.to_builtins(performances),
    )
    await conn.executemany(
        "insert into clip_given_object (given, name, media_key) values ($1, $2, $3)",
        [(given, name, place) for name, place in places.items()],
    )


async def opened(conn: asyncpg.Connection, safe: Vault, clip: UUID) -> Opened | None:
    """None for a clip that was given nothing. Raises KeyDestroyed or SealBroken."""
    row = await conn.fetchrow(
        """
        select g.id, g.wrapped_key, g.scene, g.performances,
            (select jsonb_object_agg(name, media_key) from clip_given_object where given = g.id) as places
        from clip_given g where g.clip = $1
        """,
        clip,
    )
    if row is None:
        return None
    if row["wrapped_key"] is None:
        raise KeyDestroyed(f"clip_{clip.hex}", VERSION)
    key = safe.unwrap(row["wrapped_key"], row["id"], VERSION)
    driven = msgspec.convert(row["performances"], tuple[Driven, ...])
    return Opened(row["id"], key, row["places"], row["scene"], driven)


async def destroyed(conn: asyncpg.Connection, clip: UUID) -> bool:
    """Whether the clip was given something that is gone: then it must not come out either."""
    gone: bool = await conn.fetchval(
        "select exists (select from clip_given where clip = $1 and wrapped_key is null)", clip
    )
    return gone


async def kept(conn: asyncpg.Connection, given: UUID) -> bool:
    """Whether a clip holds it."""
    there: bool = await conn.fetchval("select exists (select from clip_given where id = $1)", given)
    return there


async def expire(conn: asyncpg.Connection) -> None:
    """Destroy the keys of what was given with drafts a month ago, and forget what is gone for good."""
    await conn.execute(
        """
        update clip_given g set wrapped_key = null, key_destroyed_at = clock_timestamp()
        from clip c where c.id = g.clip and c.status = 'completed' and g.wrapped_key is not null
            and g.created_at < now() - $1::interval
        """,
        KEPT,
    )
    await conn.execute("delete from clip_given where swept_at < now() - interval '1 day'")


async def unswept(conn: asyncpg.Connection) -> list[UUID]:
    """Those whose key is destroyed and whose bytes may still be there."""
    rows = await conn.fetch("select id from clip_given where wrapped_key is null and swept_at is null order by id")
    return [row["id"] for row in rows]


async def mark_swept(conn: asyncpg.Connection, given: UUID) -> None:
    await conn.execute("delete from clip_given_object where given = $1", given)
    await conn.execute("update clip_given set swept_at = now() where id = $1", given)


async def unheld(conn: asyncpg.Connection, media_keys: Sequence[str]) -> list[str]:
    """Those that no clip holds."""
    rows = await conn.fetch("select media_key from clip_given_object where media_key = any($1)", list(media_keys))
    return sorted(set(media_keys) - {row["media_key"] for row in rows})
