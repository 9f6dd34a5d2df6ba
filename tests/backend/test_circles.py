"""The people around an account: lists as somebody may see them, mutes, and whom one may know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.cast import befriend, code
from tests.backend.conftest import Join, Person
from tests.backend.test_invites import codes, guest

CIRCLES = ("followers", "following", "friends")
YOUNG = "2012-05-17"


async def listed(viewer: Person, owner: Person, circle: str, limit: int = 100) -> list[str]:
    """Walks all pages."""
    found: list[str] = []
    after: dict[str, Any] = {}
    while True:
        answer = await viewer.http.get(f"/accounts/{owner.handle}/{circle}", params={"limit": limit} | after)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [one["handle"] for one in page["data"]]
        if not page["has_more"]:
            return found
        after = {"after": page["last_id"]}


async def follow(one: Person, other: Person) -> None:
    assert (await one.http.put(f"/accounts/{other.handle}/follow")).status_code == 200


async def suggested(viewer: Person) -> dict[str, tuple[str, int]]:
    answer = await viewer.http.get("/me/suggestions")
    assert answer.status_code == 200, answer.text
    return {one["handle"]: (one["reason"], one["shared_friends"]) for one in answer.json()["data"]}


async def test_lists_show_who_follows_whom_and_counts_agree(join: Join) -> None:
    maya, leo, noa, mia = await join(), await join(), await join(), await join()
    await befriend(maya, leo)
    await follow(noa, maya)
    await follow(maya, mia)
    assert set(await listed(mia, maya, "followers", 1)) == {leo.handle, noa.handle}
    assert set(await listed(mia, maya, "following", 1)) == {leo.handle, mia.handle}
    assert await listed(mia, maya, "friends", 1) == [leo.handle]
    seen = (await mia.http.get(f"/accounts/{maya.handle}")).json()
    assert (seen["followers"], seen["following"], seen["friend_count"]) == (2, 2, 1)
    await leo.http.delete(f"/accounts/{maya.handle}/follow")
    assert await listed(mia, maya, "friends") == []
    assert (await mia.http.get(f"/accounts/{maya.handle}")).json()["friend_count"] == 0


async def test_pages_neither_repeat_nor_skip_while_people_come(join: Join) -> None:
    maya = await join()
    crowd = [await join() for _ in range(5)]
    for one in crowd[:4]:
        await follow(one, maya)
    first = (await maya.http.get(f"/accounts/{maya.handle}/followers", params={"limit": 2})).json()
    await follow(crowd[4], maya)
    rest = await maya.http.get(f"/accounts/{maya.handle}/followers", params={"limit": 9, "after": first["last_id"]})
    shown = [one["handle"] for one in first["data"] + rest.json()["data"]]
    assert sorted(shown) == sorted(one.handle for one in crowd[:4])


async def test_a_block_hides_each_from_the_lists_that_the_other_sees(join: Join) -> None:
    maya, leo, noa = await join(), await join(), await join()
    await befriend(maya, leo)
    await befriend(maya, noa)
    assert (await leo.http.put(f"/accounts/{noa.handle}/block")).status_code == 200
    for viewer, missing in ((leo, noa), (noa, leo)):
        for circle in CIRCLES:
            assert missing.handle not in await listed(viewer, maya, circle)
    assert code(await noa.http.get(f"/accounts/{leo.handle}/friends"))[0] == 404
    assert set(await listed(maya, maya, "friends")) == {leo.handle, noa.handle}


async def test_the_people_around_a_young_account_are_for_its_friends(join: Join) -> None:
    young, friend, stranger = await join(birth_date=YOUNG), await join(birth_date=YOUNG), await join()
    await befriend(young, friend)
    for circle in CIRCLES:
        assert code(await stranger.http.get(f"/accounts/{young.handle}/{circle}")) == (403, "list_private")
    assert await listed(friend, young, "friends") == [friend.handle]
    assert await listed(young, young, "friends") == [friend.handle]


async def test_a_mute_is_seen_by_the_muter_alone_and_can_be_taken_back(join: Join) -> None:
    maya, leo = await join(), await join()
    await befriend(maya, leo)
    for _ in range(2):
        assert (await maya.http.put(f"/accounts/{leo.handle}/mute")).json()["muted_by_you"] is True
    assert (await leo.http.get(f"/accounts/{maya.handle}")).json()["muted_by_you"] is False
    assert (await leo.http.get(f"/accounts/{maya.handle}")).json()["friends"] is True
    for _ in range(2):
        assert (await maya.http.delete(f"/accounts/{leo.handle}/mute")).json()["muted_by_you"] is False


@pytest.mark.parametrize("deed", ["follow", "block", "mute"])
async def test_nobody_does_it_to_themselves_or_to_nobody(join: Join, deed: str) -> None:
    maya = await join()
    assert code(await maya.http.put(f"/accounts/{maya.handle}/{deed}")) == (400, "not_yourself")
    assert code(await maya.http.put(f"/accounts/nobody.at.all/{deed}"))[0] == 404


async def test_whom_one_may_know_is_told_with_the_reason(join: Join) -> None:
    maya = await join()
    own = await codes(maya)
    leo, _ = await guest(join, own[0]["code"])
    mia, _ = await guest(join, own[1]["code"])
    noa, kim = await join(), await join()
    await befriend(maya, noa)
    await befriend(maya, kim)
    assert await suggested(leo) == {
        mia.handle: ("invited_together", 1),
        noa.handle: ("friends_of_friends", 1),
        kim.handle: ("friends_of_friends", 1),
    }
    await leo.http.delete(f"/accounts/{maya.handle}/follow")
    assert (await suggested(leo))[maya.handle] == ("invited_you", 0)
    await maya.http.delete(f"/accounts/{leo.handle}/follow")
    assert (await suggested(maya))[leo.handle] == ("you_invited", 0)
    assert await suggested(noa) == {kim.handle: ("friends_of_friends", 1), mia.handle: ("friends_of_friends", 1)}


async def test_whoever_was_dismissed_blocked_muted_or_is_followed_is_not_suggested(join: Join) -> None:
    maya = await join()
    own = await codes(maya)
    others = [(await guest(join, one["code"]))[0] for one in own]
    me, *rest = others
    assert set(await suggested(me)) == {one.handle for one in rest}
    assert (await me.http.delete(f"/me/suggestions/{rest[0].handle}")).json()["dismissed"] is True
    assert set(await suggested(me)) == {one.handle for one in rest[1:]}
    await rest[1].http.put(f"/accounts/{me.handle}/block")
    await me.http.put(f"/accounts/{rest[2].handle}/mute")
    assert await suggested(me) == {}
    assert code(await me.http.delete(f"/me/suggestions/{me.handle}")) == (400, "not_yourself")
    assert code(await me.http.get("/me/suggestions", params={"limit": 51})) == (400, "invalid_value")


async def test_grown_ups_and_young_people_are_not_brought_together(join: Join) -> None:
    maya, grown, young = await join(), await join(), await join(birth_date=YOUNG)
    for one in (grown, young):
        await befriend(maya, one)
    assert await suggested(grown) == {}
    assert await suggested(young) == {}


async def test_a_cursor_of_something_else_is_refused(join: Join) -> None:
    maya = await join()
    for after in ("video_" + "0" * 32, "acct_1", "x"):
        answer = await maya.http.get(f"/accounts/{maya.handle}/followers", params={"after": after})
        assert code(answer)[0] == 400
