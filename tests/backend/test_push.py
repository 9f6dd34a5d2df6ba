"""Phones are told quietly, by Apple and Google, until they take it or are gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pgqueuer.errors import RetryRequested

from backend import jobs, relay
from backend.config import Config, read
from backend.push import sending
from backend.push.apns import Apns, Credentials
from backend.push.console import Console
from backend.push.fcm import GRANT, SCOPE, Fcm, ServiceAccount
from backend.push.message import WORDS, Message, NotNow, Pusher, Refused, TokenDead, message_of
from social import notices
from social.devices import Platform
from social.events import Event
from tests.backend.cast import a_role, asked
from tests.backend.conftest import Join, Person
from tests.backend.push_services import Service, running

IOS = "ab" * 32
ANDROID = "fcm:" + "x" * 60
MESSAGE = Message("Castmate", "Your clip is ready.", {"kind": "video", "id": "video_1"}, "video_1")
APPLE_KEY = ECKey.generate_key("P-256")
GOOGLE_KEY = RSAKey.generate_key(2048)
CREDENTIALS = Credentials(APPLE_KEY.as_pem(private=True), "KEY1234567", "TEAM123456", "org.example.castmate")


@pytest.fixture
async def apple(tmp_path: Path) -> AsyncIterator[tuple[Service, Apns]]:
    async with running(tmp_path) as (service, trust):
        adapter = Apns(CREDENTIALS, url=service.url, sandbox_url=f"{service.url}/sandbox", trust=trust)
        yield service, adapter
        await adapter.close()


@pytest.fixture
async def google(tmp_path: Path) -> AsyncIterator[tuple[Service, Fcm]]:
    async with running(tmp_path) as (service, trust):
        private = GOOGLE_KEY.as_pem(private=True).decode()
        account = ServiceAccount("castmate-1", "push@example.iam", private, f"{service.url}/token")
        adapter = Fcm(account, url=service.url)
        adapter._http = httpx.AsyncClient(verify=trust, trust_env=False)
        yield service, adapter
        await adapter.close()


async def test_apple_is_asked_as_its_documents_say(apple: tuple[Service, Apns]) -> None:
    service, adapter = apple
    for _ in range(2):
        await adapter.push(IOS, MESSAGE, "11111111-2222-3333-4444-555555555555", sandbox=False)
    await adapter.push(IOS, MESSAGE, "1", sandbox=True)
    first, second, third = service.asked
    assert (first.version, first.path, third.path) == ("2", f"/3/device/{IOS}", f"/sandbox/3/device/{IOS}")
    assert first.json == {
        "aps": {"alert": {"title": "Castmate", "body": "Your clip is ready."}, "sound": "default"},
        "castmate": {"kind": "video", "id": "video_1"},
    }
    sent = {name: first.headers[name] for name in ("apns-topic", "apns-push-type", "apns-id", "apns-collapse-id")}
    assert sent == {
        "apns-topic": "org.example.castmate",
        "apns-push-type": "alert",
        "apns-id": "11111111-2222-3333-4444-555555555555",
        "apns-collapse-id": "video_1",
    }
    assert int(first.headers["apns-expiration"]) > time.time()
    scheme, _, token = first.headers["authorization"].partition(" ")
    read_token = jwt.decode(token, APPLE_KEY, algorithms=["ES256"])
    assert (scheme, read_token.header["kid"], read_token.claims["iss"]) == ("bearer", "KEY1234567", "TEAM123456")
    assert first.headers["authorization"] == second.headers["authorization"]  # Apple refuses one that changes often


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (410, {"reason": "Unregistered", "timestamp": 1700000000000}, TokenDead),
        (400, {"reason": "BadDeviceToken"}, TokenDead),
        (400, {"reason": "DeviceTokenNotForTopic"}, TokenDead),
        (400, {"reason": "PayloadEmpty"}, Refused),
        (403, {"reason": "ExpiredProviderToken"}, NotNow),
        (403, {"reason": "BadCertificate"}, Refused),
        (413, {"reason": "PayloadTooLarge"}, Refused),
        (429, {"reason": "TooManyRequests"}, NotNow),
        (500, {"reason": "InternalServerError"}, NotNow),
        (503, None, NotNow),
        (404, ["no object"], Refused),
    ],
)
async def test_what_apple_says_is_understood(
    apple: tuple[Service, Apns], status: int, said: Any, kind: type[Exception]
) -> None:
    service, adapter = apple
    service.answers = [(status, said, {"retry-after": "120"})]
    with pytest.raises(kind) as error:
        await adapter.push(IOS, MESSAGE, "1", sandbox=False)
    assert str(status) in str(error.value)
    assert IOS not in str(error.value)
    if status == 410:
        assert getattr(error.value, "at", None) == datetime.fromtimestamp(1700000000, UTC)
    if status in {429, 500, 503}:
        assert getattr(error.value, "after", None) == timedelta(seconds=120)


async def test_a_platform_that_is_away_is_asked_again() -> None:
    apple = Apns(CREDENTIALS, url="https://127.0.0.1:9")
    google = Fcm(ServiceAccount("p", "e", GOOGLE_KEY.as_pem(private=True).decode(), "https://127.0.0.1:9/token"))
    for adapter, token in ((apple, IOS), (google, ANDROID)):
        with pytest.raises(NotNow, match="did not answer"):
            await adapter.push(token, MESSAGE, "1", sandbox=False)
        await adapter.close()


async def test_google_is_asked_as_its_documents_say_and_signed_in_once(google: tuple[Service, Fcm]) -> None:
    service, adapter = google
    for _ in range(2):
        await adapter.push(ANDROID, MESSAGE, "11", sandbox=False)
    signing, first, second = service.asked
    assert signing.form["grant_type"] == GRANT
    claims = jwt.decode(signing.form["assertion"], GOOGLE_KEY, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["scope"], claims["aud"]) == ("push@example.iam", SCOPE, f"{service.url}/token")
    assert claims["exp"] - claims["iat"] == 3600
    assert (first.path, first.headers["authorization"]) == ("/v1/projects/castmate-1/messages:send", "Bearer access 1")
    assert first.json["message"] == {
        "token": ANDROID,
        "notification": {"title": "Castmate", "body": "Your clip is ready."},
        "data": {"kind": "video", "id": "video_1", "push": "11"},
        "android": {"collapse_key": "video_1", "ttl": "86400s"},
    }
    assert second.headers["authorization"] == "Bearer access 1"


FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@pytest.mark.parametrize(
    ("status", "word", "details", "kind"),
    [
        (404, "NOT_FOUND", [{"@type": FCM_ERROR, "errorCode": "UNREGISTERED"}], TokenDead),
        (403, "PERMISSION_DENIED", [{"@type": FCM_ERROR, "errorCode": "SENDER_ID_MISMATCH"}], TokenDead),
        (400, "INVALID_ARGUMENT", [{"@type": BAD_REQUEST, "fieldViolations": [{"field": "message.token"}]}], TokenDead),
        (400, "INVALID_ARGUMENT", [{"@type": BAD_REQUEST, "fieldViolations": [{"field": "message.data"}]}], Refused),
        (404, "NOT_FOUND", [], Refused),
        (403, "PERMISSION_DENIED", [], Refused),
        (401, "UNAUTHENTICATED", [], NotNow),
        (429, "RESOURCE_EXHAUSTED", [{"@type": FCM_ERROR, "errorCode": "QUOTA_EXCEEDED"}], NotNow),
        (503, "UNAVAILABLE", [], NotNow),
    ],
)
async def test_what_google_says_is_understood(
    google: tuple[Service, Fcm], status: int, word: str, details: list[Any], kind: type[Exception]
) -> None:
    service, adapter = google
    service.answers = [(status, {"error": {"code": status, "status": word, "details": details}}, {}), (200, {}, {})]
    with pytest.raises(kind):
        await adapter.push(ANDROID, MESSAGE, "1", sandbox=False)
    await adapter.push(ANDROID, MESSAGE, "1", sandbox=False)
    assert service.signed_in == (2 if status == 401 else 1)


async def registered(person: Person, name: str = "phone", **changed: Any) -> httpx.Response:
    return await person.http.put(f"/me/devices/{name}", json={"platform": "ios", "token": IOS} | changed)


async def owed(conn: asyncpg.Connection) -> list[tuple[UUID, str]]:
    """What waits for phones: the message and its words."""
    while await relay.pass_on(conn):
        pass
    return [(row["id"], row["message"]["body"]) for row in await conn.fetch("select id, message from push order by id")]


async def test_a_device_is_registered_known_again_and_removed(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    made = await registered(maya)
    assert (made.status_code, made.json()["platform"], made.json()["details"]) == (200, "ios", False)
    await registered(maya, details=True)
    listed = (await maya.http.get("/me/devices")).json()["data"]
    assert [(one["id"], one["details"]) for one in listed] == [("phone", True)]
    assert IOS not in (await maya.http.get("/me/devices")).text
    assert (await maya.http.delete("/me/devices/phone")).json()["deleted"] is True
    assert (await maya.http.delete("/me/devices/phone")).status_code == 404
    assert await conn.fetchval("select count(*) from device") == 0


@pytest.mark.parametrize(
    ("name", "changed", "param"),
    [
        ("x" * 65, {}, "id"),
        ("a b", {}, "id"),
        ("phone", {"platform": "web"}, "platform"),
        ("phone", {"token": "xyz"}, "token"),
        ("phone", {"token": "ab" * 31}, "token"),
        ("phone", {"token": "../" * 40}, "token"),
        ("phone", {"platform": "android", "token": "short"}, "token"),
        ("phone", {"token": None}, "token"),
    ],
)
async def test_a_bad_device_is_refused(join: Join, name: str, changed: dict[str, Any], param: str) -> None:
    maya = await join()
    answer = await registered(maya, name, **changed)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert (await maya.http.get("/me/devices")).json()["data"] == []


async def test_a_phone_tells_only_the_person_who_signed_in_last(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    await registered(maya)
    assert (await registered(leo, "same")).status_code == 200
    account = await conn.fetchval("select id from account where handle = $1", maya.handle)
    await notices.tell(conn, account, "granted", {"by": "ada"})
    assert await owed(conn) == []
    assert (await maya.http.get("/me/devices")).json()["data"] == []


async def test_of_many_devices_the_oldest_make_room(join: Join) -> None:
    maya = await join()
    for number in range(22):
        await registered(maya, f"phone{number}", token=f"{number:064x}")
    listed = [one["id"] for one in (await maya.http.get("/me/devices")).json()["data"]]
    assert listed == [f"phone{number}" for number in range(21, 1, -1)]


async def test_messages_name_nobody_unless_their_reader_wants_it(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    _, role = await a_role(conn, maya, audience="everyone")
    await registered(maya, "quiet")
    await registered(maya, "open", token="cd" * 32, details=True)
    await asked(leo, f"{role} buys a secret present")
    words = [body for _, body in await owed(conn)]
    assert words == [
        f"@{leo.handle} is making a clip with your character.",
        "A clip with your character is being made.",
    ]
    kept = await conn.fetch("select message::text as text from push")
    assert all("present" not in row["text"] for row in kept)


async def test_a_clip_that_ended_is_told_and_one_cancelled_by_hand_is_not(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await registered(maya)
    video = await asked(maya, "a quiet street")
    await maya.http.post(f"/videos/{video}/cancel")
    assert await owed(conn) == []
    account = await conn.fetchval("select id from account where handle = $1", maya.handle)
    for status, error in (("completed", None), ("failed", {"code": "engine_error", "message": "secret words"})):
        about = {"id": video, "status": status, "error": error}
        await conn.execute("insert into event (account, kind, about) values ($1, 'video', $2)", account, about)
    assert [body for _, body in await owed(conn)] == [
        "Your clip is ready.",
        "Your clip could not be made; it was not charged.",
    ]


def test_words_are_those_of_notices_and_what_is_new_is_told_without() -> None:
    assert set(WORDS) <= set(get_args(notices.Kind))
    event = Event(1, UUID(int=0), "notice", {"id": "ntc_1", "kind": "new", "about": {"by": "x"}}, datetime.now(UTC))
    message = message_of(event, details=True)
    assert message is not None
    assert (message.body, message.about) == ("Something new for you.", {"kind": "new", "notice": "ntc_1"})
    assert message_of(msgspec.structs.replace(event, kind="session"), details=True) is None


class Scripted:
    """Raises what it is given, in turn; then takes everything."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.took: list[str] = []

    async def push(self, token: str, message: Message, push_id: str, *, sandbox: bool) -> None:  # noqa: ARG002
        if self.errors:
            raise self.errors.pop(0)
        self.took.append(push_id)

    async def close(self) -> None: ...


