"""Pages of a feed: places in an order, and of those what the viewer may see now."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.clips import Clip
from social.feed import candidates, cursors, kept
from social.feed.cursors import Mode, Place, Position
from social.feed.newest import newest
from social.feed.ranking import Ranked, ranked
from social.taste import Reason, Said, said, taste, wanted

LOOKS: Final = 4  # reads for one page, where most of what is found may not be shown
OF_A_WISH: Final = 20  # clips of each topic that more was wanted of
SPARE: Final = 10  # clips looked at beyond those of a page
_DRAW: Final = random.Random()  # noqa: S311 - which days are explored is no secret


class Item(msgspec.Struct, frozen=True):
    """A clip as it is shown. `explained`: in for_you, why it stands where it does."""

    clip: Clip
    display_name: str
    likes: int
    comments: int
    remixes: int
    liked: bool
    watched: bool
    reason: Literal["friend", "following", "for_you"]
    calm: bool  # the viewer's feed
    explained: Ranked | None = None
    tastes: tuple[Reason, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """`after`: the cursor of the page after this one; None at the end."""

    items: tuple[Item, ...]
    after: str | None

    @property
    def calm(self) -> bool | None:
        """Whether the viewer's feed is; None where there is nothing in it."""
        return self.items[0].calm if self.items else None


async def by_time(
    conn: asyncpg.Connection, viewer: UUID, mode: Literal["following", "friends"], after: str | None, limit: int
) -> Page:
    """Newest first, watched ones too. Raises CursorRefused."""
    place = None if after is None else cursors.read_place(mode, viewer, after)
    items: list[Item] = []
    for _ in range(LOOKS):
        wanted = limit - len(items)
        places = await newest(conn, viewer, mode, place, wanted + SPARE)
        seen = await _shown(conn, viewer, [one.clip for one in places])
        for one in places:
            if len(items) == limit:
                return Page(tuple(items), _cursor(mode, viewer, place))
            place = one
            if one.clip in seen:
                items.append(seen[one.clip])
        if len(places) < wanted + SPARE:
            return Page(tuple(items), None)
        if len(items) == limit:
            break
    return Page(tuple(items), _cursor(mode, viewer, place))


def _cursor(mode: Mode, viewer: UUID, place: Place | None) -> str | None:
    return None if place is None else cursors.write(mode, viewer, place)


async def for_you(conn: asyncpg.Connection, viewer: UUID, after: str | None, limit: int, *, explain: bool) -> Page:
    """Ranked at the first page; a page after it goes on in that list. Raises CursorRefused or ListExpired.

    What the viewer wants nothing of is left out of later pages, too: they may have said so since.
    """
    where, order = None if after is None else cursors.read_position("for_you", viewer, after), list[Ranked]()
    told = await said(conn, viewer)
    if where is None:
        order = await _ranked(conn, viewer, told)
        where = Position(await kept.keep(conn, viewer, order), 0)
    items: list[Item] = []
    for _ in range(LOOKS):
        wanted = limit - len(items) + SPARE
        following = order[where.taken :][:wanted] if after is None else await kept.after(conn, viewer, where, wanted)
        seen = await _shown(conn, viewer, [one.clip for one in following], recommended=True)
        if after is not None:
            seen = await _still_wanted(conn, viewer, seen, told)
        for one in following:
            if len(items) == limit:
                return Page(await _told(conn, viewer, items, explain=explain), _goes_on(viewer, where))
            where = Position(where.list, where.taken + 1)
            if (item := seen.get(one.clip)) is not None and not item.watched:
                items.append(msgspec.structs.replace(item, explained=one))
        if len(following) < wanted:
            return Page(await _told(conn, viewer, items, explain=explain), None)
    return Page(await _told(conn, viewer, items, explain=explain), _goes_on(viewer, where))


def _goes_on(viewer: UUID, where: Position) -> str:
    return cursors.write("for_you", viewer, where)


async def _ranked(conn: asyncpg.Connection, viewer: UUID, told: Said) -> list[Ranked]:
    now = datetime.now(UTC)
    close = await candidates.people(conn, viewer)
    wishes = await wanted(conn, viewer, OF_A_WISH) if told.chips else []
    found = await candidates.found(conn, viewer, close, now, _DRAW, wishes)
    return ranked(found, close, await taste(conn, viewer, [one.clip for one in found], told), now)


async def _told(conn: asyncpg.Connection, viewer: UUID, items: list[Item], *, explain: bool) -> tuple[Item, ...]:
    if not explain:
        return tuple(items)
    tastes = await taste(conn, viewer, [item.clip.id for item in items])
    return tuple(
        msgspec.structs.replace(item, tastes=tastes.reasons(_Shown(item.clip.id, item.clip.account))) for item in items
    )


async def _still_wanted(conn: asyncpg.Connection, viewer: UUID, seen: dict[UUID, Item], told: Said) -> dict[UUID, Item]:
    if not told.forbids:
        return seen
    tastes = await taste(conn, viewer, list(seen), told)
    return {clip: item for clip, item in seen.items() if tastes.weight(_Shown(clip, item.clip.account))}


class _Shown(msgspec.Struct, frozen=True):
    clip: UUID
    author: UUID


async def _shown(
    conn: asyncpg.Connection, viewer: UUID, clips: Sequence[UUID], *, recommended: bool = False
) -> dict[UUID, Item]:
    """Those of them that may be shown unasked; `recommended`: to whoever does not follow their makers, too."""
    rows = await conn.fetch(
        """
        select c.*, a.handle::text as maker, a.display_name, t.likes, t.comments, t.remixes,
            exists (select from clip_like l where l.clip = c.id and l.account = $1) as liked,
            exists (select from clip_view v where v.clip = c.id and v.account = $1) as watched,
            case when f.mutual then 'friend' when f.follower is not null then 'following' else 'for_you' end as reason,
            (select feed_is_calm($1)) as calm
        from unmuted_clip($1) c join account a on a.id = c.account join clip_tally t on t.clip = c.id
        left join follow f on f.follower = $1 and f.followed = c.account
        where c.id = any($2) and c.published_at is not null and c.status = 'completed' and c.hidden_at is null
            and c.account <> $1
            and case when $3 then not c.limited or f.follower is not null else f.follower is not null end
        """,
        viewer,
        list(clips),
        recommended,
    )
    return {row["id"]: _item(row) for row in rows}


def _item(row: asyncpg.Record) -> Item:
    given = dict(row)
    return Item(
        clip=msgspec.convert(given, Clip),
        display_name=given["display_name"],
        likes=given["likes"],
        comments=given["comments"],
        remixes=given["remixes"],
        liked=given["liked"],
        watched=given["watched"],
        reason=given["reason"],
        calm=given["calm"],
    )
