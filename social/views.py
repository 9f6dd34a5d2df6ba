"""What somebody watched, and how far: one row for an account and a clip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InvalidValue

ROUNDING_S: Final = 0.5  # players count past the end
WHOLE: Final = 0.9  # of the length, to have watched it to its end
CLOCK: Final = timedelta(minutes=5)  # how far a client's clock may be ahead
OLDEST: Final = timedelta(days=30)
AGAIN_S: Final = 4.0  # no clip is shorter: what ends sooner after the time before is that time


class View(msgspec.Struct, frozen=True):
    """`at`: when it ended; telling the same view again, ever so late, counts nothing. Without it: now."""

    clip: UUID
    watched_s: Annotated[float, msgspec.Meta(ge=0)]
    completed: bool | None = None
    at: datetime | None = None


async def record(conn: asyncpg.Connection, viewer: UUID, views: Sequence[View]) -> set[UUID]:
    """Returns the clips among them that the viewer may see; views of the others, and of one's own clips, count nothing.

    Raises InvalidValue where a clip was watched for longer than it is. Belongs into a transaction: tallies are locked
    in the order of clips.
    """
    rows = await conn.fetch(
        """
        select id, seconds::real as seconds, account from visible_clip($1)
        where id = any($2) and status = 'completed' and published_at is not null
        """,
        viewer,
        [view.clip for view in views],
    )
    lengths = {row["id"]: row["seconds"] for row in rows}
    own = {row["id"] for row in rows if row["account"] == viewer}
    now = datetime.now(UTC)
    ended = [_checked(view, lengths[view.clip], now) for view in views if view.clip in lengths]
    counted = sorted((one for one in ended if one.clip not in own), key=lambda one: (one.clip, one.at))
    for sitting in _sittings(counted):
        await conn.execute(
            """
            insert into clip_view as v (account, clip, first_at, last_at, watched_s, completed)
            select $1, o.clip, o.at, o.at, o.watched_s, o.completed
            from unnest($2::uuid[], $3::timestamptz[], $4::real[], $5::boolean[]) o (clip, at, watched_s, completed)
            order by o.clip
            on conflict (account, clip) do update set
                first_at = least(v.first_at, excluded.first_at),
                last_at = greatest(v.last_at, excluded.last_at),
                times = v.times + case when excluded.last_at > v.last_at + make_interval(secs => $6) then 1 else 0 end,
                watched_s = greatest(v.watched_s, excluded.watched_s),
                completed = v.completed or excluded.completed
            """,
            viewer,
            [one.clip for one in sitting],
            [one.at for one in sitting],
            [one.watched_s for one in sitting],
            [one.completed for one in sitting],
            AGAIN_S,
        )
    return set(lengths)


class _Ended(msgspec.Struct, frozen=True):
    clip: UUID
    at: datetime
    watched_s: float
    completed: bool


def _checked(view: View, length_s: float, now: datetime) -> _Ended:
    """Raises InvalidValue."""
    if view.watched_s > length_s + ROUNDING_S:
        raise InvalidValue("watched_s", view.watched_s, f"0 to {length_s:g}, the clip's length")
    at = now if view.at is None else view.at
    if at.tzinfo is None or not now - OLDEST <= at <= now + CLOCK:
        raise InvalidValue("at", at.isoformat(), f"a time with its zone, in the last {OLDEST.days} days")
    whole = view.watched_s >= WHOLE * length_s
    if view.completed and not whole:
        raise InvalidValue("completed", value=True, allowed=f"false, for {view.watched_s:g} of {length_s:g} seconds")
    return _Ended(view.clip, at, min(view.watched_s, length_s), whole if view.completed is None else view.completed)


def _sittings(ended: Sequence[_Ended]) -> list[list[_Ended]]:
    """Each clip once in each."""
    rounds: list[list[_Ended]] = []
    seen: dict[UUID, int] = {}
    for one in ended:
        number = seen[one.clip] = seen.get(one.clip, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(one)
    return rounds
