"""When a day of an account's quota begins and ends.

A day ends at a midnight of the account's time zone, and lasts at least 22 hours: every change of clocks fits, and
nobody has two days in one by changing the zone. A day that has begun keeps its end; after a change of zone the next one
ends at the first midnight there that is far enough away, so it is up to 46 hours long.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from social.errors import InvalidValue

LEAST: Final = timedelta(hours=22)


class Day(msgspec.Struct, frozen=True):
    """From `begins_at` up to `ends_at`; both aware."""

    begins_at: datetime
    ends_at: datetime


def day_of(now: datetime, zone: str, last: Day | None) -> Day:
    """The day that `now` is in. `last`: the one that was open before, or still is."""
    if last is not None and now < last.ends_at:
        return last
    where = ZoneInfo(zone)
    today = now.astimezone(where).date()
    begins_at = _midnight(today, where)
    if last is not None:
        begins_at = max(begins_at, last.ends_at)
    after = begins_at.astimezone(where).date()
    ends_at = next(end for days in (1, 2, 3) if (end := _midnight(after, where, days)) >= begins_at + LEAST)
    return Day(begins_at, ends_at)


def checked_zone(name: str) -> str:
    """Raises InvalidValue for what is no zone of the IANA database."""
    if name not in _zones():
        raise InvalidValue("time_zone", name, "a name of the IANA time zone database, such as Europe/Paris")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _midnight(day: date, where: ZoneInfo, later: int = 0) -> datetime:
    """In UTC. Where clocks skip it, the moment at which they do; where it comes twice, the first."""
    on = day + timedelta(days=later)
    return datetime(on.year, on.month, on.day, tzinfo=where).astimezone(UTC)
