"""An account's picture: wished for, made by a worker from pixels alone, shown by a link; refused in words."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from PIL import Image

from backend import avatars, departure
from backend.avatars import Source
from backend.safe import open_vault
from generation import avatar
from generation.errors import NotAPicture, NotAVideo, UnsafeOutput
from generation.perception.safety import Nudity
from social import avatars as rows
from tests.backend.cast import a_role, code, made
from tests.backend.conftest import Join, Person
from tests.backend.test_uploads import sent
from tests.backend.worker_side import Studio
from tests.generation.joint.films import film

ROOT = "http://test"


def a_picture(width: int = 640, height: int = 960) -> bytes:
    """A JPEG with words in its EXIF: sky above, grass below."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2], pixels[height // 2 :] = (120, 170, 230), (60, 140, 60)
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 52.52 N"
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", exif=exif)
    return out.getvalue()


async def id_of(conn: asyncpg.Connection, person: Person) -> UUID:
    found: UUID = await conn.fetchval("select id from account where handle = $1", person.handle)
    return found


async def drawn(worker: Studio, account: UUID, draw: avatars.Draw) -> None:
    await avatars.make(worker.pool, worker.media, open_vault(worker.config), account, draw)


def small(source: Source) -> bytes:
    """As the worker's, where what it looks at matters not."""
    return b"webp of " + (source.picture or (source.clip or Path()).read_bytes())[:40]


