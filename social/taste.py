"""What somebody wants to see: their steering, their feedback, what they liked, calm mode. A factor for every candidate.

tastes = await taste(conn, viewer, [candidate.clip for candidate in candidates])
score *= tastes.weight(candidate)  # 0: never in for_you
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from uuid import UUID

import asyncpg
import msgspec

from social import calm
from social.wishes import Direction

CHIP: Final[Mapping[Direction, float]] = {"more": 3.0, "less": 0.25, "none": 0.0}
LEANING: Final = (0.5, 2.0)  # the least and the most that what was liked before makes of a clip
PRIOR: Final = 6.0  # clips of a topic that have to be watched before their likes count as much as the usual ones
WATCHED: Final = 300  # clips that leanings are read from, the newest
LIKED, FINISHED = 1.0, 0.35  # what a clip tells of its topics; nothing, when it was left before its end
FEEDBACK: Final = 4.0  # clips that one "more like this" weighs as much as
ALIKE: Final = 0.55  # cosine of the words of a chip and those of a clip, where both have a vector
BY_AUTHOR: Final = 1.5  # per "more like this"; its inverse per "less like this"


class Candidate(Protocol):
    """A clip that may be shown, and who made it."""

    @property
    def clip(self) -> UUID: ...
    @property
    def author(self) -> UUID: ...


class Traits(msgspec.Struct, frozen=True):
    """What a clip is about, and which of the viewer's chips it answers."""

    topics: tuple[str, ...] = ()
    chips: tuple[UUID, ...] = ()


class Wanted(msgspec.Struct, frozen=True):
    """A chip, as far as ranking needs it."""

    direction: Direction
    shown: str  # the topic, or the words


class Reason(msgspec.Struct, frozen=True):
    """Why a clip is shown more or less; `factor` 0: not at all."""

    because: str  # "more dogs", "you hid who made it", "calm mode: loud", …
    factor: float


class Said(msgspec.Struct, frozen=True):
    """What a viewer told their feed. `authors`: factors."""

    chips: Mapping[UUID, Wanted]
    authors: Mapping[UUID, float]
    hidden: frozenset[UUID]
    disliked: frozenset[UUID]
    calm: bool

    @property
    def forbids(self) -> bool:
        """Whether there may be clips that are not shown at all."""
        return bool(self.chips or self.hidden or self.disliked or self.calm)


class Taste(msgspec.Struct, frozen=True):
    """Of one viewer, for the candidates it was read for. `topics` and `authors` are factors."""

    chips: Mapping[UUID, Wanted]
    topics: Mapping[str, float]
    authors: Mapping[UUID, float]
    hidden: frozenset[UUID]
    disliked: frozenset[UUID]
    calm: bool
    traits: Mapping[UUID, Traits]

    def weight(self, candidate: Candidate) -> float:
        """0 = never shown in for_you; 1 = nothing known either way."""
        return math.prod(reason.factor for reason in self.reasons(candidate))

    def reasons(self, candidate: Candidate) -> tuple[Reason, ...]:
        """All that `weight` is the product of."""
        traits = self.traits.get(candidate.clip, Traits())
        found = [
            Reason(f"{self.chips[chip].direction} {self.chips[chip].shown}", CHIP[self.chips[chip].direction])
            for chip in traits.chips
        ]
        if candidate.author in self.hidden:
            found.append(Reason("you hid who made it", 0.0))
        if candidate.clip in self.disliked:
            found.append(Reason("you wanted less like it", 0.0))
        if self.calm:
            found += [Reason(f"calm mode: {topic}", 0.0) for topic in traits.topics if topic in calm.UNWANTED]
        if candidate.author in self.authors:
            found.append(Reason("what you said about clips of theirs", self.authors[candidate.author]))
        known = [topic for topic in traits.topics if topic in self.topics]
        if known:
            mean = math.exp(sum(math.log(self.topics[topic]) for topic in known) / len(known))
            found.append(Reason(f"what you liked before: {', '.join(known)}", round(mean, 3)))
        return tuple(found)


