from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio

from backend import oidc
from backend.config import Config
from social import invites
from tests.backend.cast import code
from tests.backend.conftest import Join, Person, signing_up
from tests.issuer import Issuer


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as started:
        yield started


@pytest_asyncio.fixture
async def house(config: Config, pool: asyncpg.Pool, tmp_path: Path, issuer: Issuer) -> AsyncIterator[Join]:
    """With that one provider, called school."""
    file = tmp_path / "oidc.toml"
    file.write_text(
        f'[school]\naudiences = ["castmate", "castmate.ios"]\nissuers = ["{issuer.url}"]\n'
        f'jwks_uri = "{issuer.url}/keys"\n'
    )
    async with signing_up(msgspec.structs.replace(config, oidc_file=file), pool) as join:
        yield join


async def sign_in(person: Person, token: str, **more: Any) -> httpx.Response:
    return await person.http.post(
        "/sessions/oidc", json={"provider": "school", "id_token": token, "nonce": "nonce"} | more
    )


async def test_a_new_identity_says_what_it_needs_and_then_signs_in(
    house: Join, issuer: Issuer, conn: asyncpg.Connection
) -> None:
    nobody = await house(None)
    first = await sign_in(nobody, issuer.token(name="Maya Ito"))
    assert code(first) == (403, "sign_up_needed")
    assert first.json()["missing"] == ["handle", "birth_date", "invite_code"]
    invite = (await invites.issue(conn, None)).code
    wish = {"handle": "maya", "birth_date": "1990-05-17", "invite_code": invite}
    assert (await sign_in(nobody, issuer.token(), handle="maya", invite_code=invite)).json()["missing"] == [
        "birth_date"
    ]
    child = wish | {"birth_date": f"{datetime.now(UTC).year - 12}-01-01"}
    assert code(await sign_in(nobody, issuer.token(), **child)) == (403, "too_young")
    assert code(await sign_in(nobody, issuer.token(), **wish | {"handle": "admin"})) == (400, "invalid_value")
    assert await conn.fetchval("select count(*) from account") == 0
    twice = await asyncio.gather(*(sign_in(nobody, issuer.token(name="Maya Ito"), **wish) for _ in range(2)))
    assert {answer.status_code for answer in twice} <= {201, 403, 409}
    assert await conn.fetchval("select count(*) from account") == 1
    assert await conn.fetchval("select uses from invite where code = $1", invite) == 1
    again = await sign_in(nobody, issuer.token())
    assert (again.status_code, again.json()["account"]["display_name"]) == (201, "Maya Ito")
    assert again.json()["refresh_token"].startswith("cmr_")
    password = await nobody.http.post("/sessions", json={"handle": "maya", "password": ""})
    assert code(password) == (401, "wrong_password")
    assert issuer.asked == 1


async def test_an_id_token_that_proves_nothing_here_is_refused(house: Join, issuer: Issuer) -> None:
    nobody, now = await house(None), int(time.time())
    other = Issuer()
    other.url = issuer.url
    header, payload, seal = issuer.token().split(".")
    for wrong in (
        issuer.token(iss="https://evil.example"),
        issuer.token(aud="another.app"),
        issuer.token(aud=["another.app"]),
        issuer.token(aud=["castmate", "another.app"]),
        issuer.token(aud=["castmate", "another.app"], azp="another.app"),
        issuer.token(aud=None),
        issuer.token(exp=now - 61),
        issuer.token(exp=None),
        issuer.token(exp=True),
        issuer.token(iat=now + 300),
        issuer.token(nbf=now + 300),
        issuer.token(nonce="another"),
        issuer.token(nonce=None),
        issuer.token(sub=None),
        issuer.token(sub=""),
        issuer.token(sub=7),
        issuer.token(kid="unknown"),
        other.token(),
        f"{header}.{payload}.{seal[:-4]}AAAA",
        f"eyJhbGciOiJub25lIn0.{payload}.",
        "a.b.c",
        "",
        "ü.ü.ü",
        "x" * 20_000,
    ):
        assert code(await sign_in(nobody, wrong)) == (401, "identity_refused"), wrong[:200]
    unknown = await nobody.http.post("/sessions/oidc", json={"provider": "x", "id_token": "x", "nonce": "x"})
    assert code(unknown) == (400, "invalid_value")
    assert "school" in unknown.json()["detail"]
    for right in (
        issuer.token(aud=["castmate", "another.app"], azp="castmate.ios"),
        issuer.token(nonce=hashlib.sha256(b"nonce").hexdigest()),  # as Apple's kit sends it
        issuer.token(exp=now - 30),
    ):
        assert code(await sign_in(nobody, right)) == (403, "sign_up_needed")
    assert issuer.asked <= 2  # the many unknown key ids asked for the keys once more at most


