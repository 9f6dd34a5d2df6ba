"""The ledger of clips: whatever happens at once, what its entries sum up to is what the pots hold."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from social import quota
from social.errors import InvalidValue, QuotaSpent
from tests.factories import unique

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LIMIT = 3
debits = st.just(("debit", 0))
refunds = st.tuples(st.just("refund"), st.integers(0, 5))  # of which debit; several may want the same
grants = st.tuples(st.just("grant"), st.integers(1, 3))
expiries = st.tuples(st.just("expire"), st.integers(0, 4))  # days from now
schedules = st.lists(
    st.lists(st.one_of(debits, debits, refunds, grants, expiries), min_size=1, max_size=7), min_size=2, max_size=4
)


async def an_account(conn: asyncpg.Connection, zone: str = "UTC") -> UUID:
    made: UUID = await conn.fetchval(
        "insert into account (handle, display_name, birth_date, time_zone) "
        "values ($1::text, 'Somebody', '1990-01-01', $2) returning id",
        unique("saver"),
        zone,
    )
    return made


async def balanced(conn: asyncpg.Connection) -> bool:
    return not await conn.fetch("select * from quota_imbalance")


class Books:
    """What the callers were told, counted apart from the database."""

    def __init__(self, pool: asyncpg.Pool, account: UUID) -> None:
        self._pool = pool
        self._account = account
        self.debited: list[UUID] = []
        self.refunded: list[UUID] = []
        self.granted = 0

    async def do(self, kind: str, number: int) -> None:
        async with self._pool.acquire() as conn, conn.transaction():
            match kind:
                case "debit":
                    try:
                        entry = await quota.debit(conn, self._account, LIMIT, NOON)
                    except QuotaSpent:
                        return
                    self.debited.append(entry)
                case "refund" if number < len(self.debited):
                    entry = self.debited[number]
                    if await quota.refund(conn, entry, NOON):
                        self.refunded.append(entry)
                case "grant":
                    await quota.grant(conn, self._account, number, number, "a gift", NOON)
                    self.granted += number
                case "expire":
                    await quota.expire(conn, NOON + timedelta(days=number))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedules)
async def test_the_ledgers_sum_is_the_balance_whatever_happens_at_once(
    pool: asyncpg.Pool, schedule: list[list[tuple[str, int]]]
) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn)
    books = Books(pool, account)
    for at_once in schedule:
        await asyncio.gather(*(books.do(kind, number) for kind, number in at_once))
        async with pool.acquire() as conn:
            assert await balanced(conn)
    async with pool.acquire() as conn:
        left = await quota.today(conn, account, LIMIT, NOON)
        held = await conn.fetchval("select coalesce(sum(remaining), 0) from credit where account = $1", account)
        expired = await conn.fetchval(
            "select coalesce(sum(-amount), 0) from quota_entry where account = $1 and kind = 'expiry'", account
        )
    assert len(set(books.refunded)) == len(books.refunded)
    assert len(books.debited) - len(books.refunded) == left.used + books.granted - held - expired
    assert 0 <= left.used <= LIMIT


async def test_more_at_once_than_there_are_get_what_there_is(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn)
        await quota.grant(conn, account, 4, 10, "a gift", NOON)
    books = Books(pool, account)
    await asyncio.gather(*(books.do("debit", 0) for _ in range(20)))
    assert len(books.debited) == LIMIT + 4
    await asyncio.gather(*(books.do("refund", number % 7) for number in range(21)))
    assert sorted(books.refunded) == sorted(books.debited)
    async with pool.acquire() as conn:
        left = await quota.today(conn, account, LIMIT, NOON)
        assert (left.used, left.extra) == (0, 4)
        assert await balanced(conn)


async def test_the_day_is_used_before_credits_and_of_these_the_one_that_expires_first(conn: asyncpg.Connection) -> None:
    account = await an_account(conn)
    await quota.grant(conn, account, 1, 20, "later", NOON)
    await quota.grant(conn, account, 1, 10, "sooner", NOON)
    seen = []
    for _ in range(LIMIT + 2):
        await quota.debit(conn, account, LIMIT, NOON)
        left = await quota.today(conn, account, LIMIT, NOON)
        seen.append((left.remaining, [one.reason for one in left.credits]))
    assert seen == [
        (2, ["sooner", "later"]),
        (1, ["sooner", "later"]),
        (0, ["sooner", "later"]),
        (0, ["later"]),
        (0, []),
    ]
    with pytest.raises(QuotaSpent) as spent:
        await quota.debit(conn, account, LIMIT, NOON)
    assert spent.value.resets_at == datetime(2026, 6, 2, tzinfo=UTC)
    assert await balanced(conn)


async def test_a_credit_that_expired_while_its_clip_was_made_comes_back_for_a_day(conn: asyncpg.Connection) -> None:
    account = await an_account(conn)
    await quota.grant(conn, account, 2, 1, "a gift", NOON)
    entry = await quota.debit(conn, account, 0, NOON)
    later = NOON + timedelta(days=3)
    assert await quota.refund(conn, entry, later)
    assert not await quota.refund(conn, entry, later)
    left = await quota.today(conn, account, 0, later)
    assert (left.extra, left.credits[0].expires_at) == (1, later + timedelta(days=1))  # the other one is gone
    assert await balanced(conn)


async def test_a_clip_of_yesterday_is_given_back_to_yesterday(conn: asyncpg.Connection) -> None:
    account = await an_account(conn)
    old = await quota.debit(conn, account, LIMIT, NOON)
    tomorrow = NOON + timedelta(days=1)
    await quota.debit(conn, account, LIMIT, tomorrow)
    assert await quota.refund(conn, old, tomorrow)
    assert (await quota.today(conn, account, LIMIT, tomorrow)).used == 1
    assert await balanced(conn)


async def test_a_change_of_zone_counts_from_the_next_day_on(conn: asyncpg.Connection) -> None:
    account = await an_account(conn, "Europe/Paris")
    for _ in range(LIMIT):
        await quota.debit(conn, account, LIMIT, NOON)
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "Asia/Tokyo"):
        await quota.set_time_zone(conn, account, zone)
        with pytest.raises(QuotaSpent):
            await quota.debit(conn, account, LIMIT, NOON + timedelta(hours=9))
    night = NOON + timedelta(hours=10)  # midnight in Paris; the next one in Tokyo is 17 hours away, and too near
    await quota.debit(conn, account, LIMIT, night)
    assert (await quota.today(conn, account, LIMIT, night)).resets_at == datetime(2026, 6, 3, 15, tzinfo=UTC)
    assert await balanced(conn)


@pytest.mark.parametrize(("amount", "days", "param"), [(0, 1, "amount"), (1, 0, "days"), (10**9, 1, "amount")])
async def test_a_grant_of_nothing_is_refused(conn: asyncpg.Connection, amount: int, days: int, param: str) -> None:
    with pytest.raises(InvalidValue, match=param):
        await quota.grant(conn, await an_account(conn), amount, days, "a gift")
    assert await conn.fetchval("select count(*) from quota_entry") == 0
