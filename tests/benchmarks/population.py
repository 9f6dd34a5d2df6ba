"""People who are simulated, for `./run bench feed`: what they make, what they like, and what they watch.

Everybody has interests and makers they like, none of which the ranker sees: it sees whom they follow, what they watched
and what they liked. The same seed makes the same people, clips and likings.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

PEOPLE: Final = 240
GROUPS: Final = 16
CAPTIONS: Final[Mapping[str, str]] = {
    "dogs": "my dog again",
    "cats": "the cat on the roof",
    "food": "cooking noodles",
    "music": "a song for you",
    "dancing": "dancing in the street",
    "sports": "the marathon",
    "gaming": "a speedrun",
    "horror": "the haunted house",
    "comedy": "a silly prank",
    "politics": "after the election",
    "cars": "racing home",
    "travel": "a trip to the airport",
    "": "look at this",
}
TOPICS: Final = tuple(CAPTIONS)


class Maker(msgspec.Struct, frozen=True):
    """A person: who they are to the ranker, and what it does not see."""

    id: UUID
    number: int
    interests: Mapping[str, float]  # -1..1
    friends: frozenset[UUID]
    charm: float  # of what they make


class Made(msgspec.Struct, frozen=True):
    clip: UUID
    number: int
    author: UUID
    topic: str
    quality: float


class Population:
    """Of one database."""

    def __init__(self, conn: asyncpg.Connection, seed: int) -> None:
        self.conn = conn
        self.seed = seed
        self.random = random.Random(seed)  # noqa: S311 - a simulation
        self.people: dict[UUID, Maker] = {}
        self.clips: dict[UUID, Made] = {}
        self.seen: dict[UUID, set[UUID]] = {}

    async def settle(self) -> None:
        """Groups that share interests, follow each other inside and now and then outside."""
        draw = self.random
        rows = await self.conn.fetch(
            """
            insert into account (handle, display_name, birth_date)
            select 'p' || n, 'Person ' || n, '1990-01-01' from generate_series(1, $1::int) n returning id
            """,
            PEOPLE,
        )
        ids = [row["id"] for row in rows]
        likes = [draw.sample(TOPICS, 4) for _ in range(GROUPS)]
        edges: set[tuple[UUID, UUID]] = set()
        for number, one in enumerate(ids):
            near = ids[number % GROUPS :: GROUPS]
            for other in draw.sample(near, 5) + draw.sample(ids, 2):
                if other != one:
                    edges |= {(one, other), (other, one)}
            edges |= {(one, other) for other in draw.sample(ids, 6) if other != one}
        await self.conn.executemany("insert into follow (follower, followed) values ($1, $2)", sorted(edges))
        for number, one in enumerate(ids):
            mutual = frozenset(other for follower, other in edges if follower == one and (other, one) in edges)
            interests = {topic: draw.uniform(-1, 0.3) for topic in TOPICS}
            interests |= {topic: draw.uniform(0.3, 1) for topic in likes[number % GROUPS]}
            self.people[one] = Maker(one, number, interests, mutual, draw.gauss(0, 0.7))
            self.seen[one] = set()

    async def publish(self) -> None:
        """A day: a few make much, most little; of what they like themselves, mostly."""
        draw = self.random
        for one in self.people.values():
            for _ in range(min(4, int(draw.paretovariate(1.6)) - (draw.random() < 0.6))):
                topic = max(draw.sample(TOPICS, 3), key=lambda name, of=one: of.interests[name])  # type: ignore[misc]
                clip = await self.conn.fetchval(
                    """
                    insert into clip (account, prompt, model, size, seconds, seed, status, media, caption, audience,
                        published_at)
                    values ($1, '', 'm', '384x640', '10', 1, 'completed', '{}', $2, 'everyone',
                        now() - make_interval(secs => $3)) returning id
                    """,
                    one.id,
                    CAPTIONS[topic],
                    draw.uniform(60, 86_000),
                )
                self.clips[clip] = Made(clip, len(self.clips), one.id, topic, draw.gauss(0, 0.5))

    def liking(self, person: UUID, clip: UUID) -> float:
        """The true probability that they like it. Nothing in the database says so."""
        who, what = self.people[person], self.clips[clip]
        strength = (
            2.2 * who.interests[what.topic]
            + 1.1 * (what.author in who.friends)
            + 0.8 * self.people[what.author].charm
            + 0.8 * what.quality
            - 1.6
        )
        return 1 / (1 + math.exp(-strength))

    def likes(self, person: UUID, clip: UUID) -> bool:
        """The same for a person and a clip, whenever it is shown."""
        return self._chance("like", person, clip) < self.liking(person, clip)

    def _chance(self, of: str, person: UUID, clip: UUID) -> float:
        names = f"{of} {self.seed} {self.people[person].number} {self.clips[clip].number}"
        return int.from_bytes(hashlib.sha256(names.encode()).digest()[:6]) / 2**48

    async def watch(self, person: UUID, clips: Sequence[UUID]) -> None:
        """They see them, finish some and like some."""
        liked = [self.likes(person, clip) for clip in clips]
        done = [
            one or self._chance("finish", person, clip) < 0.6 * self.liking(person, clip) + 0.1
            for one, clip in zip(liked, clips, strict=True)
        ]
        await self.conn.execute(
            """
            insert into clip_view (account, clip, watched_s, completed)
            select $1, clip, case when done then 10 else 2 end, done
            from unnest($2::uuid[], $3::boolean[]) o (clip, done)
            """,
            person,
            clips,
            done,
        )
        await self.conn.execute(
            """
            insert into clip_like (account, clip)
            select $1, clip from unnest($2::uuid[], $3::boolean[]) o (clip, liked) where liked
            """,
            person,
            clips,
            liked,
        )
        self.seen[person] |= set(clips)

    async def night(self) -> None:
        """Everything is a day older."""
        async with self.conn.transaction():
            await self.conn.execute("set local session_replication_role = replica")
            await self.conn.execute("update clip set published_at = published_at - interval '1 day'")
            await self.conn.execute("update clip_words set published_at = published_at - interval '1 day'")
            await self.conn.execute("update clip_topic set published_at = published_at - interval '1 day'")
            await self.conn.execute("update clip_like set at = at - interval '1 day'")
            await self.conn.execute("update follow set at = at - interval '1 day'")
        await self.conn.execute("analyze")
