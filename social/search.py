"""Search of accounts and clips, with typing errors allowed. Both are read through indexes and end at WINDOW rows.

A find has a score that does not change while somebody pages, so a page begins after (score, id) of the one before.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InvalidValue
from social.spelling import swapped

LENGTH: Final = (2, 100)  # characters of a query
WINDOW: Final = 200  # of each way to be found
ALIKE: Final = 0.5  # word similarity of trigrams
SLIP_LETTERS: Final = range(3, 13)  # of queries that are also tried with two letters changed over


class Found(msgspec.Struct, frozen=True):
    """Higher scores first, then higher ids."""

    id: UUID
    score: int


def checked(given: str) -> str:
    """Without white space around and a leading @. Raises InvalidValue."""
    query = given.strip().removeprefix("@").strip()
    if not LENGTH[0] <= len(query) <= LENGTH[1]:
        raise InvalidValue("q", f"{len(query)} characters", f"{LENGTH[0]} to {LENGTH[1]} characters")
    if not any(one.isalnum() for one in query):
        raise InvalidValue("q", given, "letters or digits")
    return query


def slips(query: str) -> list[str]:
    """What may have been meant, where two letters changed places."""
    return swapped(query.lower()) if len(query) in SLIP_LETTERS else []


async def be_tolerant(conn: asyncpg.Connection) -> None:
    """Until the transaction ends."""
    await conn.execute("select set_config('pg_trgm.word_similarity_threshold', $1, true)", str(ALIKE))


async def accounts(
    conn: asyncpg.Connection, viewer: UUID, query: str, *, after: Found | None, limit: int
) -> list[Found]:
    """The handle itself, then what begins so, then friends, whom the viewer follows, and what is nearly written so.

    One more than `limit` where there are more. Needs `be_tolerant`.
    """
    rows = await conn.fetch(
        """
        with hit as (
            select id from account where handle = $2::citext
            union
            (select id from account where plain_words(handle::text) like plain_words($2) || '%' limit $6)
            union
            (select id from account where plain_words(display_name) like plain_words($2) || '%' limit $6)
            union
            (select id from account where plain_words($2) <% plain_words(handle::text)
                order by word_similarity(plain_words($2), plain_words(handle::text)) desc, id limit $6)
            union
            (select id from account where plain_words($2) <% plain_words(display_name)
                order by word_similarity(plain_words($2), plain_words(display_name)) desc, id limit $6)
            union
            (select a.id from unnest($3::text[]) slip
                join account a on plain_words(a.handle::text) like plain_words(slip) || '%' limit $6)
            union
            (select a.id from unnest($3::text[]) slip
                join account a on plain_words(a.display_name) like plain_words(slip) || '%' limit $6)
            union
            (select f.followed from follow f join account a on a.id = f.followed
                where f.follower = $1 and plain_words(a.handle::text) like plain_words($2) || '%' limit $6)
        ), scored as (
            select a.id,
                case when a.handle = $2::citext then 8000 else 0 end
                + case when plain_words(a.handle::text) like plain_words($2) || '%'
                    or plain_words(a.display_name) like plain_words($2) || '%' then 4000 else 0 end
                + case when not exists (select from follow where follower = $1 and followed = a.id) then 0
                    when exists (select from follow where follower = a.id and followed = $1) then 2000 else 1000 end
                + round(500 * greatest(word_similarity(plain_words($2), plain_words(a.handle::text)),
                    word_similarity(plain_words($2), plain_words(a.display_name))))::int as score
            from hit join account a using (id)
            where a.suspended_at is null and not blocked_between(a.id, $1)
        )
        select id, score from scored where $4::int is null or (score, id) < ($4, $5::uuid)
        order by score desc, id desc limit $7
        """,
        viewer,
        query,
        slips(query),
        after.score if after else None,
        after.id if after else None,
        WINDOW,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Found) for row in rows]


async def clips(conn: asyncpg.Connection, viewer: UUID, query: str, *, after: Found | None, limit: int) -> list[Found]:
    """All words of the query in caption, names, prompt or screenplay; where no clip has them, captions nearly like it.

    Never a draft; clips of limited reach for followers only. One more than `limit` where there are more.
    Needs `be_tolerant`.
    """
    rows = await conn.fetch(
        """
        with exact as (
            select c.id, c.account, ts_rank(w.words, words_query($2)) as likeness
            from clip_words w join unmuted_clip($1) c on c.id = w.clip
            where w.words @@ words_query($2) and (not c.limited or c.account = $1
                or exists (select from follow where follower = $1 and followed = c.account))
            order by w.published_at desc, w.clip desc limit $6
        ), near as (
            (select c.id, c.account, word_similarity(plain_words($2), w.caption) / 2 as likeness
            from clip_words w join unmuted_clip($1) c on c.id = w.clip
            where plain_words($2) <% w.caption and (not c.limited or c.account = $1
                or exists (select from follow where follower = $1 and followed = c.account))
            order by w.published_at desc, w.clip desc limit $6)
            union all
            (select c.id, c.account, ts_rank(w.words, words_query(slip)) as likeness
            from unnest($3::text[]) slip join clip_words w on w.words @@ words_query(slip)
                join unmuted_clip($1) c on c.id = w.clip
            where not c.limited or c.account = $1
                or exists (select from follow where follower = $1 and followed = c.account)
            order by w.published_at desc, w.clip desc limit $6)
        ), hit as (
            select * from exact
            union all
            select id, account, max(likeness) from near where not exists (select from exact) group by id, account
        ), scored as (
            select h.id, round(1000 * h.likeness)::int
                + case when not exists (select from follow where follower = $1 and followed = h.account) then 0
                    when exists (select from follow where follower = h.account and followed = $1) then 400 else 200 end
                + case when h.account = $1 then 200 else 0 end as score
            from hit h
        )
        select id, score from scored where $4::int is null or (score, id) < ($4, $5::uuid)
        order by score desc, id desc limit $7
        """,
        viewer,
        query,
        slips(query),
        after.score if after else None,
        after.id if after else None,
        WINDOW,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Found) for row in rows]
