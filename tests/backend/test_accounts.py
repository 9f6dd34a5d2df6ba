from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest_asyncio

from backend.config import Config
from backend.tokens import TokenKeys
from social import accounts, invites
from tests.backend.conftest import PASSWORD, Join, signing_up


def wanted(code: str, **changed: object) -> dict[str, object]:
    return {
        "handle": "maya",
        "display_name": "Maya",
        "password": PASSWORD,
        "birth_date": "1990-05-17",
        "invite_code": code,
    } | changed


@pytest_asyncio.fixture
async def open_house(config: Config, pool: asyncpg.Pool) -> AsyncIterator[Join]:
    async with signing_up(msgspec.structs.replace(config, open_signup=True), pool) as join:
        yield join


async def a_code(conn: asyncpg.Connection, **more: object) -> str:
    return (await invites.issue(conn, None, **more)).code  # type: ignore[arg-type]


async def test_an_invite_code_lets_one_person_in(join: Join, conn: asyncpg.Connection) -> None:
    nobody, code = (await join(None)).http, await a_code(conn)
    answer = await nobody.post("/accounts", json=wanted(code.lower()))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["account"]["handle"], body["account"]["role"]) == ("maya", "member")
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    me = await nobody.get("/me", headers={"authorization": f"Bearer {body['access_token']}"})
    private = {"birth_date": "1990-05-17", "is_young": False, "profile": {"bio": "", "links": [], "avatar": None}}
    assert me.json() == body["account"] | private
    again = await nobody.post("/accounts", json=wanted(code, handle="leo"))
    assert (again.status_code, again.json()["error"]["code"]) == (403, "invite_spent")
    assert "used up" in again.json()["detail"]


async def test_a_taken_handle_does_not_burn_the_code(join: Join, conn: asyncpg.Connection) -> None:
    nobody, first, second = (await join(None)).http, await a_code(conn), await a_code(conn)
    assert (await nobody.post("/accounts", json=wanted(first))).status_code == 201
    taken = await nobody.post("/accounts", json=wanted(second, handle="MAYA"))
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "handle_taken")
    assert taken.headers["x-should-retry"] == "false"
    assert (await nobody.post("/accounts", json=wanted(second, handle="leo"))).status_code == 201


WRONG_SIGN_UPS: list[tuple[dict[str, object], str, str | None]] = [
    ({"handle": "a"}, "invalid_value", "handle"),
    ({"handle": "ma ya"}, "invalid_value", "handle"),
    ({"handle": "moderator"}, "invalid_value", "handle"),
    ({"password": "short"}, "invalid_value", "password"),
    ({"password": "x" * 300}, "invalid_value", "password"),
    ({"display_name": " "}, "invalid_value", "display_name"),
    ({"birth_date": "yesterday"}, "bad_request", None),
    ({"birth_date": "1820-01-01"}, "invalid_value", "birth_date"),
    ({"invite_code": "NOSUCHCODE"}, "invite_unknown", None),
    ({"invite_code": None}, "invite_needed", "invite_code"),
    ({"handle": "adm1n"}, "invalid_value", "handle"),
    ({"handle": "cast.mate_official"}, "invalid_value", "handle"),
    ({"handle": "sessions"}, "invalid_value", "handle"),
    ({"handle": "m\u0430ya"}, "invalid_value", "handle"),  # a Cyrillic a
    ({"handle": "\u212aate"}, "invalid_value", "handle"),  # the Kelvin sign folds to k
    ({"display_name": "Maya\u202e"}, "invalid_value", "display_name"),
    ({"display_name": "\uff33upport"}, "invalid_value", "display_name"),
    ({"nickname": "x"}, "bad_request", None),
    ({"invite_code": "a\0b"}, "invalid_value", None),
]


async def test_a_wrong_sign_up_is_told_and_changes_nothing(join: Join, conn: asyncpg.Connection) -> None:
    nobody, invite = (await join(None)).http, await a_code(conn)
    for changed, code, param in WRONG_SIGN_UPS:
        answer = await nobody.post("/accounts", json=wanted(invite, **changed))
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param), changed
        assert PASSWORD not in answer.text
    assert await conn.fetchval("select count(*) from account") == 0
    assert await conn.fetchval("select uses from invite where code = $1", invite) == 0


async def test_a_child_under_thirteen_gets_no_account(join: Join, conn: asyncpg.Connection) -> None:
    year = datetime.now(UTC).year - 12
    answer = await (await join(None)).http.post(
        "/accounts", json=wanted(await a_code(conn), birth_date=f"{year}-01-01")
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "too_young")


