"""Idempotency-Key on every POST: the real app with some handlers of the test's own, and two apps on one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import Request, Router, post
from litestar.di import NamedDependency

from backend import kept_answers
from backend.auth import Viewer
from backend.config import Config
from tests.backend.conftest import Join
from tests.backend.serving import client_of, served
from tests.backend.test_videos import GOOD, spent

KEY = {"idempotency-key": "once"}
BLOCKS = [bytes([number]) * 65_536 for number in range(32)]


class Work:
    """What the handlers below do: counted, and held up until told."""

    def __init__(self) -> None:
        self.done = 0
        self.fails = 0
        self.began, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()

    async def do(self) -> int:
        self.done += 1
        self.began.set()
        await self.go_on.wait()
        if self.fails:
            self.fails -= 1
            raise RuntimeError("broke in the middle")
        return self.done


def router(work: Work) -> Router:
    @post("/work", status_code=202)
    async def plain(request: Request[Any, Any, Any], viewer: NamedDependency[Viewer]) -> dict[str, Any]:
        return {"number": await work.do(), "bytes": len(await request.body()), "by": viewer.account.handle}

    @post("/other", status_code=200)
    async def other(viewer: NamedDependency[Viewer]) -> dict[str, Any]:
        return {"number": await work.do(), "by": viewer.account.handle}

    @post("/open", security=[{}])
    async def unsigned() -> dict[str, int]:
        return {"number": await work.do()}

    @post("/secret", opt={"secret": True})
    async def secret(viewer: NamedDependency[Viewer]) -> dict[str, str]:
        return {"secret": f"tell-nobody-{await work.do()}", "by": viewer.account.handle}

    @post("/stream", opt={"streamed": True})
    async def streamed(request: Request[Any, Any, Any], viewer: NamedDependency[Viewer]) -> dict[str, Any]:
        """Reads one chunk only."""
        first = await anext(request.stream())
        return {"number": await work.do(), "first": len(first), "by": viewer.account.handle}

    return Router("/v1", route_handlers=[plain, other, unsigned, secret, streamed])


class House(msgspec.Struct, frozen=True):
    """Two web processes, and somebody signed in who speaks to both. `work` is done in either."""

    work: Work
    here: httpx.AsyncClient
    there: httpx.AsyncClient
    stranger: httpx.AsyncClient


@pytest_asyncio.fixture
async def house(config: Config, join: Join) -> AsyncIterator[House]:
    work = Work()
    maya, leo = await join(), await join()
    async with AsyncExitStack() as open_things:
        one = await open_things.enter_async_context(served(config, router(work)))
        two = await open_things.enter_async_context(served(config, router(work)))
        clients = [client_of(app, maya.http.headers["authorization"]) for app in (one, two)]
        clients.append(client_of(one, leo.http.headers["authorization"]))
        for client in clients:
            await open_things.enter_async_context(client)
        yield House(work, *clients)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Apart from what belongs to the request alone."""
    own = ("x-request-id", "idempotent-replayed")
    heads = [{k: v for k, v in answer.headers.items() if k not in own} for answer in (one, other)]
    return (one.status_code, one.content, heads[0]) == (other.status_code, other.content, heads[1])


async def test_a_repeated_post_has_the_same_answer_and_its_work_is_done_once(house: House) -> None:
    first = await house.here.post("/work", json={"a": 1}, headers=KEY)
    again = await house.there.post("/work", json={"a": 1}, headers=KEY)
    assert (first.status_code, first.json()["number"], first.json()["bytes"]) == (202, 1, 7)
    assert same(first, again)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert house.work.done == 1
    for unkeyed in range(2):
        assert (await house.here.post("/work", json={"a": 1})).json()["number"] == 2 + unkeyed


async def test_another_body_route_or_query_under_the_same_key_is_refused(house: House) -> None:
    await house.here.post("/work", json={"a": 1}, headers=KEY)
    for path, body in (("/work", {"a": 2}), ("/other", {"a": 1}), ("/work?x=1", {"a": 1})):
        answer = await house.there.post(path, json=body, headers=KEY)
        assert told(answer) == (409, "idempotency_mismatch")
        assert answer.headers["x-should-retry"] == "false"
    assert house.work.done == 1