async def said(conn: asyncpg.Connection, viewer: UUID) -> Said:
    """One statement; the newest 1000 of their feedback."""
    [row] = await conn.fetch(
        """
        select feed_is_calm($1) as calm, s.ids, s.directions, s.shown, f.kinds, f.clips, f.creators, f.authors
        from (
            select array_agg(id) as ids, array_agg(direction) as directions,
                array_agg(coalesce(topic, words)) as shown
            from steering_chip where account = $1
        ) s, (
            select array_agg(kind) as kinds, array_agg(clip) as clips, array_agg(creator) as creators,
                array_agg(author) as authors
            from (
                select f.kind, f.clip, f.creator, c.account as author
                from feed_feedback f left join clip c on c.id = f.clip
                where f.account = $1 order by f.id desc limit 1000
            ) newest
        ) f
        """,
        viewer,
    )
    chips = zip(row["ids"] or (), row["directions"] or (), row["shown"] or (), strict=True)
    kinds = row["kinds"] or ()
    return Said(
        chips={chip: Wanted(direction, shown) for chip, direction, shown in chips},
        authors=_authors(kinds, row["authors"] or ()),
        hidden=frozenset(one for one in row["creators"] or () if one),
        disliked=frozenset(
            clip for kind, clip in zip(kinds, row["clips"] or (), strict=True) if kind == "less_like_this"
        ),
        calm=row["calm"],
    )


async def taste(conn: asyncpg.Connection, viewer: UUID, clips: Sequence[UUID], told: Said | None = None) -> Taste:
    """Three statements, each bounded: by the candidates, by 20 chips, and by the newest WATCHED clips."""
    told = told or await said(conn, viewer)
    return Taste(
        chips=told.chips,
        topics=await leanings(conn, viewer),
        authors=told.authors,
        hidden=told.hidden,
        disliked=told.disliked,
        calm=told.calm,
        traits=await _traits(conn, viewer, clips),
    )


def _authors(kinds: Sequence[str], authors: Sequence[UUID | None]) -> dict[UUID, float]:
    factors: dict[UUID, float] = {}
    for kind, author in zip(kinds, authors, strict=True):
        if author is not None:
            by = BY_AUTHOR if kind == "more_like_this" else 1 / BY_AUTHOR
            factors[author] = min(LEANING[1], max(LEANING[0], factors.get(author, 1.0) * by))
    return factors


async def _traits(conn: asyncpg.Connection, viewer: UUID, clips: Sequence[UUID]) -> dict[UUID, Traits]:
    rows = await conn.fetch(
        """
        select w.clip, t.topics, array(
            select s.id from steering_chip s
            where s.account = $1 and (s.topic = any(t.topics) or w.words @@ s.query
                or case when vector_dims(s.embedding) = vector_dims(w.embedding)
                    then 1 - (s.embedding <=> w.embedding) >= $3 end)
            order by s.id
        ) as chips
        from clip_words w,
            lateral (select array(select topic from clip_topic o where o.clip = w.clip order by topic) as topics) t
        where w.clip = any($2)
        """,
        viewer,
        clips,
        ALIKE,
    )
    return {row["clip"]: Traits(tuple(row["topics"]), tuple(row["chips"])) for row in rows}


async def leanings(conn: asyncpg.Connection, viewer: UUID) -> dict[str, float]:
    """Topic -> factor: how much more often its clips were liked or watched to the end than this viewer's clips are."""
    rows = await conn.fetch(
        """
        with watched as (
            select clip, completed from clip_view where account = $1 order by clip desc limit $2
        ), seen as (
            select w.clip, 1::float8 as weight,
                case when l.account is not null then $3::float8 when w.completed then $4::float8 else 0 end as signal
            from watched w left join clip_like l on l.clip = w.clip and l.account = $1
            union all
            select clip, $5::float8, case kind when 'more_like_this' then $5::float8 else 0 end
            from feed_feedback where account = $1 and clip is not null
        )
        select t.topic, sum(s.signal) as signal, sum(s.weight) as weight,
            (select sum(signal) / sum(weight) from seen) as usual
        from seen s join clip_topic t on t.clip = s.clip group by t.topic
        """,
        viewer,
        WATCHED,
        LIKED,
        FINISHED,
        FEEDBACK,
    )
    return {row["topic"]: _factor(row["signal"], row["weight"], row["usual"]) for row in rows}


def _factor(signal: float, weight: float, usual: float) -> float:
    usual = max(usual, 0.05)
    return min(LEANING[1], max(LEANING[0], (signal + PRIOR * usual) / ((weight + PRIOR) * usual)))


async def wanted(conn: asyncpg.Connection, viewer: UUID, limit: int) -> list[UUID]:
    """Newest clips of the topics that the viewer asked for more of: candidates. Who may see them is asked later."""
    rows = await conn.fetch(
        """
        select distinct n.clip from steering_chip s, lateral (
            select t.clip from clip_topic t where t.topic = s.topic order by t.published_at desc, t.clip desc limit $2
        ) n
        where s.account = $1 and s.direction = 'more'
        """,
        viewer,
        limit,
    )
    return [row["clip"] for row in rows]