async def one_message(conn: asyncpg.Connection, person: Person) -> UUID:
    account = await conn.fetchval("select id from account where handle = $1", person.handle)
    await notices.tell(conn, account, "granted", {"by": "ada"})
    [(push, _)] = await owed(conn)
    return push


def by(pusher: Pusher) -> dict[Platform, Pusher]:
    return {"ios": pusher, "android": pusher}


async def test_a_message_is_tried_again_until_it_is_taken(
    join: Join, conn: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    maya = await join()
    await registered(maya)
    push = await one_message(conn, maya)
    phone = Scripted(NotNow("busy"), NotNow("busy", timedelta(hours=1)))
    waits = []
    for _ in range(2):
        await conn.execute("update push set next_at = now()")
        with pytest.raises(RetryRequested) as again:
            await sending.send(pool, by(phone), push)
        waits.append(again.value.delay)
    assert waits[0] < timedelta(seconds=12)
    assert waits[1] == timedelta(hours=1)
    with pytest.raises(RetryRequested):  # too early
        await sending.send(pool, by(phone), push)
    assert phone.took == []
    await conn.execute("update push set next_at = now()")
    await sending.send(pool, by(phone), push)
    await sending.send(pool, by(phone), push)
    assert phone.took == [str(push)]


async def test_a_message_nobody_takes_is_given_up(join: Join, conn: asyncpg.Connection, pool: asyncpg.Pool) -> None:
    maya = await join()
    await registered(maya)
    push = await one_message(conn, maya)
    await conn.execute("update push set attempts = $1", len(sending.AFTER))
    await sending.send(pool, by(Scripted(NotNow("busy"))), push)
    assert await conn.fetchval("select count(*) from push") == 0
    refused = await one_message(conn, maya)
    await sending.send(pool, by(Scripted(Refused("no"))), refused)
    assert await conn.fetchval("select count(*) from push") == 0
    assert await conn.fetchval("select count(*) from device") == 1


async def test_a_dead_token_is_dropped_and_one_registered_since_lives(
    join: Join, conn: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    maya = await join()
    await registered(maya)
    push = await one_message(conn, maya)
    await sending.send(pool, by(Scripted(TokenDead("gone", datetime.now(UTC) - timedelta(days=1)))), push)
    assert await conn.fetchval("select count(*) from device") == 1
    push = await one_message(conn, maya)
    await sending.send(pool, by(Scripted(TokenDead("gone"))), push)
    assert await conn.fetchval("select count(*) from device") == 0
    assert await conn.fetchval("select count(*) from push") == 0


async def test_a_message_whose_job_was_lost_gets_another(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await registered(maya)
    push = await one_message(conn, maya)
    await conn.execute("delete from pgqueuer")
    assert await jobs.rescue(conn) == 1
    assert jobs.subject_of(await conn.fetchval("select payload from pgqueuer")) == push


async def test_without_settings_the_console_is_told_and_with_them_the_platforms(tmp_path: Path) -> None:
    base = {"CASTMATE_DATA": str(tmp_path)}
    assert {type(one) for one in sending.pushers(read(base)).values()} == {Console}
    (tmp_path / "key.p8").write_bytes(CREDENTIALS.key)
    private = GOOGLE_KEY.as_pem(private=True).decode()
    account = ServiceAccount("p", "e", private, "https://127.0.0.1:9/token")
    (tmp_path / "google.json").write_bytes(msgspec.json.encode(account))
    made = sending.pushers(
        read(
            base
            | {
                "CASTMATE_APNS_KEY_FILE": str(tmp_path / "key.p8"),
                "CASTMATE_APNS_KEY_ID": "K",
                "CASTMATE_APNS_TEAM_ID": "T",
                "CASTMATE_APNS_TOPIC": "org.example",
                "CASTMATE_FCM_ACCOUNT_FILE": str(tmp_path / "google.json"),
            }
        )
    )
    assert [type(made[platform]) for platform in ("ios", "android")] == [Apns, Fcm]
    await asyncio.gather(*(one.close() for one in made.values()))
    (tmp_path / "key.p8").write_bytes(b"no key")
    with pytest.raises(ValueError, match=r".+"):
        sending.pushers(Config(data=tmp_path, database_url=None, media_url="", apns_key_file=tmp_path / "key.p8"))