async def test_a_key_is_its_accounts_own_and_where_nobody_is_signed_in_its_address_and_routes(
    house: House, config: Config
) -> None:
    mine = await house.here.post("/work", headers=KEY)
    hers = await house.stranger.post("/work", headers=KEY)
    assert mine.json()["by"] != hers.json()["by"]
    async with served(config, router(house.work)) as app:
        near, far = client_of(app), client_of(app, peer="203.0.113.9")
        numbers = [(await one.post("/open", headers=KEY)).json()["number"] for one in (near, far, near, far)]
    assert numbers == [3, 4, 3, 4]


async def test_of_two_at_once_the_second_waits_for_the_first_in_the_other_process_too(house: House) -> None:
    house.work.go_on.clear()
    first = asyncio.create_task(house.here.post("/work", json={}, headers=KEY))
    await house.work.began.wait()
    twins = [asyncio.create_task(one.post("/work", json={}, headers=KEY)) for one in (house.here, house.there)]
    done, _ = await asyncio.wait(twins, timeout=0.3)
    assert not done
    house.work.go_on.set()
    answers = await asyncio.gather(first, *twins)
    assert [answer.json()["number"] for answer in answers] == [1, 1, 1]
    assert house.work.done == 1


async def test_a_twin_that_waited_too_long_is_told_to_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.repeats.WAIT_SECONDS", 0.1)
    house.work.go_on.clear()
    first = asyncio.create_task(house.here.post("/work", headers=KEY))
    await house.work.began.wait()
    waited = await house.there.post("/work", headers=KEY)
    assert told(waited) == (409, "request_in_flight")
    assert (waited.headers["retry-after"], waited.headers["x-should-retry"]) == ("1", "true")
    house.work.go_on.set()
    assert (await first).json()["number"] == 1


async def test_many_twins_over_two_processes_do_the_work_once(house: House) -> None:
    many = [one.post("/work", json={}, headers=KEY) for one in (house.here, house.there) for _ in range(8)]
    answers = await asyncio.gather(*many)
    assert {answer.json()["number"] for answer in answers} == {1}
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1


async def test_a_process_that_dies_in_the_middle_holds_nobody_up(house: House, conn: asyncpg.Connection) -> None:
    house.work.go_on.clear()
    first = asyncio.create_task(house.here.post("/work", headers=KEY))
    await house.work.began.wait()
    await conn.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
    house.work.began.clear()
    second = asyncio.create_task(house.there.post("/work", headers=KEY))
    await house.work.began.wait()
    house.work.go_on.set()
    assert (await second).status_code == 202
    assert (await first).status_code == 202
    third = await house.here.post("/work", headers={"idempotency-key": "another"})  # it connects again
    assert third.json()["number"] == 3


async def test_what_broke_here_and_what_the_moment_refused_may_be_tried_again(house: House) -> None:
    house.work.fails = 1
    assert (await house.here.post("/work", headers=KEY)).status_code == 500
    assert (await house.here.post("/work", headers=KEY)).status_code == 202
    signed = house.here.headers.pop("authorization")
    assert told(await house.here.post("/other", headers=KEY)) == (401, "unauthenticated")
    expired = {"authorization": "Bearer expired"}
    assert told(await house.here.post("/other", headers={"idempotency-key": "two"} | expired))[0] == 401
    good = await house.here.post("/other", headers={"idempotency-key": "two", "authorization": signed})
    assert good.status_code == 200


async def test_a_refusal_of_the_request_itself_is_repeated(house: House) -> None:
    first, again = [await house.here.post("/videos", json={"prompt": ""}, headers=KEY) for _ in range(2)]
    assert first.status_code == 400
    assert same(first, again)
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_form_is_known_by_its_parts_whatever_its_boundary(house: House) -> None:
    def form(content: bytes, boundary: str) -> Any:
        head = {"content-type": f"multipart/form-data; boundary={boundary}"} | KEY
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        return house.here.post("/work", content=body, headers=head)

    big = b"".join(BLOCKS[:8])
    first, again = await form(big, "one"), await form(big, "another-boundary")
    assert first.json()["number"] == again.json()["number"] == 1
    assert told(await form(big[:-1] + b"x", "one")) == (409, "idempotency_mismatch")


