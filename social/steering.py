"""Steering: what somebody told their feed in words, and the chips that were made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social import wishes
from social.errors import InvalidValue
from social.spelling import swapped
from social.taste_errors import ChipUnknown
from social.wishes import Direction, Wish

TEXT_MAX: Final = 500  # characters
CHIPS_MOST: Final = 20
TYPO_LEAST: Final = 0.5  # similarity of trigrams
TYPO_LETTERS: Final = 5  # shorter words are taken as they are, but for two letters changed over


class Chip(msgspec.Struct, frozen=True):
    """`topic` None: clips are looked through for the words themselves."""

    id: UUID
    topic: str | None
    direction: Direction
    words: str


class Steering(msgspec.Struct, frozen=True):
    text: str
    chips: tuple[Chip, ...]
    not_understood: tuple[str, ...]


NOTHING: Final = Steering("", (), ())


class Meaning(msgspec.Struct, frozen=True):
    """`opposite`: more of the words is less of the topic."""

    topic: str
    opposite: bool = False


class Heard(msgspec.Struct, frozen=True):
    """A wish and the topic that it is about; where there is none, what its words are as a vector, if that is known."""

    wish: Wish
    meaning: Meaning | None = None
    vector: tuple[float, ...] = ()


class Words(msgspec.Struct, frozen=True):
    """Of one clip."""

    id: UUID
    text: str


def check(text: str) -> None:
    """Raises InvalidValue."""
    if not 1 <= len(text) <= TEXT_MAX or not text.strip():
        raise InvalidValue("text", f"{len(text)} characters", f"1 to {TEXT_MAX} characters that say something")


async def of(conn: asyncpg.Connection, account: UUID) -> Steering:
    row = await conn.fetchrow("select text, not_understood from steering where account = $1", account)
    if row is None:
        return NOTHING
    chips = await conn.fetch(
        "select id, topic, direction, words from steering_chip where account = $1 order by id", account
    )
    return Steering(row["text"], tuple(msgspec.convert(dict(one), Chip) for one in chips), tuple(row["not_understood"]))


async def meant(conn: asyncpg.Connection, words: str) -> list[Meaning]:
    """The topics that words are about: by a word of theirs, or by one that is nearly written so."""
    rows = await conn.fetch(
        """
        select distinct topic, opposite from topic_word
        where to_tsvector('simple', plain_words($1)) @@ query and plain_words($1) <> ''
        order by topic, opposite
        """,
        words,
    )
    if not rows:
        each = words.split()
        rows = await conn.fetch(
            """
            select w.topic, w.opposite from unnest($1::text[]) said join topic_word w on w.plain % said
            where similarity(w.plain, said) >= $2 and w.word not like '%*'
            union
            select w.topic, w.opposite from unnest($3::text[]) said join topic_word w
                on to_tsvector('simple', said) @@ w.query
            order by topic, opposite
            """,
            [word for word in each if len(word) >= TYPO_LETTERS],
            TYPO_LEAST,
            [slip for word in each for slip in swapped(word)],
        )
    return [msgspec.convert(dict(row), Meaning) for row in rows]


async def topics(conn: asyncpg.Connection) -> list[str]:
    """The names of all."""
    return [row["name"] for row in await conn.fetch("select name from topic order by name")]


async def hear(conn: asyncpg.Connection, text: str) -> tuple[list[Heard], tuple[str, ...]]:
    """What a text wishes for, and what of it was not understood. Raises InvalidValue."""
    check(text)
    found, lost = wishes.read(text)
    heard = []
    for wish in found:
        meanings = await meant(conn, wish.words)
        heard += [Heard(wish, meaning) for meaning in meanings] or [Heard(wish)]
    if found:
        return heard, lost
    for word in lost:
        if " " not in word:  # "dogs": nothing but the names of topics
            heard += [Heard(Wish("more", word), meaning) for meaning in await meant(conn, word)]
    named = {one.wish.words for one in heard}
    return heard, tuple(word for word in lost if word not in named)


async def set_to(
    conn: asyncpg.Connection, account: UUID, text: str, heard: Sequence[Heard], lost: Sequence[str]
) -> Steering:
    """In place of what was said before. Belongs into a transaction.

    Of two wishes about one topic the last counts. Words of no topic are looked for in clips as they are.
    """
    await conn.execute(
        """
        insert into steering (account, text, not_understood) values ($1, $2, $3)
        on conflict (account) do update set text = excluded.text, not_understood = excluded.not_understood, at = now()
        """,
        account,
        text,
        lost,
    )
    await conn.execute("delete from steering_chip where account = $1", account)
    chips: dict[str, Heard] = {}
    for one in heard:
        key = one.meaning.topic if one.meaning else one.wish.words
        chips.pop(key, None)
        chips[key] = one
    for one in list(chips.values())[-CHIPS_MOST:]:
        await conn.execute(
            """
            insert into steering_chip (account, direction, topic, words, query, embedding)
            select $1, $2, $3, $4, case when $3::text is null then words_query($4) end, $5::text::vector
            where $3::text is not null or words_query($4) is not null
            """,
            account,
            _towards(one.wish.direction, one.meaning),
            one.meaning.topic if one.meaning else None,
            one.wish.words,
            _written(one.vector),
        )
    return await of(conn, account)


async def clips_without_vector(conn: asyncpg.Connection, most: int) -> list[Words]:
    """Published ones, the newest first."""
    rows = await conn.fetch(
        """
        select c.id, concat_ws(' ', nullif(c.caption, ''), c.prompt) as text
        from clip_words w join clip c on c.id = w.clip
        where w.embedding is null order by w.published_at desc limit $1
        """,
        most,
    )
    return [msgspec.convert(dict(row), Words) for row in rows]


async def keep_vector(conn: asyncpg.Connection, clip: UUID, vector: Sequence[float]) -> None:
    await conn.execute("update clip_words set embedding = $2::text::vector where clip = $1", clip, _written(vector))


def _written(vector: Sequence[float]) -> str | None:
    """As pgvector reads it."""
    return f"[{','.join(map(str, vector))}]" if vector else None


def _towards(direction: Direction, meaning: Meaning | None) -> Direction:
    if meaning is None or not meaning.opposite:
        return direction
    return "less" if direction == "more" else "more"


async def remove(conn: asyncpg.Connection, account: UUID, chip: UUID, public_id: str) -> None:
    """The text stays as it was said. Raises ChipUnknown."""
    done = await conn.execute("delete from steering_chip where id = $2 and account = $1", account, chip)
    if done != "DELETE 1":
        raise ChipUnknown(public_id)


async def forget(conn: asyncpg.Connection, account: UUID) -> None:
    await conn.execute("delete from steering where account = $1", account)
