"""An endpoint is told of every end of its owner's clips, signed, until it takes it or is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import openai
import pytest
from pgqueuer.errors import RetryRequested
from standardwebhooks import Webhook as Signer

from backend import ids, jobs, outbox, relay, webhooks
from backend.config import Config
from backend.push.sending import pushers
from backend.safe import open_vault
from backend.webhooks import AFTER, Sender
from character_store import vault
from social import webhooks as rows
from social.errors import InvalidValue
from social.webhooks import Due
from tests.backend.cast import asked
from tests.backend.conftest import Join, Person
from tests.backend.endpoints import Endpoint, receiving
from tests.backend.worker_side import Studio, rushes
from tests.waiting import until


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Config:
    """As the others', but webhooks may come to this machine."""
    return Config(
        data=tmp_path,
        database_url=dsn,
        media_url=str(tmp_path / "media"),
        log_level="error",
        webhook_local=True,
    )


@pytest.fixture
async def sender(pool: asyncpg.Pool, config: Config) -> AsyncIterator[Sender]:
    made = Sender(pool, open_vault(config), local=True)
    yield made
    await made.close()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with receiving() as made:
        yield made


async def hooked(owner: Person, url: str, *events: str) -> dict[str, Any]:
    answer = await owner.http.post("/webhooks", json={"url": url} | ({"events": events} if events else {}))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def log_of(owner: Person, hook: dict[str, Any]) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = (await owner.http.get(f"/webhooks/{hook['id']}/deliveries")).json()["data"]
    return data


async def owed(conn: asyncpg.Connection) -> list[UUID]:
    """The deliveries that the relay makes of what has happened, and that wait."""
    while await relay.pass_on(conn):
        pass
    return [
        row["id"] for row in await conn.fetch("select id from webhook_delivery where state = 'waiting' order by id")
    ]


async def cancelled(maker: Person) -> str:
    """A clip that failed."""
    video = await asked(maker, "a quiet street")
    await maker.http.post(f"/videos/{video}/cancel")
    return video


async def now_due(conn: asyncpg.Connection) -> None:
    await conn.execute("update webhook_delivery set next_at = now() where state = 'waiting'")


async def refused(sender: Sender, conn: asyncpg.Connection, delivery: UUID) -> timedelta:
    """One attempt that fails; how long until the next."""
    await now_due(conn)
    with pytest.raises(RetryRequested) as again:
        await sender.send(delivery)
    return again.value.delay


