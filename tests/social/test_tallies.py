"""Counts are kept by the database; counting again must always give the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from social import blocks, follows
from tests.social.published import a_clip, an_account

STEPS = 120
Deed = Callable[[asyncpg.Connection, UUID, UUID], Awaitable[None]]


async def drift(conn: asyncpg.Connection) -> list[tuple[str, object]]:
    return [(row["of"], row["id"]) for row in await conn.fetch("select * from tally_drift")]


async def friends_of(conn: asyncpg.Connection, account: UUID) -> tuple[int, int, int]:
    row = await conn.fetchrow("select followers, following, friends from account_tally where account = $1", account)
    return row["followers"], row["following"], row["friends"]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_people_do_a_recount_gives_what_is_kept(conn: asyncpg.Connection, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    crowd = [await an_account(conn) for _ in range(6)]
    clips = [await a_clip(conn, dice.choice(crowd)) for _ in range(5)]
    done: set[str] = set()
    for _ in range(STEPS):
        one, other = dice.sample(crowd, 2)
        clip = dice.choice(clips)
        deed = dice.choice(
            (
                "insert into follow (follower, followed) values ($1, $2) on conflict do nothing",
                "insert into follow (follower, followed) values ($1, $2), ($2, $1) on conflict do nothing",
                "delete from follow where follower = $1 and followed = $2",
                "delete from follow where (follower, followed) in (($1, $2), ($2, $1))",
                "delete from follow where follower = $1 and $2::uuid is not null",
            )
        )
        await conn.execute(deed, one, other)
        reaction = dice.choice(
            (
                "insert into clip_like (account, clip) values ($1, $2) on conflict do nothing",
                "delete from clip_like where account = $1 and clip = $2",
                "insert into clip_view (account, clip, watched_s) values ($1, $2, 1) on conflict do nothing",
                "update clip_view set completed = not completed where account = $1 and clip = $2",
                "delete from clip_view where account = $1 and clip = $2",
                "insert into comment (author, clip, text) values ($1, $2, 'so')",
                "update comment set deleted_at = now() where author = $1 and clip = $2",
                "update comment set hidden_at = now() where author = $1 and clip = $2",
                "update comment set hidden_at = null where author = $1 and clip = $2",
                "delete from comment where author = $1 and clip = $2",
            )
        )
        await conn.execute(reaction, one, clip)
        if dice.random() < 0.1:
            made = await a_clip(conn, one)
            await conn.execute("delete from clip where id = $1", made)
        done |= {deed, reaction}
    assert len(done) == 15
    assert await drift(conn) == []
    await conn.execute("delete from account where id = $1", crowd[0])
    assert await drift(conn) == []


async def test_remixes_count_while_they_are_there_to_be_seen(conn: asyncpg.Connection) -> None:
    maker = await an_account(conn)
    parent = await a_clip(conn, maker)
    child = await conn.fetchval(
        "insert into clip (account, prompt, model, size, seconds, seed, status, media, audience, remixed_from) "
        "values ($1, '', 'castmate-1', '384x640', '4', 1, 'completed', '{}', 'everyone', $2) returning id",
        maker,
        parent,
    )
    counted = []
    for change in (
        "published_at = now()",
        "hidden_at = now()",
        "hidden_at = null",
        "removed_at = now()",
        "removed_at = null",
        "published_at = null",
    ):
        await conn.execute(f"update clip set {change} where id = $1", child)  # noqa: S608 - from the list above
        counted.append(await conn.fetchval("select remixes from clip_tally where clip = $1", parent))
        assert await drift(conn) == []
    assert counted == [1, 0, 1, 0, 1, 0]


async def test_two_who_follow_each_other_at_once_are_friends_once(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        pairs = [(await an_account(conn), await an_account(conn)) for _ in range(10)]
    ways = [way for one, other in pairs for way in ((one, other), (other, one))]
    await asyncio.gather(*(alone(pool, follows.follow, *way) for way in ways))
    async with pool.acquire() as conn:
        assert [await friends_of(conn, person) for pair in pairs for person in pair] == [(1, 1, 1)] * 20
        assert await drift(conn) == []


async def test_follows_unfollows_and_blocks_of_two_at_once_leave_what_is_counted(pool: asyncpg.Pool) -> None:
    """Whichever comes first: none fails, and what is kept is what there is."""
    dice = random.Random(5)  # noqa: S311 - no secret
    async with pool.acquire() as conn:
        one, other = await an_account(conn), await an_account(conn)
    deeds: tuple[Deed, ...] = (follows.follow, follows.unfollow, follows.befriend, blocks.block)
    for _ in range(25):
        ways = ((one, other), (other, one), (one, other), (other, one))
        await asyncio.gather(*(alone(pool, dice.choice(deeds), *way) for way in ways))
        async with pool.acquire() as conn:
            assert await drift(conn) == []
            odd = "select count(*) from follow f where mutual <> exists (select from follow b "
            odd += "where b.follower = f.followed and b.followed = f.follower)"
            assert await conn.fetchval(odd) == 0


async def alone(pool: asyncpg.Pool, deed: Deed, one: UUID, other: UUID) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await deed(conn, one, other)
