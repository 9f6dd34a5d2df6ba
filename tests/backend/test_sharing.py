"""Who may cast whom, over HTTP: following, blocking, granting, and what stops when a yes is taken back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from backend import ids, studio
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from tests.backend.cast import a_role, ask, asked, befriend, code, consented, finished, grant, made, outcome
from tests.backend.conftest import Join, Person
from tests.backend.test_studio import used
from tests.backend.worker_side import Studio, key_of, rushes
from tests.waiting import until


async def permission(viewer: Person, character: str, prompt: str | None = None) -> tuple[bool, str | None]:
    params = {} if prompt is None else {"prompt": prompt}
    answer = await viewer.http.get(f"/characters/{character}/permission", params=params)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"allowed", "reason"}
    return answer.json()["allowed"], answer.json()["reason"]


async def test_following_makes_friends_and_blocking_ends_it(join: Join) -> None:
    maya, leo = await join(), await join()
    for _ in range(2):
        seen = (await maya.http.put(f"/accounts/{leo.handle}/follow")).json()
        assert (seen["you_follow"], seen["follows_you"], seen["friends"]) == (True, False, False)
    await befriend(maya, leo)
    seen = (await leo.http.get(f"/accounts/{maya.handle}")).json()
    assert (seen["handle"], seen["id"], seen["friends"], seen["blocked_by_you"]) == (maya.handle, maya.id, True, False)
    for _ in range(2):
        blocked = (await maya.http.put(f"/accounts/{leo.handle}/block")).json()
        assert (blocked["blocked_by_you"], blocked["friends"], blocked["follows_you"]) == (True, False, False)
    assert code(await leo.http.get(f"/accounts/{maya.handle}")) == (404, "account_unknown")
    assert code(await leo.http.put(f"/accounts/{maya.handle}/follow")) == (404, "account_unknown")
    assert code(await leo.http.delete(f"/accounts/{maya.handle}/follow")) == (404, "account_unknown")
    assert code(await maya.http.put(f"/accounts/{leo.handle}/follow")) == (409, "you_blocked")
    assert (await leo.http.put(f"/accounts/{maya.handle}/block")).status_code == 200
    for person, other in ((maya, leo), (leo, maya)):
        assert (await person.http.delete(f"/accounts/{other.handle}/block")).status_code == 200
    seen = (await leo.http.get(f"/accounts/{maya.handle}")).json()
    assert (seen["friends"], seen["you_follow"], seen["follows_you"]) == (False, False, False)
    assert (await maya.http.put(f"/accounts/{leo.handle}/follow")).status_code == 200
    assert (await maya.http.delete(f"/accounts/{leo.handle}/follow")).json()["you_follow"] is False


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("PUT", "/accounts/{me}/follow", (400, "not_yourself")),
        ("PUT", "/accounts/{me}/block", (400, "not_yourself")),
        ("DELETE", "/accounts/{me}/follow", (400, "not_yourself")),
        ("PUT", "/accounts/nobody/follow", (404, "account_unknown")),
        ("DELETE", "/accounts/nobody/block", (404, "account_unknown")),
        ("GET", "/accounts/a%00b", (400, "invalid_value")),
        ("GET", "/accounts/nobody", (404, "account_unknown")),
        ("PUT", "/characters/{mine}/grants/{me}", (400, "not_yourself")),
        ("PUT", "/characters/{mine}/grants/nobody", (404, "account_unknown")),
        ("DELETE", "/characters/{mine}/grants/{leo}?clips=all", (400, "invalid_value")),
        ("PUT", "/characters/{theirs}/grants/{leo}", (404, "character_unknown")),
        ("DELETE", "/characters/{theirs}/grants/{leo}", (404, "character_unknown")),
        ("GET", "/characters/{theirs}/grants", (404, "character_unknown")),
        ("GET", "/characters/{mine}/grants?limit=101", (400, "invalid_value")),
        ("GET", "/characters/{mine}/grants?after=x", (400, "invalid_value")),
        ("GET", "/characters/{theirs}/uses", (404, "character_unknown")),
        ("DELETE", "/characters/{mine}/uses/video_x", (404, "clip_unknown")),
        ("DELETE", "/characters/{mine}/uses/video_00000000000000000000000000000000", (404, "clip_unknown")),
        ("DELETE", "/characters/{theirs}/uses/video_00000000000000000000000000000000", (404, "character_unknown")),
        ("GET", "/characters/@nobody/permission", (404, "character_unknown")),
        ("GET", "/characters/{mine}/permission?prompt=a%00b", (400, "invalid_value")),
    ],
)
async def test_a_wrong_name_or_value_is_a_clear_no(
    join: Join, conn: asyncpg.Connection, method: str, path: str, wanted: tuple[int, str]
) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    mine, _ = await a_role(conn, maya)
    _, theirs = await a_role(conn, leo)
    path = path.format(me=maya.handle, leo=leo.handle, mine=mine, theirs=theirs)
    answer = await maya.http.request(method, path)
    assert code(answer) == wanted, answer.text
    assert (await nobody.http.request(method, path)).status_code == 401


async def test_an_api_key_may_look_before_it_casts_and_touches_no_permission(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    mine, _ = await a_role(conn, maya)
    secret = (await maya.http.post("/me/api-keys", json={"name": "laptop"})).json()["secret"]
    key = {"authorization": f"Bearer {secret}"}
    assert (await maya.http.get(f"/characters/{mine}/permission", headers=key)).status_code == 200
    for method, path in (
        ("PUT", f"/accounts/{leo.handle}/follow"),
        ("PUT", f"/accounts/{leo.handle}/block"),
        ("PUT", f"/characters/{mine}/grants/{leo.handle}"),
        ("GET", f"/characters/{mine}/uses"),
        ("GET", f"/characters/{mine}/openings"),
    ):
        assert (await maya.http.request(method, path, headers=key)).status_code == 403, path


async def test_a_grant_lets_cast_until_it_is_taken_back(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="approved")
    assert await permission(leo, handle) == (False, "audience")
    given = await maya.http.put(f"/characters/{character}/grants/{leo.handle}")
    again = await maya.http.put(f"/characters/{handle}/grants/{leo.handle}")
    assert given.json() == again.json()
    assert (given.json()["grantee"], given.json()["in_force"]) == (leo.handle, True)
    assert await permission(leo, handle) == (True, None)
    video = await made(worker, leo, f"{handle} waves")
    waiting = await asked(leo, f"{handle} jumps")
    listed = (await maya.http.get(f"/characters/{character}/grants")).json()
    assert [one["id"] for one in listed["data"]] == [given.json()["id"]]
    taken = (await maya.http.delete(f"/characters/{character}/grants/{leo.handle}")).json()
    assert taken == {"revoked": True, "clips": {"removed": [], "kept": [video]}}
    assert await outcome(leo, waiting) == ("failed", "consent_withdrawn")
    assert await used(leo) == 1
    assert await permission(leo, handle) == (False, "audience")
    refused = await ask(leo, f"{handle} waves")
    assert code(refused) == (403, "cameo_permission_denied")
    assert handle in refused.json()["error"]["message"]
    assert (await maya.http.get(f"/characters/{character}/grants")).json()["data"] == []
    again = await maya.http.delete(f"/characters/{character}/grants/{leo.handle}?clips=remove")
    assert again.json() == {"revoked": False, "clips": {"removed": [video], "kept": []}}
    assert (await leo.http.get(f"/videos/{video}")).status_code == 404
    assert worker.files() == [path for path in worker.files() if "vault" in str(path)]


async def test_the_decision_is_kept_with_its_ground(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia, eve = await join(), await join(), await join(), await join()
    _, friends = await a_role(conn, maya, audience="mutuals")
    _, public = await a_role(conn, maya, audience="everyone")
    await befriend(maya, mia)
    await grant(maya, friends, leo)
    for maker, handle in ((maya, friends), (leo, friends), (mia, friends), (eve, public)):
        await asked(maker, f"{handle} waves")
    rows = await conn.fetch('select decision, "grant" from use order by clip')
    assert [(row["decision"]["audience"], row["decision"]["why"]) for row in rows] == [
        ("mutuals", "owner"),
        ("mutuals", "grant"),
        ("mutuals", "mutuals"),
        ("everyone", "everyone"),
    ]
    assert [row["grant"] is not None for row in rows] == [False, True, False, False]


async def test_a_grant_rests_while_the_audience_is_only_me(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience="only_me")
    assert (await maya.http.put(f"/characters/{handle}/grants/{leo.handle}")).json()["in_force"] is False
    assert await permission(leo, handle) == (False, "audience")


async def test_restrictions_bind_everybody_but_the_owner(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    rules = ["never holding a weapon", "always wears a red scarf"]
    _, handle = await a_role(conn, maya, audience="everyone", restrictions=rules)
    assert await permission(leo, handle) == (True, None)
    assert await permission(leo, handle, f"{handle} lifts a sword") == (False, "restricted")
    assert await permission(leo, handle, f"{handle} walks, no weapons") == (True, None)
    assert await permission(maya, handle, f"{handle} lifts a sword") == (True, None)
    refused = await ask(leo, f"{handle} lifts a sword")
    assert code(refused) == (403, "cameo_permission_denied")
    assert "never holding a weapon" in refused.json()["error"]["message"]
    assert await used(leo) == 0
    assert (await ask(maya, f"{handle} lifts a sword")).status_code == 200


Change = Callable[[Person, Person, str, asyncpg.Connection], Awaitable[object]]


async def _by_sql(conn: asyncpg.Connection, statement: str, owner: Person) -> None:
    """What the routes of characters and consents do: their change, and in the same transaction the stop."""
    async with conn.transaction():
        await conn.execute(statement)
        key = ids.parse("acct", owner.id)
        assert key is not None
        await studio.stop_unconsented(conn, key)


WITHDRAW = "update consent_purpose set withdrawn_at = now() where purpose = "
CHANGES: dict[str, tuple[str, Change]] = {
    "grant": ("approved", lambda maya, leo, role, _: maya.http.delete(f"/characters/{role}/grants/{leo.handle}")),
    "block by owner": ("approved", lambda maya, leo, _r, _c: maya.http.put(f"/accounts/{leo.handle}/block")),
    "block by maker": ("approved", lambda maya, leo, _r, _c: leo.http.put(f"/accounts/{maya.handle}/block")),
    "block, public": ("everyone", lambda maya, leo, _r, _c: maya.http.put(f"/accounts/{leo.handle}/block")),
    "unfollowed": ("mutuals", lambda maya, leo, _r, _c: maya.http.delete(f"/accounts/{leo.handle}/follow")),
    "unfollows": ("mutuals", lambda maya, leo, _r, _c: leo.http.delete(f"/accounts/{maya.handle}/follow")),
    "audience": ("everyone", lambda maya, _, _r, c: _by_sql(c, "update character set audience = 'mutuals'", maya)),
    "generate": ("everyone", lambda maya, _, _r, c: _by_sql(c, WITHDRAW + "'generate'", maya)),
    "share": ("everyone", lambda maya, _, _r, c: _by_sql(c, WITHDRAW + "'share'", maya)),
    "deleted": ("everyone", lambda maya, _, _r, c: _by_sql(c, "update character set state = 'revoked'", maya)),
    "restricted": (
        "everyone",
        lambda maya, _, _r, c: _by_sql(c, "update character set restrictions = '{no cats}'", maya),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("running", [False, True], ids=["queued", "in_progress"])
async def test_what_takes_a_permission_away_stops_and_refunds(
    join: Join, conn: asyncpg.Connection, worker: Studio, change: str, *, running: bool
) -> None:
    maya, leo = await join(), await join()
    audience, act = CHANGES[change]
    character, handle = await a_role(conn, maya, audience=audience)
    await consented(conn, character)
    if audience == "approved":
        await grant(maya, character, leo)
    if audience == "mutuals":
        await befriend(maya, leo)
    own, unrelated = await asked(maya, f"{handle} feeds the cats"), await asked(leo, "a dog")
    video = await asked(leo, f"{handle} feeds the cats")
    began, stopped = threading.Event(), threading.Event()

    def render(_shooting: Shooting, on_progress: OnProgress) -> Rushes:
        began.set()
        while True:
            on_progress("render", 0.3, 1)
            stopped.wait(0.01)

    making = asyncio.create_task(finished(worker, video, render)) if running else None
    if making is not None:
        await until(began.is_set)
    await act(maya, leo, character, conn)
    if making is not None:
        await asyncio.wait_for(making, 10)
    assert await outcome(leo, video) == ("failed", "consent_withdrawn")
    assert await used(leo) == 1
    assert (await outcome(leo, unrelated))[0] == "queued"
    assert (await outcome(maya, own))[0] == ("failed" if change in {"generate", "deleted"} else "queued")


async def test_a_yes_that_is_gone_is_noticed_when_the_engine_starts(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience="everyone")
    video = await asked(leo, f"{handle} feeds the cats")
    await conn.execute("update character set restrictions = '{no cats}'")
    await finished(worker, video)
    assert await outcome(leo, video) == ("failed", "consent_withdrawn")


async def once(conn: asyncpg.Connection, handle: str, grantee: Person, prompt: str) -> None:
    await conn.execute(
        "insert into cast_grant (character, grantee, prompt) "
        "select k.id, a.id, $3 from character k, account a where k.handle = $1 and a.handle = $2",
        handle[1:],
        grantee.handle,
        prompt,
    )


async def test_a_grant_for_one_clip_is_for_these_words_and_for_one(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, restrictions=["no swords"])
    await once(conn, handle, leo, words := f"{handle} lifts a sword")
    assert code(await ask(leo, f"{handle} lifts a cat")) == (403, "cameo_permission_denied")
    video = await asked(leo, words)
    spent = await conn.fetchrow('select g.clip, g.spent_at, u."grant" = g.id as noted from cast_grant g, use u')
    assert (spent["clip"], spent["spent_at"] is not None, spent["noted"]) == (key_of(video), True, True)
    assert code(await ask(leo, words)) == (403, "cameo_permission_denied")
    await finished(worker, video)
    assert (await outcome(leo, video))[0] == "completed"


async def test_a_clip_that_failed_gives_its_grant_back(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya)
    await once(conn, handle, leo, words := f"{handle} waves")
    video = await asked(leo, words)
    await leo.http.post(f"/videos/{video}/cancel")
    assert (await ask(leo, words)).status_code == 200
    assert code(await ask(leo, words)) == (403, "cameo_permission_denied")


async def test_two_requests_at_once_spend_one_grant_once(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya)
    for turn in range(5):
        await once(conn, handle, leo, words := f"{handle} waves {turn}")
        answers = await asyncio.gather(ask(leo, words), ask(leo, words), ask(leo, words))
        assert sorted(answer.status_code for answer in answers) == [200, 403, 403]
        await conn.execute("delete from quota_day_open")
    assert await conn.fetchval("select count(*) from clip") == 5
    assert await conn.fetchval("select count(distinct clip) from cast_grant where spent_at is not null") == 5


async def test_a_clip_that_its_owner_removed_gives_no_grant_back(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya)
    await once(conn, handle, leo, words := f"{handle} waves")
    video = await asked(leo, words)
    await maya.http.delete(f"/characters/{character}/uses/{video}")
    assert await used(leo) == 0
    assert code(await ask(leo, words)) == (403, "cameo_permission_denied")


async def test_a_yes_that_goes_unseen_while_the_engine_runs_is_noticed_at_the_end(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience="everyone")
    video = await asked(leo, f"{handle} waves")
    loop = asyncio.get_running_loop()

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        late = conn.execute("update character set audience = 'only_me'")  # committed after its look at running clips
        asyncio.run_coroutine_threadsafe(late, loop).result(20)
        return rushes(shooting)

    await finished(worker, video, render)
    assert await outcome(leo, video) == ("failed", "consent_withdrawn")
    assert await used(leo) == 0
    assert [path for path in worker.files() if "clips" in path.parts] == []


async def test_an_owner_and_a_maker_at_once_do_not_wait_for_each_other_in_a_circle(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience="everyone")
    running = await asked(leo, f"{handle} waves")
    owner = await conn.fetchval("select owner from character")
    async with conn.transaction():
        await conn.execute("update character set audience = 'only_me'")
        asking = asyncio.create_task(ask(leo, f"{handle} jumps"))
        await asyncio.sleep(0.3)
        assert await studio.stop_unconsented(conn, owner) == 1
    assert code(await asking) == (403, "cameo_permission_denied")
    assert await outcome(leo, running) == ("failed", "consent_withdrawn")
    assert await used(leo) == 0
