from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx

from tests.authenticator import Authenticator
from tests.backend.cast import code
from tests.backend.conftest import Join, Person


async def registered(person: Person, device: Authenticator) -> httpx.Response:
    options = (await person.http.post("/sessions/passkeys/registration")).json()
    return await person.http.post("/sessions/passkeys", json={"credential": device.create(options), "name": "phone"})


async def asked(person: Person) -> dict[str, Any]:
    return dict((await person.http.post("/sessions/passkeys/challenge")).json())


async def signed_in(person: Person, credential: object) -> httpx.Response:
    return await person.http.post("/sessions/passkeys/sign-in", json={"credential": credential})


async def test_a_passkey_signs_in_without_a_handle(join: Join, conn: asyncpg.Connection) -> None:
    maya, nobody, device = await join(), await join(None), Authenticator()
    made = await registered(maya, device)
    assert made.status_code == 201, made.text
    for _ in range(2):
        device.count += 1
        answer = await signed_in(nobody, device.sign(await asked(nobody)))
        assert answer.status_code == 201, answer.text
        assert (answer.json()["account"]["id"], answer.json()["expires_in"]) == (maya.id, 900)
        assert answer.json()["refresh_token"].startswith("cmr_")
    [listed] = (await maya.http.get("/sessions/passkeys")).json()["data"]
    assert (listed["id"], listed["name"]) == (made.json()["id"], "phone")
    assert listed["last_used_at"] is not None
    assert [one["means"] for one in (await maya.http.get("/sessions")).json()["data"]][:2] == ["passkey", "passkey"]
    assert await conn.fetchval("select sign_count from passkey") == 2


async def test_an_answer_signs_in_once_and_a_copied_key_is_noticed(join: Join) -> None:
    maya, device = await join(), Authenticator()
    await registered(maya, device)
    device.count = 5
    credential = device.sign(await asked(maya))
    answers = await asyncio.gather(*(signed_in(maya, credential) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401]
    for count in (5, 4):
        device.count = count
        assert code(await signed_in(maya, device.sign(await asked(maya)))) == (401, "passkey_refused")


async def test_what_is_no_passkey_of_ours_is_refused(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, device = await join(), await join(), Authenticator()
    options = (await maya.http.post("/sessions/passkeys/registration")).json()
    refused = (401, "passkey_refused")

    async def register(person: Person, credential: object) -> tuple[int, str | None]:
        return code(await person.http.post("/sessions/passkeys", json={"credential": credential}))

    assert await register(leo, device.create(options)) == refused  # a challenge is whose it was given to
    device.origin = "https://evil.example"
    assert await register(maya, device.create(options)) == refused
    device.origin, device.verified = "http://localhost:8000", False
    assert (
        await register(maya, device.create((await maya.http.post("/sessions/passkeys/registration")).json())) == refused
    )
    device.verified = True
    elsewhere = (await maya.http.post("/sessions/passkeys/registration")).json()
    elsewhere["rp"]["id"] = "evil.example"
    assert await register(maya, device.create(elsewhere)) == refused
    assert await register(maya, {}) == refused
    assert await register(maya, {"response": {"clientDataJSON": 7}}) == refused
    assert (await registered(maya, device)).status_code == 201
    assert code(await registered(leo, device)) == refused  # one key, one account

    stranger = Authenticator()
    stranger.count = 9
    assert code(await signed_in(leo, stranger.sign(await asked(leo)))) == refused
    stranger.id = device.id
    assert code(await signed_in(leo, stranger.sign(await asked(leo)))) == refused  # its key, not its id, signs
    assert code(await signed_in(leo, device.sign(await asked(leo) | {"challenge": "AAAA"}))) == refused
    await conn.execute("update passkey_challenge set expires_at = now() - interval '1 second'")
    late = await asked(leo)
    await conn.execute("update passkey_challenge set expires_at = now() - interval '1 second'")
    device.count = 9
    assert code(await signed_in(leo, device.sign(late))) == refused
    assert await conn.fetchval("select count(*) from session") == 2


async def test_the_last_way_in_is_never_taken_away(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    first = (await registered(maya, Authenticator())).json()["id"]
    assert code(await leo.http.delete(f"/sessions/passkeys/{first}")) == (404, "passkey_unknown")
    assert code(await leo.http.delete("/sessions/passkeys/pk_x")) == (404, "passkey_unknown")
    second = (await registered(maya, Authenticator())).json()["id"]
    await conn.execute("update account set password_hash = null where handle = $1", maya.handle)
    answers = await asyncio.gather(*(maya.http.delete(f"/sessions/passkeys/{one}") for one in (first, second)))
    assert sorted(code(answer) for answer in answers) == [(200, None), (409, "last_sign_in")]


async def test_a_new_way_in_needs_a_sign_in_of_lately(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await conn.execute("update session set signed_in_at = now() - interval '11 minutes'")
    token = {"provider": "x", "id_token": "x", "nonce": "x"}
    for path, body in (
        ("/sessions/passkeys/registration", None),
        ("/me/second-factor", None),
        ("/me/identities", token),
    ):
        assert code(await maya.http.post(path, json=body)) == (403, "stale_session"), path
