"""The factor of every candidate: 0 is never, 1 is nothing known."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import msgspec

from social import feedback, steering
from social.taste import CHIP, Taste, taste, wanted
from tests.social.published import a_clip, an_account, told


class Shown(msgspec.Struct, frozen=True):
    clip: UUID
    author: UUID


async def of(conn: asyncpg.Connection, viewer: UUID, *shown: Shown) -> Taste:
    return await taste(conn, viewer, [one.clip for one in shown])


async def clips(conn: asyncpg.Connection, *captions: str) -> list[Shown]:
    made = []
    for at, caption in enumerate(captions):
        author = await an_account(conn)
        made.append(Shown(await a_clip(conn, author, caption, at=at), author))
    return made


async def test_chips_weigh_more_less_and_nothing(conn: asyncpg.Connection) -> None:
    viewer = await an_account(conn)
    shown = await clips(conn, "a dog", "people who shout", "the election", "a dog votes in the election", "a tree")
    before = await of(conn, viewer, *shown)
    assert [before.weight(one) for one in shown] == [1, 1, 1, 1, 1]
    said = await told(conn, viewer, "more dogs, less shouting, nothing political")
    after = await of(conn, viewer, *shown)
    assert [after.weight(one) for one in shown] == [CHIP["more"], CHIP["less"], 0, 0, 1]
    assert [reason.because for reason in after.reasons(shown[3])] == ["more dogs", "none politics"]
    await steering.remove(conn, viewer, said.chips[2].id, "")
    assert (await of(conn, viewer, *shown)).weight(shown[2]) == 1
    await steering.forget(conn, viewer)
    assert [(await of(conn, viewer, *shown)).weight(one) for one in shown] == [1, 1, 1, 1, 1]


async def test_words_of_no_topic_are_looked_for_as_they_are(conn: asyncpg.Connection) -> None:
    viewer = await an_account(conn)
    shown = await clips(conn, "The Lighthouse keeper", "a light house", "灯台の光")
    await told(conn, viewer, "more lighthouses. 灯台はなし")
    tastes = await of(conn, viewer, *shown)
    assert [tastes.weight(one) for one in shown] == [CHIP["more"], 1, 0]


async def test_a_hidden_creator_and_what_was_disliked_never_come(conn: asyncpg.Connection) -> None:
    viewer = await an_account(conn)
    [dog, cat, tree] = await clips(conn, "a dog", "a cat", "a tree")
    again = Shown(await a_clip(conn, cat.author, "the sea", at=9), cat.author)
    hidden = await feedback.hide(conn, viewer, dog.author)
    disliked = await feedback.on_clip(conn, viewer, cat.clip, "less_like_this")
    tastes = await of(conn, viewer, dog, cat, tree, again)
    assert (tastes.weight(dog), tastes.weight(cat), tastes.weight(tree)) == (0, 0, 1)
    assert 0 < tastes.weight(again) < 1
    await feedback.take_back(conn, viewer, hidden.id, "")
    await feedback.take_back(conn, viewer, disliked.id, "")
    tastes = await of(conn, viewer, dog, cat, tree, again)
    assert [tastes.weight(one) for one in (dog, cat, tree, again)] == [1, 1, 1, 1]


async def test_what_was_liked_and_finished_leans(conn: asyncpg.Connection) -> None:
    viewer = await an_account(conn)
    seen = await clips(conn, *["a dog"] * 4, *["a car race"] * 4)
    for one in seen:
        await conn.execute("insert into clip_view (account, clip, watched_s) values ($1, $2, 1)", viewer, one.clip)
    for one in seen[:4]:
        await conn.execute("insert into clip_like (account, clip) values ($1, $2)", viewer, one.clip)
    [dog, car, tree] = fresh = await clips(conn, "another dog", "another car", "a tree")
    tastes = await of(conn, viewer, *fresh)
    assert tastes.weight(dog) > tastes.weight(tree) == 1 > tastes.weight(car) > 0
    assert "dogs" in tastes.reasons(dog)[0].because


async def test_young_people_are_spared_what_is_loud_or_frightening(conn: asyncpg.Connection) -> None:
    young, grown = await an_account(conn, born="2012-01-01"), await an_account(conn)
    [ghost, tree] = shown = await clips(conn, "a ghost story", "a tree")
    assert [(await of(conn, young, *shown)).weight(one) for one in (ghost, tree)] == [0, 1]
    assert [(await of(conn, grown, *shown)).weight(one) for one in (ghost, tree)] == [1, 1]


async def test_topics_that_were_asked_for_bring_their_newest_clips(conn: asyncpg.Connection) -> None:
    viewer = await an_account(conn)
    shown = await clips(conn, "a dog", "a cat", "a dog too")
    assert await wanted(conn, viewer, 10) == []
    await told(conn, viewer, "more dogs, less cats")
    assert set(await wanted(conn, viewer, 10)) == {shown[0].clip, shown[2].clip}
    assert await wanted(conn, viewer, 1) == [shown[2].clip]
