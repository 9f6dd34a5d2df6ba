"""Search of accounts and clips, with typing errors allowed. Both are read through indexes and end at WINDOW rows.

What is `materialized` is planned as if all of it were read, through its index, and read only as far as it is asked for.
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
READ: Final = 5000  # that have the words or are nearly written so, and newest clips, before the best are chosen
LOOKED_AT: Final = 1000  # newest of them that the viewer might see
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
        with begun as materialized (
            select id from account where handle = $2::citext
            union
            (select id from account where plain_words(handle::text) like plain_words($2) || '%' limit $6)
            union
            (select id from account where plain_words(display_name) like plain_words($2) || '%' limit $6)
            union
            (select f.followed from follow f join account a on a.id = f.followed
                where f.follower = $1 and (plain_words(a.handle::text) like plain_words($2) || '%'
                    or plain_words(a.display_name) like plain_words($2) || '%')
                limit $6)
        ), handle_alike as materialized (
            select id, word_similarity(plain_words($2), plain_words(handle::text)) as likeness
            from account where plain_words($2) <% plain_words(handle::text)
        ), name_alike as materialized (
            select id, word_similarity(plain_words($2), plain_words(display_name)) as likeness
            from account where plain_words($2) <% plain_words(display_name)
        ), near as (
            (select id from (select * from handle_alike limit $8) read order by likeness desc, id limit $6)
            union
            (select id from (select * from name_alike limit $8) read order by likeness desc, id limit $6)
            union
            (select a.id from unnest($3::text[]) slip
                join account a on plain_words(a.handle::text) like plain_words(slip) || '%' limit $6)
            union
            (select a.id from unnest($3::text[]) slip
                join account a on plain_words(a.display_name) like plain_words(slip) || '%' limit $6)
        ), hit as (
            select id from begun
            union
            select id from near where (select count(*) from begun) < $6 -- whatever begins so stands before it anyhow
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
        READ,
    )
    return [msgspec.convert(dict(row), Found) for row in rows]


async def clips(conn: asyncpg.Connection, viewer: UUID, query: str, *, after: Found | None, limit: int) -> list[Found]:
    """All words of the query in caption, names, prompt or screenplay; where no clip has them, captions nearly like it.

    Never a draft; clips of limited reach for followers only. One more than `limit` where there are more.
    Needs `be_tolerant`.
    """
    rows = await conn.fetch(
        """
        with said as materialized (
            select w.clip, w.published_at, w.words from clip_words w where w.words @@ words_query($2)
        ), exact as materialized (
            select c.id, c.account, ts_rank(m.words, words_query($2)) as likeness
            from (
                select * from (
                    (select * from said limit $8)
                    union
                    (select * from (
                        select clip, published_at, words from clip_words order by published_at desc, clip desc limit $8
                    ) newest where words @@ words_query($2))
                ) found order by published_at desc, clip desc limit $9
            ) m join unmuted_clip($1) c on c.id = m.clip
            where not c.limited or c.account = $1
                or exists (select from follow where follower = $1 and followed = c.account)
            order by m.published_at desc, m.clip desc limit $6
        ), slipped as materialized (
            select w.clip, w.published_at, ts_rank(w.words, slip.query) as likeness
            from (
                select string_agg('(' || words_query(one)::text || ')', ' | ')::tsquery as query
                from unnest($3::text[]) one
            ) slip join clip_words w on w.words @@ slip.query
        ), nearly as materialized (
            select w.clip, w.published_at, word_similarity(plain_words($2), w.caption) / 2 as likeness
            from clip_words w where plain_words($2) <% w.caption
        ), near as (
            select c.id, c.account, m.likeness
            from (
                select * from ((select * from slipped limit $8) union all (select * from nearly limit $8)) found
                order by published_at desc, clip desc limit $9
            ) m join unmuted_clip($1) c on c.id = m.clip
            where not c.limited or c.account = $1
                or exists (select from follow where follower = $1 and followed = c.account)
            order by m.published_at desc, m.clip desc limit $6
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
        READ,
        LOOKED_AT,
    )
    return [msgspec.convert(dict(row), Found) for row in rows]
