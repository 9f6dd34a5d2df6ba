"""What happens reaches every stream that should know, once, in order, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from backend import app as web
from backend import event_stream, relay, telemetry
from backend import events as hub
from backend.config import Config
from backend.events import Events, Progress, tell
from backend.routes import events as streams
from social import events, notices
from tests.backend.cast import a_role, asked, befriend
from tests.backend.conftest import PASSWORD, Join, Person
from tests.backend.streams import Listening, Told, listening
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio, key_of, rushes
from tests.waiting import until


async def noticed(conn: asyncpg.Connection, person: Person, *numbers: int) -> None:
    for number in numbers:
        async with conn.transaction():
            await notices.tell(conn, await id_of(conn, person), "granted", {"number": number})


async def id_of(conn: asyncpg.Connection, person: Person) -> Any:
    return await conn.fetchval("select id from account where handle = $1", person.handle)


@asynccontextmanager
async def elsewhere(person: Person, config: Config) -> AsyncIterator[tuple[Person, Events]]:
    """The same person at another web process, and what that process holds."""
    app = web.build(config)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=telemetry.request_ids(app))
        held: Events = app.state.events
        yield Person(person.handle, httpx.AsyncClient(transport=transport, headers=person.http.headers), ""), held


def number(told: Any) -> int:
    return int(told.data["about"]["number"])


async def test_a_device_is_told_of_notices_progress_and_ends(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya = await join()
    async with listening(maya, "/events") as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        video = await asked(maya, "a quiet street")
        await worker.make(video, lambda shooting, _: rushes(shooting))
        ended = await stream.until("video")
        assert ended.data == {"id": video, "status": "completed", "error": None}
        await noticed(conn, maya, 7)
        notice = await stream.until("notice")
        [listed] = (await maya.http.get("/notifications")).json()["data"]
        assert notice.data["about"] == {"number": 7}
        assert (notice.data["id"], notice.data["kind"]) == (listed["id"], listed["kind"])


async def test_progress_of_ones_clips_comes_with_their_ids_and_strangers_hear_nothing(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    video = await asked(maya, "a quiet street")
    async with listening(maya, "/events") as hers, listening(leo, "/events") as his:
        async with conn.transaction():
            await tell(conn, Progress(key_of(video), "in_progress", 41, "render", 2))
        told = await hers.until("progress")
        assert told.data == {"id": video, "status": "in_progress", "progress": 41, "stage": "render", "shot": 2}
        await noticed(conn, leo, 1)
        assert (await his.told()).name == "notice"


async def test_a_stream_goes_on_where_it_broke_off(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    async with listening(maya, "/events") as stream:
        await noticed(conn, maya, 1, 2)
        assert [number(await stream.told()) for _ in range(2)] == [1, 2]
    await noticed(conn, maya, *range(3, 3 + 2 * events.PAGE))
    async with listening(maya, "/events", stream.last_id) as again:
        assert [number(await again.told()) for _ in range(2 * events.PAGE)] == list(range(3, 3 + 2 * events.PAGE))
    async with listening(maya, "/events") as fresh:
        await noticed(conn, maya, 0)
        assert number(await fresh.told()) == 0


async def test_a_stream_can_be_resumed_before_its_first_event(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    async with listening(maya, "/events") as stream:
        pass
    await noticed(conn, maya, 1)
    async with listening(maya, "/events", stream.last_id) as again:
        assert number(await again.told()) == 1


async def test_who_was_away_too_long_is_told_to_read_again(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await noticed(conn, maya, 1, 2)
    await conn.execute("update event set at = at - interval '4 days'")
    await events.tidy(conn)
    assert await conn.fetchval("select count(*) from event") == 2  # what is due of them was not made yet
    assert await relay.pass_on(conn) == 2
    await events.tidy(conn)
    assert await conn.fetchval("select count(*) from event") == 0
    forgotten, _ = await events.span(conn)
    for lost in (0, forgotten - 1, 10**12, 10**17):
        async with listening(maya, "/events", str(lost)) as stream:
            assert (await stream.told()).name == "reset"
            await noticed(conn, maya, lost)
            assert number(await stream.told()) == lost
    async with listening(maya, "/events", str(forgotten)) as exact:
        assert number(await exact.told()) == 0


@pytest.mark.parametrize("given", ["", "x", "-1", "1.0", "9" * 19, "١"])
async def test_an_id_that_never_was_one_is_refused(join: Join, given: str) -> None:
    maya = await join()
    answer = await maya.http.get("/events", headers={b"last-event-id": given.encode()})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Last-Event-ID")


async def test_what_commits_late_is_told_late_and_not_lost(
    join: Join, conn: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    maya = await join()
    account = await id_of(conn, maya)
    async with listening(maya, "/events") as stream, pool.acquire() as slow:
        begun = slow.transaction()
        await begun.start()
        await notices.tell(slow, account, "granted", {"number": 1})
        await noticed(conn, maya, 2)
        first = await stream.told()
        assert number(first) == 2
        await begun.commit()
        second = await stream.told()
        assert number(second) == 1
        assert int(second.id or 0) > int(first.id or 0)
    async with listening(maya, "/events", first.id) as again:
        assert number(await again.told()) == 1


async def test_what_is_rolled_back_was_never_told(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    account = await id_of(conn, maya)
    async with listening(maya, "/events") as stream:
        undone = conn.transaction()
        await undone.start()
        await notices.tell(conn, account, "granted", {"number": 1})
        await undone.rollback()
        await noticed(conn, maya, 2)
        assert number(await stream.told()) == 2


async def test_transactions_that_tell_each_other_s_accounts_do_not_lock_each_other_out(
    join: Join, pool: asyncpg.Pool, conn: asyncpg.Connection
) -> None:
    pair = [await id_of(conn, await join()) for _ in range(2)]

    async def telling(order: list[Any]) -> None:
        for _ in range(10):
            async with pool.acquire() as own, own.transaction():
                for account in order:
                    await notices.tell(own, account, "granted", {})
                    await asyncio.sleep(0)

    await asyncio.gather(telling(pair), telling(pair[::-1]), telling(pair), telling(pair[::-1]))
    numbers = [row["seq"] for row in await conn.fetch("select seq from event order by seq")]
    assert len(numbers) == len(set(numbers)) == 80
    assert None not in numbers


async def test_two_web_processes_tell_the_same(join: Join, config: Config, conn: asyncpg.Connection) -> None:
    maya = await join()
    async with (
        elsewhere(maya, config) as (other, _),
        listening(maya, "/events") as here,
        listening(other, "/events") as there,
    ):
        await noticed(conn, maya, 1)
        assert await here.told() == await there.told()


async def test_a_lost_listener_loses_no_event(
    join: Join, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.listening.RECONNECT_SECONDS", 0.0)
    maya = await join()
    video = await asked(maya, "a quiet street")
    async with listening(maya, "/events") as stream, listening(maya, f"/videos/{video}/events") as clip:
        assert (await clip.told()).data["status"] == "queued"
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where query like 'LISTEN%' and datname = current_database()"
        )
        await maya.http.post(f"/videos/{video}/cancel")
        await noticed(conn, maya, 1)
        assert (await stream.until("video")).data["status"] == "failed"
        assert number(await stream.until("notice")) == 1
        assert (await clip.until("done")).data["stage"] in {"cancelled", "queued"}


async def test_a_slow_reader_holds_little_and_still_hears_everything_that_counts(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya = await join()
    video = await asked(maya, "a quiet street")
    async with listening(maya, "/events") as slow, listening(maya, "/events") as quick:
        slow.reading.clear()
        for percent in range(1, 100):
            async with conn.transaction():
                await tell(conn, Progress(key_of(video), "in_progress", percent, "render", 1))
        await noticed(conn, maya, *range(2 * events.PAGE))
        await maya.http.post(f"/videos/{video}/cancel")
        assert (await quick.until("video")).data["status"] == "failed"
        slow.reading.set()
        told: list[Told] = []
        while not told or told[-1].name != "video":
            told.append(await slow.told())
        assert [number(one) for one in told if one.name == "notice"] == list(range(2 * events.PAGE))
        assert len([one for one in told if one.name == "progress"]) <= 2
        assert told[-1].data["error"]["code"] == "cancelled"


async def test_who_reads_nothing_at_all_is_cut_off(
    join: Join, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "SLOW_SECONDS", 0.05)
    maya = await join()
    async with listening(maya, "/events") as stuck:
        stuck.reading.clear()
        await noticed(conn, maya, 1)
        await asyncio.wait_for(stuck.over.wait(), 30)
        place = stuck.last_id
    async with listening(maya, "/events", place) as again:
        assert number(await again.told()) == 1


async def test_a_quiet_stream_shows_that_it_lives(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.01)
    maya = await join()
    async with listening(maya, "/events") as stream:
        assert {(await stream.said.get()).name for _ in range(4)} == {""}  # type: ignore[union-attr]  # it does not end
        assert not stream.over.is_set()


async def test_requests_are_answered_while_many_streams_are_open(
    join: Join, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "STREAMS_MOST", 300)
    maya, leo = await join(), await join()
    async with AsyncExitStack() as opened:
        many = [await opened.enter_async_context(listening(maya, "/events")) for _ in range(150)]

        async def tell_all() -> None:
            await noticed(conn, maya, *range(5))

        telling = asyncio.create_task(tell_all())
        answers = await asyncio.gather(*(leo.http.get("/me/quota") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        await telling
        heard = await asyncio.gather(*(_five(stream) for stream in many))
        assert heard == [[0, 1, 2, 3, 4]] * 150


async def _five(stream: Listening) -> list[int]:
    return [number(await stream.told()) for _ in range(5)]


async def test_one_account_cannot_take_all_streams(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "STREAMS_MOST", 2)
    maya, leo = await join(), await join()
    async with listening(maya, "/events"), listening(maya, "/events"):
        refused = await maya.http.get("/events")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "streams_full")
        assert refused.headers["x-should-retry"] == "false"
        async with listening(leo, "/events") as his:
            assert his.status == 200
    async with listening(maya, "/events") as again:
        assert again.status == 200


async def test_hanging_up_leaves_nothing_behind(join: Join, config: Config) -> None:
    maya = await join()
    video = await asked(maya, "a quiet street")
    async with elsewhere(maya, config) as (there, held):
        async with listening(there, "/events"), listening(there, f"/videos/{video}/events"):
            assert held.streams == 2
        await until(lambda: held.streams == 0)
        assert (held._of_account, held._of_clip, held._open) == ({}, {}, {})


@pytest.mark.parametrize("path", ["/events", "/videos/{video}/events"])
async def test_a_stream_ends_with_what_opened_it(join: Join, conn: asyncpg.Connection, path: str) -> None:
    maya = await join()
    video = await asked(maya, "a quiet street")
    async with listening(maya, path.format(video=video)) as stream:
        await conn.execute("delete from account where handle = $1", maya.handle)
        assert (await stream.rest())[-1].data == {"because": "signed_out"}


async def test_a_key_that_is_revoked_ends_its_streams(join: Join) -> None:
    maya = await join()
    video = await asked(maya, "a quiet street")
    key = (await maya.http.post("/me/api-keys", json={"name": "laptop"})).json()
    http = httpx.AsyncClient(
        transport=maya.http._transport, base_url="http://test/v1", headers={"authorization": f"Bearer {key['secret']}"}
    )
    script = Person("", http, "")
    assert (await http.get("/events")).status_code == 403
    async with listening(script, f"/videos/{video}/events") as stream:
        await maya.http.delete(f"/me/api-keys/{key['id']}")
        assert [(one.name, one.data) for one in await stream.rest()][-1] == ("end", {"because": "signed_out"})


async def test_a_clip_that_is_gone_or_not_to_be_seen_any_more_ends_its_streams(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    _, role = await a_role(conn, maya, audience="everyone")
    deleted, shown = await asked(maya, "a quiet street"), await asked(leo, f"{role} waves")
    async with (
        listening(maya, f"/videos/{deleted}/events") as gone,
        listening(maya, f"/videos/{shown}/events") as removed,
    ):
        await maya.http.delete(f"/videos/{deleted}")
        assert (await gone.rest())[-1].name == "done"
        await conn.execute("update clip set removed_at = now() where id = $1", key_of(shown))
        assert (await removed.rest())[-1].data == {"status": "deleted"}


async def test_a_block_ends_what_a_friend_watched(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    await befriend(maya, leo)
    video = await asked(maya, "a quiet street")
    # A published draft that is made again is the one clip in the making that others may see; here by its row.
    await conn.execute(
        "create or replace function visible_clip(viewer uuid) returns setof clip language sql stable as "
        "$$ select * from clip c where account = viewer or not blocked_between(account, viewer) $$"
    )
    async with listening(leo, f"/videos/{video}/events") as stream:
        assert (await stream.told()).data["status"] == "queued"
        await maya.http.put(f"/accounts/{leo.handle}/block")
        assert (await stream.rest())[-1].data == {"status": "deleted"}


async def test_streams_end_when_the_process_stops(join: Join, config: Config) -> None:
    maya = await join()
    async with elsewhere(maya, config) as (there, held):
        async with listening(there, "/events") as stream:
            held.close()
            assert await stream.rest() == []
            assert stream.over.is_set()
        async with listening(there, "/events") as late:
            assert await late.rest() == []


async def test_a_clip_that_was_seen_as_it_is_is_not_told_again(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    async with listening(maya, f"/videos/{video}/events") as stream:
        assert (await stream.told()).data["status"] == "queued"
    async with listening(maya, f"/videos/{video}/events", stream.last_id) as again:
        async with conn.transaction():
            await tell(conn, Progress(key_of(video), "in_progress", 3, "render", 1))
        assert (await again.told()).data["progress"] == 3


async def test_signing_one_device_out_ends_its_streams_and_tells_the_others(join: Join) -> None:
    maya = await join()
    video = await asked(maya, "a quiet street")
    signed_in = await maya.http.post("/sessions", json={"handle": maya.handle, "password": PASSWORD})
    token = signed_in.json()["access_token"]
    phone = Person(
        maya.handle,
        httpx.AsyncClient(transport=maya.http._transport, headers={"authorization": f"Bearer {token}"}),
        maya.id,
    )
    async with (
        listening(maya, "/events") as here,
        listening(phone, "/events") as there,
        listening(phone, f"/videos/{video}/events") as watched,
    ):
        session = signed_in.json()["session_id"]
        assert (await maya.http.delete(f"/sessions/{session}")).status_code in {200, 204}
        for stream in (there, watched):
            assert (await stream.rest())[-1].data == {"because": "signed_out"}
        told = await here.until("session")
        assert (told.data["id"], told.data["because"]) == (session, "revoked")
        assert not here.over.is_set()
