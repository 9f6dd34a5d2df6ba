"""What is shown to whom, and in which order: on rows alone."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

import asyncpg
import pytest

from social.feed import cursors, kept, newest, pages
from social.feed.candidates import Candidate, People, Source
from social.feed.cursors import Place, Position
from social.feed.ranking import AGAIN, ranked
from social.feed_errors import CursorRefused, ListExpired
from social.taste import Taste, taste
from tests.social.population import NOW, a_clip, an_account, follows, friends, likes

ByTime = Literal["following", "friends"]
BOTH: tuple[ByTime, ...] = ("following", "friends")


async def by_time(conn: asyncpg.Connection, viewer: UUID, mode: ByTime, limit: int) -> list[UUID]:
    """All pages."""
    found: list[UUID] = []
    after = None
    while True:
        page = await pages.by_time(conn, viewer, mode, after, limit)
        assert len(page.items) <= limit
        found += [item.clip.id for item in page.items]
        if (after := page.after) is None:
            return found


async def for_you(conn: asyncpg.Connection, viewer: UUID) -> list[UUID]:
    page = await pages.for_you(conn, viewer, None, 50, explain=False)
    return [item.clip.id for item in page.items]


async def watch(conn: asyncpg.Connection, viewer: UUID, *clips: UUID) -> None:
    await conn.executemany(
        "insert into clip_view (account, clip, watched_s) values ($1, $2, 3)", [(viewer, clip) for clip in clips]
    )


@pytest.mark.parametrize("few", [0, 1000], ids=["walked", "merged"])
async def test_following_is_everybody_followed_newest_first_and_friends_only_friends(
    conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(newest, "FEW", few)
    monkeypatch.setattr(newest, "WALK", 8)
    viewer, friend, idol, stranger = [await an_account(conn) for _ in range(4)]
    await friends(conn, viewer, friend)
    await follows(conn, viewer, idol)
    of_friend = [await a_clip(conn, friend, hours, audience="friends") for hours in (1, 5, 9)]
    of_idol = [await a_clip(conn, idol, hours) for hours in (2, 3, 8)]
    for hours in range(9):
        await a_clip(conn, stranger, hours)
        await a_clip(conn, idol, hours, audience="friends")
        await a_clip(conn, viewer, hours)
    await a_clip(conn, friend, audience="only_me")
    all_of_them = [of_friend[0], of_idol[0], of_idol[1], of_friend[1], of_idol[2], of_friend[2]]
    for limit in (1, 2, 20):
        assert await by_time(conn, viewer, "following", limit) == all_of_them
        assert await by_time(conn, viewer, "friends", limit) == of_friend
    await watch(conn, viewer, *all_of_them)
    assert await by_time(conn, viewer, "following", 4) == all_of_them  # lists by time are whole


@pytest.mark.parametrize("mode", BOTH)
async def test_pages_neither_repeat_nor_skip_while_clips_come_and_go(conn: asyncpg.Connection, mode: ByTime) -> None:
    """Also where many have the same time."""
    viewer, *others = [await an_account(conn) for _ in range(4)]
    await friends(conn, viewer, *others)
    draw = random.Random(7)  # noqa: S311 - the same draws each time
    there = {await a_clip(conn, draw.choice(others), draw.choice((1, 1, 2, 3))) for _ in range(30)}
    gone: set[UUID] = set()
    found: list[UUID] = []
    after = None
    while True:
        page = await pages.by_time(conn, viewer, mode, after, 4)
        found += [item.clip.id for item in page.items]
        if (after := page.after) is None:
            break
        await a_clip(conn, draw.choice(others), 0.1)
        left = sorted(there - set(found) - gone)
        if left:
            gone.add(left[0])
            await conn.execute("delete from clip where id = $1", left[0])
    assert len(found) == len(set(found))
    assert set(found) == there - (gone - set(found))


@pytest.mark.parametrize("mode", BOTH)
async def test_a_page_is_full_although_most_of_what_is_newest_may_not_be_seen(
    conn: asyncpg.Connection, mode: ByTime
) -> None:
    viewer, friend = await an_account(conn), await an_account(conn)
    await friends(conn, viewer, friend)
    old = [await a_clip(conn, friend, 50 + number) for number in range(3)]
    await conn.executemany(
        "update clip set hidden_at = now() where id = $1", [(await a_clip(conn, friend),) for _ in range(25)]
    )
    assert await by_time(conn, viewer, mode, 2) == old


async def test_a_cursor_is_for_its_mode_and_its_account(conn: asyncpg.Connection) -> None:
    viewer, other = await an_account(conn), await an_account(conn)
    await friends(conn, viewer, other)
    for hours in range(3):
        await a_clip(conn, other, hours)
    mine: dict[str, str | None] = {mode: (await pages.by_time(conn, viewer, mode, None, 1)).after for mode in BOTH}
    mine["for_you"] = (await pages.for_you(conn, viewer, None, 1, explain=False)).after
    assert None not in mine.values()
    for of, cursor in mine.items():
        for mode in BOTH:
            if of != mode:
                with pytest.raises(CursorRefused):
                    await pages.by_time(conn, viewer, mode, cursor, 1)
            with pytest.raises(CursorRefused):
                await pages.by_time(conn, other, mode, cursor, 1)
        for account in (viewer, other):
            if (of, account) != ("for_you", viewer):
                with pytest.raises(CursorRefused):
                    await pages.for_you(conn, account, cursor, 1, explain=False)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "²", "k6Vmb3JfeW91", "A" * 5000, "video_0190"])
def test_a_cursor_of_ones_own_making_is_refused(text: str) -> None:
    for mode in ("following", "for_you"):
        with pytest.raises(CursorRefused):
            (cursors.read_position if mode == "for_you" else cursors.read_place)(mode, uuid4(), text)


def test_a_cursor_says_again_what_it_was_made_of() -> None:
    account = uuid4()
    place, position = Place(NOW + timedelta(microseconds=3), uuid4()), Position(uuid4(), 40)
    assert cursors.read_place("friends", account, cursors.write("friends", account, place)) == place
    assert cursors.read_position("for_you", account, cursors.write("for_you", account, position)) == position


def test_a_place_or_a_number_out_of_bounds_is_refused() -> None:
    account = uuid4()
    for mode, read, at in (("friends", cursors.read_place, 2**60), ("for_you", cursors.read_position, -1)):
        forged = cursors.write(mode, account, Position(uuid4(), at))  # type: ignore[arg-type]
        with pytest.raises(CursorRefused):
            read(mode, account, forged)  # type: ignore[arg-type]


async def test_for_you_never_shows_again_what_was_watched_and_nothing_of_ones_own(conn: asyncpg.Connection) -> None:
    viewer, friend = await an_account(conn), await an_account(conn)
    await friends(conn, viewer, friend)
    seen, new, later = [await a_clip(conn, friend, hours) for hours in (1, 2, 3)]
    await a_clip(conn, viewer)
    await watch(conn, viewer, seen)
    first = await pages.for_you(conn, viewer, None, 1, explain=False)
    assert [item.clip.id for item in first.items] == [new]
    await watch(conn, viewer, later)  # on another device, after the list was made
    assert (await pages.for_you(conn, viewer, first.after, 1, explain=False)).items == ()


async def test_every_source_brings_its_clips(conn: asyncpg.Connection) -> None:
    viewer, friend, idol, twin, maker = [await an_account(conn) for _ in range(5)]
    await friends(conn, viewer, friend)
    await follows(conn, viewer, idol)
    await likes(conn, viewer, shared := await a_clip(conn, maker, 30))
    await likes(conn, twin, shared, alike := await a_clip(conn, maker, 31))
    await likes(conn, friend, liked := await a_clip(conn, maker, 32))
    source = await a_clip(conn, maker, 33)
    remix = await a_clip(conn, friend, 2, remixed_from=source)
    of_idol, fresh = await a_clip(conn, idol, 3), await a_clip(conn, maker, 4)
    page = await pages.for_you(conn, viewer, None, 50, explain=True)
    told = {item.clip.id: item.explained.source for item in page.items if item.explained}
    wanted: dict[UUID, Source] = {
        remix: "friends", liked: "friends_like", source: "friends_remix", of_idol: "followed", alike: "alike",
        fresh: "fresh", shared: "alike",
    }  # fmt: skip
    assert told == wanted
    for item in page.items:
        assert item.explained is not None
        assert item.explained.terms.score > 0
    assert {item.clip.id: item.reason for item in page.items if item.reason != "for_you"} == {
        remix: "friend",
        of_idol: "following",
    }


async def test_nothing_limited_muted_reported_blocked_hidden_or_for_adults_is_recommended(
    conn: asyncpg.Connection,
) -> None:
    viewer, young, maker, muted, reported, blocked = [
        await an_account(conn, born) for born in ("1990-05-17", "2010-05-17", *["1990-05-17"] * 4)
    ]
    good, limited, grown_up, hidden, removed, told_of = [await a_clip(conn, maker) for _ in range(6)]
    for other in (muted, reported, blocked):
        await a_clip(conn, other)
    await conn.execute("update clip set limited = true where id = $1", limited)
    await conn.execute("update clip set adults_only = true where id = $1", grown_up)
    await conn.execute("update clip set hidden_at = now() where id = $1", hidden)
    await conn.execute("update clip set removed_at = now() where id = $1", removed)
    for one in (viewer, young):
        await conn.execute("insert into mute (muter, muted) values ($1, $2)", one, muted)
        await conn.execute("insert into block (blocker, blocked) values ($1, $2)", blocked, one)
        for kind, subject in (("clip", told_of), ("account", reported)):
            await conn.execute(
                "insert into report (reporter, subject_type, subject, reason, comment) values ($1, $2, $3, 'spam', '')",
                one,
                kind,
                subject,
            )
    assert set(await for_you(conn, viewer)) == {good, grown_up}
    assert await for_you(conn, young) == [good]
    await follows(conn, viewer, maker)
    assert set(await for_you(conn, viewer)) == {good, grown_up, limited}
    assert set(await by_time(conn, viewer, "following", 2)) == {good, grown_up, limited}


async def test_what_was_blocked_after_the_list_was_made_does_not_come_from_it(conn: asyncpg.Connection) -> None:
    viewer, one, other = [await an_account(conn) for _ in range(3)]
    clips = {await a_clip(conn, maker, hours): maker for hours in range(3) for maker in (one, other)}
    first = await pages.for_you(conn, viewer, None, 1, explain=False)
    [shown] = [item.clip.id for item in first.items]
    await conn.execute("insert into block (blocker, blocked) values ($1, $2)", viewer, one)
    rest = await pages.for_you(conn, viewer, first.after, 50, explain=False)
    assert {item.clip.id for item in rest.items} == {clip for clip, maker in clips.items() if maker == other} - {shown}


async def test_pages_of_a_ranked_list_neither_repeat_nor_skip_while_others_publish(conn: asyncpg.Connection) -> None:
    viewer, maker = await an_account(conn), await an_account(conn)
    clips = {await a_clip(conn, maker, hours) for hours in range(23)}
    found: list[UUID] = []
    after = None
    while True:
        page = await pages.for_you(conn, viewer, after, 5, explain=False)
        found += [item.clip.id for item in page.items]
        await a_clip(conn, maker, 0.1)
        if (after := page.after) is None:
            break
    assert (len(found), set(found)) == (len(clips), clips)


async def test_a_list_is_kept_for_a_day_and_for_four_devices(conn: asyncpg.Connection) -> None:
    viewer, maker = await an_account(conn), await an_account(conn)
    for hours in range(3):
        await a_clip(conn, maker, hours)
    cursors_ = [(await pages.for_you(conn, viewer, None, 1, explain=False)).after for _ in range(kept.LISTS + 1)]
    for cursor in cursors_[1:]:
        assert (await pages.for_you(conn, viewer, cursor, 1, explain=False)).items
    with pytest.raises(ListExpired):
        await pages.for_you(conn, viewer, cursors_[0], 1, explain=False)
    await conn.execute("update feed_list set made_at = now() - interval '25 hours'")
    with pytest.raises(ListExpired):
        await pages.for_you(conn, viewer, cursors_[-1], 1, explain=False)
    await kept.tidy(conn)
    assert await conn.fetchval("select count(*) from feed_list") == 0


def candidate(**changed: object) -> Candidate:
    usual = {
        "clip": uuid4(), "author": uuid4(), "root": None, "published_at": NOW - timedelta(hours=5), "allow_remix": True,
        "likes": 10, "remixes": 2, "views": 100, "completions": 50, "source": "fresh",
    }  # fmt: skip
    return Candidate(**(usual | changed))  # type: ignore[arg-type]


FRIEND, IDOL = uuid4(), uuid4()
CLOSE = People((FRIEND,), (IDOL,), {})


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"author": FRIEND}, {"author": IDOL}),
        ({"author": IDOL}, {}),
        ({}, {"allow_remix": False}),
        ({"author": FRIEND}, {"likes": 90, "completions": 95}),  # one knows them
        ({"remixes": 9}, {}),
        ({"likes": 40}, {}),
        ({"completions": 90}, {}),
        ({"published_at": NOW}, {}),
        ({"source": "friends_like"}, {}),
        ({"likes": 0, "views": 0, "completions": 0, "remixes": 0}, {"likes": 0, "completions": 0, "remixes": 0}),
    ],
)
async def test_of_two_that_are_else_alike_the_better_comes_first(
    conn: asyncpg.Connection, better: dict[str, object], worse: dict[str, object]
) -> None:
    one, other = candidate(**worse), candidate(**better)
    order = ranked([one, other], CLOSE, await taste(conn, uuid4(), []), NOW)
    assert [it.clip for it in order] == [other.clip, one.clip]
    assert order[0].terms.score > order[1].terms.score


async def test_who_was_liked_often_comes_before_who_was_not(conn: asyncpg.Connection) -> None:
    one, other = candidate(), candidate()
    close = People((), (), {other.author: 5})
    order = ranked([one, other], close, await taste(conn, uuid4(), []), NOW)
    assert [it.clip for it in order] == [other.clip, one.clip]


@pytest.mark.parametrize("shared", ["author", "root"])
async def test_one_author_or_one_tree_does_not_fill_the_page(conn: asyncpg.Connection, shared: str) -> None:
    same = [candidate(**{shared: FRIEND if shared == "author" else IDOL}, likes=30) for _ in range(4)]
    others = [candidate(author=uuid4()) for _ in range(4)]
    order = ranked([*same, *others], People((), (), {}), await taste(conn, uuid4(), []), NOW)
    of_same = [number for number, it in enumerate(order) if it.clip in {one.clip for one in same}]
    assert of_same[0] == 0
    assert of_same[1] > 1
    assert [order[number].terms.variety for number in of_same] == pytest.approx([AGAIN**times for times in range(4)])
    scores = [it.terms.score for it in order]
    assert scores == sorted(scores, reverse=True)


async def test_what_taste_forbids_is_not_in_the_list(conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = candidate(), candidate()
    monkeypatch.setattr(Taste, "weight", lambda _, it: 0.0 if it.clip == one.clip else 0.5)
    order = ranked([one, other], CLOSE, await taste(conn, uuid4(), []), NOW)
    assert [(it.clip, it.terms.taste) for it in order] == [(other.clip, 0.5)]


async def test_friends_know_each_other_from_both_sides_however_the_follows_come_and_go(
    conn: asyncpg.Connection,
) -> None:
    people = [await an_account(conn) for _ in range(5)]
    draw = random.Random(11)  # noqa: S311 - the same draws each time
    for _ in range(120):
        one, other = draw.sample(people, 2)
        if draw.random() < 0.6:
            await conn.execute(
                "insert into follow (follower, followed) values ($1, $2) on conflict do nothing", one, other
            )
        else:
            await conn.execute("delete from follow where follower = $1 and followed = $2", one, other)
    wrong = await conn.fetchval(
        "select count(*) from follow f where mutual <> "
        "exists (select from follow r where r.follower = f.followed and r.followed = f.follower)"
    )
    assert (wrong, await conn.fetchval("select count(*) from follow") > 0) == (0, True)
    await conn.execute("delete from account where id = $1", people[0])
    await conn.execute(
        "insert into follow (follower, followed) select a.id, b.id from account a, account b "
        "where a.id <> b.id on conflict do nothing"
    )
    assert await conn.fetchval("select bool_and(mutual) from follow")
    await conn.execute("delete from follow where follower = $1 or followed = $1", people[1])
    assert await conn.fetchval("select bool_and(mutual) from follow")