async def test_a_new_key_of_the_issuer_is_fetched_and_a_dead_issuer_is_told(
    house: Join, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = await house(None)
    issuer.down = True
    answer = await sign_in(nobody, issuer.token())
    assert code(answer) == (503, "provider_unavailable")
    assert answer.headers["retry-after"]
    issuer.down = False
    monkeypatch.setattr(oidc, "REFETCH_SECONDS", -1.0)
    assert code(await sign_in(nobody, issuer.token())) == (403, "sign_up_needed")
    issuer.rotate()
    assert code(await sign_in(nobody, issuer.token())) == (403, "sign_up_needed")
    issuer.down = True
    assert code(await sign_in(nobody, issuer.token())) == (403, "sign_up_needed")  # the keys at hand still do


async def test_an_identity_is_linked_and_unlinked_by_whoever_is_signed_in(
    house: Join, issuer: Issuer, conn: asyncpg.Connection
) -> None:
    maya, leo = await house(), await house()

    async def link(person: Person, subject: str) -> tuple[int, str | None]:
        sent = {"provider": "school", "id_token": issuer.token(subject), "nonce": "nonce"}
        return code(await person.http.post("/me/identities", json=sent))

    assert await link(maya, "maya") == (201, None)
    assert await link(maya, "maya") == (201, None)
    assert await link(leo, "maya") == (409, "identity_taken")
    assert await link(maya, "maya.other") == (409, "identity_taken")
    assert (await sign_in(leo, issuer.token("maya"))).json()["account"]["id"] == maya.id
    assert [one["provider"] for one in (await maya.http.get("/me/identities")).json()["data"]] == ["school"]
    assert code(await leo.http.delete("/me/identities/school")) == (404, "identity_unknown")
    await conn.execute("update account set password_hash = null where handle = $1", maya.handle)
    assert code(await maya.http.delete("/me/identities/school")) == (409, "last_sign_in")
    assert (await maya.http.put("/me/password", json={"password": "a new long password"})).status_code == 200
    assert code(await maya.http.delete("/me/identities/school")) == (200, None)
    assert code(await sign_in(leo, issuer.token("maya"))) == (403, "sign_up_needed")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[school]\naudiences = ['a']", "issuers"),
        ("[school]\naudiences = ['a']\nissuers = ['b']\njwks_uri = 'http://example.org/keys'", "allowed: https"),
        ("[apple]\naudiences = []", "at least one"),
        ("[apple]\naudience = ['a']", "audience"),
    ],
)
def test_a_provider_that_cannot_be_trusted_stops_the_start(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "oidc.toml"
    file.write_text(text)
    with pytest.raises((ValueError, msgspec.ValidationError), match=why):
        oidc.read_providers(file)


def test_apple_and_google_need_their_audiences_only(tmp_path: Path) -> None:
    file = tmp_path / "oidc.toml"
    file.write_text(
        "[apple]\naudiences = ['com.example.app']\n[google]\naudiences = ['x.apps.googleusercontent.com']\n"
    )
    found = oidc.read_providers(file)
    assert found["apple"].issuers == ("https://appleid.apple.com",)
    assert found["google"].jwks_uri.startswith("https://www.googleapis.com/")
