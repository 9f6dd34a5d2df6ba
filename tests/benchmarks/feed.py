"""How well for_you does on people who are simulated, beside the same days in reverse-chronological order.

The same population plays the same days in a database of its own for each order: the clips that are published and what
each person would like of them are the same; what they are shown differs, and so does what is learnt.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.db import migrate, open_pool
from backend.localdb import Postgres
from social import steering
from social.feed import pages
from tests.benchmarks.population import PEOPLE, TOPICS, Maker, Population
from tests.benchmarks.printing import table

WATCHERS, DAYS, WARM_UP = 40, 10, 5
STEERS: Final = 4  # one in so many of the watchers
PAGE: Final = 20
OTHERS_WATCH: Final = 8  # clips a day of everybody who is no watcher
SEEDS: Final = (1, 2, 3)


class Session(msgspec.Struct, frozen=True):
    """What one page was worth to one watcher. Shares of the page, but for `authors` and `topics`: how many."""

    seed: int
    hits: float  # what they would like
    authors: int
    topics: int
    friends: float
    wanted: float | None  # of those who steer: what they asked more of, and what they asked for nothing of
    unwanted: float | None


Choose = Callable[[asyncpg.Connection, Population, UUID], Awaitable[list[UUID]]]


async def for_you(conn: asyncpg.Connection, _population: Population, viewer: UUID) -> list[UUID]:
    page = await pages.for_you(conn, viewer, None, PAGE, explain=False)
    return [item.clip.id for item in page.items]


async def newest(conn: asyncpg.Connection, _population: Population, viewer: UUID) -> list[UUID]:
    """All that the viewer may see and has not watched, newest first."""
    rows = await conn.fetch(
        """
        select c.id from unmuted_clip($1) c
        where c.account <> $1 and c.published_at is not null
            and not exists (select from clip_view v where v.account = $1 and v.clip = c.id)
        order by c.published_at desc, c.id desc limit $2
        """,
        viewer,
        PAGE,
    )
    return [row["id"] for row in rows]


async def followed(conn: asyncpg.Connection, _population: Population, viewer: UUID) -> list[UUID]:
    """The same of whom the viewer follows, filled up with the newest of others."""
    rows = await conn.fetch(
        """
        select c.id from unmuted_clip($1) c
        where c.account <> $1 and c.published_at is not null
            and not exists (select from clip_view v where v.account = $1 and v.clip = c.id)
        order by exists (select from follow where follower = $1 and followed = c.account) desc,
            c.published_at desc, c.id desc
        limit $2
        """,
        viewer,
        PAGE,
    )
    return [row["id"] for row in rows]


async def foreseen(_conn: asyncpg.Connection, population: Population, viewer: UUID) -> list[UUID]:
    """By the true probability that they like it, which nobody but the simulation knows: what can be had at most."""
    there = [
        one.clip
        for one in population.clips.values()
        if one.author != viewer and one.clip not in population.seen[viewer]
    ]
    return sorted(there, key=lambda clip: -population.liking(viewer, clip))[:PAGE]


ORDERS: Final[Mapping[str, Choose]] = {
    "for_you": for_you,
    "newest first": newest,
    "followed, newest first": followed,
    "all foreseen": foreseen,
}


def report(*words: str) -> None:
    """`./run bench feed [SEED …]`."""
    seeds = tuple(int(word) for word in words) or SEEDS
    played: dict[str, list[Session]] = {name: [] for name in ORDERS}
    with Postgres.scratch() as server:
        for seed in seeds:
            for name, choose in ORDERS.items():
                sys.stderr.write(f"seed {seed}, {name}\n")
                played[name] += asyncio.run(_played(server, f"feed_{seed}_{choose.__name__}", seed, choose))
    table(
        f"{PEOPLE} people; {WATCHERS} watch {PAGE} clips a day for {DAYS} days, the last {DAYS - WARM_UP} count; "
        f"seeds {', '.join(map(str, seeds))}",
        [("order", "hits", "least and most of a seed", "authors", "topics", "by friends"), *_rows(played)],
    )
    table(
        f"of them, one in {STEERS} asked for more of one topic and nothing of another: their clips that are about",
        [("order", "the one", "the other", "hits"), *_steered(played)],
    )


def _rows(played: Mapping[str, Sequence[Session]]) -> Iterator[Sequence[str]]:
    """Of those who do not steer: steering says something that no other order is told."""
    for name, every in played.items():
        sessions = [one for one in every if one.wanted is None]
        seeds = {one.seed for one in sessions}
        hits = [statistics.mean(one.hits for one in sessions if one.seed == seed) for seed in seeds]
        yield (
            name,
            f"{statistics.mean(one.hits for one in sessions):.3f}",
            f"{min(hits):.3f} to {max(hits):.3f}",
            f"{statistics.mean(one.authors for one in sessions):.1f}",
            f"{statistics.mean(one.topics for one in sessions):.1f}",
            f"{statistics.mean(one.friends for one in sessions):.3f}",
        )


def _steered(played: Mapping[str, Sequence[Session]]) -> Iterator[Sequence[str]]:
    for name, every in played.items():
        sessions = [one for one in every if one.wanted is not None]
        yield (
            name,
            f"{statistics.mean(one.wanted or 0.0 for one in sessions):.3f}",
            f"{statistics.mean(one.unwanted or 0.0 for one in sessions):.3f}",
            f"{statistics.mean(one.hits for one in sessions):.3f}",
        )


async def _played(server: Postgres, name: str, seed: int, choose: Choose) -> list[Session]:
    conn = await asyncpg.connect(server.dsn())
    await conn.execute(f"create database {name}")
    await conn.close()
    await migrate(server.dsn(name))
    async with await open_pool(server.dsn(name), min_size=1, max_size=1) as pool, pool.acquire() as conn:
        population = Population(conn, seed)
        await population.settle()
        watchers = list(population.people)[:WATCHERS]
        steerers = {one: _wishes(population.people[one]) for one in watchers[::STEERS]}
        for one, (more, none) in steerers.items():
            text = f"more {more}, nothing about {none}"
            heard, lost = await steering.hear(conn, text)
            await steering.set_to(conn, one, text, heard, lost)
        sessions = []
        for day in range(DAYS):
            await population.publish()
            await _others_watch(population, watchers)
            for one in watchers:
                shown = await choose(conn, population, one)
                if day >= WARM_UP:
                    sessions.append(_worth(population, one, shown, steerers.get(one)))
                await population.watch(one, shown)
            await population.night()
    return sessions


def _wishes(person: Maker) -> tuple[str, str]:
    """What they like second, and what they like least: both have a name."""
    named = sorted((topic for topic in TOPICS if topic), key=lambda topic: -person.interests[topic])
    return named[1], named[-1]


async def _others_watch(population: Population, watchers: Sequence[UUID]) -> None:
    """Something of the last days each, in no order: so that clips have figures."""
    late = list(population.clips)[-600:]
    for person in list(population.people)[len(watchers) :]:
        there = [
            clip
            for clip in population.random.sample(late, min(len(late), OTHERS_WATCH))
            if clip not in population.seen[person]
        ]
        await population.watch(person, [clip for clip in there if population.clips[clip].author != person])


def _worth(population: Population, person: UUID, shown: Sequence[UUID], wishes: tuple[str, str] | None) -> Session:
    made = [population.clips[clip] for clip in shown]
    count = max(1, len(made))
    return Session(
        seed=population.seed,
        hits=sum(population.likes(person, one.clip) for one in made) / PAGE,
        authors=len({one.author for one in made}),
        topics=len({one.topic for one in made}),
        friends=sum(one.author in population.people[person].friends for one in made) / count,
        wanted=None if wishes is None else sum(one.topic == wishes[0] for one in made) / count,
        unwanted=None if wishes is None else sum(one.topic == wishes[1] for one in made) / count,
    )
