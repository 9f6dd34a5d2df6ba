"""The whole house from outside: a really started server, real models, the official SDK, and what breaks at night."""

from __future__ import annotations

import io
import itertools
import os
import signal
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import msgspec
import numpy as np
import openai
import pytest
from PIL import Image

from backend.demo import client as api
from backend.demo.people import PEOPLE
from tests.waiting import wait_until

ORDER = {
    "prompt": '@eileen: "Good morning, neighbour!" @grace: "Wonderful."',
    "seconds": "4",
    "size": "384x640",
    "seed": 3,
}
LONG = ORDER | {"seconds": "12", "size": "480x848", "prompt": "@eileen and @grace argue about pineapple pizza"}


class House(msgspec.Struct, frozen=True):
    """A running instance; `http` is its operator."""

    url: str
    data: Path
    http: httpx.Client


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One instance for the module, with both sample characters stored."""
    with tempfile.TemporaryDirectory(prefix="castmate-test-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        with (
            api.server(data, heartbeat_seconds="2", daily_clips="100") as (url, invite),
            httpx.Client(base_url=url, timeout=60) as http,
        ):
            api.sign_in(http, data / "secrets" / "demo.json", invite)
            for person in PEOPLE:
                api.store(http, person, lambda _: None)
            yield House(url, data, http)


def quiet(_: str | None) -> None:
    """Tests do not show progress."""


def video(house: House, key: str) -> dict[str, Any]:
    """The clip now; a web process that is without its database is asked again."""
    answers: list[httpx.Response] = []

    def answered() -> bool:
        answers.append(house.http.get(f"/v1/videos/{key}"))
        assert answers[-1].status_code in {200, 503}, answers[-1].text
        return answers[-1].status_code == 200

    wait_until(answered)
    body: dict[str, Any] = answers[-1].json()
    return body


def until_video(
    house: House, key: str, condition: Callable[[dict[str, Any]], bool], seconds: float = 120
) -> dict[str, Any]:
    last: list[dict[str, Any]] = []

    def met() -> bool:
        last.append(video(house, key))
        return condition(last[-1])

    wait_until(met, seconds)
    return last[-1]


def ended(clip: dict[str, Any]) -> bool:
    return clip["status"] in {"completed", "failed"}


def rendering(clip: dict[str, Any]) -> bool:
    assert not ended(clip), clip["error"]
    return bool(clip["stage"] == "render")


def used(house: House) -> int:
    return int(house.http.get("/v1/me/quota").json()["used"])


def worker_pid(house: House) -> int:
    """The worker that serves this instance."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if words[-2:-1] == [b"worker"] and f"CASTMATE_DATA={house.data}".encode() in environment:
            return int(process.name)
    raise AssertionError("no worker runs")


def test_one_request_makes_a_clip_of_two_people(house: House) -> None:
    before = used(house)
    clip, _ = api.make(house.http, ORDER, quiet)
    assert [(member["handle"], member["speaker"]) for member in clip["cast"]] == [("eileen", "S1"), ("grace", "S2")]
    assert clip["engine"]["name"] == "portrait"
    assert clip["cost"]["engine_seconds"] > 0
    assert used(house) == before + 1
    content = house.http.get(f"/v1/videos/{clip['id']}/content")
    assert content.content[4:8] == b"ftyp"
    assert content.content.index(b"moov") < content.content.index(b"mdat")
    with av.open(io.BytesIO(content.content), "r") as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert (picture.codec_context.name, picture.width, picture.height) == ("h264", 384, 640)
        assert picture.average_rate == Fraction(24)
        assert picture.frames == 96
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("aac", 48_000, 2)
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(picture)]
    assert len(frames) == 96
    moved = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(frames)]
    planned = [round(shot["start_s"] * 24) for shot in clip["screenplay"]["shots"][1:]]
    cuts = sorted(int(place) + 1 for place in np.argsort(moved)[-len(planned) :])
    assert cuts == planned
    poster = house.http.get(f"/v1/videos/{clip['id']}/content", params={"variant": "thumbnail"})
    assert Image.open(io.BytesIO(poster.content)).format == "WEBP"


# The SDK says so of the service it was made for; ours goes on.
@pytest.mark.filterwarnings("ignore:The Sora API is scheduled to permanently shut down:DeprecationWarning")
def test_the_official_sdk_works_unchanged(house: House, tmp_path: Path) -> None:
    secret = house.http.post("/v1/me/api-keys", json={"name": "sdk"}).json()["secret"]
    with openai.OpenAI(api_key=secret, base_url=f"{house.url}/v1") as sdk:
        made = sdk.videos.create_and_poll(
            model="sora-2", prompt="@eileen waves", seconds="4", size="720x1280", extra_body={"size": "384x640"}
        )
        assert (made.status, made.progress, made.object) == ("completed", 100, "video")
        assert sdk.videos.retrieve(made.id) == made
        assert made.id in [one.id for one in sdk.videos.list(limit=1)]
        for variant, start in (("video", b"\0\0\0"), ("thumbnail", b"RIFF"), ("spritesheet", b"\xff\xd8")):
            sdk.videos.download_content(made.id, variant=variant).write_to_file(tmp_path / variant)  # type: ignore[arg-type]  # a loop over the literals
            assert (tmp_path / variant).read_bytes().startswith(start)
        assert sdk.videos.delete(made.id).deleted
        with pytest.raises(openai.NotFoundError):
            sdk.videos.retrieve(made.id)
        with pytest.raises(openai.BadRequestError) as wrong:
            sdk.videos.create(prompt="x", seconds="7")  # type: ignore[arg-type]  # what a mistaken client does
        assert (wrong.value.param, wrong.value.code) == ("seconds", "invalid_value")


