"""Curators' lists of clips. What is in one is shown as far as the viewer may see it; the rest is counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social import shorts
from social.accounts import JOINERS, UNSEEN
from social.clips import Clip
from social.errors import InvalidValue
from social.publication import Audience
from social.sharing_errors import CollectionFull, CollectionHas, CollectionLacks, CollectionsFull, CollectionUnknown

ITEMS_MOST: Final = 500
COLLECTIONS_MOST: Final = 200  # of one account
TITLE: Final = (1, 80)  # characters
ABOUT_MOST: Final = 500  # characters


class Collection(msgspec.Struct, frozen=True):
    """One row as the viewer sees it. `items` counts all of them, also those that the viewer may not see."""

    id: UUID
    account: UUID
    curator: str
    short: str
    title: str
    about: str
    audience: Audience
    items: int
    followers: int
    followed: bool
    created_at: datetime
    updated_at: datetime


def checked_title(given: str) -> str:
    """In NFC, on one line. Raises InvalidValue."""
    title = " ".join(unicodedata.normalize("NFC", given).split())
    if _unseen(title) or not TITLE[0] <= len(title) <= TITLE[1] or not title.strip(JOINERS):
        raise InvalidValue("title", given, f"{TITLE[0]} to {TITLE[1]} characters that can be seen")
    return title


def checked_about(given: str) -> str:
    """In NFC; lines may break. Raises InvalidValue."""
    about = unicodedata.normalize("NFC", given.replace("\r\n", "\n")).strip()
    if len(about) > ABOUT_MOST or _unseen(about.replace("\n", "")):
        raise InvalidValue("about", given, f"up to {ABOUT_MOST} characters that can be seen")
    return about


def _unseen(text: str) -> bool:
    return any(unicodedata.category(one) in UNSEEN and one not in JOINERS for one in text)


async def create(conn: asyncpg.Connection, account: UUID, title: str, about: str, audience: Audience) -> UUID:
    """Raises CollectionsFull. Belongs into a transaction."""
    await conn.execute("select from account where id = $1 for no key update", account)
    if await conn.fetchval("select count(*) from collection where account = $1", account) >= COLLECTIONS_MOST:
        raise CollectionsFull(COLLECTIONS_MOST)
    made: UUID = await conn.fetchval(
        "insert into collection (account, short, title, about, audience) values ($1, $2, $3, $4, $5) returning id",
        account,
        shorts.new(),
        title,
        about,
        audience,
    )
    return made


async def seen(conn: asyncpg.Connection, viewer: UUID, collection: UUID) -> Collection:
    """Raises CollectionUnknown."""
    row = await conn.fetchrow(
        """
        select l.*, a.handle::text as curator,
            exists (select from collection_follow f where f.account = $1 and f.collection = l.id) as followed
        from visible_collection($1) l join account a on a.id = l.account where l.id = $2
        """,
        viewer,
        collection,
    )
    if row is None:
        raise CollectionUnknown(f"coll_{collection.hex}")
    return msgspec.convert(dict(row), Collection)


async def of_everyone(conn: asyncpg.Connection, short: str) -> Collection:
    """For whoever has only the link. Raises CollectionUnknown."""
    row = await conn.fetchrow(
        """
        select l.*, a.handle::text as curator, false as followed
        from visible_collection(null) l join account a on a.id = l.account where l.short = $1
        """,
        short,
    )
    if row is None:
        raise CollectionUnknown(short)
    return msgspec.convert(dict(row), Collection)


async def own(conn: asyncpg.Connection, account: UUID, collection: UUID) -> Collection:
    """The account's own, locked until the transaction ends. Raises CollectionUnknown."""
    await conn.execute("select from collection where id = $1 and account = $2 for update", collection, account)
    found = await seen(conn, account, collection)
    if found.account != account:
        raise CollectionUnknown(f"coll_{collection.hex}")
    return found


