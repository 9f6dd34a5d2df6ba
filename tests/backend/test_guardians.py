from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from social import accounts, quota
from tests.backend.cast import a_role, code, made
from tests.backend.conftest import PASSWORD, Join, Person
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio

YOUNG = f"{datetime.now(UTC).year - 15}-01-01"


async def linked(young: Person, guardian: Person) -> None:
    assert code(await young.http.put(f"/me/guardians/{guardian.handle}")) == (200, None)
    assert code(await guardian.http.put(f"/me/wards/{young.handle}")) == (200, None)


async def test_a_guardian_limits_clips_and_audience(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    kim, mother = await join(birth_date=YOUNG), await join()
    await a_role(conn, kim, handle="kim.me")
    clip = await made(worker, kim, "@kim.me waves")
    await linked(kim, mother)
    told = (await mother.http.get("/notifications")).json()["data"]
    assert [(one["kind"], one["about"]["by"]) for one in told] == [("guardian_asked", kim.handle)]
    kims = await accounts.named(conn, kim.handle)
    await quota.grant(conn, kims, 5, 30, "a present")
    limits = {"daily_clips": 1, "clip_audience": "friends"}
    set_to = await mother.http.patch(f"/me/wards/{kim.handle}", json=limits)
    assert set_to.json().items() >= limits.items()
    shown = (await kim.http.get("/me/quota")).json()
    assert (shown["limit"], shown["extra"]) == (1, 0)
    assert code(await kim.http.post("/videos", json=GOOD | {"prompt": "@kim.me waves"})) == (429, "quota_spent")
    refused = await kim.http.patch(f"/videos/{clip}", json={"audience": "everyone"})
    assert code(refused) == (403, "guardian_limit")
    assert "friends" in refused.json()["detail"]
    assert code(await kim.http.patch(f"/videos/{clip}", json={"audience": "friends"})) == (200, None)
    [seen] = (await kim.http.get("/me/guardians")).json()["data"]
    assert (seen["handle"], seen["daily_clips"], seen["confirmed"]) == (mother.handle, 1, True)
    await mother.http.patch(f"/me/wards/{kim.handle}", json={"daily_clips": None})
    shown = (await kim.http.get("/me/quota")).json()
    assert (shown["limit"], shown["extra"]) == (3, 5)
    await conn.execute(
        "update account set birth_date = now() - interval '18 years 1 day' where handle = $1", kim.handle
    )
    assert code(await kim.http.patch(f"/videos/{clip}", json={"audience": "everyone"})) == (200, None)
    assert (await mother.http.get("/me/wards")).json()["data"] == []
    assert code(await kim.http.delete(f"/me/guardians/{mother.handle}")) == (200, None)


async def test_a_guardian_ends_and_resumes_what_a_young_account_does(join: Join, conn: asyncpg.Connection) -> None:
    kim, mother, father = await join(birth_date=YOUNG), await join(), await join()
    await linked(kim, mother)
    await linked(kim, father)
    login = {"handle": kim.handle, "password": PASSWORD}
    assert (await mother.http.patch(f"/me/wards/{kim.handle}", json={"active": False})).json()["active"] is False
    assert (await kim.http.get("/me")).status_code == 401
    assert code(await kim.http.post("/sessions", json=login)) == (403, "account_suspended")
    assert code(await father.http.delete(f"/me/wards/{kim.handle}")) == (200, None)
    assert code(await kim.http.post("/sessions", json=login)) == (403, "account_suspended")
    await conn.execute("update account set birth_date = now() - interval '19 years' where handle = $1", kim.handle)
    assert code(await kim.http.post("/sessions", json=login)) == (201, None)
    await conn.execute("update account set birth_date = now() - interval '15 years' where handle = $1", kim.handle)
    assert (await mother.http.patch(f"/me/wards/{kim.handle}", json={"active": True})).json()["active"] is True
    assert code(await kim.http.post("/sessions", json=login)) == (201, None)
    await mother.http.patch(f"/me/wards/{kim.handle}", json={"active": False})
    await mother.http.delete(f"/me/wards/{kim.handle}")
    assert code(await kim.http.post("/sessions", json=login)) == (201, None)


async def test_only_the_young_ask_only_the_grown_up_confirm_and_nobody_shakes_one_off(join: Join) -> None:
    kim, leo, mother, stranger = await join(birth_date=YOUNG), await join(birth_date=YOUNG), await join(), await join()
    refused, unknown = (409, "guardian_refused"), (404, "guardian_unknown")
    assert code(await mother.http.put(f"/me/guardians/{stranger.handle}")) == refused
    assert code(await kim.http.put(f"/me/guardians/{leo.handle}")) == refused
    assert code(await kim.http.put(f"/me/guardians/{kim.handle}")) == (400, "not_yourself")
    assert code(await kim.http.put("/me/guardians/nobody.here")) == (404, "account_unknown")
    assert code(await mother.http.put(f"/me/wards/{kim.handle}")) == unknown
    await kim.http.put(f"/me/guardians/{stranger.handle}")
    assert code(await stranger.http.patch(f"/me/wards/{kim.handle}", json={"daily_clips": 0})) == refused
    assert (await kim.http.get("/me/quota")).json()["limit"] == 3
    assert code(await kim.http.delete(f"/me/guardians/{stranger.handle}")) == (200, None)
    assert code(await stranger.http.put(f"/me/wards/{kim.handle}")) == unknown
    await linked(kim, mother)
    assert code(await kim.http.delete(f"/me/guardians/{mother.handle}")) == refused
    for who in (leo, stranger):
        assert code(await who.http.patch(f"/me/wards/{kim.handle}", json={"active": False})) == unknown
        assert code(await who.http.delete(f"/me/wards/{kim.handle}")) == unknown
    for wrong in ({"daily_clips": -1}, {"daily_clips": "many"}, {"clip_audience": "nobody"}, {"messages": True}):
        assert (await mother.http.patch(f"/me/wards/{kim.handle}", json=wrong)).status_code == 400
    await kim.http.put(f"/me/guardians/{stranger.handle}")
    assert code(await kim.http.put(f"/me/guardians/{(await join()).handle}")) == refused  # two are the most
