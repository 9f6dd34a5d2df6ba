"""The order of a feed: score = affinity x freshness x remix likelihood x quality x taste x variety, each around 1."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from social.feed.candidates import Candidate, People, Source
from social.taste import Taste

FRIEND, FOLLOWED, STRANGER = 3.0, 1.6, 0.6  # affinity before anything is known of what the viewer likes
LIKED: Final = 0.35  # affinity more for each doubling of likes for an author
NEAR: Final[Mapping[Source, float]] = {"friends_like": 1.5, "friends_remix": 1.6, "alike": 1.3}
HALF_LIFE: Final = {True: timedelta(days=5), False: timedelta(hours=36)}  # of a friend's clips, of others'
OLDEST: Final = 0.05  # of freshness
REMIX_RATE, REMIX_PRIOR = 0.02, 50.0  # remixes a view, usual; how many views say as much as that
REMIXABLE: Final = 0.25  # more, where the usual share remix it; up to three times that
LIKE_RATE, COMPLETION_RATE, QUALITY_PRIOR = 0.1, 0.5, 20.0
AGAIN: Final = 0.55  # variety, for each clip before it that has the same author or comes from the same tree
KEPT: Final = 120  # clips of a list: twenty minutes


class Terms(msgspec.Struct, frozen=True):
    """What a score is the product of."""

    affinity: float
    freshness: float
    remix: float
    quality: float
    taste: float
    variety: float

    @property
    def score(self) -> float:
        return self.affinity * self.freshness * self.remix * self.quality * self.taste * self.variety


class Ranked(msgspec.Struct, frozen=True):
    clip: UUID
    source: Source
    terms: Terms


def ranked(candidates: Sequence[Candidate], close: People, taste: Taste, now: datetime) -> list[Ranked]:
    """Best first, at most KEPT. A clip whose taste is 0 is not there."""
    friends, followed = frozenset(close.friends), frozenset(close.followed)
    heap: list[tuple[float, int, Candidate, Terms]] = []
    for number, one in enumerate(candidates):
        if not (liking := taste.weight(one)):
            continue
        friend = one.author in friends
        standing = FRIEND if friend else FOLLOWED if one.author in followed else STRANGER * NEAR.get(one.source, 1.0)
        terms = Terms(
            affinity=standing * (1 + LIKED * math.log2(1 + close.likes.get(one.author, 0))),
            freshness=max(OLDEST, 0.5 ** ((now - one.published_at) / HALF_LIFE[friend])),
            remix=_remix(one),
            quality=_quality(one),
            taste=liking,
            variety=1.0,
        )
        heapq.heappush(heap, (-terms.score, number, one, terms))
    return _varied(heap)


def _remix(one: Candidate) -> float:
    """A rate over few views is drawn to the usual one. What nobody may remix, one would only watch."""
    if not one.allow_remix:
        return 1.0
    rate = (one.remixes + REMIX_RATE * REMIX_PRIOR) / (one.views + REMIX_PRIOR)
    return 1.0 + REMIXABLE * min(3.0, rate / REMIX_RATE)


def _quality(one: Candidate) -> float:
    """Likes and completions a view, beside the usual: 0.5 to 2."""
    likes = (one.likes + LIKE_RATE * QUALITY_PRIOR) / (one.views + QUALITY_PRIOR) / LIKE_RATE
    completions = (one.completions + COMPLETION_RATE * QUALITY_PRIOR) / (one.views + QUALITY_PRIOR) / COMPLETION_RATE
    return min(2.0, max(0.5, math.sqrt(likes * completions)))


def _varied(heap: list[tuple[float, int, Candidate, Terms]]) -> list[Ranked]:
    """Greedy: whatever would come next is taken if what came before does not make another one better."""
    shown: Counter[UUID] = Counter()
    order: list[Ranked] = []
    while heap and len(order) < KEPT:
        _, number, one, terms = heapq.heappop(heap)
        keys = {one.author, one.root or one.clip}
        variety = AGAIN ** sum(shown[key] for key in keys)
        if variety < terms.variety:
            lower = msgspec.structs.replace(terms, variety=variety)
            heapq.heappush(heap, (-lower.score, number, one, lower))
            continue
        shown.update(keys)
        order.append(Ranked(one.clip, one.source, terms))
    return order