async def of_account(
    conn: asyncpg.Connection, viewer: UUID, owner: UUID, *, after: UUID | None, limit: int
) -> list[Collection]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select l.*, a.handle::text as curator,
            exists (select from collection_follow f where f.account = $1 and f.collection = l.id) as followed
        from visible_collection($1) l join account a on a.id = l.account
        where l.account = $2 and ($3::uuid is null or l.id < $3) order by l.id desc limit $4
        """,
        viewer,
        owner,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Collection) for row in rows]


async def followed(conn: asyncpg.Connection, viewer: UUID, *, after: UUID | None, limit: int) -> list[Collection]:
    """Those that the viewer follows and may still see, newest first; one more than `limit`."""
    rows = await conn.fetch(
        """
        select l.*, a.handle::text as curator, true as followed
        from collection_follow f join visible_collection($1) l on l.id = f.collection join account a on a.id = l.account
        where f.account = $1 and ($2::uuid is null or f.collection < $2) order by f.collection desc limit $3
        """,
        viewer,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Collection) for row in rows]


async def change(conn: asyncpg.Connection, to: Collection) -> None:
    """Title, about and audience, as they stand in `to`."""
    await conn.execute(
        "update collection set title = $2, about = $3, audience = $4, updated_at = now() where id = $1",
        to.id,
        to.title,
        to.about,
        to.audience,
    )


async def remove(conn: asyncpg.Connection, collection: UUID) -> None:
    await conn.execute("delete from collection where id = $1", collection)


async def follow(conn: asyncpg.Connection, account: UUID, collection: UUID) -> None:
    """Once or many times is the same."""
    await conn.execute(
        "insert into collection_follow (account, collection) values ($1, $2) on conflict do nothing",
        account,
        collection,
    )


async def unfollow(conn: asyncpg.Connection, account: UUID, collection: UUID) -> None:
    await conn.execute("delete from collection_follow where account = $1 and collection = $2", account, collection)


async def add(conn: asyncpg.Connection, into: Collection, clip: UUID, public_id: str) -> None:
    """At the end of a collection that is locked. Raises CollectionFull or CollectionHas."""
    if await conn.fetchval(
        "select exists (select from collection_item where collection = $1 and clip = $2)", into.id, clip
    ):
        raise CollectionHas(public_id)
    if into.items >= ITEMS_MOST:
        raise CollectionFull(ITEMS_MOST)
    await conn.execute(
        """
        insert into collection_item (collection, clip, place)
        select $1, $2, coalesce(max(place), 0) + 1 from collection_item where collection = $1
        """,
        into.id,
        clip,
    )


async def take_out(conn: asyncpg.Connection, collection: UUID, clip: UUID, public_id: str) -> None:
    """Raises CollectionLacks."""
    done = await conn.execute("delete from collection_item where collection = $1 and clip = $2", collection, clip)
    if done == "DELETE 0":
        raise CollectionLacks(public_id)


async def reorder(conn: asyncpg.Connection, collection: UUID, clips: Sequence[UUID]) -> None:
    """`clips`: all that the curator sees in it, once each; what is gone stays behind. Belongs into a transaction."""
    await conn.execute(
        """
        update collection_item i set place = w.place
        from (
            select o.clip, row_number() over (order by t.place nulls last, o.place) as place
            from collection_item o left join unnest($2::uuid[]) with ordinality t (clip, place) on t.clip = o.clip
            where o.collection = $1
        ) w
        where i.collection = $1 and i.clip = w.clip
        """,
        collection,
        list(clips),
    )
    await conn.execute("update collection set updated_at = now() where id = $1", collection)


async def visible_items(conn: asyncpg.Connection, viewer: UUID | None, collection: UUID) -> list[UUID]:
    """The clips of it that this viewer may see, in order."""
    rows = await conn.fetch(
        """
        select c.id from collection_item i join visible_clip($1) c on c.id = i.clip
        where i.collection = $2 and c.published_at is not null and c.status = 'completed' order by i.place, i.clip
        """,
        viewer,
        collection,
    )
    return [row["id"] for row in rows]


async def on_page(conn: asyncpg.Connection, collection: Collection, clips: Sequence[UUID]) -> dict[UUID, str]:
    """The curator's living links to these clips: where each is played for whoever has only a link."""
    rows = await conn.fetch(
        """
        select clip, short from share_link
        where clip = any($2) and account = $1 and revoked_at is null and (expires_at is null or expires_at > now())
        """,
        collection.account,
        list(clips),
    )
    return {row["clip"]: row["short"] for row in rows}


async def clips_of(conn: asyncpg.Connection, viewer: UUID | None, clips: Sequence[UUID]) -> list[Clip]:
    """In the order given, as far as the viewer may see them."""
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker
        from unnest($2::uuid[]) with ordinality w (id, place) join visible_clip($1) c on c.id = w.id
        join account a on a.id = c.account order by w.place
        """,
        viewer,
        list(clips),
    )
    return [msgspec.convert(dict(row), Clip) for row in rows]