def test_a_worker_killed_in_the_middle_costs_nothing_but_time(house: House) -> None:
    before = used(house)
    key = api.checked(house.http.post("/v1/videos", json=LONG))["id"]
    until_video(house, key, rendering)
    os.kill(worker_pid(house), signal.SIGKILL)
    clip = until_video(house, key, ended)
    assert clip["status"] == "completed", clip["error"]
    assert clip["cost"]["attempts"] == 2
    assert used(house) == before + 1


def test_a_restarted_database_is_survived(house: House) -> None:
    before = used(house)
    key = api.checked(house.http.post("/v1/videos", json=LONG))["id"]
    until_video(house, key, rendering)
    server = int((house.data / "postgres-18" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGINT)
    clip = until_video(house, key, ended)
    assert clip["status"] == "completed", clip["error"]
    assert used(house) == before + 1
    again, _ = api.make(house.http, ORDER, quiet)
    assert again["status"] == "completed"


def test_a_cancelled_clip_frees_the_worker(house: House) -> None:
    before = used(house)
    key = api.checked(house.http.post("/v1/videos", json=LONG))["id"]
    until_video(house, key, rendering)
    assert house.http.post(f"/v1/videos/{key}/cancel").json()["error"]["code"] == "cancelled"
    assert used(house) == before
    clip, _ = api.make(house.http, ORDER, quiet)
    assert clip["status"] == "completed"
    assert video(house, key)["error"]["code"] == "cancelled"
    assert not list((house.data / "scratch").iterdir())


def wav(samples: np.ndarray[Any, np.dtype[np.float64]], rate: int = 16_000) -> bytes:
    pcm = (samples * 32767).astype("<i2").tobytes()
    head = (
        b"RIFF"
        + struct.pack("<I", 36 + len(pcm))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    )
    return head + b"data" + struct.pack("<I", len(pcm)) + pcm


def picture(array: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    kept = io.BytesIO()
    Image.fromarray(array).save(kept, "PNG")
    return kept.getvalue()


def two_faces() -> bytes:
    faces = [Image.open(person.photo).convert("RGB").resize((512, 512)) for person in PEOPLE]
    return picture(np.hstack([np.asarray(face) for face in faces]))


GREY = np.full((600, 600, 3), 128, np.uint8)
VOICE = PEOPLE[1].voice.read_bytes()
PHOTO = PEOPLE[1].photo.read_bytes()


@pytest.mark.parametrize(
    ("photo", "voice", "checks"),
    [
        (picture(GREY), VOICE, {"one_face"}),
        (two_faces(), VOICE, {"one_face"}),
        (PHOTO[: len(PHOTO) // 2], VOICE, {"quality", "one_face"}),
        (PHOTO, wav(np.zeros(160_000)), {"voice", "length"}),
        (PHOTO, VOICE[: len(VOICE) // 8], {"voice", "length"}),
        (PHOTO, VOICE[:60], {"voice", "length"}),
    ],
    ids=["no face", "two faces", "half a photo", "silence", "a bit of a voice", "a header only"],
)
def test_what_only_a_decoder_can_tell_is_refused_and_destroyed(
    house: House, photo: bytes, voice: bytes, checks: set[str]
) -> None:
    vault = house.data / "media" / "vault"
    before = sorted(vault.rglob("*"))
    handle = f"bad{time.monotonic_ns()}"
    form = {"kind": "person", "name": "Bad", "handle": handle, "rights": "a test"}
    files = [("photos[]", ("a.png", photo)), ("voice", ("v.wav", voice))]
    character = api.checked(house.http.post("/v1/characters", data=form, files=files))
    wait_until(lambda: house.http.get(f"/v1/characters/@{handle}").json()["state"] != "processing", 180)
    refused = house.http.get(f"/v1/characters/{character['id']}").json()
    assert refused["state"] == "refused"
    assert refused["refusal"]["check"] in checks
    assert len(refused["refusal"]["message"]) > 20
    wait_until(
        lambda: [path for path in sorted(vault.rglob("*")) if path.is_file()] == [p for p in before if p.is_file()]
    )


def test_nothing_stored_of_a_face_can_be_read_in_the_store(house: House) -> None:
    sealed = [path.read_bytes() for path in (house.data / "media" / "vault").rglob("*") if path.is_file()]
    assert len(sealed) >= 6
    for content in sealed:
        for plain in (b"\x89PNG\r\n\x1a\n", b"WAVEfmt ", b"\xff\xd8\xff\xe0\0\x10JFIF", b"photo_png", b"embedding"):
            assert plain not in content