async def test_signing_in_needs_the_right_password(join: Join) -> None:
    maya, nobody = await join(), (await join(None)).http
    good = await nobody.post("/sessions", json={"handle": maya.handle.upper(), "password": PASSWORD})
    assert good.status_code == 201
    for handle, password in ((maya.handle, "wrong password"), ("nobody.here", PASSWORD)):
        bad = await nobody.post("/sessions", json={"handle": handle, "password": password})
        assert (bad.status_code, bad.json()["error"]["code"]) == (401, "wrong_password")


async def test_tokens_that_are_not_ours_open_nothing(join: Join, config: Config) -> None:
    maya, nobody = await join(), (await join(None)).http
    good = maya.http.headers["authorization"]
    head, body, seal = good.split(".")
    stranger = TokenKeys(config.data / "another.jwk").sign(UUID(int=1), UUID(int=2))
    gone = TokenKeys(config.token_keys).sign(UUID(int=1), UUID(int=2))
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    for wrong in (
        "",
        "Bearer",
        "Basic abc",
        f"{head}.{body}.{seal[:-4]}AAAA",
        f"Bearer {stranger}",
        f"Bearer {gone}",
        f"Bearer {unsigned}",
    ):
        answer = await nobody.get("/me", headers={"authorization": wrong} if wrong else {})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated"), wrong
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_open_house_lets_anybody_in_who_is_old_enough(
    config: Config, open_house: Join, conn: asyncpg.Connection
) -> None:
    assert config.open_signup is False
    nobody = (await open_house(None)).http
    asked = wanted("")
    del asked["invite_code"]
    assert (await nobody.post("/accounts", json=asked)).status_code == 201
    child = asked | {"handle": "leo", "birth_date": f"{datetime.now(UTC).year - 12}-01-01"}
    assert (await nobody.post("/accounts", json=child)).json()["error"]["code"] == "too_young"
    assert await conn.fetchval("select role from account") == "member"


