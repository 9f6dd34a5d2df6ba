"""Hashtags: read from captions, and the clips that they gather."""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.clips import Clip
from social.errors import InvalidValue

TAG_MAX: Final = 50  # characters
TAGS_MAX: Final = 10  # of one caption
COUNTED_MOST: Final = 1000
TREND_DAYS: Final = 3
Order = Literal["newest", "likes"]
_JOINERS: Final = "\u200c\u200d"  # written inside words of some scripts; without them it is the same tag
_BEGINS: Final = re.compile(r"(?<![\w&/#\uff03])[#\uff03]")


class Trend(msgspec.Struct, frozen=True):
    """Of the last days: clips that the viewer may see, and how many people made them."""

    tag: str
    clips: int
    makers: int


def folded(text: str) -> str:
    """One spelling for what reads the same: NFKC, case-folded, without joiners. Not checked."""
    plain = unicodedata.normalize("NFKC", text).removeprefix("#")
    return unicodedata.normalize("NFKC", plain.casefold()).translate(dict.fromkeys(map(ord, _JOINERS)))


def checked(param: str, text: str) -> str:
    """A tag as it is stored, of one with or without its #. Raises InvalidValue."""
    tag = folded(text)
    if len(tag) > TAG_MAX:
        raise InvalidValue(param, text, f"up to {TAG_MAX} characters, this has {len(tag)}")
    if not _is_tag(tag):
        raise InvalidValue(param, text, "letters, figures and _ with at least one letter, such as #dontjump")
    return tag


def of_caption(caption: str) -> tuple[str, ...]:
    """Each once, in order. Raises InvalidValue for too many, or one that is too long."""
    normal = unicodedata.normalize("NFKC", caption)
    words = ("".join(takewhile(_goes_on, normal[found.end() :])) for found in _BEGINS.finditer(normal))
    tags = tuple(dict.fromkeys(checked("caption", word) for word in words if _is_tag(folded(word))))
    if len(tags) > TAGS_MAX:
        raise InvalidValue("caption", f"{len(tags)} hashtags", f"up to {TAGS_MAX}")
    return tags


def _goes_on(letter: str) -> bool:
    """Whether it can stand in a tag: XID_Continue of UAX #31, which `isidentifier` goes by."""
    return letter in _JOINERS or f"a{letter}".isidentifier()


def _is_tag(tag: str) -> bool:
    return all(map(_goes_on, tag)) and any(map(str.isalpha, tag))


async def keep(conn: asyncpg.Connection, clip: UUID, tags: tuple[str, ...]) -> None:
    """These, and no others."""
    await conn.execute("delete from clip_tag where clip = $1 and tag <> all($2::text[])", clip, list(tags))
    await conn.execute(
        "insert into clip_tag (tag, clip) select unnest($2::text[]), $1 on conflict do nothing", clip, list(tags)
    )


async def count(conn: asyncpg.Connection, viewer: UUID, tag: str) -> int:
    """Clips with it that the viewer may see; counted up to COUNTED_MOST."""
    return int(
        await conn.fetchval(
            """
            select count(*) from (
                select from clip_tag t join unmuted_clip($1) c on c.id = t.clip
                where t.tag = $2 and c.published_at is not null limit $3
            ) seen
            """,
            viewer,
            tag,
            COUNTED_MOST,
        )
    )


async def page(
    conn: asyncpg.Connection, viewer: UUID, tag: str, *, after: UUID | None, limit: int, order: Order
) -> list[Clip]:
    """Published clips with the tag; one more than `limit` where there are more."""
    if order == "likes":
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker
            from clip_tag g join unmuted_clip($1) c on c.id = g.clip join clip_tally t on t.clip = c.id
            join account a on a.id = c.account
            where g.tag = $2 and c.published_at is not null and ($3::uuid is null or (t.likes, c.id) < (
                (select b.likes from clip_tally b where b.clip = $3), $3::uuid
            ))
            order by t.likes desc, c.id desc limit $4
            """,
            viewer,
            tag,
            after,
            limit + 1,
        )
    else:
        rows = await conn.fetch(
            """
            select c.*, a.handle::text as maker
            from clip_tag g join unmuted_clip($1) c on c.id = g.clip join account a on a.id = c.account
            where g.tag = $2 and c.published_at is not null and ($3::uuid is null or g.clip < $3)
            order by g.clip desc limit $4
            """,
            viewer,
            tag,
            after,
            limit + 1,
        )
    return [msgspec.convert(dict(row), Clip) for row in rows]


async def trending(conn: asyncpg.Connection, viewer: UUID, limit: int) -> list[Trend]:
    """By people, then clips: one who posts a hundred counts once."""
    rows = await conn.fetch(
        """
        select g.tag, count(*) as clips, count(distinct c.account) as makers
        from unmuted_clip($1) c join clip_tag g on g.clip = c.id
        where c.audience = 'everyone' and not c.limited and c.published_at > now() - make_interval(days => $2)
        group by g.tag order by makers desc, clips desc, g.tag limit $3
        """,
        viewer,
        TREND_DAYS,
        limit,
    )
    return [msgspec.convert(dict(row), Trend) for row in rows]