async def test_the_sdk_takes_what_is_sent_when_a_clip_is_done(
    join: Join, conn: asyncpg.Connection, worker: Studio, sender: Sender, endpoint: Endpoint
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    assert hook["secret"].startswith("whsec_")
    video = await asked(maya, "a quiet street")
    await worker.make(video, lambda shooting, _: rushes(shooting))
    failed = await cancelled(maya)
    for delivery in await owed(conn):
        await sender.send(delivery)
    with openai.OpenAI(api_key="cm_x", base_url="http://test/v1", webhook_secret=hook["secret"]) as sdk:
        told = [sdk.webhooks.unwrap(came.body, came.headers) for came in endpoint.came]
        assert [(one.type, one.data.id) for one in told] == [("video.completed", video), ("video.failed", failed)]  # type: ignore[union-attr]  # the SDK types no video events
        assert [one.id for one in told] == [came.headers["webhook-id"] for came in endpoint.came]
        with pytest.raises(openai.InvalidWebhookSignatureError):
            sdk.webhooks.verify_signature(endpoint.came[0].body + b" ", endpoint.came[0].headers)
        with pytest.raises(openai.InvalidWebhookSignatureError):
            sdk.webhooks.verify_signature(endpoint.came[0].body, endpoint.came[1].headers)
    assert {came.path for came in endpoint.came} == {"/hooks"}
    assert [(one["state"], one["last_status"]) for one in await log_of(maya, hook)] == [("delivered", 200)] * 2


def test_signatures_are_those_of_the_specification() -> None:
    """Its own vector: github.com/standard-webhooks/standard-webhooks, libraries/python/tests."""
    due = Due(uuid4(), uuid4(), uuid4(), "", UUID(int=7), '{"test": 2432232314}', 0, None, 0.0)
    secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signer = Signer(secret)
    at = datetime.fromtimestamp(1614265330, UTC)
    assert signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, due.body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    headers = webhooks.signed(due, [b"one" * 8, b"two" * 8], datetime.now(UTC))
    for key in (b"one" * 8, b"two" * 8):
        assert Signer(key).verify(due.body, headers) == {"test": 2432232314}


async def test_only_the_events_that_were_asked_for_come_and_only_ones_own(
    join: Join, conn: asyncpg.Connection, endpoint: Endpoint
) -> None:
    maya, leo = await join(), await join()
    await cancelled(maya)
    before = await hooked(maya, endpoint.url, "video.failed")
    deaf = await hooked(maya, endpoint.url, "video.completed")
    assert await owed(conn) == []
    await cancelled(leo)
    await cancelled(maya)
    assert len(await owed(conn)) == 1
    assert await owed(conn) == await owed(conn)
    assert len(await log_of(maya, before)) == 1
    assert await log_of(maya, deaf) == []
    for path in (
        f"/webhooks/{before['id']}/deliveries",
        f"/webhooks/{before['id']}",
        f"/webhooks/{before['id']}/rotate",
    ):
        method = "GET" if path.endswith("deliveries") else "POST" if path.endswith("rotate") else "DELETE"
        assert (await leo.http.request(method, path)).status_code == 404
    assert (await leo.http.get("/webhooks")).json()["data"] == []


async def test_what_is_undone_owes_nothing_and_what_is_done_is_owed_once_by_any_number_of_workers(
    join: Join, conn: asyncpg.Connection, pool: asyncpg.Pool, endpoint: Endpoint
) -> None:
    maya = await join()
    await hooked(maya, endpoint.url)
    account = await conn.fetchval("select id from account where handle = $1", maya.handle)
    about = {"id": "video_1", "status": "completed", "error": None}
    undone = conn.transaction()
    await undone.start()
    await conn.execute("insert into event (account, kind, about) values ($1, 'video', $2)", account, about)
    await undone.rollback()
    assert await owed(conn) == []
    for _ in range(5):
        await conn.execute("insert into event (account, kind, about) values ($1, 'video', $2)", account, about)

    async def passing_on() -> None:
        async with pool.acquire() as own:
            while await relay.pass_on(own):
                pass

    await asyncio.gather(*(passing_on() for _ in range(4)))
    assert len(await owed(conn)) == 5
    assert await conn.fetchval("select count(*) from pgqueuer where entrypoint = 'webhook'") == 5


async def test_a_failing_endpoint_is_asked_again_as_documented_and_then_given_up(
    join: Join, conn: asyncpg.Connection, sender: Sender, endpoint: Endpoint
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    await cancelled(maya)
    [delivery] = await owed(conn)
    endpoint.status = 500
    for wait in AFTER:
        again = await refused(sender, conn, delivery)
        assert 0.9 * wait <= again <= 1.1 * wait
    await conn.execute("update webhook_delivery set next_at = now() + interval '1 hour'")
    with pytest.raises(RetryRequested):  # too early
        await sender.send(delivery)
    await now_due(conn)
    await sender.send(delivery)
    await sender.send(delivery)  # nothing is left to do
    assert len(endpoint.came) == len(AFTER) + 1
    assert len({came.headers["webhook-id"] for came in endpoint.came}) == 1
    [told] = await log_of(maya, hook)
    assert (told["state"], told["attempts"], told["last_status"]) == ("failed", 10, 500)
    assert "500" in told["last_error"]


@pytest.mark.parametrize(
    ("status", "more"), [(301, "location: http://127.0.0.1:1/\r\n"), (404, ""), (429, ""), (503, ""), (199 + 101, "")]
)
async def test_only_2xx_is_taken_for_success_and_no_redirect_is_followed(
    join: Join, conn: asyncpg.Connection, sender: Sender, endpoint: Endpoint, status: int, more: str
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    await cancelled(maya)
    [delivery] = await owed(conn)
    endpoint.status, endpoint.more = status, more
    await refused(sender, conn, delivery)
    [told] = await log_of(maya, hook)
    assert (told["state"], told["attempts"], told["last_status"]) == ("waiting", 1, status)
    endpoint.status, endpoint.more = 204, ""
    await now_due(conn)
    await sender.send(delivery)
    assert (await log_of(maya, hook))[0]["state"] == "delivered"
    assert (await maya.http.get("/webhooks")).json()["data"][0]["failing_since"] is None


async def test_an_endpoint_that_fails_for_days_or_is_gone_is_disabled_and_its_owner_told(
    join: Join, conn: asyncpg.Connection, sender: Sender, endpoint: Endpoint
) -> None:
    maya = await join()
    failing, gone = await hooked(maya, endpoint.url), await hooked(maya, endpoint.url)
    await cancelled(maya)
    await cancelled(maya)
    endpoint.status = 500
    for delivery in await owed(conn):
        await refused(sender, conn, delivery)
    await conn.execute(
        "update webhook set failing_since = now() - interval '6 days' where id = $1", ids.parse("hook", failing["id"])
    )
    await now_due(conn)
    first, *_ = await conn.fetch(
        "select id from webhook_delivery where webhook = $1 order by id", ids.parse("hook", failing["id"])
    )
    await sender.send(first["id"])
    endpoint.status = 410
    second, *_ = await conn.fetch(
        "select id from webhook_delivery where webhook = $1 order by id", ids.parse("hook", gone["id"])
    )
    await sender.send(second["id"])
    assert [row["disabled_because"] for row in (await maya.http.get("/webhooks")).json()["data"]] == ["gone", "failing"]
    assert {one["state"] for hook in (failing, gone) for one in await log_of(maya, hook)} == {"failed"}
    notices = (await maya.http.get("/notifications")).json()["data"]
    assert [one["about"]["webhook"] for one in notices if one["kind"] == "webhook_disabled"] == [
        gone["id"],
        failing["id"],
    ]
    await cancelled(maya)
    assert await owed(conn) == []


async def test_a_rotated_secret_signs_beside_the_new_one_for_a_day(
    join: Join, conn: asyncpg.Connection, sender: Sender, endpoint: Endpoint
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    rotated = [(await maya.http.post(f"/webhooks/{hook['id']}/rotate")).json()["secret"] for _ in range(2)]
    secrets = [hook["secret"], *rotated]
    await cancelled(maya)
    [delivery] = await owed(conn)
    endpoint.status = 500
    await refused(sender, conn, delivery)
    await conn.execute("update webhook_secret set expires_at = now() where expires_at is not null")
    await refused(sender, conn, delivery)
    assert [good(secret, endpoint, 0) for secret in secrets] == [False, True, True]
    assert [good(secret, endpoint, 1) for secret in secrets] == [False, False, True]


def good(secret: str, endpoint: Endpoint, number: int) -> bool:
    with openai.OpenAI(api_key="cm_x", base_url="http://test/v1") as sdk:
        try:
            sdk.webhooks.verify_signature(endpoint.came[number].body, endpoint.came[number].headers, secret=secret)
        except openai.InvalidWebhookSignatureError:
            return False
        return True


async def test_secrets_are_sealed_and_outlive_a_renewal_of_the_master_key(
    join: Join, conn: asyncpg.Connection, config: Config, sender: Sender, endpoint: Endpoint
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    plain = hook["secret"].removeprefix("whsec_").encode()
    [kept] = await conn.fetch("select wrapped from webhook_secret")
    assert plain not in kept["wrapped"]
    assert await vault.rewrap(conn, open_vault(config)) == 1
    await cancelled(maya)
    [delivery] = await owed(conn)
    await sender.send(delivery)
    assert good(hook["secret"], endpoint, 0)
    assert "secret" not in (await maya.http.get("/webhooks")).json()["data"][0]


BAD = [
    "http://example.com/hook",
    "ftp://example.com/hook",
    "https://",
    "https:///hook",
    "https://user:word@example.com/hook",
    "https://example.com/hook#part",
    "https://exa mple.com/hook",
    "https://example.com:99999/hook",
    "https://[bad/hook",
    "https://127.0.0.1/hook",
    "https://10.1.2.3/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/hook",
    "https://[::ffff:10.0.0.1]/hook",
    "https://localhost/hook",
    "https://db.internal/hook",
    "https://intranet/hook",
    "https://münchen.example/hook",
    "https://example.com/" + "x" * 2048,
    "//example.com/hook",
    "",
]


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_no_webhook_may_go_to_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue, match="https URL"):
        webhooks.checked_url(url, local=False)


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?a=1", "https://example.com:8443/", "https://93.184.216.34/x"]
)
def test_public_https_urls_pass(url: str) -> None:
    assert webhooks.checked_url(url, local=False).geturl() == url


async def test_a_name_that_leads_to_a_private_address_is_not_asked(
    join: Join, conn: asyncpg.Connection, pool: asyncpg.Pool, config: Config, endpoint: Endpoint
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    port = endpoint.url.split(":")[2].removesuffix("/hooks")
    await conn.execute("update webhook set url = $1", f"https://hooks.example:{port}/hooks")
    await cancelled(maya)
    [delivery] = await owed(conn)
    strict = Sender(pool, open_vault(config), local=False)
    try:
        with pytest.MonkeyPatch.context() as patch:
            # A name server that answers otherwise than it did for the one who registered the URL.
            patch.setattr(asyncio.get_running_loop(), "getaddrinfo", leads_home(int(port)), raising=False)
            with pytest.raises(RetryRequested):
                await strict.send(delivery)
    finally:
        await strict.close()
    assert endpoint.came == []
    assert "not public" in (await log_of(maya, hook))[0]["last_error"]


def leads_home(port: int) -> Callable[..., Any]:
    async def getaddrinfo(*_: object, **__: object) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", port)), (0, 0, 0, "", ("127.0.0.1", port))]

    return getaddrinfo


async def test_bad_orders_are_refused_and_there_are_ten_at_most(join: Join, endpoint: Endpoint) -> None:
    maya = await join()
    for body, param in (
        ({"url": endpoint.url, "events": []}, "events"),
        ({"url": endpoint.url, "events": ["video.deleted"]}, "events"),
        ({"url": "gopher://x"}, "url"),
        ({"url": 7}, "url"),
    ):
        answer = await maya.http.post("/webhooks", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text
    assert (await maya.http.post("/webhooks", json={"url": endpoint.url, "secret": "whsec_x"})).status_code == 400
    made = await asyncio.gather(*(maya.http.post("/webhooks", json={"url": endpoint.url}) for _ in range(12)))
    assert sorted(answer.status_code for answer in made) == [200] * 10 + [409] * 2
    one = next(answer.json()["id"] for answer in made if answer.status_code == 200)
    assert (await maya.http.delete(f"/webhooks/{one}")).json() == {
        "id": one,
        "deleted": True,
        "object": "webhook.deleted",
    }
    assert (await maya.http.delete(f"/webhooks/{one}")).status_code == 404
    assert (await maya.http.delete("/webhooks/hook_x")).status_code == 404
    assert len((await maya.http.get("/webhooks")).json()["data"]) == 9


async def test_one_endpoint_that_hangs_does_not_hold_up_the_others(
    join: Join, conn: asyncpg.Connection, config: Config, endpoint: Endpoint
) -> None:
    maya, leo = await join(), await join()
    async with receiving() as hanging:
        hanging.status = None
        await hooked(maya, hanging.url)
        await hooked(leo, endpoint.url)
        account = await conn.fetchval("select id from account where handle = $1", maya.handle)
        for number in range(100):
            about = {"id": f"video_{number}", "status": "failed", "error": None}
            await conn.execute("insert into event (account, kind, about) values ($1, 'video', $2)", account, about)
        await cancelled(leo)
        leave = asyncio.Event()
        working = asyncio.create_task(outbox.run(config, open_vault(config), pushers(config), leave))
        try:
            await until(lambda: len(endpoint.came) == 1)
            assert len(hanging.came) <= webhooks.AT_ONCE
        finally:
            hanging.let_go.set()
            leave.set()
            await working


async def test_a_delivery_whose_job_was_lost_gets_another(
    join: Join, conn: asyncpg.Connection, endpoint: Endpoint
) -> None:
    maya = await join()
    await hooked(maya, endpoint.url)
    await cancelled(maya)
    [delivery] = await owed(conn)
    await conn.execute("delete from pgqueuer where entrypoint = 'webhook'")
    assert await jobs.rescue(conn) == 1
    [job] = await conn.fetch("select payload from pgqueuer where entrypoint = 'webhook'")
    assert jobs.subject_of(job["payload"]) == delivery


async def test_deliveries_come_in_pages_and_are_forgotten_after_a_month(
    join: Join, conn: asyncpg.Connection, sender: Sender, endpoint: Endpoint
) -> None:
    maya = await join()
    hook = await hooked(maya, endpoint.url)
    for _ in range(3):
        await cancelled(maya)
    for delivery in await owed(conn):
        await sender.send(delivery)
    path = f"/webhooks/{hook['id']}/deliveries"
    first = (await maya.http.get(path, params={"limit": 2})).json()
    rest = (await maya.http.get(path, params={"limit": 2, "after": first["last_id"]})).json()
    assert ([len(page["data"]) for page in (first, rest)], first["has_more"], rest["has_more"]) == ([2, 1], True, False)
    assert (await maya.http.get(path, params={"after": "x"})).status_code == 400
    await conn.execute("update webhook_delivery set ended_at = now() - interval '31 days'")
    await rows.tidy(conn)
    assert await log_of(maya, hook) == []