async def test_a_form_that_cannot_be_read_is_refused_by_its_handler(house: House) -> None:
    head = KEY | {"content-type": "multipart/form-data; boundary=x"}
    answers = [await house.here.post("/videos", content=b"--x\r\nnot a form", headers=head) for _ in range(2)]
    assert [told(answer) for answer in answers] == [(400, "malformed_body")] * 2


async def test_a_body_beyond_the_routes_limit_is_refused_and_not_kept(house: House) -> None:
    answer = await house.here.post("/work", content=b"x" * (1024 * 1024 + 1), headers=KEY)
    assert answer.status_code == 413
    assert (await house.here.post("/work", headers=KEY)).status_code == 202


async def test_a_streamed_body_is_handed_on_as_it_comes(house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield BLOCKS[1]
        assert house.work.done, "the whole body was held back"

    head = KEY | {"upload-length": "9", "transfer-encoding": "chunked"}
    first = await house.here.post("/stream", content=endless(), headers=head)
    assert (first.json()["number"], first.json()["first"]) == (1, 65_536)
    assert (
        await house.there.post("/stream", content=BLOCKS[1], headers=KEY | {"upload-length": "8"})
    ).status_code == 409


async def test_a_secret_is_kept_sealed_and_for_ten_minutes(house: House, conn: asyncpg.Connection) -> None:
    first = await house.here.post("/secret", headers=KEY)
    assert first.json()["secret"] == "tell-nobody-1"
    assert same(first, await house.there.post("/secret", headers=KEY))
    rows = await conn.fetch("select * from kept_answer")
    assert b"tell-nobody" not in b"".join(row["body"] for row in rows)
    assert "tell-nobody" not in str([dict(row) for row in rows])
    await conn.execute("update kept_answer set kept_at = kept_at - interval '11 minutes'")
    for swept in (False, True):
        if swept:
            await kept_answers.forget_secrets(conn)
        assert told(await house.here.post("/secret", headers=KEY)) == (409, "secret_forgotten")
    assert await conn.fetchval("select body from kept_answer") == b""
    assert house.work.done == 1


async def test_after_a_day_a_key_is_new_again(house: House, conn: asyncpg.Connection) -> None:
    await house.here.post("/work", headers=KEY)
    await conn.execute("update kept_answer set kept_at = kept_at - interval '25 hours'")
    assert (await house.here.post("/work", json={"other": 1}, headers=KEY)).json()["number"] == 2
    await conn.execute("update kept_answer set kept_at = kept_at - interval '25 hours'")
    await kept_answers.tidy(conn)
    assert await conn.fetchval("select count(*) from kept_answer") == 0


async def test_an_api_key_is_not_shown_what_a_session_was_answered(house: House) -> None:
    made = (await house.here.post("/me/api-keys", json={"name": "sdk"})).json()["secret"]
    assert (await house.here.post("/videos", json=GOOD, headers=KEY)).status_code == 200
    by_key = await house.here.post("/videos", json=GOOD, headers=KEY | {"authorization": f"Bearer {made}"})
    assert told(by_key) == (409, "idempotency_mismatch")


@pytest.mark.parametrize("keys", [[("idempotency-key", "")], [("idempotency-key", "a"), ("idempotency-key", "b")]])
async def test_one_key_of_a_sane_length_is_allowed(house: House, keys: list[tuple[str, str]]) -> None:
    answer = await house.here.post("/work", headers=keys)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Idempotency-Key")


async def test_a_clip_whose_answer_got_lost_is_the_same_clip(join: Join, conn: asyncpg.Connection) -> None:
    """The process died between the clip's transaction and keeping the answer: the clip's own record knows it."""
    maya = await join()
    first = await maya.http.post("/videos", json=GOOD, headers=KEY)
    await conn.execute("delete from kept_answer")
    again = await maya.http.post("/videos", json=GOOD, headers=KEY)
    assert again.json()["id"] == first.json()["id"]
    assert await spent(maya, conn) == (1, 1, 1)
