"""What was taken away for good cause does not come back: by its file, another take, something given or an import."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import numpy as np
import pytest

from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.engine import Given
from social import provenance
from social.safety import known
from tests.backend.cast import asked, finished, outcome
from tests.backend.conftest import Join, Person
from tests.backend.test_given import PNG
from tests.backend.test_moderation import answered, appealed, decided, waiting
from tests.backend.test_outside_notices import SIGNED
from tests.backend.test_sharing_clips import publish
from tests.backend.test_studio import used
from tests.backend.test_transfers import export_of, filmed, take_in
from tests.backend.worker_side import Studio, key_of, rushes

Prints = tuple[str, ...]


def looks(seed: int, seconds: int = 4) -> Prints:
    """Of a film like no other."""
    bits = np.random.default_rng(seed).integers(0, 2, (seconds, 256))
    return tuple("".join(map(str, row)) for row in bits)


def blurred(prints: Prints, bits: int) -> Prints:
    """The same film after so many bits of each picture have changed."""
    turned = {"0": "1", "1": "0"}
    return tuple("".join(map(turned.__getitem__, one[:bits])) + one[bits:] for one in prints)


async def shot(worker: Studio, maker: Person, prints: Prints, **order: Any) -> str:
    video = await asked(maker, "a park", **order)

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        return msgspec.structs.replace(rushes(shooting, video.encode()), prints=prints)

    await finished(worker, video, render)
    return video


async def removed(ada: Person, nobody: Person, video: str, kind: str = "likeness") -> dict[str, Any]:
    """After a notice from outside."""
    sent = await nobody.http.post("/notices", json=SIGNED | {"kind": kind, "content": [video]})
    assert sent.status_code == 201, sent.text
    return await decided(ada, (await waiting(ada))[0])


@pytest.mark.parametrize(
    ("prints", "ended"),
    [
        (blurred(looks(1), 20), ("failed", "moderation_blocked")),
        (blurred(looks(1), 24), ("completed", None)),
        ((*looks(1)[:3], looks(2)[0]), ("completed", None)),  # three of four seconds
        ((*looks(1), looks(2)[0]), ("failed", "moderation_blocked")),  # four of five
        (looks(3), ("completed", None)),
        ((), ("completed", None)),
    ],
)
async def test_another_take_of_what_was_taken_away_is_blocked_and_refunded(
    join: Join, worker: Studio, prints: Prints, ended: tuple[str, str | None]
) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    await removed(ada, nobody, await shot(worker, maya, looks(1)))
    before = await used(maya)
    assert await outcome(maya, await shot(worker, maya, prints)) == ended
    assert await used(maya) == before + (ended[0] == "completed")


async def test_it_outlives_its_clip_and_ends_with_an_appeal(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, ada, senior, nobody = await join(), await join("moderator"), await join("senior"), await join(None)
    gone, kept = await shot(worker, maya, looks(1)), await shot(worker, maya, looks(5))
    await removed(ada, nobody, gone)
    done = await removed(ada, nobody, kept)
    await conn.execute("delete from clip_print")
    await conn.execute("delete from clip where id = $1", key_of(gone))
    assert await outcome(maya, await shot(worker, maya, looks(1))) == ("failed", "moderation_blocked")
    appeal = await appealed(maya, statement=done["statement"])
    assert (await answered(senior, appeal, "overturned")).status_code == 200
    assert await outcome(maya, await shot(worker, maya, looks(5))) == ("completed", None)


async def test_what_a_report_of_taste_took_away_is_no_known_film(join: Join, worker: Studio) -> None:
    maya, leo, ada = await join(), await join(), await join("moderator")
    video = await shot(worker, maya, looks(1))
    await publish(maya, video)
    told = await leo.http.post("/reports", json={"subject": {"type": "video", "id": video}, "reason": "other"})
    assert told.status_code == 201, told.text
    await decided(ada, (await waiting(ada))[0])
    assert await outcome(maya, await shot(worker, maya, looks(1))) == ("completed", None)


async def test_a_notice_finds_the_copies_by_their_looks(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo, ada, nobody = await join(), await join(), await join("moderator"), await join(None)
    video = await shot(worker, maya, looks(1))
    copy, longer = await shot(worker, leo, blurred(looks(1), 12)), await shot(worker, leo, (*looks(1), *looks(4)))
    other = await shot(worker, leo, (*looks(1)[:2], *looks(6)[:2]))
    sent = await nobody.http.post("/notices", json=SIGNED | {"content": [video]})
    assert sent.status_code == 201, sent.text
    standing = (await nobody.http.get(f"/notices/{sent.json()['receipt']}")).json()
    assert standing["videos"][0]["copies"] == 2
    hidden = {row["id"].hex for row in await conn.fetch("select id from clip where hidden_at is not null")}
    assert hidden == {one.removeprefix("video_") for one in (video, copy, longer)}
    assert (await leo.http.get(f"/videos/{other}")).status_code == 200
    assert len(await waiting(ada)) == 3


async def test_what_is_given_beside_the_words_is_looked_at(join: Join, worker: Studio) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    await removed(ada, nobody, await shot(worker, maya, looks(1)))

    async def with_picture(prints: Prints) -> str:
        files = {"input_reference": ("a.png", PNG, "image/png")}
        answer = await maya.http.post("/videos", data={"prompt": "a park", "seconds": "4"}, files=files)
        assert answer.status_code == 200, answer.text
        video = str(answer.json()["id"])
        await finished(worker, video, attend=lambda *_: Given(looks=(prints,)))
        return video

    before = await used(maya)
    assert await outcome(maya, await with_picture(blurred(looks(1)[:1], 9))) == ("failed", "moderation_blocked")
    assert await used(maya) == before
    assert await outcome(maya, await with_picture(looks(2)[:1])) == ("completed", None)


async def test_no_import_brings_it_back(join: Join, worker: Studio) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    first, second = await asked(maya, "a park"), await asked(maya, "a lake")
    for video in (first, second):
        await filmed(worker, video)
    _, content = await export_of(maya, worker)
    await removed(ada, nobody, await shot(worker, maya, looks(1)))
    leo = await join()

    def look(film: Path) -> Prints:
        return looks(1) if second.encode() in film.read_bytes() else ()

    files = worker.files()
    told = await take_in(leo, worker, content, look)
    assert (told["state"], told["error"]["code"]) == ("failed", "import_refused")
    assert "taken away here" in told["error"]["message"]
    assert (await leo.http.get("/videos")).json()["data"] == []
    assert [one for one in worker.files() if "clips" in one.parts] == [one for one in files if "clips" in one.parts]
    await removed(ada, nobody, first)
    again = await take_in(leo, worker, content)
    assert again["error"]["message"].endswith("this very file was taken away here by a moderator")


async def kept_still(conn: asyncpg.Connection, maker: Person, count: int) -> list[UUID]:
    """Clips of one unmoving picture for ten seconds, each a little different from the others."""
    still = looks(8, 1)[0]
    made: list[UUID] = []
    for number in range(count):
        video = key_of(await asked(maker, "a park"))
        turned = still[:number] + ("0" if still[number] == "1" else "1") + still[number + 1 :]
        await provenance.keep(conn, video, f"{number:064x}", [turned] * 10)
        made.append(video)
    return made


async def test_all_copies_of_a_picture_that_stands_still_are_found(join: Join, conn: asyncpg.Connection) -> None:
    clips = [clip for _ in range(8) for clip in await kept_still(conn, await join(), 3)]
    assert await known.lookalikes(conn, clips[0]) == sorted(clips[1:])


async def test_a_film_taken_away_a_hundred_times_stays_away(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    await removed(ada, nobody, await shot(worker, maya, looks(1)))
    standing = await conn.fetchrow("select id, event from moderation_measure")
    chance = np.random.default_rng(3)
    again, rows = blurred(looks(1), 12), []
    for _ in range(99):
        other = await conn.fetchval(
            """
            insert into moderation_measure (event, subject_type, subject, kind)
            values ($1, 'clip', gen_random_uuid(), 'removed') returning id
            """,
            standing["event"],
        )
        for place, look in enumerate(again, 1):
            turned = set(chance.integers(0, 256, 4).tolist())
            rows.append((other, place, "".join(str(int(bit) ^ (at in turned)) for at, bit in enumerate(look))))
    await conn.executemany("insert into known_print values ($1, $2, $3::text::bit(256))", rows)
    assert await known.looks_known(conn, again)
    lift = "update moderation_measure set lifted_at = now(), lifted_by = event where id <> $1"
    await conn.execute(lift, standing["id"])
    assert await known.looks_known(conn, again)
    await conn.execute(lift, UUID(int=0))
    assert not await known.looks_known(conn, looks(1))
