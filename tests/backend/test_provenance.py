"""Was this made here, and which clip is it: asked with a file."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any, Final

import asyncpg
import av
import cv2
import httpx
import msgspec
import numpy as np
import pytest

from backend import inspecting
from backend.certificates import certificates
from backend.config import Config
from backend.media import open_media
from backend.secret_file import made_once
from backend.seen import Seen, SeenMark
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from character_store.vault import new_key
from generation import credentials
from generation.credentials import Chain, Claims
from generation.encode import encode
from generation.engine import Take, Track
from generation.prints import prints
from generation.shapes import VideoShape
from generation.watermark.marking import Mark, marked
from social import provenance
from tests.backend.cast import played
from tests.backend.conftest import Join
from tests.backend.test_sharing_clips import publish
from tests.backend.worker_side import Studio, key_of, rushes

SECONDS: Final = 3
SHAPE: Final = VideoShape(192, 336)
NOTHING: Final = {"state": "None", "mark": None}


def _take(seed: int) -> Take:
    """Soft shades with a grain, and a sound that hums and hisses."""
    chance = np.random.default_rng(seed)
    still = cv2.resize(chance.integers(40, 200, (14, 8, 3), np.uint8), (192, 336), interpolation=cv2.INTER_CUBIC)
    frames = [np.asarray(cv2.add(still, np.full_like(still, index % 9)), np.uint8) for index in range(24 * SECONDS)]
    sound = (0.1 * chance.normal(size=(2, 48_000 * SECONDS))).astype(np.float32)
    return Take(iter(frames), float(SECONDS), (), sound, lambda: Track(sound, ()))


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Nobody waits."""


def _file(config: Config, mark: int, seed: int, folder: Path, parents: tuple[Path, ...] = ()) -> Path:
    """Marked, encoded and signed as a worker does it."""
    made = certificates(config.credentials_key)
    key = made_once(config.mark_key, new_key)
    take = marked(_take(seed), SHAPE, Mark(mark, key))
    plain = encode(take, SHAPE, folder / f"plain{seed}.mp4", title="x", on_progress=_quiet).path
    signed = folder / f"signed{seed}.mp4"
    claims = Claims("small", "compositeWithTrainedAlgorithmicMedia", mark)
    credentials.sign(Chain(made.chain, made.key, made.root), plain, signed, claims, parents)
    return signed


async def _inspected(http: httpx.AsyncClient, pool: asyncpg.Pool, config: Config, file: Path) -> dict[str, Any]:
    asked = await inspecting.ask(pool, open_media(config.media_url), await asyncio.to_thread(file.read_bytes))
    await inspecting.inspect(pool, open_media(config.media_url), config.data / "secrets", asked)
    answer = await http.get(f"/provenance/inspections/insp_{asked.hex}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_file_names_its_clip_by_credentials_then_marks_then_looks(
    join: Join, worker: Studio, pool: asyncpg.Pool, conn: asyncpg.Connection, config: Config, tmp_path: Path
) -> None:
    maya, leo = await join(), await join()

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        assert shooting.mark is not None
        made = rushes(shooting)
        file = _file(config, shooting.mark, 1, shooting.folder)
        file.replace(made.files["video"])
        return msgspec.structs.replace(made, prints=prints(made.files["video"]))

    video = (await maya.http.post("/videos", json={"prompt": "a walk", "seconds": "4"})).json()["id"]
    await worker.make(video, render)
    file = tmp_path / "clip.mp4"
    file.write_bytes((await played(maya, video)).content)

    said = await _inspected(maya.http, pool, config, file)
    assert (said["made_here"], said["video"], said["by"], said["confidence"]) == (True, video, "c2pa", 1.0)
    assert said["credentials"]["source"] == "compositeWithTrainedAlgorithmicMedia"

    bare = tmp_path / "bare.mp4"
    _recompressed(file, bare)
    said = await _inspected(leo.http, pool, config, bare)
    assert (said["made_here"], said["video"], said["by"], said["credentials"]) == (True, None, "mark", None)
    await publish(maya, video)
    assert (await leo.http.get(f"/provenance/inspections/{said['id']}")).json()["video"] == video

    await conn.execute("delete from clip_mark")
    by_looks = await inspecting.verdict(conn, Seen("0" * 64, NOTHING, (), prints(bare)))
    assert (by_looks["clip"], by_looks["by"]) == (key_of(video).hex, "hash")
    assert 0.3 < by_looks["confidence"] <= inspecting.ALIKE_SURE
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    exactly = await inspecting.verdict(conn, Seen(sha256, NOTHING, (), ()))
    assert (exactly["clip"], exactly["by"], exactly["confidence"]) == (key_of(video).hex, "hash", 1.0)
    assert (await inspecting.verdict(conn, Seen("0" * 64, NOTHING, (), prints(_other(tmp_path)))))["made_here"] is False

    await maya.http.delete(f"/videos/{video}")
    gone = await inspecting.verdict(conn, Seen(sha256, NOTHING, (), ()))
    assert (gone["made_here"], gone["clip"]) == (True, None)


