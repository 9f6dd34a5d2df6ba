"""Codes: four for everybody, used once, taken back, given by operators; and what joining with one does."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import asyncpg
import httpx
import pytest

from social import invites
from tests.backend.cast import code
from tests.backend.conftest import PASSWORD, Join, Person
from tests.factories import unique


async def codes(owner: Person) -> list[dict[str, Any]]:
    answer = await owner.http.get("/invites")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def sign_up(nobody: Person, invite: str, handle: str | None = None) -> httpx.Response:
    return await nobody.http.post(
        "/accounts",
        json={
            "handle": handle or unique("guest"),
            "display_name": "A Guest",
            "password": PASSWORD,
            "birth_date": "1995-01-01",
            "invite_code": invite,
        },
    )


async def guest(join: Join, invite: str) -> tuple[Person, httpx.AsyncClient]:
    """Somebody who joined with that code."""
    nobody, handle = await join(None), unique("guest")
    answer = await sign_up(nobody, invite, handle)
    assert answer.status_code == 201, answer.text
    nobody.http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return Person(handle, nobody.http, answer.json()["account"]["id"]), nobody.http


async def test_everybody_has_four_codes_with_a_page_and_an_end(join: Join) -> None:
    maya = await join()
    own = await codes(maya)
    assert len({one["code"] for one in own}) == 4
    assert all(one["url"].endswith(f"/join/{one['code']}") and one["expires_at"] for one in own)
    assert [(one["uses"], one["max_uses"], one["revoked_at"], one["accepted_by"]) for one in own] == [
        (0, 1, None, None)
    ] * 4
    assert code(await maya.http.post("/invites")) == (409, "invites_spent")


async def test_joining_makes_both_follow_each_other_and_the_inviter_is_told(join: Join) -> None:
    maya = await join()
    [first, *_] = await codes(maya)
    leo, http = await guest(join, first["code"])
    seen = (await maya.http.get(f"/accounts/{leo.handle}")).json()
    assert (seen["you_follow"], seen["follows_you"], seen["followers"], seen["friend_count"]) == (True, True, 1, 1)
    told = [one for one in (await maya.http.get("/notifications")).json()["data"] if one["kind"] == "friend_joined"]
    assert [[who["handle"] for who in one["actors"]] for one in told] == [[leo.handle]]
    assert not [one for one in (await http.get("/notifications")).json()["data"] if one["kind"] == "followed"]
    used = next(one for one in await codes(maya) if one["code"] == first["code"])
    assert (used["uses"], used["accepted_by"], used["accepted"]) == (1, leo.handle, [leo.handle])
    assert len(await codes(leo)) == 4


async def test_a_code_lets_one_in_however_many_try_at_once(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    [first, *_] = await codes(maya)
    nobody = await join(None)
    before = await conn.fetchval("select count(*) from account")
    answers = await asyncio.gather(*(sign_up(nobody, first["code"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403]
    assert {code(one)[1] for one in answers if one.status_code == 403} == {"invite_spent"}
    assert await conn.fetchval("select count(*) from account") == before + 1
    assert (await maya.http.get("/me")).status_code == 200
    assert await conn.fetchval("select count(*) from tally_drift") == 0


async def test_a_code_taken_back_opens_nothing_and_makes_room_for_another(join: Join) -> None:
    maya, noa, nobody = await join(), await join(), await join(None)
    [first, *_] = await codes(maya)
    assert code(await noa.http.delete(f"/invites/{first['code']}")) == (404, "invite_not_yours")
    assert (await maya.http.delete(f"/invites/{first['code']}")).json()["revoked_at"] is not None
    assert (await maya.http.delete(f"/invites/{first['code']}")).status_code == 200
    assert code(await sign_up(nobody, first["code"])) == (403, "invite_spent")
    assert (await nobody.http.get(f"/invites/{first['code']}")).json()["state"] == "revoked"
    made = await maya.http.post("/invites")
    assert (made.status_code, made.json()["uses"]) == (201, 0)
    assert code(await maya.http.post("/invites")) == (409, "invites_spent")


async def test_two_who_make_a_code_at_once_get_no_fifth(join: Join) -> None:
    maya = await join()
    [first, *_] = await codes(maya)
    await maya.http.delete(f"/invites/{first['code']}")
    answers = await asyncio.gather(*(maya.http.post("/invites") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_a_used_code_cannot_be_taken_back(join: Join) -> None:
    maya = await join()
    [first, *_] = await codes(maya)
    await guest(join, first["code"])
    assert code(await maya.http.delete(f"/invites/{first['code']}")) == (403, "invite_spent")


async def test_an_expired_code_says_so_everywhere(join: Join, conn: asyncpg.Connection) -> None:
    maya, nobody = await join(), await join(None)
    [first, *_] = await codes(maya)
    await conn.execute("update invite set expires_at = now() where code = $1", first["code"])
    assert code(await sign_up(nobody, first["code"])) == (403, "invite_spent")
    offer = (await nobody.http.get(f"/invites/{first['code']}")).json()
    assert (offer["good"], offer["state"]) == (False, "expired")
    page = await nobody.http.get(f"http://test/join/{first['code']}")
    assert (page.status_code, "run out" in page.text) == (410, True)
    assert (await maya.http.post("/invites")).status_code == 201


async def test_whoever_is_here_already_is_told_so(join: Join) -> None:
    maya, noa = await join(), await join()
    [first, *_] = await codes(maya)
    assert code(await sign_up(noa, first["code"])) == (409, "already_member")
    assert (await noa.http.get(f"/invites/{first['code']}")).json()["good"] is True


async def test_a_code_tells_who_invites_and_nothing_else(join: Join) -> None:
    maya, nobody = await join(), await join(None)
    [first, *_] = await codes(maya)
    offer = (await nobody.http.get(f"/invites/{first['code'].lower()}")).json()
    assert offer["inviter"] == {"handle": maya.handle, "display_name": "Somebody"}
    assert offer.keys() == {"object", "code", "good", "state", "inviter", "expires_at"}
    assert code(await nobody.http.get("/invites/22222222")) == (403, "invite_unknown")


async def test_the_page_of_a_code_works_without_the_app_and_runs_no_script(join: Join) -> None:
    maya, nobody = await join(), await join(None)
    await maya.http.patch("/me", json={"display_name": "<b>Maya</b> & \u202eco"})
    [first, *_] = await codes(maya)
    page = await nobody.http.get(f"http://test/join/{first['code']}")
    assert page.status_code == 200
    assert f"castmate://join/{first['code']}" in page.text
    assert 'property="og:title"' in page.text
    assert "<b>" not in page.text
    assert "<script" not in page.text
    assert (
        "script-src" in page.headers["content-security-policy"]
        or "default-src 'none'" in page.headers["content-security-policy"]
    )
    assert (await nobody.http.head(f"http://test/join/{first['code']}")).content == b""
    lost = await nobody.http.get("http://test/join/%3Cscript%3E")
    assert (lost.status_code, "<script" in lost.text) == (404, False)


async def test_nobody_joins_with_a_code_of_an_account_that_staff_suspends(join: Join, conn: asyncpg.Connection) -> None:
    maya, nobody = await join(), await join(None)
    [first, *_] = await codes(maya)
    await conn.execute(
        "update account set suspended_at = now(), suspended_because = 'staff' where handle = $1", maya.handle
    )
    assert code(await sign_up(nobody, first["code"])) == (403, "invite_spent")
    assert (await nobody.http.get(f"/invites/{first['code']}")).json()["state"] == "suspended"
    await conn.execute(
        "update account set suspended_at = null, suspended_because = null where handle = $1", maya.handle
    )
    assert (await sign_up(nobody, first["code"])).status_code == 201


async def test_an_operator_gives_more_codes(join: Join, conn: asyncpg.Connection) -> None:
    boss, maya = await join("operator"), await join()
    answer = await boss.http.post(f"/operator/accounts/{maya.handle}/invites", json={"count": 3})
    assert (answer.status_code, len(answer.json()["data"])) == (201, 3)
    assert len(await codes(maya)) == 7
    assert await conn.fetchval("select count(*) from audit where action = 'invites_granted'") == 1
    for count in (0, 1001, -1, "many"):
        refused = await boss.http.post(f"/operator/accounts/{maya.handle}/invites", json={"count": count})
        assert code(refused) == (400, "bad_request")
    assert code(await boss.http.post("/operator/accounts/nobody.here/invites", json={"count": 1}))[0] == 404
    assert code(await maya.http.post(f"/operator/accounts/{maya.handle}/invites", json={"count": 1}))[0] == 403
    assert len(await codes(maya)) == 7


async def test_codes_are_listed_page_by_page(join: Join) -> None:
    maya, noa = await join(), await join()
    walked: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await maya.http.get("/invites", params={"limit": "3"} | after)).json()
        walked += [one["code"] for one in page["data"]]
        if not page["has_more"]:
            break
        after = {"after": page["last_id"]}
    assert walked == [one["code"] for one in await codes(maya)]
    assert code(await noa.http.get("/invites", params={"after": walked[0]})) == (404, "invite_not_yours")
    assert code(await maya.http.get("/invites", params={"limit": 1000}))[0] == 400


@pytest.mark.parametrize("tries", [30])
async def test_codes_cannot_be_guessed_from_one_another(conn: asyncpg.Connection, tries: int) -> None:
    made = [(await invites.issue(conn, None)).code for _ in range(tries)]
    assert len(set(made)) == tries
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{8}", one) for one in made)


async def test_how_the_house_grows_is_counted_from_what_happened(join: Join, conn: asyncpg.Connection) -> None:
    boss, maya = await join("operator"), await join()
    own = await codes(maya)
    leo, _ = await guest(join, own[0]["code"])
    mia, _ = await guest(join, own[1]["code"])
    noa, _ = await guest(join, (await codes(leo))[0]["code"])
    growth = (await boss.http.get("/operator/growth")).json()
    issued = await conn.fetchval("select count(*) from invite where issuer is not null")
    assert growth["invitations"] == {"issued": issued, "accepted": 3, "share": 3 / issued}
    assert growth["k_factor"]["value"] is None  # nobody has been here for 30 days
    await conn.execute("update account set created_at = created_at - interval '40 days'")
    await conn.execute("update account_activity set day = day - 40")
    for person, days in ((maya, (1, 7, 30)), (leo, (1, 7)), (mia, (1,))):
        await conn.execute(
            "insert into account_activity (account, day) "
            "select id, created_at::date + d from account, unnest($2::int[]) d where handle = $1",
            person.handle,
            list(days),
        )
    growth = (await boss.http.get("/operator/growth")).json()
    assert growth["k_factor"] == {"window_days": 30, "accounts": 5, "invited": 3, "value": 3 / 5}
    [week] = growth["retention"]
    assert (week["accounts"], week["day_1"], week["day_7"], week["day_30"]) == (5, 3 / 5, 2 / 5, 1 / 5)
    tree = (await boss.http.get("/operator/invite-tree", params={"root": maya.handle})).json()["data"]
    assert [(one["handle"], one["depth"], one["invited_by"], one["invited"]) for one in tree] == [
        (maya.handle, 0, None, 2),
        (leo.handle, 1, maya.handle, 1),
        (mia.handle, 1, maya.handle, 0),
        (noa.handle, 2, leo.handle, 0),
    ]
    first = (await boss.http.get("/operator/invite-tree", params={"root": maya.handle, "limit": 3})).json()
    rest = await boss.http.get(
        "/operator/invite-tree", params={"root": maya.handle, "limit": 3, "after": first["last_id"]}
    )
    assert [one["handle"] for one in first["data"] + rest.json()["data"]] == [one["handle"] for one in tree]
    for path in ("/operator/growth", "/operator/invite-tree"):
        assert code(await maya.http.get(path))[0] == 403
    assert code(await boss.http.get("/operator/invite-tree", params={"after": "x.acct_1"}))[0] == 400


async def test_a_day_is_written_once_for_whoever_was_here(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    for _ in range(3):
        await maya.http.get("/me")
    days = await conn.fetch(
        "select day = (now() at time zone 'UTC')::date as today from account_activity "
        "where account = (select id from account where handle = $1)",
        maya.handle,
    )
    assert [row["today"] for row in days] == [True]
