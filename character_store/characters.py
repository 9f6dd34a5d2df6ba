"""Characters: stored identities. Rows only; what is on them lives in the vault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store.errors import CharacterHandleTaken

Kind = Literal["person", "pet", "object", "drawn"]
Audience = Literal["only_me", "approved", "mutuals", "everyone"]
KINDS: Final[tuple[Kind, ...]] = ("person", "pet", "object", "drawn")
AUDIENCES: Final[tuple[Audience, ...]] = ("only_me", "approved", "mutuals", "everyone")
BUILDS: Final = ("slim", "average", "athletic", "broad", "heavy")
HANDLE: Final = re.compile(r"[a-z0-9](?:[a-z0-9_.]{1,28})[a-z0-9]")
MENTION: Final = re.compile(r"(?<![\w.])@([a-z0-9](?:[a-z0-9_.]{1,28})[a-z0-9])", re.IGNORECASE)
HEIGHT_CM: Final = (30, 250)


class Refusal(msgspec.Struct, frozen=True):
    """Which check failed, and how to do better."""

    check: str
    message: str


class Pending(msgspec.Struct, frozen=True):
    """A version that is not in use: still measured, held for review, or refused."""

    version: int
    state: Literal["processing", "held", "refused"]
    refusal: Refusal | None


class Character(msgspec.Struct, frozen=True):
    """A row of the view `character_card`; `newest*` tell of the newest version, `version` is the one in use."""

    id: UUID
    owner: UUID
    owner_handle: str
    kind: Kind
    name: str
    handle: str
    version: int
    audience: Audience
    preferences: str
    restrictions: tuple[str, ...]
    height_cm: float | None
    build: str
    rights: str | None
    approve_clips: bool
    consent: UUID | None
    state: Literal["processing", "ready", "refused", "revoked"]
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    left_at: datetime | None
    left_because: Literal["deleted", "expired", "withdrawn"] | None
    swept_at: datetime | None
    backups_mute_at: datetime | None  # since then no backup can be opened either
    figures: dict[str, float] | None  # what was measured of the version in use
    newest: int
    newest_state: Literal["processing", "held", "ready", "refused"]
    newest_refusal: Refusal | None

    @property
    def refusal(self) -> Refusal | None:
        """Why this character is not ready."""
        return self.newest_refusal if self.newest == self.version else None

    @property
    def pending(self) -> Pending | None:
        """New references that are not in use, beside those that are."""
        if self.newest == self.version or self.newest_state == "ready":
            return None
        return Pending(self.newest, self.newest_state, self.newest_refusal)


class NewCharacter(msgspec.Struct, frozen=True):
    """Checked values; `rights` marks an archive character."""

    kind: Kind
    name: str
    handle: str
    audience: Audience
    preferences: str
    restrictions: tuple[str, ...]
    height_cm: float | None
    build: str
    rights: str | None
    consent: UUID | None


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an owner may change at any time; what is not given stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    audience: str | msgspec.UnsetType = msgspec.UNSET
    preferences: str | msgspec.UnsetType = msgspec.UNSET
    restrictions: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    height_cm: float | msgspec.UnsetType | None = msgspec.UNSET
    build: str | msgspec.UnsetType = msgspec.UNSET
    approve_clips: bool | msgspec.UnsetType = msgspec.UNSET
    consent_id: str | msgspec.UnsetType = msgspec.UNSET  # a new receipt, after a purpose was withdrawn


async def create(conn: asyncpg.Connection, owner: UUID, character: UUID, new: NewCharacter) -> None:
    """Raises CharacterHandleTaken; the transaction stays usable."""
    done = await conn.execute(
        """
        insert into character
            (id, owner, kind, name, handle, audience, preferences, restrictions, height_cm, build, rights, consent)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (handle) do nothing
        """,
        character,
        owner,
        new.kind,
        new.name,
        new.handle,
        new.audience,
        new.preferences,
        list(new.restrictions),
        new.height_cm,
        new.build,
        new.rights,
        new.consent,
    )
    if done == "INSERT 0 0":
        raise CharacterHandleTaken(new.handle)


async def by_id(conn: asyncpg.Connection, character: UUID) -> Character | None:
    row = await conn.fetchrow("select * from character_card where id = $1", character)
    return None if row is None else msgspec.convert(dict(row), Character)


async def by_handle(conn: asyncpg.Connection, handle: str) -> Character | None:
    row = await conn.fetchrow(
        "select * from character_card where id = (select id from character where handle = $1)", handle
    )
    return None if row is None else msgspec.convert(dict(row), Character)


async def known(conn: asyncpg.Connection, handles: Sequence[str]) -> list[str]:
    """Those that a character bears, in the order given."""
    rows = await conn.fetch("select handle::text from character where handle = any($1::citext[])", list(handles))
    borne = {row["handle"] for row in rows}
    return [handle for handle in handles if handle in borne]


async def owned_by(conn: asyncpg.Connection, owner: UUID, *, after: UUID | None, limit: int) -> list[Character]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select * from character_card
        where owner = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """,
        owner,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Character) for row in rows]


async def change(conn: asyncpg.Connection, character: UUID, to: Character) -> None:
    """What `Changes` may change, as it stands in `to`."""
    await conn.execute(
        """
        update character set name = $2, audience = $3, preferences = $4, restrictions = $5, height_cm = $6, build = $7,
            approve_clips = $8, consent = $9
        where id = $1
        """,
        character,
        to.name,
        to.audience,
        to.preferences,
        list(to.restrictions),
        to.height_cm,
        to.build,
        to.approve_clips,
        to.consent,
    )


async def lock(conn: asyncpg.Connection, characters: Sequence[UUID]) -> None:
    """Until the transaction ends: changes of one character, and requests that cast it, come one after the other."""
    await conn.execute("select from character where id = any($1) order by id for no key update", list(characters))


async def rest_on(conn: asyncpg.Connection, character: UUID, consent: UUID) -> None:
    """Another receipt; nothing else of the row changes."""
    await conn.execute("update character set consent = $2 where id = $1", character, consent)


async def leave(conn: asyncpg.Connection, character: UUID, because: str) -> bool:
    """An empty row remains, for the times and the uses; the handle is free again. True for exactly one caller.

    The keys are destroyed by the same transaction, and the bytes swept after it.
    """
    done = await conn.execute(
        """
        update character set state = 'revoked', left_at = clock_timestamp(), left_because = $2,
            name = 'deleted character', handle = 'gone.' || right(replace(id::text, '-', ''), 16), preferences = '',
            restrictions = '{}', height_cm = null, build = 'average', rights = null, audience = 'only_me'
        where id = $1 and left_at is null
        """,
        character,
        because,
    )
    await conn.execute(
        """
        update character_version set figures = null, digits = null, resembles = null, distance = null,
            refusal = case when state = 'refused' then refusal end,
            state = case when state in ('processing', 'held') then 'refused' else state end
        where character = $1
        """,
        character,
    )
    return bool(done == "UPDATE 1")


async def mark_swept(conn: asyncpg.Connection, character: UUID) -> None:
    await conn.execute(
        "update character set swept_at = clock_timestamp() where id = $1 and left_at is not null and swept_at is null",
        character,
    )


async def is_unused(conn: asyncpg.Connection, character: UUID) -> bool:
    """Still; a clip may have cast it since."""
    unused: bool = await conn.fetchval("select expires_at < now() from character where id = $1", character)
    return unused


async def unused(conn: asyncpg.Connection) -> list[UUID]:
    """Whose three years are over."""
    rows = await conn.fetch("select id from character where expires_at < now() and left_at is null order by id")
    return [row["id"] for row in rows]
