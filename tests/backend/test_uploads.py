"""tus as a client sees it: nothing acknowledged is lost, nothing unproven is kept, no voice without a receipt."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from backend import given, ids, sealed_files, uploads
from backend.auth import Viewer
from backend.config import Config
from backend.errors import UploadLocked
from backend.media import Media, open_media
from backend.safe import open_vault
from backend.uploads import Announced
from character_store import sealed_files as sealed_rows
from character_store import uploads as rows
from character_store import vault
from character_store.vault import Vault
from social import accounts
from tests.backend.conftest import Join, Person
from tests.backend.test_characters import MP4, WAV, objects
from tests.backend.test_given import PNG, singer
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio, key_of

TUS = {"tus-resumable": "1.0.0"}
SEND = TUS | {"content-type": "application/offset+octet-stream"}
VOICE = WAV + b"a voice that nobody else may hear" * 1000


def metadata(**texts: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in texts.items())


async def begin(person: Person, kind: str, length: int, **more: str) -> httpx.Response:
    sent = metadata(kind=kind, filename="take.bin", **more)
    return await person.http.post("/uploads", headers=TUS | {"upload-length": str(length), "upload-metadata": sent})


async def begun(person: Person, kind: str, length: int) -> str:
    answer = await begin(person, kind, length)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"]).rsplit("/", 1)[1]


async def send(person: Person, upload: str, offset: int, content: bytes, **more: str) -> httpx.Response:
    headers = SEND | {"upload-offset": str(offset)} | {name.replace("_", "-"): value for name, value in more.items()}
    return await person.http.patch(f"/uploads/{upload}", content=content, headers=headers)


async def sent(person: Person, kind: str, content: bytes) -> str:
    upload = await begun(person, kind, len(content))
    assert (await send(person, upload, 0, content)).status_code == 204
    return upload


async def standing(person: Person, upload: str) -> httpx.Response:
    return await person.http.head(f"/uploads/{upload}", headers=TUS)


async def signed(person: Person) -> str:
    answer = await person.http.post("/consents", json={"purposes": ["store", "generate"], "signed_name": "Maya Ito"})
    assert answer.status_code < 300, answer.text
    return str(answer.json()["id"])


def sealed(config: Config) -> list[Path]:
    return [path for path in objects(config) if "sealed" in path.parts]


async def viewer_of(conn: asyncpg.Connection, person: Person) -> Viewer:
    key = ids.parse("acct", person.id)
    account = None if key is None else await accounts.by_id(conn, key)
    assert account is not None
    return Viewer(account, None, 0)


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


async def test_the_server_says_what_it_speaks(join: Join) -> None:
    answer = await (await join(None)).http.options("/uploads")
    assert answer.status_code == 204
    told = {name: answer.headers[name] for name in ("tus-version", "tus-resumable", "tus-checksum-algorithm")}
    assert told == {"tus-version": "1.0.0", "tus-resumable": "1.0.0", "tus-checksum-algorithm": "sha1,sha256"}
    extensions = answer.headers["tus-extension"].split(",")
    assert extensions == ["creation", "creation-with-upload", "checksum", "expiration", "termination"]
    assert int(answer.headers["tus-max-size"]) >= 1024**3


async def test_a_recording_arrives_in_pieces_and_is_sealed_at_rest(join: Join, config: Config) -> None:
    maya = await join()
    await signed(maya)
    upload, cut = await begun(maya, "voice", len(VOICE)), len(VOICE) // 3
    first = await send(maya, upload, 0, VOICE[:cut])
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(cut))
    where = await standing(maya, upload)
    assert (where.headers["upload-offset"], where.headers["upload-length"]) == (str(cut), str(len(VOICE)))
    assert where.headers["cache-control"] == "no-store"
    assert where.headers["upload-metadata"] == metadata(kind="voice", filename="take.bin")
    assert "upload-expires" in where.headers
    last = await send(maya, upload, cut, VOICE[cut:])
    assert last.headers["upload-offset"] == str(len(VOICE))
    told = (await maya.http.get(f"/uploads/{upload}")).json()
    assert (told["id"], told["kind"], told["received"]) == (upload, "voice", len(VOICE))
    assert told["completed_at"] is not None
    assert len(sealed(config)) == 2
    for path in sealed(config):
        assert b"RIFF" not in path.read_bytes()
        assert b"nobody else" not in path.read_bytes()


async def test_the_first_bytes_may_come_with_the_creation(join: Join) -> None:
    maya = await join()
    headers = SEND | {"upload-length": str(len(PNG)), "upload-metadata": metadata(kind="picture")}
    answer = await maya.http.post("/uploads", content=PNG, headers=headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(PNG)))


@pytest.mark.parametrize("kind", ["capture", "photo", "voice", "video", "performance"])
async def test_no_byte_of_a_face_or_voice_is_accepted_without_a_receipt(join: Join, config: Config, kind: str) -> None:
    maya = await join()
    answer = await begin(maya, kind, 1000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "consent_needed")
    assert answer.headers["tus-resumable"] == "1.0.0"
    receipt = await signed(maya)
    assert (await begin(maya, kind, 1000, consent_id=receipt)).status_code == 201
    assert (await begin(await join(), kind, 1000, consent_id=receipt)).json()["error"]["code"] == "consent_unknown"
    assert objects(config) == []


async def test_a_withdrawn_receipt_destroys_what_was_uploaded_under_it(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    receipt = await signed(maya)
    upload = await sent(maya, "voice", VOICE)
    assert (await maya.http.post(f"/consents/{receipt}/withdraw", json={"purposes": ["store"]})).status_code == 200
    assert (await standing(maya, upload)).status_code == 404
    assert await sealed_files.sweep(pool, open_media(config.media_url)) == 1
    assert sealed(config) == []


@pytest.mark.parametrize(
    ("kind", "length", "code", "words"),
    [
        ("picture", 20 * 1024**2 + 1, "upload_too_large", "20,971,521 bytes; allowed: up to 20,971,520"),
        ("import", 8 * 1024**3 + 1, "upload_too_large", "allowed: up to 8,589,934,592"),
        ("picture", 0, "invalid_value", "Upload-Length is 0; allowed: 1 to 20971520 bytes"),
        ("song", 10, "invalid_value", "Upload-Metadata kind is 'song'; allowed: capture, photo, voice"),
    ],
)
async def test_a_limit_is_told_with_what_was_sent_and_what_is_allowed(
    join: Join, kind: str, length: int, code: str, words: str
) -> None:
    answer = await begin(await join(), kind, length)
    assert answer.json()["error"]["code"] == code
    assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"upload-length": "10"}, "tus_version_unknown"),
        (TUS | {"tus-resumable": "0.2.2", "upload-length": "10"}, "tus_version_unknown"),
        (TUS, "invalid_value"),
        (TUS | {"upload-length": "-1"}, "invalid_value"),
        (TUS | {"upload-length": "9" * 30}, "invalid_value"),
        (TUS | {"upload-defer-length": "1"}, "invalid_value"),
        (TUS | {"upload-length": "10", "upload-metadata": "kind !!!"}, "invalid_value"),
        (TUS | {"upload-length": "10", "upload-metadata": "kind cGljdHVyZQ==,kind cGljdHVyZQ=="}, "invalid_value"),
        (TUS | {"upload-length": "10", "upload-metadata": "kind /w=="}, "invalid_value"),
        (SEND | {"upload-length": "10", "upload-checksum": "md5 AAAA"}, "invalid_value"),
        (TUS | {"upload-length": "10", "content-type": "text/plain", "content-length": "3"}, "tus_body_unknown"),
    ],
)
async def test_a_creation_that_cannot_be_read_is_refused(join: Join, headers: dict[str, str], code: str) -> None:
    answer = await (await join()).http.post("/uploads", headers=headers, content=b"abc")
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["code"] == code
    if code == "tus_version_unknown":
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")


async def test_bytes_at_the_wrong_place_or_beyond_the_end_change_nothing(join: Join, config: Config) -> None:
    maya = await join()
    upload = await begun(maya, "picture", len(PNG))
    early = await send(maya, upload, 5, PNG)
    assert (early.status_code, early.headers["upload-offset"]) == (409, "0")
    over = await send(maya, upload, 0, PNG + b"x")
    assert (over.status_code, over.json()["error"]["code"]) == (413, "upload_overrun")
    kind = await maya.http.patch(f"/uploads/{upload}", content=PNG, headers=TUS | {"upload-offset": "0"})
    assert (kind.status_code, kind.json()["error"]["code"]) == (415, "tus_body_unknown")
    assert sealed(config) == []
    assert (await send(maya, upload, 0, PNG)).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_what_a_checksum_does_not_prove_is_not_kept(join: Join, config: Config, algorithm: str) -> None:
    maya = await join()
    upload = await begun(maya, "picture", len(PNG))
    right = f"{algorithm} {base64.b64encode(hashlib.new(algorithm, PNG).digest()).decode()}"
    broken = await send(maya, upload, 0, bytes([PNG[0] ^ 1]) + PNG[1:], upload_checksum=right)
    assert (broken.status_code, broken.json()["error"]["code"]) == (460, "checksum_mismatch")
    assert (await standing(maya, upload)).headers["upload-offset"] == "0"
    assert sealed(config) == []
    assert (await send(maya, upload, 0, PNG, upload_checksum=right)).status_code == 204


@pytest.mark.parametrize("cut", [10, 9000])
async def test_a_file_of_another_type_ends_its_upload(join: Join, config: Config, cut: int) -> None:
    """As soon as it can be told: bytes that follow are not waited for where enough is there."""
    maya, text = await join(), b"just text " * 2000
    upload = await begun(maya, "picture", len(text))
    answer = await send(maya, upload, 0, text[:cut])
    if cut == 10:
        assert answer.status_code == 204
        answer = await send(maya, upload, 10, text[10:])
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "wrong_media_type")
    assert "holds text; allowed: JPEG, PNG, WebP" in answer.json()["error"]["message"]
    assert (await standing(maya, upload)).status_code == 404
    assert sealed(config) == []


async def test_two_requests_do_not_write_to_one_upload(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    """The second is told to wait; the first is not disturbed."""
    maya = await join()
    upload = await begun(maya, "picture", len(PNG))
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield PNG[:20]
        arrived.set()
        await go_on.wait()
        yield PNG[20:]

    headers = SEND | {"upload-offset": "0"}
    first = asyncio.create_task(maya.http.patch(f"/uploads/{upload}", content=slowly(), headers=headers))
    await arrived.wait()
    second = await send(maya, upload, 0, PNG)
    assert (second.status_code, second.json()["error"]["code"]) == (423, "upload_locked")
    assert int(second.headers["retry-after"]) > 0
    go_on.set()
    assert (await first).headers["upload-offset"] == str(len(PNG))
    async with pool.acquire() as conn:
        viewer = await viewer_of(conn, maya)
    row, file = await uploads.complete(pool, open_vault(config), viewer, upload, "video", ("picture",))
    assert row.length == len(PNG)
    assert await sealed_files.whole(open_media(config.media_url), file) == PNG


async def test_who_goes_silent_loses_the_lease_and_can_write_nothing_more(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    """A connection that is dead without knowing: its rival goes on, and its own late bytes are not kept."""
    maya = await join()
    upload = await begun(maya, "picture", len(PNG))
    async with pool.acquire() as conn:
        viewer = await viewer_of(conn, maya)
    media, safe = open_media(config.media_url), open_vault(config)
    row = await uploads.find(pool, viewer, upload)

    async def silent() -> AsyncIterator[bytes]:
        yield PNG[:30]
        await pool.execute("update upload set leased_until = now() - interval '1 second'")
        assert (await send(maya, upload, 0, PNG)).status_code == 204

    with pytest.raises(UploadLocked):
        await uploads.receive(pool, media, safe, row, 0, silent())
    _, file = await uploads.complete(pool, safe, viewer, upload, "video", ("picture",))
    assert await sealed_files.whole(media, file) == PNG
    assert len(sealed(config)) == 1


async def disconnected(maya: Person, upload: str, content: bytes) -> None:
    """A PATCH whose client vanishes after `content`."""
    app: Any = maya.http._transport.app  # type: ignore[attr-defined]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": content, "more_body": True},
        {"type": "http.disconnect"},
    ]
    headers = SEND | {"upload-offset": "0", "authorization": maya.http.headers["authorization"]}

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def ignore(_message: Any) -> None:
        """Nobody listens."""

    path = f"/v1/uploads/{upload}"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PATCH",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "extensions": {},
    }
    await app(scope, receive, ignore)


async def test_a_killed_connection_keeps_what_had_arrived_and_the_upload_goes_on(join: Join) -> None:
    maya = await join()
    await signed(maya)
    upload = await begun(maya, "voice", len(VOICE))
    await disconnected(maya, upload, VOICE[:777])
    assert (await standing(maya, upload)).headers["upload-offset"] == "777"
    assert (await send(maya, upload, 777, VOICE[777:])).headers["upload-offset"] == str(len(VOICE))


async def test_memory_stays_flat_at_any_size(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    """96 MiB pass through; never more than a few parts are held."""
    maya, piece, count = await join(), bytes(1024**2), 96
    async with pool.acquire() as conn:
        viewer = await viewer_of(conn, maya)
    media, safe = open_media(config.media_url), open_vault(config)
    row = await uploads.create(pool, safe, viewer, Announced("import", count * len(piece) + 4, "a.zip", None, ""))
    tracemalloc.start()
    try:
        row = await uploads.receive(pool, media, safe, row, 0, pieces(b"PK\x03\x04", *[piece] * count))
        arrived = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        _, file = await uploads.complete(pool, safe, viewer, ids.public("upload", row.id), "file", ("import",))
        digest = hashlib.sha256()
        async for plain in sealed_files.read(media, file, 0, file.size):
            digest.update(plain)
        assert max(arrived, tracemalloc.get_traced_memory()[1]) < 6 * sealed_files.PART_BYTES
    finally:
        tracemalloc.stop()
    assert row.received == row.length
    assert digest.digest() == hashlib.sha256(b"PK\x03\x04" + bytes(count * 1024**2)).digest()


async def test_an_upload_belongs_to_its_account(join: Join) -> None:
    maya, eve = await join(), await join()
    upload = await begun(maya, "picture", len(PNG))
    assert (await standing(eve, upload)).status_code == 404
    assert (await send(eve, upload, 0, PNG)).json()["error"]["code"] == "upload_unknown"
    assert (await eve.http.delete(f"/uploads/{upload}", headers=TUS)).status_code == 404
    assert (await eve.http.get(f"/uploads/{upload}")).status_code == 404
    assert (await standing(await join(None), upload)).status_code == 401
    await send(maya, upload, 0, PNG)
    used = await eve.http.post("/videos", json=GOOD | {"input_reference": {"file_id": upload}})
    assert (used.status_code, used.json()["error"]["code"]) == (404, "upload_unknown")


async def test_an_upload_can_be_ended_and_expires(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    one, other = await sent(maya, "picture", PNG), await sent(maya, "picture", PNG)
    by_post = await maya.http.post(f"/uploads/{one}", headers=TUS | {"x-http-method-override": "DELETE"})
    assert by_post.status_code == 204
    assert (await standing(maya, one)).status_code == 404
    assert len(sealed(config)) == 1
    await pool.execute("update upload set expires_at = now()")
    assert (await standing(maya, other)).status_code == 404
    async with pool.acquire() as conn:
        assert await rows.expire(conn) == 1
    assert await sealed_files.sweep(pool, open_media(config.media_url)) == 1
    assert sealed(config) == []
    assert await pool.fetchval("select count(*) from upload") == 0


async def test_one_account_has_so_many_uploads(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "OPEN_MOST", 2)
    maya = await join()
    answers = await asyncio.gather(*(begin(maya, "picture", 10) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 429, 429]


async def test_an_upload_stands_where_a_photo_or_a_voice_may(join: Join, config: Config) -> None:
    """A pet from a picture and a voice; what is of another kind or unfinished is named."""
    maya = await join()
    await signed(maya)
    picture, voice = await sent(maya, "picture", PNG), await sent(maya, "voice", VOICE)
    receipt = (await maya.http.get("/consents")).json()["data"][0]["id"]
    form = {"kind": "pet", "name": "Rex", "handle": "rex.dog", "photos": [picture], "voice": voice}
    without = await maya.http.post("/characters", json=form)
    assert without.json()["error"]["code"] == "consent_needed"
    made = await maya.http.post("/characters", json=form | {"consent_id": receipt})
    assert made.status_code == 202, made.text
    assert len([path for path in objects(config) if "vault" in path.parts]) == 2
    misused = await maya.http.post("/characters", json=form | {"photos": [voice]})
    assert misused.json()["error"] == {
        "message": f"photos names {voice!r}, an upload of kind 'voice'; allowed: photo, picture",
        "type": "invalid_request_error",
        "param": "photos",
        "code": "upload_misused",
    }
    person = await maya.http.post("/characters", json=form | {"kind": "person", "consent_id": receipt})
    assert person.json()["error"]["code"] == "upload_misused"
    half = await begun(maya, "picture", len(PNG))
    unfinished = await maya.http.post("/characters", json=form | {"photos": [half]})
    assert (unfinished.status_code, unfinished.json()["error"]["code"]) == (409, "upload_unfinished")


async def test_an_upload_stands_where_a_capture_may(join: Join, config: Config) -> None:
    maya = await join()
    receipt = await signed(maya)
    capture = await sent(maya, "capture", MP4)
    form = {"kind": "person", "name": "Maya", "handle": "maya.me", "consent_id": receipt, "capture": capture}
    made = await maya.http.post("/characters", json=form)
    assert made.status_code == 202, made.text
    await maya.http.delete(f"/uploads/{capture}", headers=TUS)
    assert [path.name.partition(".")[0] for path in objects(config)] == ["capture"]


async def test_an_upload_stands_where_a_scene_or_a_performance_may(join: Join, worker: Studio) -> None:
    maya, _, handle = await singer(join, worker)
    scene, voice = await sent(maya, "picture", PNG), await sent(maya, "performance", VOICE)
    answer = await maya.http.post(
        "/videos",
        json=GOOD | {"prompt": f"{handle} sings", "input_reference": {"file_id": scene}, "performance": [voice]},
    )
    assert answer.status_code == 200, answer.text
    safe = open_vault(worker.config)
    got = await given.opened(worker.pool, worker.media, safe, key_of(answer.json()["id"]))
    assert (got.scene, [content for _, content in got.performances]) == (PNG, [VOICE])


async def test_a_new_master_key_opens_what_was_uploaded_before(
    join: Join, config: Config, conn: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    maya = await join()
    upload = await sent(maya, "picture", PNG)
    gone = await sent(maya, "picture", PNG)
    safe: Vault = open_vault(config)
    media: Media = open_media(config.media_url)
    key = ids.parse("upload", gone)
    assert key is not None
    await uploads.terminate(pool, media, key)
    assert await vault.rewrap_due(conn)
    assert await vault.rewrap(conn, safe) == 1
    _, file = await uploads.complete(pool, safe, await viewer_of(conn, maya), upload, "video", ("picture",))
    assert await sealed_files.whole(media, file) == PNG
    await sealed_rows.tidy(conn)
    assert await conn.fetchval("select count(*) from sealed_file") == 1
    assert await conn.fetchval("select count(*) from sealed_file where id = $1", uuid4()) == 0
