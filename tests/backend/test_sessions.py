from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from backend import tokens
from backend.config import Config
from backend.errors import Unauthenticated
from backend.tokens import TokenKeys
from tests.backend.conftest import PASSWORD, Join, Person


async def refresh(person: Person, token: str) -> httpx.Response:
    return await person.http.post("/sessions/refresh", json={"refresh_token": token})


async def works(person: Person, access_token: str) -> bool:
    answer = await person.http.get("/me", headers={"authorization": f"Bearer {access_token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def test_a_refresh_token_is_used_once_and_gives_the_next(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    seen = [maya.refresh_token]
    for _ in range(3):
        answer = await refresh(maya, seen[-1])
        assert (answer.status_code, answer.json()["expires_in"]) == (201, 900)
        assert answer.json()["account"]["id"] == maya.id
        assert await works(maya, answer.json()["access_token"])
        seen.append(answer.json()["refresh_token"])
    assert len(set(seen)) == 4
    stored = await conn.fetch("select * from refresh_token")
    assert not [token for token in seen if token in str(stored) or token.encode() in str(stored).encode()]
    assert sum(row["next_salt"] is not None for row in stored) == 1


async def test_whoever_lost_the_answer_gets_the_same_next_token(join: Join) -> None:
    maya = await join()
    first, again = await refresh(maya, maya.refresh_token), await refresh(maya, maya.refresh_token)
    assert first.json()["refresh_token"] == again.json()["refresh_token"]
    assert (await refresh(maya, first.json()["refresh_token"])).status_code == 201


async def test_refreshes_at_once_agree_on_one_next_token(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    answers = await asyncio.gather(*(refresh(maya, maya.refresh_token) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    [successor] = {answer.json()["refresh_token"] for answer in answers}
    assert await conn.fetchval("select count(*) from refresh_token") == 2
    assert (await refresh(maya, successor)).status_code == 201


@pytest.mark.parametrize("replayed", ["after the grace", "after its successor was used"])
async def test_a_replay_ends_the_whole_session(join: Join, conn: asyncpg.Connection, replayed: str) -> None:
    maya = await join()
    elsewhere = (await maya.http.post("/sessions", json={"handle": maya.handle, "password": PASSWORD})).json()
    newest = (await refresh(maya, maya.refresh_token)).json()
    if replayed == "after the grace":
        await conn.execute("update refresh_token set used_at = used_at - interval '61 seconds'")
    else:
        newest = (await refresh(maya, newest["refresh_token"])).json()
    answer = await refresh(maya, maya.refresh_token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "refresh_refused")
    assert (await refresh(maya, newest["refresh_token"])).status_code == 401
    assert not await works(maya, newest["access_token"])
    assert await works(maya, elsewhere["access_token"])
    assert await conn.fetchval("select array_agg(ended_because) from session where ended_at is not null") == [
        "replayed"
    ]


async def test_a_token_that_is_none_is_refused(join: Join) -> None:
    maya = await join()
    for token in ("", "cmr_", "cmr_unknown", "cm_" + "a" * 43, "x" * 5000, "a\0b"):
        answer = await refresh(maya, token)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "refresh_refused")
    assert (await maya.http.get("/me")).status_code == 200


async def test_devices_are_listed_and_signed_out(join: Join) -> None:
    maya, leo = await join(), await join()
    login = {"handle": maya.handle, "password": PASSWORD}
    phone = (await maya.http.post("/sessions", json=login | {"device": "Maya's phone"})).json()
    listed = (await maya.http.get("/sessions")).json()["data"]
    assert [(one["device"], one["current"]) for one in listed] == [("Maya's phone", False), (listed[1]["device"], True)]
    assert listed[1]["device"].startswith("python-httpx")
    assert {one["means"] for one in listed} == {"password"}
    for stranger in (f"/sessions/{phone['session_id']}", "/sessions/sess_0", "/sessions/nothing"):
        answer = await leo.http.delete(stranger)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "session_unknown")
    assert (await maya.http.delete(f"/sessions/{phone['session_id']}")).json()["deleted"] is True
    assert not await works(maya, phone["access_token"])
    assert (await refresh(maya, phone["refresh_token"])).status_code == 401
    assert (await maya.http.delete("/sessions/current")).status_code == 200
    assert (await maya.http.get("/me")).status_code == 401
    assert (await refresh(maya, maya.refresh_token)).status_code == 401


async def test_a_session_nobody_uses_ends(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await conn.execute("update session set expires_at = now() - interval '1 second'")
    assert (await maya.http.get("/me")).status_code == 401
    assert (await refresh(maya, maya.refresh_token)).status_code == 401


async def test_the_published_keys_verify_an_access_token(join: Join, config: Config) -> None:
    maya = await join()
    token = maya.http.headers["authorization"].removeprefix("Bearer ")
    tokens.rotate(config.token_keys)
    newer = (await refresh(maya, maya.refresh_token)).json()["access_token"]
    shown = await maya.http.get("http://test/.well-known/jwks.json", headers={"authorization": ""})
    assert shown.status_code == 200
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"} for key in shown.json()["keys"])
    keys = KeySet.import_key_set(shown.json())
    kids = []
    for one in (token, newer):
        read = jwt.decode(one, keys, algorithms=["ES256"])
        assert f"acct_{read.claims['sub']}" == maya.id
        assert await works(maya, one)
        kids.append(read.header["kid"])
    assert kids == [key["kid"] for key in reversed(shown.json()["keys"])]


def test_a_key_goes_once_its_last_token_has_expired(tmp_path: Path) -> None:
    file, account, session = tmp_path / "token.jwk", UUID(int=1), UUID(int=2)
    keys = TokenKeys(file)
    first = keys.sign(account, session)
    tokens.rotate(file)
    assert len(tokens.rotate(file)) == 3
    held = msgspec.json.decode(file.read_bytes())
    for key in held["keys"][1:]:
        key["retired_at"] = int(time.time()) - tokens.LIFE_SECONDS - 61
    file.write_bytes(msgspec.json.encode(held))
    assert len(tokens.rotate(file)) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Unauthenticated):
        keys.read(first)
    assert keys.read(keys.sign(account, session)) == (account, session)


def test_the_bare_key_of_the_first_version_still_reads(tmp_path: Path) -> None:
    file = tmp_path / "token.jwk"
    file.write_bytes(msgspec.json.encode(ECKey.generate_key("P-256").as_dict(private=True)))
    token = TokenKeys(file).sign(UUID(int=1), UUID(int=2))
    tokens.rotate(file)
    assert TokenKeys(file).read(token) == (UUID(int=1), UUID(int=2))


def test_a_token_of_yesterday_or_of_another_kind_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = TokenKeys(tmp_path / "token.jwk")
    kid = keys.public()["keys"][0]["kid"]
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: 1_600_000_000.0)
        old = keys.sign(UUID(int=1), UUID(int=2))
    public = msgspec.json.encode(keys.public()["keys"][0])
    forged = jwt.encode({"alg": "HS256", "kid": kid}, {"iss": "castmate", "sub": "0"}, OctKey.import_key(public))
    for wrong in (old, forged, old.rpartition(".")[0] + ".", "a.b.c", ""):
        with pytest.raises(Unauthenticated):
            keys.read(wrong)
