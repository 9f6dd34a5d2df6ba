"""Limits by account, API key and address: within one web process, and among two on one database."""

from __future__ import annotations

import asyncio

import asyncpg
import httpx
import msgspec
import pytest

from backend import rate_counts, rate_rules
from backend.config import Config
from backend.rate_counts import RateCounts
from tests.backend.conftest import PASSWORD, Join
from tests.backend.serving import client_of, served
from tests.backend.test_videos import GOOD

LIMITS = "making.account=4, making.key=2, making.address=6, reading.account=5, reading.address=9, sign_in.address=3"


@pytest.fixture
def limited(config: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Windows so long that none ends in the middle of a test."""
    rules = tuple(msgspec.structs.replace(rule, seconds=10_000_000_000) for rule in rate_rules.RULES)
    monkeypatch.setattr("backend.rate_rules.RULES", rules)
    return msgspec.structs.replace(config, rate_limits=LIMITS, daily_clips=1000)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_every_answer_says_what_is_left_and_the_last_when_to_come_back(join: Join, limited: Config) -> None:
    maya = await join()
    async with served(limited) as app, client_of(app, maya.http.headers["authorization"]) as http:
        answers = [await http.get("/me") for _ in range(6)]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"5"}
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    last = answers[-1]
    assert told(last) == (429, "rate_limited")
    assert last.headers["content-type"] == "application/problem+json"
    assert int(last.headers["retry-after"]) == int(last.headers["ratelimit-reset"]) > 0


async def test_making_is_counted_exactly_among_processes(join: Join, limited: Config, conn: asyncpg.Connection) -> None:
    maya = await join()
    async with served(limited) as here, served(limited) as there:
        sign = maya.http.headers["authorization"]
        async with client_of(here, sign) as one, client_of(there, sign) as other:
            answers = await asyncio.gather(*(who.post("/videos", json=GOOD) for who in (one, other) for _ in range(5)))
            assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 6
            assert (await one.get("/me")).status_code == 200  # another class
    assert await conn.fetchval("select count(*) from clip") == 4


async def test_reading_is_told_to_the_other_processes_in_one_exchange(
    join: Join, limited: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    async with served(limited) as here, served(limited) as there:
        sign = maya.http.headers["authorization"]
        async with client_of(here, sign) as one, client_of(there, sign) as other:
            for _ in range(3):
                assert (await one.get("/me")).status_code == 200
            await here.state.rate_counts.exchange(pool)
            assert (await other.get("/me")).status_code == 200
            await there.state.rate_counts.exchange(pool)
            assert (await other.get("/me")).headers["ratelimit-remaining"] == "0"
            assert told(await other.get("/me")) == (429, "rate_limited")


async def test_a_key_has_less_than_its_account(join: Join, limited: Config) -> None:
    maya = await join()
    made = (await maya.http.post("/me/api-keys", json={"name": "sdk"})).json()["secret"]
    async with served(limited) as app:
        async with client_of(app, f"Bearer {made}") as script:
            answers = [(await script.post("/videos", json=GOOD)).status_code for _ in range(3)]
        async with client_of(app, maya.http.headers["authorization"]) as person:
            own = [(await person.post("/videos", json=GOOD)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert own == [200, 200, 429]


async def test_accounts_behind_one_address_share_its_limit_and_a_stranger_elsewhere_does_not(
    join: Join, limited: Config
) -> None:
    people = [await join() for _ in range(3)]
    signs = [person.http.headers["authorization"] for person in people]
    async with served(limited) as app:
        codes = []
        for sign in signs:
            async with client_of(app, sign, peer="203.0.113.5") as http:
                codes += [(await http.post("/screenplays", json={"prompt": ""})).status_code for _ in range(3)]
        async with client_of(app, signs[2], peer="203.0.113.6") as http:
            codes.append((await http.post("/screenplays", json={"prompt": ""})).status_code)
    assert codes == [400] * 6 + [429] * 3 + [400]


async def test_signing_in_is_limited_by_address_as_a_trusted_proxy_names_it(join: Join, limited: Config) -> None:
    maya = await join()

    async def guess(http: httpx.AsyncClient, address: str) -> int:
        named = {"x-forwarded-for": f"198.51.100.99, {address}"}
        body = {"handle": maya.handle, "password": PASSWORD}
        return (await http.post("/sessions", json=body, headers=named)).status_code

    async with served(limited) as app:
        async with client_of(app) as proxy:
            assert [await guess(proxy, "203.0.113.1") for _ in range(4)] == [201, 201, 201, 429]
            assert await guess(proxy, "203.0.113.2") == 201
        async with client_of(app, peer="203.0.113.3") as liar:
            codes = [await guess(liar, f"203.0.113.{100 + number}") for number in range(4)]
    assert codes == [201, 201, 201, 429]


async def test_a_limited_request_does_nothing_and_keeps_no_answer(
    join: Join, limited: Config, conn: asyncpg.Connection
) -> None:
    maya = await join()
    key = {"idempotency-key": "late"}
    async with served(limited) as app, client_of(app, maya.http.headers["authorization"]) as http:
        for _ in range(4):
            assert (await http.post("/videos", json=GOOD)).status_code == 200
        assert told(await http.post("/videos", json=GOOD, headers=key)) == (429, "rate_limited")
    assert await conn.fetchval("select count(*) from clip") == 4
    assert (await maya.http.post("/videos", json=GOOD, headers=key)).json()["error"]["code"] == "quota_spent"


async def test_no_address_is_stored(join: Join, limited: Config, conn: asyncpg.Connection) -> None:
    maya = await join()
    async with served(limited) as app, client_of(app, maya.http.headers["authorization"], "203.0.113.77") as http:
        await http.post("/videos", json=GOOD)
    rows = await conn.fetch("select * from rate_count")
    assert len(rows) == 2
    assert "203.0.113.77" not in str(rows)


async def test_a_window_that_is_over_begins_anew_and_old_rows_go(pool: asyncpg.Pool) -> None:
    now = 1_000_000.0
    counts, others = RateCounts(lambda: now), RateCounts(lambda: now)
    for _ in range(3):
        counts.of("a", 60).unsent += 1
    await counts.exchange(pool)
    others.of("a", 60).unsent += 2
    await others.exchange(pool)
    assert others.of("a", 60).total == 5
    now += 60
    assert (counts.of("a", 60).total, others.of("a", 60).total) == (0, 0)
    counts.of("a", 60).unsent += 1
    await counts.exchange(pool)
    assert counts.of("a", 60).total == 1
    now += 60
    counts.forget_old()
    async with pool.acquire() as conn:
        await rate_counts.tidy(conn)
        assert await conn.fetchval("select count(*) from rate_count") == 0


async def test_what_could_not_be_told_is_told_later(pool: asyncpg.Pool, dsn: str) -> None:
    counts, others = RateCounts(lambda: 1_000_000.0), RateCounts(lambda: 1_000_000.0)
    counts.of("a", 60).unsent += 4
    closed = await asyncpg.create_pool(dsn, min_size=1, max_size=1)
    await closed.close()
    with pytest.raises(asyncpg.InterfaceError):
        await counts.exchange(closed)
    assert counts.of("a", 60).total == 4
    await counts.exchange(pool)
    others.of("a", 60).unsent += 1
    await others.exchange(pool)
    assert others.of("a", 60).total == 5


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v1/videos/video_x", "reading"),
        ("HEAD", "/v1/videos/video_x/content", "reading"),
        ("POST", "/v1/videos", "making"),
        ("POST", "/v1/videos/edits", "making"),
        ("POST", "/v1/videos/video_x/remix", "making"),
        ("POST", "/v1/videos/video_x/cancel", "writing"),
        ("POST", "/v1/sessions", "sign_in"),
        ("POST", "/v1/sessions/oidc", "sign_in"),
        ("POST", "/v1/sessions/refresh", "writing"),
        ("POST", "/v1/accounts", "sign_up"),
        ("POST", "/v1/recovery", "recovery"),
        ("PATCH", "/v1/uploads/upl_x", "writing"),
        ("GET", "/health/ready", None),
        ("GET", "/metrics", None),
    ],
)
def test_a_route_is_of_one_class(method: str, path: str, name: str | None) -> None:
    assert rate_rules.class_of(method, path) == name


def test_limits_are_changed_by_name() -> None:
    rules = rate_rules.read("making.key=7, reading.address = off")
    assert (rules["making"].key, rules["making"].account, rules["reading"].address) == (7, 60, None)
    assert rate_rules.read("off") == {}


@pytest.mark.parametrize("text", ["making=7", "made.key=7", "making.key=-1", "making.key", "making.exact=1"])
def test_a_limit_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition("=")[0]):
        rate_rules.read(text)
