"""What clips are about: kept with them by the database."""

from __future__ import annotations

import asyncpg
import pytest

from social import steering
from tests.social.published import a_clip, an_account, told, topics


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("My puppies bark", ["animals", "dogs"]),
        ("Zwei Hündchen im Wald", ["animals", "dogs", "nature"]),
        ("雨の中の子犬", ["animals", "dogs"]),
        ("Una película de política", ["politics"]),
        ("A polite, hundred-year-old template", []),
        ("Peace and quiet", []),
        ("HAUNTED   house!!", ["horror"]),
    ],
)
async def test_a_caption_names_topics(conn: asyncpg.Connection, caption: str, found: list[str]) -> None:
    clip = await a_clip(conn, await an_account(conn), caption)
    assert await topics(conn, clip) == found


async def test_prompt_screenplay_language_and_cast_name_topics(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    line = {"speaker": "S1", "text": "Guten Morgen", "energy": 0.9}
    screenplay = {"setting": "a kitchen", "language": "de-AT", "shots": [{"action": "waves", "lines": [line]}]}
    clip = await a_clip(conn, maker, prompt="a robot", screenplay=screenplay, audience="only_me")
    pet = await conn.fetchval(
        """
        insert into character (owner, kind, name, handle, audience, preferences, restrictions, build, state)
        values ($1, 'pet', 'Rex', 'rex', 'everyone', 'a brown dog', '{}', 'average', 'ready') returning id
        """,
        maker,
    )
    await conn.execute(
        "insert into use (clip, character, version, speaker, decision) values ($1, $2, 1, 'S1', '{}')", clip, pet
    )
    assert await topics(conn, clip) == []
    await conn.execute("update clip set audience = 'everyone', published_at = now() where id = $1", clip)
    assert await topics(conn, clip) == ["animals", "dogs", "food", "german", "loud", "science"]


async def test_topics_follow_the_caption_and_go_with_the_clip(conn: asyncpg.Connection) -> None:
    clip = await a_clip(conn, await an_account(conn), "dogs")
    await conn.execute("update clip set caption = 'cats' where id = $1", clip)
    assert await topics(conn, clip) == ["animals", "cats"]
    await conn.execute("update clip set audience = 'only_me', published_at = null where id = $1", clip)
    assert await topics(conn, clip) == []
    await conn.execute("update clip set audience = 'friends', published_at = now() where id = $1", clip)
    assert await topics(conn, clip) == ["animals", "cats"]
    await conn.execute("update clip set removed_at = now() where id = $1", clip)
    assert not await conn.fetch("select from clip_words union all select from clip_topic")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("political", ["politics"]),
        ("politcs", ["politics"]),
        ("polite", []),
        ("dgos", ["dogs"]),
        ("cooknig", ["food"]),
        ("喊叫", ["loud"]),
        ("ghost stories", ["horror"]),
        ("lighthouse", []),
    ],
)
async def test_words_mean_topics_also_with_slips(conn: asyncpg.Connection, words: str, found: list[str]) -> None:
    assert [one.topic for one in await steering.meant(conn, words)] == found


async def test_more_quiet_is_less_loud(conn: asyncpg.Connection) -> None:
    said = await told(conn, await an_account(conn), "more quiet, more silence, no lighthouses")
    assert [(one.direction, one.topic, one.words) for one in said.chips] == [
        ("less", "loud", "silence"),
        ("none", None, "lighthouses"),
    ]


async def test_topics_alone_are_wanted(conn: asyncpg.Connection) -> None:
    heard, lost = await steering.hear(conn, "Dogs, cooking! Sandcastles. 猫")
    assert [(one.wish.direction, one.meaning and one.meaning.topic) for one in heard] == [
        ("more", "dogs"),
        ("more", "food"),
        ("more", "cats"),
    ]
    assert lost == ("sandcastles",)
