"""What one instance exports, another takes in: whole, or not at all."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from backend import exports, ids, imports, sealed_files
from backend.config import Config
from backend.db import open_pool
from backend.errors import ImportRefused
from backend.localdb import Postgres
from backend.safe import open_vault
from backend.stopping import Stopping
from backend.unpacking import Opened, Window
from social import transfers
from tests.backend.cast import befriend, code, played
from tests.backend.conftest import Join, Person, signing_up
from tests.backend.test_given import PNG, role_of
from tests.backend.test_uploads import sent
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio, key_of, rushes

ROOT = "http://test"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 "
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"


class House:
    """Another server: its own database, store, secrets and worker."""

    def __init__(self, join: Join, worker: Studio) -> None:
        self.join = join
        self.worker = worker


@pytest_asyncio.fixture
async def other(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[House]:
    name = f"other_{uuid4().hex}"
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    dsn, folder = postgres.dsn(name), tmp_path / "other"
    config = Config(data=folder, database_url=dsn, media_url=str(folder / "media"), log_level="error")
    folder.mkdir()
    async with await open_pool(dsn, min_size=1, max_size=4) as pool, signing_up(config, pool) as join:
        yield House(join, Studio(pool, config))
    await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await conn.close()


async def filmed(worker: Studio, video: str) -> None:
    """With files that are what they say."""

    def render(shooting: Any, _on_progress: Any) -> Any:
        found = rushes(shooting)
        heads = {"video": MP4, "thumbnail": WEBP, "spritesheet": JPEG, "captions": b"WEBVTT\n"}
        for variant, path in found.files.items():
            path.write_bytes(heads[variant] + video.encode() * 1000)
        return found

    await worker.make(video, render)


async def export_of(person: Person, worker: Studio) -> tuple[dict[str, Any], bytes]:
    asked = await person.http.post("/me/exports")
    assert asked.status_code == 202, asked.text
    key = ids.parse("export", asked.json()["id"])
    assert key is not None
    await exports.make(worker.pool, worker.media, open_vault(worker.config), key, lambda: False)
    told: dict[str, Any] = (await person.http.get(f"/me/exports/{asked.json()['id']}")).json()
    return told, (await person.http.get(ROOT + told["url"])).content


def unlike(_film: Path) -> tuple[str, ...]:
    """Nothing that anybody has seen."""
    return ()


async def take_in(person: Person, worker: Studio, content: bytes, look: imports.Look = unlike) -> dict[str, Any]:
    upload = await sent(person, "import", content)
    asked = await person.http.post("/me/imports", json={"file_id": upload})
    assert asked.status_code == 202, asked.text
    key = ids.parse("import", asked.json()["id"])
    assert key is not None
    scratch = worker.config.scratch
    await imports.take_in(worker.pool, worker.media, open_vault(worker.config), key, look, scratch, lambda: False)
    told: dict[str, Any] = (await person.http.get(f"/me/imports/{asked.json()['id']}")).json()
    return told


async def a_library(join: Join, worker: Studio) -> tuple[Person, str, str]:
    """Somebody with a character, a published clip, a remix of it and a notice."""
    maya = await join()
    _, handle = await role_of(worker, maya)
    parent = (await maya.http.post("/videos", json=GOOD | {"prompt": f"{handle} in a park"})).json()["id"]
    await filmed(worker, parent)
    answer = await maya.http.patch(f"/videos/{parent}", json={"audience": "everyone", "caption": "Spring"})
    assert answer.status_code == 200, answer.text
    child = (await maya.http.post(f"/videos/{parent}/remix", json={"prompt": f"{handle} in the snow"})).json()["id"]
    await filmed(worker, child)
    async with worker.pool.acquire() as conn:
        await conn.execute(
            "insert into notice (account, kind, about) select account, 'remixed', $2 from clip where id = $1",
            key_of(parent),
            {"video": child, "parent": parent, "n": 1},
        )
    return maya, parent, child


async def test_a_library_moves_from_one_server_to_another(join: Join, worker: Studio, other: House) -> None:
    maya, parent, child = await a_library(join, worker)
    told, content = await export_of(maya, worker)
    assert (told["state"], told["progress"]) == ("completed", 100)
    there = await other.join()
    took = await take_in(there, other.worker, content)
    assert (took["state"], took["error"]) == ("completed", None)
    assert took["taken_in"] == {"clips": 2, "clips_known": 0, "notices": 1, "characters_waiting": 1}
    young, old = (await there.http.get("/videos")).json()["data"]
    if young["remixed_from_video_id"] is None:
        young, old = old, young
    assert young["remixed_from_video_id"] == old["id"]
    for here, original in ((old, parent), (young, child)):
        was = (await maya.http.get(f"/videos/{original}")).json()
        for name in ("prompt", "seconds", "size", "seed", "caption", "created_at", "completed_at", "screenplay"):
            assert here[name] == was[name], name
        assert (here["audience"], here["allow_remix"], here["cast"]) == ("only_me", False, [])
        assert (await played(there, here["id"])).content == (await played(maya, original)).content
        for variant in ("thumbnail", "spritesheet"):
            one = await there.http.get(f"/videos/{here['id']}/content", params={"variant": variant})
            two = await maya.http.get(f"/videos/{original}/content", params={"variant": variant})
            assert one.content == two.content
    [notice] = (await there.http.get("/notifications")).json()["data"]
    assert notice["about"] == {"video": young["id"], "parent": old["id"], "n": 1}
    assert (await there.http.get("/me/quota")).json()["used"] == 0
    again = await take_in(there, other.worker, content)
    assert again["taken_in"]["clips_known"] == 2
    assert len((await there.http.get("/videos")).json()["data"]) == 2
    assert len((await there.http.get("/notifications")).json()["data"]) == 1


async def test_what_was_made_elsewhere_stays_its_owners_own(join: Join, worker: Studio, other: House) -> None:
    maya, _, _ = await a_library(join, worker)
    _, content = await export_of(maya, worker)
    there = await other.join()
    await take_in(there, other.worker, content)
    video = (await there.http.get("/videos")).json()["data"][0]["id"]
    answers = [
        await there.http.patch(f"/videos/{video}", json={"audience": "everyone"}),
        await there.http.post(f"/videos/{video}/remix", json={"prompt": "again"}),
        await there.http.get(f"/videos/{video}/controls"),
    ]
    assert [code(answer) for answer in answers] == [(409, "clip_imported")] * 3
    assert (await there.http.delete(f"/videos/{video}")).status_code == 200


async def test_an_export_holds_everything_and_is_sealed_at_rest(join: Join, worker: Studio) -> None:
    maya, parent, _ = await a_library(join, worker)
    await maya.http.patch("/me", json={"bio": "bread, mostly"})
    await maya.http.post("/collections", json={"title": "Bread"})
    leo = await join()
    await befriend(maya, leo)
    thread = (await leo.http.post("/threads", json={"members": [maya.handle]})).json()["id"]
    for one, text in ((leo, "hello"), (maya, "how are you")):
        await one.http.post(f"/threads/{thread}/messages", json={"text": text})
        await one.http.post(f"/videos/{parent}/comments", json={"text": f"{text}?"})
    _, content = await export_of(maya, worker)
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert pack.testzip() is None
        names = pack.namelist()
        manifest = msgspec.json.decode(pack.read("manifest.json"))
        for file in manifest["files"]:
            assert hashlib.sha256(pack.read(file["name"])).hexdigest() == file["sha256"]
        assert pack.read(f"clips/{parent}/video.mp4").startswith(MP4)
        assert msgspec.json.decode(pack.read("profile.json")) == {"bio": "bread, mostly", "links": []}
        assert [one["title"] for one in msgspec.json.decode(pack.read("collections.json"))] == ["Bread"]
        talk = msgspec.json.decode(pack.read(f"threads/{thread}.json"))
        said = msgspec.json.decode(pack.read("comments.json"))
    assert [(one["author"], one["text"]) for one in talk["messages"]] == [
        (leo.handle, "hello"),
        (maya.handle, "how are you"),
    ]
    assert [(one["video"], one["text"]) for one in said] == [(parent, "how are you?")]
    assert {"account.json", "people.json", "consents.json", "notices.json", "reports.json", "statements.json"} < set(
        names
    )
    assert any(name.endswith("references/face_photo.png") for name in names)
    stored = [path.read_bytes() for path in worker.files() if "sealed" in path.parts]
    assert stored
    assert not [one for one in stored if b"PK\x03\x04" in one or b"manifest" in one]
    openings = await worker.pool.fetch("select purpose, actor from vault_opening where purpose = 'export'")
    assert [row["actor"] for row in openings] == [UUID(hex=maya.id[5:])]


async def test_a_download_goes_on_where_it_broke_off_and_its_link_ends(join: Join, worker: Studio) -> None:
    maya, _, _ = await a_library(join, worker)
    nobody, eve = await join(None), await join()
    told, content = await export_of(maya, worker)
    url = ROOT + told["url"]
    head = await nobody.http.head(url)
    assert (head.headers["content-length"], head.headers["accept-ranges"]) == (str(len(content)), "bytes")
    cut = len(content) // 3
    rest = await nobody.http.get(url, headers={"range": f"bytes={cut}-", "if-range": head.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, content[cut:])
    assert rest.headers["cache-control"] == "private, no-store"
    assert code(await nobody.http.get(url[:-1] + ("A" if url[-1] != "A" else "B"))) == (403, "media_link_refused")
    assert code(await eve.http.get(f"/me/exports/{told['id']}")) == (404, "export_unknown")
    async with worker.pool.acquire() as conn:
        await conn.execute("update export set expires_at = now()")
        await transfers.expire_exports(conn)
    assert code(await nobody.http.get(url)) == (410, "media_gone")
    gone = (await maya.http.get(f"/me/exports/{told['id']}")).json()
    assert (gone["state"], gone["url"]) == ("expired", None)
    await sealed_files.sweep(worker.pool, worker.media)
    assert not [path for path in worker.files() if "sealed" in path.parts]


async def test_an_export_that_was_interrupted_begins_anew(join: Join, worker: Studio) -> None:
    maya, _, _ = await a_library(join, worker)
    asked = (await maya.http.post("/me/exports")).json()["id"]
    assert (await maya.http.post("/me/exports")).json()["id"] == asked
    key, safe = ids.parse("export", asked), open_vault(worker.config)
    assert key is not None
    with pytest.raises(Stopping):
        await exports.make(worker.pool, worker.media, safe, key, lambda: True)
    await exports.make(worker.pool, worker.media, safe, key, lambda: False)
    told = (await maya.http.get(f"/me/exports/{asked}")).json()
    assert told["state"] == "completed"
    with zipfile.ZipFile(io.BytesIO((await maya.http.get(ROOT + told["url"])).content)) as pack:
        assert pack.testzip() is None
    assert await worker.pool.fetchval("select count(*) from sealed_file where wrapped_key is not null") == 1


Spoil = Callable[[dict[str, bytes], dict[str, Any]], None]


def packed(files: dict[str, bytes], manifest: dict[str, Any], twice: str | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
        pack.writestr("manifest.json", msgspec.json.encode(manifest))
        if twice is not None:
            with pytest.warns(UserWarning, match="Duplicate name"):
                pack.writestr(twice, files[twice])
    return out.getvalue()


def an_export(spoil: Spoil = lambda _files, _manifest: None, video: bytes = MP4 + b"x" * 3000) -> bytes:
    """A small one, made by hand; `spoil` sees the files, then the manifest with their sizes and hashes."""
    clip = ids.public("video", uuid4())
    card = {
        "id": clip, "status": "completed", "prompt": "a park", "model": "castmate-1", "size": "384x640", "seconds": "4",
        "seed": 5, "caption": "", "files": {"video": "video.mp4"}, "exact_created_at": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    files = {
        "notices.json": b"[]",
        f"clips/{clip}/clip.json": msgspec.json.encode(card),
        f"clips/{clip}/video.mp4": video,
    }
    manifest: dict[str, Any] = {"format": "castmate-export", "version": 1, "account": "a"}
    manifest["created_at"] = "2026-01-02T03:04:05Z"
    spoil(files, manifest)
    manifest.setdefault(
        "files",
        [{"name": name, "size": len(one), "sha256": hashlib.sha256(one).hexdigest()} for name, one in files.items()],
    )
    return packed(files, manifest)


def _renamed(name: str) -> Spoil:
    def spoil(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        files[name] = b"x"

    return spoil


def _card(**changed: Any) -> Spoil:
    def spoil(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        name = next(one for one in files if one.endswith("clip.json"))
        files[name] = msgspec.json.encode(msgspec.json.decode(files[name]) | changed)

    return spoil


def _manifest(**changed: Any) -> Spoil:
    return lambda _files, manifest: manifest.update(changed)


def _foreign(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["files"] = [{"name": name, "size": len(one), "sha256": "0" * 64} for name, one in files.items()]


def _longer(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["files"] = [
        {"name": name, "size": len(one) + 1, "sha256": hashlib.sha256(one).hexdigest()} for name, one in files.items()
    ]


def _missing(_files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["files"] = []


BAD: dict[str, tuple[bytes, str]] = {
    "climbs out": (an_export(_renamed("../../etc/passwd")), "no name of a file"),
    "absolute": (an_export(_renamed("/etc/passwd")), "no name of a file"),
    "climbs inside": (an_export(_renamed("clips/../../x")), "no name of a file"),
    "backslash": (an_export(_renamed("clips\\..\\x")), "no name of a file"),
    "bomb": (an_export(lambda files, _: files.update(a=bytes(65 * 1024**2))), "unpacks to"),
    "foreign hashes": (an_export(_foreign), "SHA-256 differs"),
    "foreign sizes": (an_export(_longer), "not of the size"),
    "unnamed": (an_export(_missing), "not in both"),
    "half": (an_export()[:-400], "no whole ZIP"),
    "cut in the middle": (an_export()[:300] + an_export()[900:], "no whole ZIP"),
    "no manifest": (packed({}, {})[:0] + b"PK\x05\x06" + bytes(18), "no 'manifest.json'"),
    "another format": (an_export(_manifest(format="tar")), "allowed: 'castmate-export' 1"),
    "a later version": (an_export(_manifest(version=2)), "allowed: 'castmate-export' 1"),
    "no video": (an_export(video=b"just text " * 100), "holds text; allowed: MP4"),
    "a file elsewhere": (an_export(_card(files={"video": "../x.mp4"})), "not there"),
    "a script": (an_export(_card(files={"video": "clip.json"})), "not there"),
    "a foreign id": (an_export(_card(id="video_x")), "is the clip"),
    "its own parent": (an_export(lambda files, _: _card(
        remixed_from_video_id=next(iter(sorted(files))).split("/")[1])(files, _)), "made from itself"),
    "a size": (an_export(_card(size="9x9")), "no clip may have"),
    "seconds": (an_export(_card(seconds="²")), "no clip may have"),
    "a NUL": (an_export(_card(prompt="a\0b")), "NUL"),
    "a number": (an_export(_card(seed="five")), "cannot be read"),
    "deep": (an_export(lambda files, _: files.update({"notices.json": b"[" * 100_000})), "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("how", BAD)
def test_a_hostile_zip_is_refused_by_name(how: str) -> None:
    content, words = BAD[how]
    with pytest.raises(ImportRefused, match=words):
        Opened(io.BytesIO(content), lambda _percent: None)


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ImportRefused, match="twice"):
        Opened(io.BytesIO(packed({"notices.json": b"[]"}, {}, twice="notices.json")), lambda _percent: None)


def test_a_good_one_is_opened_whatever_its_windows() -> None:
    content = an_export()
    for piece in (7, 100, 10_000_000):
        window = Window(len(content), piece, lambda start, stop: content[start:stop])
        opened = Opened(io.BufferedReader(window), lambda _percent: None)
        assert [card.prompt for card in opened.clips] == ["a park"]


def test_a_zip_with_bits_flipped_is_refused_or_reads_the_same() -> None:
    """Whatever else happens, it is no other exception and no other clip."""
    content, dice = an_export(), random.Random(7)  # noqa: S311
    for _ in range(300):
        broken = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        try:
            opened = Opened(io.BytesIO(bytes(broken)), lambda _percent: None)
        except ImportRefused:
            continue
        assert [card.prompt for card in opened.clips] == ["a park"]


async def test_nothing_of_a_refused_import_is_taken_in(join: Join, worker: Studio) -> None:
    """Its second clip is bad; the first is not kept, and neither is a file."""
    maya = await join()
    good = an_export()
    bad, _ = BAD["foreign hashes"]
    told = await take_in(maya, worker, bad)
    assert (told["state"], told["error"]["code"], told["taken_in"]) == ("failed", "import_refused", None)
    assert "nothing of it was" in told["error"]["message"]
    assert (await maya.http.get("/videos")).json()["data"] == []
    assert not [path for path in worker.files() if "clips" in path.parts]
    assert (await take_in(maya, worker, good))["taken_in"]["clips"] == 1


async def test_an_import_whose_files_are_stored_and_rows_are_not_leaves_nothing(
    join: Join, worker: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await join()

    async def fail(*_: object) -> bool:
        raise ConnectionResetError("the database goes away")

    with monkeypatch.context() as patch:
        patch.setattr(transfers, "finish_import", fail)
        with pytest.raises(ConnectionResetError):
            await take_in(maya, worker, an_export())
    assert (await maya.http.get("/videos")).json()["data"] == []
    assert not [path for path in worker.files() if "clips" in path.parts]
    key = await worker.pool.fetchval("select id from import")
    scratch, safe = worker.config.scratch, open_vault(worker.config)
    await imports.take_in(worker.pool, worker.media, safe, key, unlike, scratch, lambda: False)
    assert len((await maya.http.get("/videos")).json()["data"]) == 1


async def test_an_import_needs_a_finished_upload_of_its_kind_and_comes_alone(join: Join) -> None:
    maya = await join()
    picture = await sent(maya, "picture", PNG)
    for reference, expected in (("upload_x", (404, "upload_unknown")), (picture, (400, "upload_misused"))):
        assert code(await maya.http.post("/me/imports", json={"file_id": reference})) == expected
    upload = await sent(maya, "import", an_export())
    assert (await maya.http.post("/me/imports", json={"file_id": upload})).status_code == 202
    assert code(await maya.http.post("/me/imports", json={"file_id": upload})) == (409, "import_running")
    assert code(await maya.http.get(f"/me/imports/import_{'0' * 32}")) == (404, "import_unknown")
