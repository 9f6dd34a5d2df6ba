"""What an account says of itself: a bio, links elsewhere, and which of its clips stand first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET, UnsetType

from social.accounts import JOINERS, UNSEEN
from social.errors import InvalidValue

BIO_MOST: Final = 300  # characters
LINKS_MOST: Final = 3
LINK_MOST: Final = 200  # characters
PINS_MOST: Final = 3
HOST: Final = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class Profile(msgspec.Struct, frozen=True):
    """`avatar`: the SHA-256 of the picture that is shown."""

    bio: str
    links: tuple[str, ...]
    avatar: str | None


def checked_bio(given: str) -> str:
    """In NFC; lines may break. Raises InvalidValue."""
    bio = unicodedata.normalize("NFC", given.replace("\r\n", "\n")).strip()
    unseen = any(unicodedata.category(one) in UNSEEN and one not in JOINERS for one in bio.replace("\n", ""))
    if unseen or len(bio) > BIO_MOST:
        raise InvalidValue("bio", given, f"up to {BIO_MOST} characters that can be seen")
    return bio


def checked_links(given: Sequence[str]) -> tuple[str, ...]:
    """Raises InvalidValue."""
    if len(given) > LINKS_MOST or len(set(given)) != len(given):
        raise InvalidValue("links", f"{len(given)} links", f"up to {LINKS_MOST} different ones")
    return tuple(_checked_link(one) for one in given)


def _checked_link(given: str) -> str:
    allowed = f"https:// and a public name, without user or port, up to {LINK_MOST} ASCII characters"
    seen = given.isascii() and given.isprintable() and not set(given) & set(" \"'<>\\^`{|}")
    try:
        parts = urlsplit(given)
        port, user = parts.port, parts.username
    except ValueError:
        raise InvalidValue("links", given, allowed) from None
    if (
        not seen
        or len(given) > LINK_MOST
        or not given.startswith("https://")
        or port is not None
        or user is not None
        or HOST.fullmatch(parts.netloc.lower()) is None
    ):
        raise InvalidValue("links", given, allowed)
    return given


async def of(conn: asyncpg.Connection, account: UUID) -> Profile:
    """Empty where nothing was said."""
    row = await conn.fetchrow(
        """
        select coalesce(p.bio, '') as bio, coalesce(p.links, '{}') as links, v.sha256 as avatar
        from (select $1::uuid as account) a left join profile p using (account) left join avatar v using (account)
        """,
        account,
    )
    return msgspec.convert(dict(row), Profile)


async def change(
    conn: asyncpg.Connection, account: UUID, *, bio: str | UnsetType = UNSET, links: Sequence[str] | UnsetType = UNSET
) -> None:
    """UNSET leaves as it is."""
    await conn.execute(
        """
        insert into profile (account, bio, links) values ($1, coalesce($2, ''), coalesce($3, '{}'::text[]))
        on conflict (account) do update set bio = coalesce($2, profile.bio), links = coalesce($3, profile.links)
        """,
        account,
        None if bio is UNSET else bio,
        None if links is UNSET else list(links),
    )


async def pin(conn: asyncpg.Connection, account: UUID, clips: Sequence[UUID]) -> UUID | None:
    """These stand first, in this order; or the first of them that is no published clip of the account's.

    Belongs into a transaction. Raises InvalidValue.
    """
    if len(clips) > PINS_MOST or len(set(clips)) != len(clips):
        raise InvalidValue("videos", f"{len(clips)} videos", f"up to {PINS_MOST} different ones")
    rows = await conn.fetch(
        """
        select id from visible_clip($1)
        where account = $1 and id = any($2) and published_at is not null and status = 'completed'
        """,
        account,
        list(clips),
    )
    own = {row["id"] for row in rows}
    for clip in clips:
        if clip not in own:
            return clip
    await conn.execute("select from account where id = $1 for no key update", account)
    await conn.execute("delete from profile_pin where account = $1", account)
    await conn.execute(
        "insert into profile_pin (account, place, clip) select $1, place, clip "
        "from unnest($2::uuid[]) with ordinality t (clip, place)",
        account,
        list(clips),
    )
    return None
