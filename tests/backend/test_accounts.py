from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from backend.auth import TokenKey
from backend.config import Config
from social import invites
from tests.backend.conftest import PASSWORD, Join


def wanted(code: str, **changed: object) -> dict[str, object]:
    return {
        "handle": "maya",
        "display_name": "Maya",
        "password": PASSWORD,
        "birth_date": "1990-05-17",
        "invite_code": code,
    } | changed


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
    assert me.json() == body["account"]
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


@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"handle": "a"}, "invalid_value", "handle"),
        ({"handle": "ma ya"}, "invalid_value", "handle"),
        ({"handle": "moderator"}, "invalid_value", "handle"),
        ({"password": "short"}, "invalid_value", "password"),
        ({"password": "x" * 300}, "invalid_value", "password"),
        ({"display_name": " "}, "invalid_value", "display_name"),
        ({"birth_date": "yesterday"}, "bad_request", None),
        ({"birth_date": "1820-01-01"}, "invalid_value", "birth_date"),
        ({"invite_code": "NOSUCHCODE"}, "invite_unknown", None),
        ({"nickname": "x"}, "bad_request", None),
        ({"invite_code": "a\0b"}, "invalid_value", None),
    ],
)
async def test_a_wrong_sign_up_is_told_and_changes_nothing(
    join: Join, conn: asyncpg.Connection, changed: dict[str, object], code: str, param: str | None
) -> None:
    nobody, invite = (await join(None)).http, await a_code(conn)
    answer = await nobody.post("/accounts", json=wanted(invite, **changed))
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param)
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
    stranger = TokenKey.read(config.data / "another.jwk").sign(UUID(int=1))
    gone = TokenKey.read(config.token_key).sign(UUID(int=1))
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
