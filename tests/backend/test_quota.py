"""Quota and credits as a client sees them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from backend import __main__ as commands
from social import quota
from tests.backend.conftest import Join, Person
from tests.backend.test_videos import GOOD


async def left(person: Person) -> tuple[int, int, int]:
    """Used, remaining, extra."""
    told = (await person.http.get("/me/quota")).json()
    assert set(told) == {"limit", "used", "remaining", "resets_at", "time_zone", "extra", "credits"}
    return told["used"], told["remaining"], told["extra"]


async def test_a_clip_says_what_is_left_and_a_cancelled_one_gives_it_back_once(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya = await join()
    await quota.grant_by_handle(conn, maya.handle, 1, 5, "a gift")
    told, made = [], []
    for _ in range(4):
        answer = await maya.http.post("/videos", json=GOOD)
        made.append(answer.json()["id"])
        told.append(tuple(answer.headers[f"castmate-quota-{name}"] for name in ("limit", "remaining", "extra")))
        assert 0 < int(answer.headers["castmate-quota-reset"]) <= 48 * 3600
    assert told == [("3", "2", "1"), ("3", "1", "1"), ("3", "0", "1"), ("3", "0", "0")]
    spent = await maya.http.post("/videos", json=GOOD)
    assert (spent.status_code, spent.json()["error"]["code"]) == (429, "quota_spent")
    assert int(spent.headers["retry-after"]) <= 48 * 3600
    assert spent.headers["x-should-retry"] == "false"
    for _ in range(2):
        await maya.http.post(f"/videos/{made[3]}/cancel")
    assert await left(maya) == (3, 0, 1)
    await maya.http.post(f"/videos/{made[0]}/cancel")
    await maya.http.delete(f"/videos/{made[0]}")
    assert await left(maya) == (2, 1, 1)
    assert await conn.fetch("select * from quota_imbalance") == []


async def test_a_time_zone_is_set_and_shown_and_a_wrong_one_refused(join: Join) -> None:
    maya = await join()
    assert (await maya.http.get("/me/quota")).json()["time_zone"] == "UTC"
    assert (await maya.http.patch("/me", json={"time_zone": "Europe/Paris"})).status_code == 200
    told = (await maya.http.get("/me/quota")).json()
    assert (told["time_zone"], told["used"]) == ("Europe/Paris", 0)
    wrong = await maya.http.patch("/me", json={"time_zone": "Mars/Olympus", "display_name": "Other"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "time_zone")
    assert (await maya.http.get("/me")).json()["display_name"] == "Somebody"


async def test_an_operator_grants_credits_on_the_command_line(
    join: Join, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    maya = await join()
    monkeypatch.setenv("CASTMATE_DATABASE_URL", dsn)

    async def grant(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["castmate", "credits", "grant", *words, "--data", str(tmp_path)])
        await asyncio.to_thread(commands.main)
        return capsys.readouterr().out

    assert f"{maya.handle} has 7 clips more until" in await grant(maya.handle, "7", "--days", "3")
    assert await left(maya) == (0, 3, 7)
    for words, why in (((maya.handle, "0"), "amount"), (("nobody.here", "1"), "nobody.here")):
        with pytest.raises(SystemExit, match=why):
            await grant(*words)
    assert await left(maya) == (0, 3, 7)