async def test_an_upload_becomes_the_picture_that_others_see(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    upload = await sent(maya, "picture", a_picture())
    answer = await maya.http.put("/me/avatar", json={"file_id": upload})
    assert (answer.status_code, answer.json()["state"], answer.json()["url"]) == (202, "processing", None)
    assert await conn.fetchval("select count(*) from pgqueuer where entrypoint = 'avatar'") == 1
    await drawn(worker, await id_of(conn, maya), small)
    shown = (await leo.http.get(f"/accounts/{maya.handle}")).json()["profile"]["avatar"]
    picture = await nobody.http.get(ROOT + shown)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert picture.content == b"webp of " + a_picture()[:40]
    assert picture.headers["cache-control"] == "public, max-age=300"
    assert (await maya.http.get("/me")).json()["profile"]["avatar"] == shown
    assert code(await nobody.http.get(ROOT + shown.replace("sig=", "sig=A"))) == (403, "media_link_refused")
    assert (await maya.http.delete("/me/avatar")).json()["state"] == "none"
    assert code(await nobody.http.get(ROOT + shown)) == (410, "media_gone")
    assert not [file for file in worker.files() if "avatars" in file.parts]


async def test_a_frame_of_ones_own_clip_without_others_becomes_it(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    _, mine = await a_role(conn, maya)
    _, theirs = await a_role(conn, leo, audience="everyone")
    alone, together = await made(worker, maya, f"{mine} waves"), await made(worker, maya, f"{theirs} waves")
    foreign = await made(worker, leo, f"{theirs} sleeps")
    assert code(await maya.http.put("/me/avatar", json={"video": together})) == (400, "invalid_value")
    assert code(await maya.http.put("/me/avatar", json={"video": foreign})) == (404, "clip_unknown")
    for at_s in (4.0, -1, 99):
        assert code(await maya.http.put("/me/avatar", json={"video": alone, "at_s": at_s})) == (400, "invalid_value")
    both_or_none: tuple[dict[str, str], ...] = ({}, {"video": alone, "file_id": "upload_x"})
    for wrong in both_or_none:
        assert code(await maya.http.put("/me/avatar", json=wrong)) == (400, "invalid_value")
    assert code(await maya.http.put("/me/avatar", json={"file_id": "upload_" + "0" * 32})) == (404, "upload_unknown")
    assert (await maya.http.get("/me/avatar")).json()["state"] == "none"
    assert (await maya.http.put("/me/avatar", json={"video": alone, "at_s": 1.5})).status_code == 202
    seen: list[Source] = []

    def noting(source: Source) -> bytes:
        seen.append(source)
        return small(source)

    await drawn(worker, await id_of(conn, maya), noting)
    assert (seen[0].at_s, seen[0].picture) == (1.5, None)
    assert (await maya.http.get("/me/avatar")).json()["state"] == "ready"


async def test_what_is_refused_says_why_and_leaves_what_was_shown(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya = await join()
    account = await id_of(conn, maya)
    await maya.http.put("/me/avatar", json={"file_id": await sent(maya, "picture", a_picture())})
    await drawn(worker, account, small)
    before = (await maya.http.get("/me/avatar")).json()

    def refuses(_source: Source) -> bytes:
        raise NotAPicture("this is not a whole picture")

    await maya.http.put("/me/avatar", json={"file_id": await sent(maya, "picture", a_picture())})
    await drawn(worker, account, refuses)
    after = (await maya.http.get("/me/avatar")).json()
    assert (after["state"], after["refusal"], after["url"]) == ("refused", "this is not a whole picture", before["url"])
    upload = await sent(maya, "picture", a_picture())
    await maya.http.put("/me/avatar", json={"file_id": upload})
    await maya.http.delete(f"/uploads/{upload}", headers={"tus-resumable": "1.0.0"})
    await drawn(worker, account, small)
    assert (await maya.http.get("/me/avatar")).json()["refusal"] == avatars.GONE


async def test_a_newer_wish_wins_and_a_lost_worker_ends(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    maya = await join()
    account = await id_of(conn, maya)
    first, second = [await sent(maya, "picture", a_picture(*size)) for size in ((640, 960), (320, 320))]
    await maya.http.put("/me/avatar", json={"file_id": first})
    taken: list[Source] = []

    def noting(source: Source) -> bytes:
        taken.append(source)
        return small(source)

    async with worker.pool.acquire() as other:
        stale = await rows.begin(other, account)
        assert stale is not None
        await maya.http.put("/me/avatar", json={"file_id": second})
        assert await rows.finish(other, stale, "avatars/x/y.webp", "0" * 64) == (False, None)
    await drawn(worker, account, noting)
    assert len(taken) == 1
    assert (await maya.http.get("/me/avatar")).json()["state"] == "ready"
    await drawn(worker, account, noting)
    assert len(taken) == 1
    await maya.http.put("/me/avatar", json={"file_id": await sent(maya, "picture", a_picture())})
    await conn.execute("update avatar set attempts = $1", avatars.ATTEMPTS_MAX)
    await drawn(worker, account, noting)
    assert (await maya.http.get("/me/avatar")).json()["refusal"] == avatars.BROKEN
    await conn.execute("delete from account where id = $1", account)
    kept = [file for file in worker.files() if "avatars" in file.parts]
    assert len(kept) == 1
    assert await departure.sweep_lost(worker.pool, worker.media, timedelta(0)) >= 1
    assert [file for file in worker.files() if "avatars" in file.parts] == []


@pytest.fixture(scope="module")
def nudity() -> Nudity:
    return Nudity()


def test_the_small_picture_is_square_and_keeps_nothing_of_the_file(nudity: Nudity) -> None:
    content = avatar.of_picture(a_picture(), nudity)
    with Image.open(BytesIO(content)) as image:
        assert (image.format, image.size, dict(image.getexif()), "exif" in image.info) == (
            "WEBP",
            (256, 256),
            {},
            False,
        )
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels[5, 128, 2] > pixels[5, 128, 1]
    assert pixels[250, 128, 1] > pixels[250, 128, 2]
    assert b"52.52" not in content


def test_what_is_no_picture_or_not_fit_to_be_shown_is_refused(nudity: Nudity, tmp_path: Path) -> None:
    for broken in (b"", a_picture()[:2000], b"<svg/>"):
        with pytest.raises(NotAPicture):
            avatar.of_picture(broken, nudity)
    no_film = tmp_path / "clip.mp4"
    no_film.write_bytes(b"no film")
    with pytest.raises(NotAVideo):
        avatar.of_clip(no_film, 1.0, nudity)

    class Strict(Nudity):
        def score(self, picture: Any) -> float:
            return super().score(picture) + 1.0

    with pytest.raises(UnsafeOutput):
        avatar.of_picture(a_picture(), Strict())


def test_a_frame_of_a_clip_is_that_of_its_second(nudity: Nudity, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(film(4.0, 24))
    for at_s, brightest in ((0.5, 0), (2.5, 1)):
        with Image.open(BytesIO(avatar.of_clip(clip, at_s, nudity))) as image:
            pixels = np.asarray(image.convert("RGB")).astype(int)
        assert pixels[128, 128].argmax() == brightest
    with pytest.raises(NotAVideo):
        avatar.of_clip(clip, 60.0, nudity)
