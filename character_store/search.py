"""Search of characters that somebody may cast, with typing errors allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from character_store.characters import Character

WINDOW: Final = 200  # of each way to be found
READ: Final = 5000  # that are nearly written so, before the best are chosen


class Hit(msgspec.Struct, frozen=True):
    """Higher scores first, then higher ids."""

    character: Character
    score: int


async def characters(
    conn: asyncpg.Connection,
    viewer: UUID,
    query: str,
    *,
    slips: Sequence[str],
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[Hit]:
    """Ready ones that the viewer may cast, with or without a word of their own: what the rule of casting says.

    The handle itself, then what begins so, then the viewer's own and their friends', and what is nearly written so
    (pg_trgm.word_similarity_threshold). `slips`: other ways to write the query. One more than `limit` where there are
    more.
    """
    rows = await conn.fetch(
        """
        with begun as materialized (
            select id from character where handle = $2::citext
            union
            (select id from character where state = 'ready'
                and plain_words(handle::text) like plain_words($2) || '%' limit $6)
            union
            (select id from character where state = 'ready' and plain_words(name) like plain_words($2) || '%' limit $6)
        ), handle_alike as materialized (
            select id, word_similarity(plain_words($2), plain_words(handle::text)) as likeness
            from character where state = 'ready' and plain_words($2) <% plain_words(handle::text)
        ), name_alike as materialized (
            select id, word_similarity(plain_words($2), plain_words(name)) as likeness
            from character where state = 'ready' and plain_words($2) <% plain_words(name)
        ), near as (
            (select id from (select * from handle_alike limit $8) read order by likeness desc, id limit $6)
            union
            (select id from (select * from name_alike limit $8) read order by likeness desc, id limit $6)
            union
            (select k.id from unnest($3::text[]) slip join character k on k.state = 'ready'
                and plain_words(k.handle::text) like plain_words(slip) || '%' limit $6)
            union
            (select k.id from unnest($3::text[]) slip join character k on k.state = 'ready'
                and plain_words(k.name) like plain_words(slip) || '%' limit $6)
        ), hit as (
            select id from begun
            union
            select id from near where (select count(*) from begun) < $6
        ), scored as (
            select k.id,
                case when k.handle = $2::citext then 8000 else 0 end
                + case when plain_words(k.handle::text) like plain_words($2) || '%'
                    or plain_words(k.name) like plain_words($2) || '%' then 4000 else 0 end
                + case when k.owner = $1 then 2500 when mutuals(k.owner, $1) then 2000 else 0 end
                + round(500 * greatest(word_similarity(plain_words($2), plain_words(k.handle::text)),
                    word_similarity(plain_words($2), plain_words(k.name))))::int as score
            from hit join character k using (id)
            where cast_refusal($1, k, null, '') is null and not exists (
                select from report r where r.reporter = $1
                    and ((r.subject_type = 'character' and r.subject = k.id)
                        or (r.subject_type = 'account' and r.subject = k.owner))
            )
        )
        select s.score, c.* from scored s join character_card c on c.id = s.id
        where $4::int is null or (s.score, s.id) < ($4, $5::uuid)
        order by s.score desc, s.id desc limit $7
        """,
        viewer,
        query,
        list(slips),
        after[0] if after else None,
        after[1] if after else None,
        WINDOW,
        limit + 1,
        READ,
    )
    return [Hit(msgspec.convert(dict(row), Character), row["score"]) for row in rows]
