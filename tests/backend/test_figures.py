"""What makers are told: true counts by their own days, and never who watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from social import figures
from tests.backend.cast import a_role, code, finished, made
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import publish, remix
from tests.backend.worker_side import Studio, key_of
from tests.plans import scanned

LARGE = {"clip_view", "clip_like", "comment", "clip", "lineage", "use", "clip_tally", "share_link"}


async def id_of(conn: asyncpg.Connection, person: Person) -> UUID:
    found: UUID = await conn.fetchval("select id from account where handle = $1", person.handle)
    return found


async def a_crowd(conn: asyncpg.Connection, number: int) -> list[UUID]:
    """Accounts that only watch."""
    rows = await conn.fetch(
        "insert into account (handle, display_name, birth_date) "
        "select 'crowd' || (select count(*) from account) + n, 'Somebody', '1990-01-01' from generate_series(1, $1) n "
        "returning id",
        number,
    )
    return [row["id"] for row in rows]


async def watch(conn: asyncpg.Connection, video: str, crowd: list[UUID], at: datetime, *, to_the_end: int = 0) -> None:
    await conn.executemany(
        "insert into clip_view (account, clip, first_at, last_at, watched_s, completed) values ($1, $2, $3, $3, 2, $4)",
        [(one, key_of(video), at, number < to_the_end) for number, one in enumerate(crowd)],
    )


def on(told: dict[str, Any], day: datetime) -> dict[str, Any]:
    [found] = [one for one in told["days"] if one["day"] == day.date().isoformat()]
    return dict(found)


async def test_a_maker_is_told_by_day_and_in_all(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    video = await made(worker, maya, "a park")
    await publish(maya, video)
    crowd, today = await a_crowd(conn, 9), datetime.now(UTC)
    before = today - timedelta(days=3)
    await watch(conn, video, crowd[:6], before, to_the_end=3)
    await watch(conn, video, crowd[6:8], today, to_the_end=2)
    await watch(conn, video, crowd[8:], today - timedelta(days=40), to_the_end=1)
    await conn.executemany(
        "insert into clip_like (account, clip, at) values ($1, $2, $3)",
        [(one, key_of(video), before) for one in crowd[:2]],
    )
    await conn.execute("insert into comment (clip, author, text) values ($1, $2, 'well done')", key_of(video), crowd[0])
    child = await remix(leo, video)
    await finished(worker, child)
    await publish(leo, child)
    for where in (f"/videos/{video}/figures", "/me/figures"):
        told = (await maya.http.get(where)).json()
        assert told["total"] == {"views": 9, "completion_rate": 0.67, "likes": 2, "comments": 1, "remixes": 1}
        assert len(told["days"]) == figures.DAYS
        assert told["days"][-1]["day"] == today.date().isoformat()
        assert on(told, before) == {
            "day": before.date().isoformat(),
            "views": 6,
            "completion_rate": 0.5,
            "likes": 2,
            "comments": 0,
            "remixes": 0,
        }
        assert (on(told, today)["views"], on(told, today)["comments"], on(told, today)["remixes"]) == (None, 1, 1)
        assert told["opens"] == 0
    assert (await leo.http.get("/me/figures")).json()["total"]["remixes"] == 0
    await conn.execute("update clip set removed_at = now(), media = media where id = $1", key_of(video))
    assert (await maya.http.get("/me/figures")).json()["total"]["likes"] == 0


async def test_few_viewers_are_not_told_apart_from_none(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = await made(worker, maya, "a park")
    await publish(maya, video)
    unseen = (await maya.http.get(f"/videos/{video}/figures")).json()
    crowd = await a_crowd(conn, figures.LEAST)
    await watch(conn, video, crowd[:-1], datetime.now(UTC), to_the_end=4)
    assert (await maya.http.get(f"/videos/{video}/figures")).json() == unseen
    await watch(conn, video, crowd[-1:], datetime.now(UTC))
    told = (await maya.http.get(f"/videos/{video}/figures")).json()
    assert (told["total"]["views"], told["total"]["completion_rate"]) == (5, 0.8)


async def test_the_owner_of_a_character_sees_how_often_it_was_used_and_seen(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    video = await made(worker, leo, f"{handle} waves")
    await made(worker, maya, f"{handle} waves back")
    await publish(leo, video)
    crowd = await a_crowd(conn, 7)
    await watch(conn, video, crowd[:5], datetime.now(UTC) - timedelta(days=1))
    await watch(conn, video, crowd[5:], datetime.now(UTC))
    told = (await maya.http.get("/me/figures")).json()
    [mine] = told["characters"]
    assert (mine["character"], mine["handle"]) == (character, handle[1:])
    assert (mine["uses"], mine["uses_by_others"], mine["views"]) == (2, 1, 7)
    assert [day["views"] for day in mine["days"][-3:]] == [None, 5, None]
    assert [day["uses"] for day in mine["days"][-2:]] == [0, 2]
    assert told["total"]["views"] is None
    assert (await leo.http.get("/me/figures")).json()["characters"] == []


async def test_a_day_is_the_makers_own(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = await made(worker, maya, "a park")
    await publish(maya, video)
    noon = datetime.now(UTC).replace(hour=12, minute=0) - timedelta(days=5)
    await watch(conn, video, await a_crowd(conn, 5), noon)
    assert (await maya.http.patch("/me", json={"time_zone": "Pacific/Kiritimati"})).status_code == 200
    told = (await maya.http.get(f"/videos/{video}/figures")).json()
    assert told["time_zone"] == "Pacific/Kiritimati"
    assert on(told, noon + timedelta(days=1))["views"] == 5


async def test_figures_are_for_the_maker_alone(join: Join, worker: Studio) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    video = await made(worker, maya, "a park")
    await publish(maya, video)
    assert code(await leo.http.get(f"/videos/{video}/figures")) == (404, "clip_unknown")
    assert code(await leo.http.get("/videos/nothing/figures")) == (404, "clip_unknown")
    assert code(await nobody.http.get("/me/figures")) == (401, "unauthenticated")


async def test_figures_and_grids_are_read_by_index(conn: asyncpg.Connection) -> None:
    assert await scanned(conn, "social/figures.py", LARGE) == {}
    assert await scanned(conn, "character_store/seen.py", LARGE) == {}
    assert await scanned(conn, "social/grids.py", LARGE) == {}
    assert await scanned(conn, "social/clip_collections.py", LARGE | {"collection", "collection_item"}) == {}
    assert await scanned(conn, "social/share_links.py", LARGE) == {}
    assert await scanned(conn, "social/parents.py", LARGE) == {}


async def test_the_guard_of_plans_sees_a_table_that_is_read_whole(conn: asyncpg.Connection, tmp_path: Path) -> None:
    module = tmp_path / "slow.py"
    module.write_text(
        'conn.fetch("select count(*) from clip_view where watched_s > $1", 1)\n'
        'conn.fetch("select * from clip_view where clip = $1", 1)\n'
    )
    found = await scanned(conn, str(module), LARGE)
    assert list(found.values()) == [["Seq Scan on clip_view"]]