async def test_an_old_handle_leads_to_its_bearer_and_to_nobody_else(join: Join, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    changed = await maya.http.patch("/me", json={"handle": "Maya.Ito", "display_name": "Maya Ito"})
    assert (changed.status_code, changed.json()["handle"]) == (200, "maya.ito")
    assert (await leo.http.get(f"/accounts/{maya.handle}")).json()["handle"] == "maya.ito"
    old = {"handle": maya.handle, "password": PASSWORD}
    assert (await leo.http.post("/sessions", json=old)).json()["account"]["id"] == maya.id
    taken = await leo.http.patch("/me", json={"handle": maya.handle, "display_name": "Maya"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "handle_taken")
    assert (await leo.http.get("/me")).json()["display_name"] == "Somebody"  # the refused change left no half
    await pool.execute("update account_handle set until = now() where until is not null")
    assert (await leo.http.get(f"/accounts/{maya.handle}")).status_code == 404
    assert (await leo.http.patch("/me", json={"handle": maya.handle})).status_code == 200


async def test_a_handle_changes_twice_in_a_month_and_may_always_go_back(join: Join) -> None:
    maya = await join()
    for handle in ("maya.one", "maya.two"):
        assert (await maya.http.patch("/me", json={"handle": handle})).status_code == 200
    third = await maya.http.patch("/me", json={"handle": "maya.three"})
    assert (third.status_code, third.json()["error"]["code"]) == (409, "handle_changed_lately")
    assert (await maya.http.patch("/me", json={"handle": maya.handle})).json()["handle"] == maya.handle


async def test_two_who_want_one_handle_at_once_do_not_both_get_it(join: Join) -> None:
    people = [await join() for _ in range(3)]
    answers = await asyncio.gather(*(one.http.patch("/me", json={"handle": "wanted.one"}) for one in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_wrong_passwords_make_account_and_address_wait(join: Join, pool: asyncpg.Pool) -> None:
    maya, leo, nobody = await join(), await join(), (await join(None)).http

    async def sign_in(handle: str, password: str) -> httpx.Response:
        return await nobody.post("/sessions", json={"handle": handle, "password": password})

    for handle in (maya.handle, "nobody.here"):  # one that exists waits as one that does not
        free = [(await sign_in(handle, "wrong password")).status_code for _ in range(3)]
        assert free == [401, 401, 401]
        await pool.execute("update attempt set failures = 13, last_at = now() - interval '1 hour' where failures = 3")
        answers = await asyncio.gather(*(sign_in(handle, "wrong password") for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [401, 429, 429, 429, 429, 429]
        [waiting] = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 429}
        assert waiting == "too_many_attempts"
        await pool.execute("update attempt set failures = 1 where failures <> 14")  # the address
    right = await sign_in(maya.handle, PASSWORD)
    assert (right.status_code, right.headers["x-should-retry"]) == (429, "false")
    assert 1 <= int(right.headers["retry-after"]) <= 900
    assert (await sign_in(leo.handle, PASSWORD)).status_code == 201
    await pool.execute("update attempt set last_at = now() - interval '1 hour'")
    assert (await sign_in(maya.handle, PASSWORD)).status_code == 201
    await pool.execute("update attempt set failures = 39, last_at = now() where failures < 14")  # the address
    assert (await sign_in(leo.handle, PASSWORD)).status_code == 429


async def test_a_new_password_ends_the_other_sessions(join: Join, pool: asyncpg.Pool) -> None:
    maya = await join()
    other = (await maya.http.post("/sessions", json={"handle": maya.handle, "password": PASSWORD})).json()
    new = {"password": "a staple of correct batteries"}
    assert (await maya.http.put("/me/password", json={"password": "short"})).status_code == 400
    assert (await maya.http.put("/me/password", json=new)).status_code == 200
    assert (await maya.http.get("/me")).status_code == 200
    stolen = {"authorization": f"Bearer {other['access_token']}"}
    assert (await maya.http.get("/me", headers=stolen)).status_code == 401
    refused = await maya.http.post("/sessions/refresh", json={"refresh_token": other["refresh_token"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "refresh_refused")
    assert (await maya.http.post("/sessions", json={"handle": maya.handle} | new)).status_code == 201
    await pool.execute("update session set signed_in_at = now() - interval '11 minutes'")
    assert (await maya.http.put("/me/password", json=new)).json()["error"]["code"] == "stale_session"


async def test_a_suspended_account_has_no_session_and_no_key(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    key = (await maya.http.post("/me/api-keys", json={"name": "laptop"})).json()["secret"]
    account = await accounts.named(conn, maya.handle)
    await accounts.suspend(conn, account, "staff")
    assert (await maya.http.get("/me")).status_code == 401
    with_key = await maya.http.get("/videos", headers={"authorization": f"Bearer {key}"})
    assert (with_key.status_code, with_key.json()["error"]["code"]) == (403, "account_suspended")
    again = await maya.http.post("/sessions", json={"handle": maya.handle, "password": PASSWORD})
    assert (again.status_code, again.json()["error"]["code"]) == (403, "account_suspended")
    assert (await leo.http.get("/me")).status_code == 200
    await accounts.restore(conn, account, "guardian")  # a guardian takes back only what a guardian did
    assert (await maya.http.get("/videos", headers={"authorization": f"Bearer {key}"})).status_code == 403
    await accounts.restore(conn, account, "staff")
    assert (await maya.http.get("/videos", headers={"authorization": f"Bearer {key}"})).status_code == 200


async def test_an_api_key_makes_videos_and_nothing_else(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    made = (await maya.http.post("/me/api-keys", json={"name": "laptop"})).json()
    assert made["secret"].startswith("cm_")
    with_key = {"authorization": f"Bearer {made['secret']}"}
    assert (await maya.http.get("/videos", headers=with_key)).status_code == 200
    for method, path in (("POST", "/me/api-keys"), ("GET", "/me/api-keys"), ("POST", "/characters")):
        refused = await maya.http.request(method, path, headers=with_key, json={"name": "more"})
        assert refused.status_code == 403, path
    listed = (await maya.http.get("/me/api-keys")).json()["data"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "secret" not in listed[0]
    assert made["secret"].encode() not in await conn.fetchval("select secret_sha256 from api_key")
    assert (await maya.http.delete(f"/me/api-keys/{made['id']}")).status_code == 200
    assert (await maya.http.get("/videos", headers=with_key)).status_code == 401


async def test_nobody_revokes_the_key_of_another(join: Join) -> None:
    maya, leo = await join(), await join()
    key = (await maya.http.post("/me/api-keys", json={"name": "laptop"})).json()["id"]
    assert (await leo.http.delete(f"/me/api-keys/{key}")).status_code == 404
    assert len((await maya.http.get("/me/api-keys")).json()["data"]) == 1