def _other(folder: Path) -> Path:
    return encode(_take(9), SHAPE, folder / "other.mp4", title="x", on_progress=_quiet).path


def _recompressed(source: Path, target: Path) -> None:
    """Smaller pictures, no credentials."""
    with av.open(str(source)) as one, av.open(str(target), "w") as other:
        stream = other.add_stream("libx264", rate=24, options={"crf": "24", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 192, 336, "yuv420p"
        for picture in one.decode(video=0):
            other.mux(stream.encode(av.VideoFrame.from_ndarray(picture.to_ndarray(format="rgb24"), format="rgb24")))
        other.mux(stream.encode(None))


async def test_a_mark_that_no_clip_has_proves_nothing(conn: asyncpg.Connection) -> None:
    said = await inspecting.verdict(conn, Seen("0" * 64, NOTHING, (SeenMark("pictures", 77, 1.0),), ()))
    assert said["made_here"] is False


async def test_a_broken_file_ends_the_look_and_not_the_worker(
    join: Join, pool: asyncpg.Pool, config: Config, tmp_path: Path
) -> None:
    maya = await join()
    made_once(config.mark_key, new_key)
    certificates(config.credentials_key)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\xff" * 3000)
    assert (await _inspected(maya.http, pool, config, broken))["made_here"] is False


async def test_anybody_may_ask_with_a_video_and_nothing_else(join: Join) -> None:
    maya = await join()
    for body in ({"file": "x"}, {"files": "x"}):
        answer = await maya.http.post("/provenance/inspect", json=body)
        assert answer.status_code == 400, answer.text
    text = await maya.http.post("/provenance/inspect", files={"file": ("a.mp4", b"words", "video/mp4")})
    assert text.status_code == 415
    assert (await maya.http.get("/provenance/inspections/insp_" + "0" * 32)).status_code == 404
    assert (await maya.http.get("/provenance/inspections/nothing")).status_code == 404


async def test_a_clip_has_one_mark_for_good(conn: asyncpg.Connection, join: Join) -> None:
    maya = await join()
    video = (await maya.http.post("/videos", json={"prompt": "a walk", "seconds": "4"})).json()["id"]
    first = await provenance.mark_of(conn, key_of(video))
    assert 0 < first < 2**48
    assert await provenance.mark_of(conn, key_of(video)) == first
    made = await provenance.marked(conn, first)
    assert made is not None
    assert made.clip == key_of(video)


@pytest.mark.parametrize("place", [400, -400])
def test_one_changed_byte_breaks_the_seal(config: Config, tmp_path: Path, place: int) -> None:
    parent = _file(config, 5, 2, tmp_path)
    file = _file(config, 6, 3, tmp_path, (parent,))
    root = certificates(config.credentials_key).root
    said = credentials.read(file, root)
    assert (said.state, said.mark, said.ingredients, said.generator) == ("Trusted", 6, 1, "castmate")
    content = bytearray(file.read_bytes())
    assert content.find(b"moov") < content.find(b"mdat")
    content[place] ^= 1
    file.write_bytes(content)
    assert credentials.read(file, root).state in {"Invalid", "None"}
    assert credentials.read(parent, certificates(tmp_path / "other.json").root).state == "Valid"
