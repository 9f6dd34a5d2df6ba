from __future__ import annotations

import asyncio
import email
import re
import socket
import time
from collections.abc import AsyncIterator
from email.message import Message
from typing import Any

import asyncpg
import httpx
import msgspec
import pyotp
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend import mail
from backend.config import Config
from social import recovery
from tests.backend.cast import code
from tests.backend.conftest import PASSWORD, Join, Person, signing_up

NEW_PASSWORD = "a staple of correct batteries"
HIS = "leo@example.org"


class Post:
    """A mail server on loopback: takes what it is sent."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 OK"

    def newest(self, to: str) -> str:
        """The code in the newest mail."""
        sent = self.mails[-1]
        assert sent["To"] == to
        found = re.search(r"^ {4}([0-9a-z]{8})\r?$", str(sent.get_payload()), re.MULTILINE)
        assert found is not None
        assert found[1] in sent["Subject"]
        return found[1]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest_asyncio.fixture
async def house(config: Config, pool: asyncpg.Pool, post: Post) -> AsyncIterator[Join]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(post, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings = msgspec.structs.replace(config, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="house@example.org")
        async with signing_up(settings, pool) as join:
            yield join
    finally:
        server.stop()


async def prepare(person: Person, **wish: Any) -> httpx.Response:
    return await person.http.put("/me/recovery", json=wish)


async def recover(person: Person, **lost: Any) -> httpx.Response:
    return await person.http.post("/recovery", json=lost)


async def sign_in(person: Person, password: str, **more: Any) -> httpx.Response:
    return await person.http.post("/sessions", json={"handle": person.handle, "password": password} | more)


async def test_a_mailed_code_sets_a_new_password_and_ends_the_sessions(
    house: Join, post: Post, pool: asyncpg.Pool
) -> None:
    leo, nobody = await house(), await house(None)
    assert code(await prepare(leo, email=HIS)) == (200, None)
    assert (await leo.http.get("/me/recovery")).json()["email"] is None  # until the code comes back
    assert code(await prepare(leo, email=HIS)) == (429, "mailed_lately")
    assert code(await prepare(leo, email_code="wrongone")) == (401, "wrong_code")
    verified = await prepare(leo, email_code=post.newest(HIS).upper())
    assert (verified.json()["email"], verified.json()["email_verified_at"] is None) == (HIS, False)
    assert code(await prepare(leo, email_code=post.newest(HIS))) == (401, "wrong_code")  # once

    told = {(await recover(nobody, **who)).text for who in ({"handle": leo.handle}, {"email": "no@example.org"})}
    told |= {(await recover(nobody, handle="nobody.here")).text}
    assert len(told) == 1
    assert len(post.mails) == 2
    await recover(nobody, email=HIS)
    assert len(post.mails) == 2  # one a minute
    mailed = post.newest(HIS)
    assert mailed.encode() not in b"".join(await pool.fetchval("select array_agg(digest) from mailed_code"))
    refused = (401, "recovery_refused")
    assert code(await recover(nobody, handle=leo.handle, code="wrongone", password=NEW_PASSWORD)) == refused
    assert code(await recover(nobody, handle="nobody.here", code=mailed, password=NEW_PASSWORD)) == refused
    short = await recover(nobody, handle=leo.handle, code=mailed, password="short")
    assert (code(short), "short" in short.text) == ((400, "invalid_value"), False)
    assert code(await recover(nobody, email=HIS.upper(), code=mailed, password=NEW_PASSWORD)) == (200, None)
    assert (await leo.http.get("/me")).status_code == 401
    assert code(await sign_in(leo, PASSWORD)) == (401, "wrong_password")
    assert code(await sign_in(leo, NEW_PASSWORD)) == (201, None)
    assert code(await recover(nobody, handle=leo.handle, code=mailed, password=PASSWORD)) == refused


async def test_a_mailed_code_dies_of_five_wrong_tries_and_of_age(house: Join, post: Post, pool: asyncpg.Pool) -> None:
    leo, nobody = await house(), await house(None)
    await prepare(leo, email=HIS)
    await prepare(leo, email_code=post.newest(HIS))
    await recover(nobody, handle=leo.handle)
    for _ in range(recovery.TRIES_MOST):
        await recover(nobody, handle=leo.handle, code="wrongone", password=NEW_PASSWORD)
        await pool.execute("delete from attempt")
    mailed = post.newest(HIS)
    assert (await recover(nobody, handle=leo.handle, code=mailed, password=NEW_PASSWORD)).status_code == 401
    await pool.execute("update mailed_code set mailed_at = mailed_at - interval '2 minutes'")
    await recover(nobody, handle=leo.handle)
    await pool.execute("update mailed_code set expires_at = now() - interval '1 second'")
    late = await recover(nobody, handle=leo.handle, code=post.newest(HIS), password=NEW_PASSWORD)
    assert code(late) == (401, "recovery_refused")
    await pool.execute("update attempt set failures = 14, last_at = now()")
    guess = await recover(nobody, handle=leo.handle, code="wrongone", password=NEW_PASSWORD)
    assert code(guess) == (429, "too_many_attempts")
    assert code(await sign_in(leo, PASSWORD)) == (429, "too_many_attempts")  # the same account, the same guesser


async def test_an_address_recovers_one_account(house: Join, post: Post, pool: asyncpg.Pool) -> None:
    leo, maya = await house(), await house()
    for person, wanted in ((leo, (200, None)), (maya, (409, "address_taken"))):
        await prepare(person, email=HIS)
        assert code(await prepare(person, email_code=post.newest(HIS))) == wanted
    assert (await prepare(leo, email=None)).json()["email"] is None
    await recover(leo, handle=leo.handle)
    assert len(post.mails) == 2
    for wrong in (
        "",
        "leo",
        "leo@",
        "a b@example.org",
        "leo@example.org\r\nBcc: x@example.org",
        "x" * 300 + "@example.org",
    ):
        assert code(await prepare(leo, email=wrong)) == (400, "invalid_value")
    await pool.execute("update session set signed_in_at = now() - interval '11 minutes'")
    assert code(await prepare(leo, new_codes=True)) == (403, "stale_session")
    for odd in ({}, {"handle": "a", "email": "b"}, {"handle": "a", "code": "x"}, {"handle": "a", "password": "x"}):
        assert code(await recover(leo, **odd)) == (400, "invalid_value")


async def test_a_dead_mail_server_is_told_and_the_next_try_need_not_wait(
    config: Config, pool: asyncpg.Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        settings = msgspec.structs.replace(config, smtp_url=f"smtp://127.0.0.1:{taken.getsockname()[1]}")
        async with signing_up(settings, pool) as join:
            leo = await join()
            for _ in range(2):
                assert code(await prepare(leo, email=HIS)) == (503, "mail_unavailable")
    assert HIS not in capsys.readouterr().err


async def test_without_a_server_mails_go_to_the_console(join: Join, capsys: pytest.CaptureFixture[str]) -> None:
    leo = await join()
    assert code(await prepare(leo, email=HIS)) == (200, None)
    shown = capsys.readouterr().err
    assert HIS in shown
    found = re.search(r"^ {4}([0-9a-z]{8})$", shown, re.MULTILINE)
    assert found is not None
    assert (await prepare(leo, email_code=found[1])).json()["email"] == HIS


def test_an_smtp_address_that_is_none_stops_the_start(config: Config) -> None:
    for wrong in ("http://mail.example.org", "mail.example.org:25", "smtp://"):
        with pytest.raises(ValueError, match="CASTMATE_SMTP_URL"):
            mail.open_mailer(msgspec.structs.replace(config, smtp_url=wrong))


async def test_each_of_ten_codes_on_paper_works_once(join: Join, conn: asyncpg.Connection) -> None:
    leo, nobody = await join(), await join(None)
    old = (await prepare(leo, new_codes=True)).json()["codes"]
    codes = (await prepare(leo, new_codes=True)).json()["codes"]
    assert len(set(codes)) == 10
    assert "codes" not in (await leo.http.get("/me/recovery")).json()
    assert not [one for one in codes if one in str(await conn.fetch("select * from recovery_code"))]
    lost = {"handle": leo.handle, "password": NEW_PASSWORD}
    assert (await recover(nobody, **lost, code=old[0])).status_code == 401
    twice = await asyncio.gather(*(recover(nobody, **lost, code=codes[0].replace("-", " ")) for _ in range(2)))
    assert sorted(answer.status_code for answer in twice) == [200, 401]
    assert (await leo.http.get("/me")).status_code == 401
    again = await sign_in(leo, NEW_PASSWORD)
    token = {"authorization": f"Bearer {again.json()['access_token']}"}
    assert (await leo.http.get("/me/recovery", headers=token)).json()["codes_left"] == 9


async def test_a_second_factor_stands_behind_the_password(
    join: Join, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    leo, clock = await join(), Clock(time.time())
    monkeypatch.setattr(time, "time", clock)
    for route in ("confirm", "disable"):
        answer = await leo.http.post(f"/me/second-factor/{route}", json={"code": "000000"})
        assert code(answer) == (409, "second_factor_off")
    enrolled = (await leo.http.post("/me/second-factor")).json()
    app = pyotp.TOTP(enrolled["secret"])
    assert pyotp.parse_uri(enrolled["uri"]).secret == enrolled["secret"]
    assert enrolled["secret"].encode() not in await conn.fetchval("select sealed from totp")
    assert code(await sign_in(leo, PASSWORD)) == (201, None)  # not before it is confirmed
    assert code(await leo.http.post("/me/second-factor/confirm", json={"code": "12345"})) == (401, "wrong_code")
    first = app.at(clock.now)
    assert code(await leo.http.post("/me/second-factor/confirm", json={"code": first})) == (200, None)
    assert code(await leo.http.post("/me/second-factor")) == (409, "second_factor_on")
    assert (await leo.http.get("/me/second-factor")).json() == {"enabled": True}

    assert code(await sign_in(leo, "wrong password", code=first)) == (401, "wrong_password")
    assert code(await sign_in(leo, PASSWORD)) == (401, "second_factor_needed")
    assert code(await sign_in(leo, PASSWORD, code=first)) == (401, "wrong_code")  # it was used
    await conn.execute("delete from attempt")
    clock.now += 30
    next_code = app.at(clock.now)
    both = await asyncio.gather(*(sign_in(leo, PASSWORD, code=next_code) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [201, 401]
    clock.now += 30
    assert code(await sign_in(leo, PASSWORD, code=app.at(clock.now - 60))) == (401, "wrong_code")
    codes = (await prepare(leo, new_codes=True)).json()["codes"]
    assert code(await sign_in(leo, PASSWORD, code=codes[0])) == (201, None)
    assert code(await sign_in(leo, PASSWORD, code=codes[0])) == (401, "wrong_code")
    assert code(await leo.http.post("/me/second-factor/disable", json={"code": "000000"})) == (401, "wrong_code")
    assert code(await leo.http.post("/me/second-factor/disable", json={"code": app.at(clock.now)})) == (200, None)
    assert code(await sign_in(leo, PASSWORD)) == (201, None)


async def test_codes_of_the_second_factor_cannot_be_guessed(join: Join, conn: asyncpg.Connection) -> None:
    leo = await join()
    secret = (await leo.http.post("/me/second-factor")).json()["secret"]
    await leo.http.post("/me/second-factor/confirm", json={"code": pyotp.TOTP(secret).now()})
    await conn.execute("delete from attempt")
    for number in range(4):
        assert code(await sign_in(leo, PASSWORD, code=f"{number:06}")) == (401, "wrong_code")
    assert await conn.fetchval("select array_agg(failures) from attempt") == [4, 4]
    await conn.execute("update attempt set failures = 39, last_at = now()")
    for sent in ({}, {"code": pyotp.TOTP(secret).now()}):
        assert code(await sign_in(leo, PASSWORD, **sent)) == (429, "too_many_attempts")


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
