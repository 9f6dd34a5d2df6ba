"""An account leaves: face and voice at once, the rest when its time has come, and every time can be read afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

import asyncpg
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from backend import account_departure, ids
from backend.config import Config
from backend.safe import open_vault
from character_store import vault
from character_store.errors import KeyDestroyed
from tests.backend.cast import a_role, asked, befriend, code, consented, made
from tests.backend.conftest import PASSWORD, Join, Person, signing_up
from tests.backend.test_given import PNG, role_of
from tests.backend.test_uploads import sent
from tests.backend.worker_side import Studio


async def finish(worker: Studio, departure: str) -> None:
    key = ids.parse("leave", departure)
    assert key is not None
    await account_departure.finish(worker.pool, worker.media, key)


async def signed_in(person: Person) -> None:
    answer = await person.http.post("/sessions", json={"handle": person.handle, "password": PASSWORD})
    person.http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"


async def test_an_account_goes_with_everything_and_says_when(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    role, handle = await role_of(worker, maya)
    await befriend(maya, leo)
    parent = await made(worker, maya, f"{handle} in a park")
    await maya.http.patch(f"/videos/{parent}", json={"audience": "everyone"})
    remix = await leo.http.post(f"/videos/{parent}/remix", json={"prompt": "the same at night"})
    assert remix.status_code in {200, 403}
    running = await asked(maya, "a beach")
    await sent(maya, "picture", PNG)
    answer = await maya.http.delete("/me")
    assert answer.status_code == 202, answer.text
    left = answer.json()
    assert left["biometrics_destroyed_at"] is not None
    assert left["account_deleted_at"] is None
    assert code(await maya.http.get("/me")) == (401, "unauthenticated")
    key = ids.parse("char", role)
    assert key is not None
    with pytest.raises(KeyDestroyed):
        await vault.open_key(conn, open_vault(worker.config), key, 1, purpose="export")
    assert await conn.fetchval("select status from clip where id = $1", UUID(hex=running[6:])) == "failed"
    assert (await leo.http.get(f"/videos/{parent}")).status_code == 404
    assert await conn.fetchval("select count(*) from pgqueuer where entrypoint = 'leave'") == 1
    await finish(worker, left["id"])
    await finish(worker, left["id"])
    done = (await nobody.http.get(f"/departures/{left['id']}")).json()
    assert done["media_deleted_at"] <= done["account_deleted_at"]
    assert await conn.fetchval("select count(*) from account where handle = $1", maya.handle) == 0
    assert await conn.fetchval("select count(*) from clip where account = $1", UUID(hex=maya.id[5:])) == 0
    assert worker.files() == []
    assert (await leo.http.get("/me")).status_code == 200
    assert maya.handle not in msgspec.json.encode(done).decode()


async def test_days_of_grace_keep_all_but_face_and_voice_and_can_be_taken_back(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    role, _ = await a_role(conn, maya)
    await consented(conn, role)
    video = await made(worker, maya, "a park")
    await maya.http.patch(f"/videos/{video}", json={"audience": "everyone"})
    left = (await maya.http.delete("/me", params={"grace_days": 30})).json()
    assert (await leo.http.get(f"/videos/{video}")).status_code == 404
    await finish(worker, left["id"])
    await signed_in(maya)
    assert (await maya.http.get(f"/characters/{role}")).json()["state"] == "revoked"
    receipts = (await maya.http.get("/consents")).json()["data"]
    assert [one["purposes"] for one in receipts] == [[]]
    stays = await maya.http.post("/me/stay")
    assert stays.json()["cancelled_at"] is not None
    assert (await leo.http.get(f"/videos/{video}")).status_code == 200
    assert code(await maya.http.post("/me/stay")) == (409, "not_leaving")
    await conn.execute("update account_departure set due_at = now()")
    await finish(worker, left["id"])
    assert (await maya.http.get("/me")).status_code == 200


async def test_grace_ends_by_the_clock_and_a_second_wish_moves_the_day(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya = await join()
    first = (await maya.http.delete("/me", params={"grace_days": 30})).json()
    await signed_in(maya)
    second = (await maya.http.delete("/me", params={"grace_days": 1})).json()
    assert (second["id"], second["due_at"] < first["due_at"]) == (first["id"], True)
    await conn.execute("update account_departure set due_at = now()")
    await finish(worker, first["id"])
    assert await conn.fetchval("select count(*) from account") == 0


@pytest.mark.parametrize("params", [{"grace_days": 31}, {"grace_days": -1}, {"clips": "some"}])
async def test_a_wish_that_cannot_be_read_destroys_nothing(
    join: Join, conn: asyncpg.Connection, params: dict[str, str]
) -> None:
    maya = await join()
    role, _ = await a_role(conn, maya)
    assert code(await maya.http.delete("/me", params=params)) == (400, "invalid_value")
    assert (await maya.http.get(f"/characters/{role}")).json()["state"] == "ready"


async def test_leaving_needs_a_fresh_sign_in_and_an_id_that_was_given(join: Join, conn: asyncpg.Connection) -> None:
    maya, nobody = await join(), await join(None)
    await conn.execute("update session set signed_in_at = now() - interval '1 hour'")
    assert code(await maya.http.delete("/me")) == (403, "stale_session")
    assert code(await nobody.http.get(f"/departures/leave_{'0' * 32}")) == (404, "departure_unknown")
    assert code(await maya.http.post("/me/stay")) == (409, "not_leaving")


async def test_clips_of_others_that_show_the_person_go_where_that_is_asked(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience="mutuals")
    await befriend(maya, leo)
    video = await made(worker, leo, f"{handle} in a park")
    await maya.http.delete("/me", params={"clips": "remove"})
    assert (await leo.http.get(f"/videos/{video}")).status_code == 404


class Apple(msgspec.Struct):
    url: str
    asked: list[tuple[str, dict[str, str]]]


@pytest.fixture
def apple() -> Iterator[Apple]:
    """Apple's two routes, on this machine; the code `spent` is refused."""
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            form = {name: values[0] for name, values in body.items()}
            asked.append((self.path, form))
            refused = form.get("code") == "spent"
            answer = json.dumps({"error": "invalid_grant"} if refused else {"refresh_token": "r1"}).encode()
            self.send_response(400 if refused else 200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Apple(f"http://127.0.0.1:{server.server_port}", asked)
    server.shutdown()
    server.server_close()


async def test_a_sign_in_with_apple_is_taken_back_first(
    config: Config, pool: asyncpg.Pool, apple: Apple, tmp_path: Path
) -> None:
    """With the team's signature; where Apple refuses, nothing has happened."""
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "AuthKey.p8"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    named = {"apple_team_id": "TEAM", "apple_key_id": "KEY", "apple_client_id": "app.castmate", "apple_url": apple.url}
    house = msgspec.structs.replace(config, apple_key_file=file, **named)
    async with signing_up(house, pool) as join:
        maya = await join()
        refused = await maya.http.request("DELETE", "/me", json={"apple_authorization_code": "spent"})
        assert code(refused) == (502, "apple_refused")
        assert (await maya.http.get("/me")).status_code == 200
        gone = await maya.http.request("DELETE", "/me", json={"apple_authorization_code": "fresh"})
        assert gone.status_code == 202, gone.text
    assert [path for path, _ in apple.asked] == ["/auth/token", "/auth/token", "/auth/revoke"]
    form = apple.asked[-1][1]
    assert (form["token"], form["token_type_hint"], form["client_id"]) == ("r1", "refresh_token", "app.castmate")
    claims = jwt.decode(form["client_secret"], ECKey.import_key(file.read_bytes()), algorithms=["ES256"])
    assert (claims.header["kid"], claims.claims["iss"], claims.claims["sub"]) == ("KEY", "TEAM", "app.castmate")


async def test_a_server_without_apples_key_says_so(join: Join) -> None:
    maya = await join()
    answer = await maya.http.request("DELETE", "/me", json={"apple_authorization_code": "x"})
    assert code(answer) == (400, "invalid_value")
