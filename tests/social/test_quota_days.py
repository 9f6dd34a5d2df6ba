"""Days of a quota: midnights of a zone, clocks that change, and people who travel, or pretend to."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.errors import InvalidValue
from social.quota_days import LEAST, Day, checked_zone, day_of

ZONES = (
    "UTC",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Europe/Paris",
    "America/New_York",
    "America/Havana",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
moments = st.datetimes(datetime(2007, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@given(moments, st.sampled_from(ZONES))
def test_a_day_holds_its_moment_and_ends_at_a_midnight(now: datetime, zone: str) -> None:
    day = day_of(now, zone, None)
    assert day.begins_at <= now < day.ends_at
    assert LEAST <= day.ends_at - day.begins_at <= timedelta(hours=48)
    just_before = (day.ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    assert just_before < day.ends_at.astimezone(ZoneInfo(zone)).date()


@given(
    moments,
    st.lists(st.tuples(st.sampled_from(ZONES), st.floats(0, 60)), min_size=1, max_size=60),
)
def test_no_change_of_zone_gives_two_days_in_one(start: datetime, steps: list[tuple[str, float]]) -> None:
    """Whatever somebody does: days follow each other, each at least 22 hours long, and never overlap."""
    now, last = start, None
    opened: list[Day] = []
    for zone, hours in steps:
        now += timedelta(hours=hours)
        day = day_of(now, zone, last)
        assert day.begins_at <= now < day.ends_at
        if day != last:
            opened.append(day)
        last = day
    for one, following in itertools.pairwise(opened):
        assert following.begins_at >= one.ends_at
        assert one.ends_at - one.begins_at >= LEAST


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (("2026-03-29T12:00", "Europe/Paris"), 23),
        (("2026-10-25T12:00", "Europe/Paris"), 25),
        (("2026-04-24T12:00", "Africa/Cairo"), 23),  # clocks skip this day's midnight
        (("2026-11-01T12:00", "America/Havana"), 25),
        (("2026-06-01T12:00", "Europe/Paris"), 24),
        (("2026-03-29T12:00", "Antarctica/Troll"), 22),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(day: tuple[str, str], hours: int) -> None:
    found = day_of(at(*day), day[1], None)
    assert found.ends_at - found.begins_at == timedelta(hours=hours)
    assert day_of(found.ends_at, day[1], found) == day_of(found.ends_at, day[1], None)


def test_the_day_that_runs_keeps_its_end_and_the_next_is_longer() -> None:
    paris = day_of(at("2026-06-01T12:00"), "Europe/Paris", None)
    assert paris.ends_at == at("2026-06-02T00:00", "Europe/Paris")
    assert day_of(at("2026-06-01T13:00"), "Asia/Tokyo", paris) == paris
    moved = day_of(at("2026-06-01T23:00"), "Asia/Tokyo", paris)
    assert (moved.begins_at, moved.ends_at) == (paris.ends_at, at("2026-06-04T00:00", "Asia/Tokyo"))


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "+02:00", "EST5EDT4", "../etc/passwd", "europe/paris", "a\0b"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="time_zone"):
        checked_zone(name)
