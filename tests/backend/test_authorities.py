"""A child-safety case taken out for the authorities: whole, noted, by seniors alone, and kept from then on."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from pathlib import Path

import asyncpg
import pytest

from backend import authorities
from backend.media import open_media
from social.errors import AccountUnknown, InvalidValue
from social.moderation import chain
from social.moderation.errors import CaseUnknown, SeniorNeeded
from tests.backend.conftest import Join
from tests.backend.test_moderation import report
from tests.backend.test_talking import shown
from tests.backend.worker_side import Studio, key_of


async def test_everything_kept_of_a_case_is_in_one_file(
    join: Join, worker: Studio, conn: asyncpg.Connection, tmp_path: Path
) -> None:
    maya, leo, senior = await join(), await join(), await join("senior")
    await maya.http.put("/me/devices/phone", json={"platform": "android", "token": "a-phone-0123456789-0123456789"})
    video = await shown(worker, maya)
    case = await report(leo, video, "child_safety")
    assert (await leo.http.get(f"/videos/{video}")).status_code == 404
    await conn.execute("delete from clip where id = $1", key_of(video))  # its maker is quick
    out = tmp_path / "case.zip"
    taken = await authorities.take_out(worker.pool, open_media(worker.config.media_url), case, senior.handle, out)
    assert taken.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as packed:
        told = json.loads(packed.read("report.json"))
        assert [one["file"].rsplit("/", 1)[1].split(".")[0] for one in told["files"]] == [
            "captions",
            "spritesheet",
            "thumbnail",
            "video",
        ]
        for one in told["files"]:
            assert hashlib.sha256(packed.read(one["file"])).hexdigest() == one["sha256"]
            assert one["intact"]
    assert told["subject"] == {"type": "video", "id": video}
    assert [(one["by"], one["reason"], one["words"]) for one in told["reports"]] == [
        (leo.handle, "child_safety", "look")
    ]
    assert (told["account"]["handle"], told["account"]["birth_date"]) == (maya.handle, "1990-05-17")
    assert [one["platform"] for one in told["account"]["devices"]] == ["android"]
    assert [one["what"] for one in told["done"]][:2] == ["reported", "hidden"]
    assert told["evidence"][0]["snapshot"]["prompt"] == "a park"
    assert "argon2" not in json.dumps(told)
    assert await conn.fetchval("select bool_and(legal_hold) from evidence") is True
    newest = (await chain.page(conn, after=None, limit=1))[0]
    assert (newest.action, newest.by, newest.detail["sha256"]) == ("taken_out", senior.handle, taken.sha256)
    assert (await chain.verify(conn)).broken_at is None
    with pytest.raises(FileExistsError):
        await authorities.take_out(worker.pool, open_media(worker.config.media_url), case, senior.handle, out)


async def test_other_cases_and_other_people_take_nothing_out(
    join: Join, worker: Studio, conn: asyncpg.Connection, tmp_path: Path
) -> None:
    maya, leo, ada, senior = await join(), await join(), await join("moderator"), await join("senior")
    case = await report(leo, await shown(worker, maya), "hate")
    media, out = open_media(worker.config.media_url), tmp_path / "case.zip"
    refused: list[tuple[str, str, type[Exception]]] = [
        (case, senior.handle, InvalidValue),
        (case, ada.handle, SeniorNeeded),
        (case, "nobody.here", AccountUnknown),
        (f"rep_{'0' * 32}", senior.handle, CaseUnknown),
        ("rep", senior.handle, CaseUnknown),
    ]
    for named, by, error in refused:
        with pytest.raises(error):
            await authorities.take_out(worker.pool, media, named, by, out)
    assert not {name for name in os.listdir(tmp_path) if "zip" in name}  # noqa: PTH208 - one call
    assert await conn.fetchval("select count(*) from evidence where legal_hold") == 0
