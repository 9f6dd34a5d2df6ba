"""The whole house from outside: a really started server, real models, the official SDK, and what breaks at night."""

from __future__ import annotations

import base64
import io
import itertools
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import httpx
import httpx2
import msgspec
import numpy as np
import openai
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.signal import resample_poly

from backend.demo import client as api
from backend.demo.people import PEOPLE
from backend.webhooks import signed
from generation.perception.faces import FaceMeter
from generation.perception.hearing import Hearing, digits
from social.webhooks import Due
from tests.captures import Said, Sitter, filmed, heard, lit, looked_around, read_aloud
from tests.generation.perception.drawings import bear, on_ground
from tests.generation.perception.samples import eileen
from tests.waiting import wait_until

LARGE = Path(__file__).parent / "data" / "large"
SITTERS = [msgspec.structs.replace(person, photo=LARGE / f"{person.handle}.jpg") for person in PEOPLE]
SETTINGS = {"heartbeat_seconds": "2", "daily_clips": "100", "rate_limits": "reading.account=off"}  # tests ask often
ORDER = {
    "prompt": '@eileen: "Good morning, neighbour!" @grace: "Wonderful."',
    "seconds": "4",
    "size": "384x640",
    "seed": 3,
}
LONG = ORDER | {"seconds": "8", "prompt": "@eileen and @grace argue about pineapple pizza"}


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
            api.server(data, heartbeat_seconds="2", daily_clips="100", rate_limits="reading.account=off") as (
                url,
                invite,
            ),
            httpx.Client(base_url=url, timeout=60) as http,
        ):
            api.sign_in(http, data / "secrets" / "demo.json", invite)
            for person in SITTERS:
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
    content = house.http.get(clip["media"]["video"])
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
    report = clip["identity_report"]
    assert report["passed"], report["failures"]
    assert (report["wer"], report["cuts_ok"], report["cuts"]) == (0.0, len(planned), len(planned))
    assert {member["character"] for member in clip["cast"]} == report["face"].keys()
    assert min(report["face"].values()) > 0.65
    assert clip["engine"]["fallbacks"] == []
    lines = house.http.get(f"/v1/videos/{clip['id']}/captions.vtt").text
    assert lines.startswith("WEBVTT\n")
    assert "<v Eileen>Good morning, neighbour!</v>" in lines
    poster = house.http.get(f"/v1/videos/{clip['id']}/content", params={"variant": "thumbnail"})
    assert Image.open(io.BytesIO(poster.content)).format == "WEBP"


def key_for(house: House) -> str:
    secret: str = house.http.post("/v1/me/api-keys", json={"name": "sdk"}).json()["secret"]
    return secret


@pytest.fixture(scope="module")
def waving(house: House) -> str:
    """A finished clip of four seconds, asked for with the SDK."""
    with openai.OpenAI(api_key=key_for(house), base_url=f"{house.url}/v1") as sdk:
        made = sdk.videos.create_and_poll(
            model="sora-2", prompt="@eileen waves", seconds="4", size="720x1280", extra_body={"size": "384x640"}
        )
    assert (made.status, made.progress, made.object) == ("completed", 100, "video")
    return made.id


class Lossy(httpx2.HTTPTransport):
    """Loses the first answer on its way; the server has done its part by then."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = super().handle_request(request)
        self.made.append(msgspec.json.decode(answer.read())["id"])
        if len(self.made) == 1:
            raise httpx2.ReadError("the connection broke")
        return answer


@pytest.mark.filterwarnings("ignore:The Sora API is scheduled to permanently shut down:DeprecationWarning")
def test_the_official_sdk_works_unchanged(house: House, waving: str, tmp_path: Path) -> None:
    secret = key_for(house)
    lossy = Lossy()
    with openai.OpenAI(api_key=secret, base_url=f"{house.url}/v1") as sdk:
        made = sdk.videos.retrieve(waving)
        for variant, start in (("video", b"\0\0\0"), ("thumbnail", b"RIFF"), ("spritesheet", b"\xff\xd8")):
            sdk.videos.download_content(made.id, variant=variant).write_to_file(tmp_path / variant)  # type: ignore[arg-type]  # a loop over the literals
            assert (tmp_path / variant).read_bytes().startswith(start)
        reference: Any = {"video": {"id": made.id}}
        longer = sdk.videos.extend(prompt="she waves", seconds="4", video=openai.omit, extra_body=reference)  # type: ignore[arg-type]  # how its users send a reference
        edited = sdk.videos.edit(prompt="make it night", video=openai.omit, extra_body=reference)  # type: ignore[arg-type]  # as above
        again = sdk.videos.edit(prompt="warmer", video=tmp_path / "video")
        remixed = sdk.videos.remix(made.id, prompt="@eileen laughs")
        assert {one.remixed_from_video_id for one in (longer, edited, again, remixed)} == {made.id}
        for waiting in (edited, again, remixed):
            assert sdk.videos.delete(waiting.id).deleted
        with openai.OpenAI(
            api_key=secret, base_url=f"{house.url}/v1", http_client=openai.DefaultHttpxClient(transport=lossy)
        ) as unlucky:
            asked = unlucky.videos.create(prompt="a cat", seconds="4", extra_body={"size": "384x640"})
        assert lossy.made == [asked.id, asked.id]
        with pytest.raises(openai.ConflictError):
            sdk.videos.download_content(asked.id)
        assert sdk.videos.delete(asked.id).deleted
        done = sdk.videos.poll(longer.id)
        assert (done.status, done.seconds) == ("completed", "8")
        assert sdk.videos.download_content(longer.id).read()[4:8] == b"ftyp"
        listed = [one.id for one in sdk.videos.list(limit=1)]
        assert {made.id, longer.id} <= set(listed)
        assert len(set(listed)) == len(listed)
        with pytest.raises(openai.NotFoundError):
            sdk.videos.retrieve(asked.id)
        with pytest.raises(openai.BadRequestError) as wrong:
            sdk.videos.create(prompt="x", seconds="7")  # type: ignore[arg-type]  # what a mistaken client does
        assert (wrong.value.param, wrong.value.code) == ("seconds", "invalid_value")
        with pytest.raises(openai.AuthenticationError):
            sdk.with_options(api_key="cm_nobody").videos.retrieve(made.id)
    goes_on(house, video(house, made.id), video(house, longer.id))


def goes_on(house: House, original: dict[str, Any], clip: dict[str, Any]) -> None:
    """The extended clip is the original and goes on with no cut: in pictures, in sound, in what was measured."""
    before_file, after_file = (house.http.get(one["media"]["video"]).content for one in (original, clip))
    with av.open(io.BytesIO(before_file), "r") as one, av.open(io.BytesIO(after_file), "r") as both:
        before = [frame.to_ndarray(format="gray") for frame in one.decode(video=0)]
        after = [frame.to_ndarray(format="gray") for frame in both.decode(video=0)]
    assert (len(before), len(after)) == (96, 192)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=False))
    moved = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(after)]
    assert moved[95] < 4  # a cut moves ten times as much
    report = clip["identity_report"]
    assert report["passed"], report["failures"]
    assert 4.0 not in [shot["start_s"] for shot in clip["screenplay"]["shots"] if shot.get("cut") != "continued"]
    assert clip["credits"]["parents"] == [clip["remixed_from_video_id"]]


SDK_JS = Path(__file__).parent / "sdk_js"


@pytest.fixture(scope="module")
def node() -> str:
    """Node, with the JavaScript SDK of package-lock.json beside the script that uses it."""
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: the JavaScript SDK cannot be run")
    wanted = msgspec.json.decode((SDK_JS / "package.json").read_bytes())["devDependencies"]["openai"]
    installed = SDK_JS / "node_modules" / "openai" / "package.json"
    if not installed.exists() or msgspec.json.decode(installed.read_bytes())["version"] != wanted:
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        npm = subprocess.run(command, cwd=SDK_JS, capture_output=True, check=False, text=True)
        if re.search(r"\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b", npm.stderr):
            pytest.skip(f"the npm registry cannot be reached: {npm.stderr.strip().splitlines()[-1]}")
        assert npm.returncode == 0, npm.stderr
    return program


def test_the_official_javascript_sdk_works_unchanged(house: House, waving: str, node: str, tmp_path: Path) -> None:
    shown = on_ground(bear())
    even = shown[: shown.shape[0] // 2 * 2, : shown.shape[1] // 2 * 2]
    (tmp_path / "bear.mp4").write_bytes(filmed([even] * 24, None))
    command = [node, "videos.mjs", f"{house.url}/v1", key_for(house), waving, str(tmp_path)]
    ran = subprocess.run(command, cwd=SDK_JS, capture_output=True, check=False, text=True, timeout=180)
    assert ran.returncode == 0, ran.stderr
    character = msgspec.json.decode(ran.stdout)["character"]
    assert house.http.delete(f"/v1/characters/{character}").status_code == 200


def test_the_official_javascript_sdk_takes_a_signed_webhook(node: str) -> None:
    key = bytes(range(32))
    body = '{"id":"evt_1","object":"event","created_at":1,"type":"video.completed","data":{"id":"video_1"}}'
    due = Due(uuid4(), uuid4(), uuid4(), "https://example.com", uuid4(), body, 0, None, 0.0)
    sent = {
        "secret": "whsec_" + base64.b64encode(key).decode(),
        "body": body,
        "headers": signed(due, [b"rotated" * 4, key], datetime.now(UTC)),
    }
    ran = subprocess.run(
        [node, "webhooks.mjs"], cwd=SDK_JS, capture_output=True, check=False, input=msgspec.json.encode(sent)
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.decode().strip() == body


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


def test_a_cancelled_clip_frees_the_worker(house: House) -> None:
    before = used(house)
    key = api.checked(house.http.post("/v1/videos", json=LONG))["id"]
    until_video(house, key, rendering)
    assert house.http.post(f"/v1/videos/{key}/cancel").json()["error"]["code"] == "cancelled"
    assert used(house) == before
    clip, _ = api.make(house.http, ORDER, quiet)
    assert clip["status"] == "completed"
    assert video(house, key)["error"]["code"] == "cancelled"
    wait_until(lambda: not list((house.data / "scratch").iterdir()))  # swept just after a clip is called done


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
    before = files_in(vault)
    handle = f"bad{time.monotonic_ns()}"
    form = {"kind": "person", "name": "Bad", "handle": handle, "rights": "a test"}
    files = [("photos[]", ("a.png", photo)), ("voice", ("v.wav", voice))]
    character = api.checked(house.http.post("/v1/characters", data=form, files=files))
    wait_until(lambda: house.http.get(f"/v1/characters/@{handle}").json()["state"] != "processing", 180)
    refused = house.http.get(f"/v1/characters/{character['id']}").json()
    assert refused["state"] == "refused"
    assert refused["refusal"]["check"] in checks
    assert len(refused["refusal"]["message"]) > 20
    wait_until(lambda: files_in(vault) == before)


def files_in(folder: Path) -> list[str]:
    """While others write and sweep in it."""
    return sorted(os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)  # noqa: PTH118


def test_nothing_stored_of_a_face_can_be_read_in_the_store(house: House) -> None:
    sealed = [path.read_bytes() for path in (house.data / "media" / "vault").rglob("*") if path.is_file()]
    assert len(sealed) >= 6
    for content in sealed:
        for plain in (b"\x89PNG\r\n\x1a\n", b"WAVEfmt ", b"\xff\xd8\xff\xe0\0\x10JFIF", b"photo_png", b"embedding"):
            assert plain not in content


def captured(who: httpx.Client) -> tuple[dict[str, Any], bytes]:
    """A receipt of theirs, and a stand-in of one and the same face reading its digits."""
    signed = {"purposes": ["store", "generate", "share"], "signed_name": "Maya Ito"}
    receipt = api.checked(who.post("/v1/consents", json=signed))
    said, sound = read_clearly(who, receipt)
    frames = Sitter(eileen(), FaceMeter()).filmed(said, looked_around(8.0, begin_s=0.8))
    return receipt, filmed(lit(frames, "normal"), sound)


def read_clearly(who: httpx.Client, receipt: dict[str, Any]) -> tuple[Said, Any]:
    """A stand-in voice is misheard now and then, as people are: it asks for other digits, as people may."""
    hearing, challenge = Hearing(), receipt["challenge"]
    for _ in range(4):
        said = read_aloud(challenge["digits"], "af_nova", 8.0)
        sound = heard(said.sound, "room")
        told = hearing.words(np.asarray(resample_poly(sound, 1, 3), np.float32))
        if challenge["digits"] in digits(told):
            break
        challenge = api.checked(who.post(f"/v1/consents/{receipt['id']}/challenges"))["challenge"]
    return said, sound


def enrolled(who: httpx.Client, consent: str, video: bytes, handle: str) -> dict[str, Any]:
    """Sent with its receipt; what became of it."""
    form = {"kind": "person", "name": "Maya", "handle": handle, "consent_id": consent, "audience": "everyone"}
    files = [("capture", ("me.mp4", video)), ("photos[]", ("me.jpg", SITTERS[0].photo.read_bytes()))]
    sent = api.checked(who.post("/v1/characters", data=form, files=files))

    def settled() -> bool:
        now = who.get(f"/v1/characters/{sent['id']}").json()
        return now["state"] != "processing" or now["refusal"] is not None

    wait_until(settled, 240)
    return api.checked(who.get(f"/v1/characters/{sent['id']}"))


def test_a_person_before_the_camera_is_stored_cast_and_destroyed(house: House) -> None:
    """Consent, capture, clip, replay, the raw folder, deletion, renewal of the master key: one life."""
    with somebody(house, "leo") as leo:
        one_life(house, house.http, leo)  # the operator has stored this face before; a second time is no theft


def one_life(house: House, maya: httpx.Client, leo: httpx.Client) -> None:
    receipt, video = captured(maya)
    character = enrolled(maya, receipt["id"], video, "maya.me")
    assert (character["state"], character["archive"]) == ("ready", False), character
    order = ORDER | {"prompt": '@maya.me: "This is my own voice." @grace: "Wonderful."'}
    clip, _ = api.make(leo, order, quiet)
    [use] = api.checked(maya.get("/v1/characters/@maya.me/uses"))["data"]
    assert (use["maker"], use["prompt"], use["audience"]) == ("leo", order["prompt"], "only_me")
    assert maya.get(use["poster"]).content[8:12] == b"WEBP"

    api.checked(maya.post(f"/v1/consents/{receipt['id']}/challenges"))
    replayed = enrolled(maya, receipt["id"], video, "maya.two")
    assert (replayed["state"], replayed["refusal"]["check"]) == ("refused", "digits")

    api.sign_in(maya, house.data / "secrets" / "demo.json", None)  # taking everything along asks for a password again
    with zipfile.ZipFile(io.BytesIO(maya.get("/v1/characters/@maya.me/references").content)) as pack:
        kept = {name: pack.read(name) for name in pack.namelist() if not name.endswith(".json")}
        figures = msgspec.json.decode(pack.read("references/figures.json"))
    assert kept["originals/capture.mp4"] == video
    assert {"references/face_left.png", "references/face_right.png", "references/voice_sample.wav"} < kept.keys()
    numbers = [figures["face"]["identity"], figures["face"]["points"], figures["voice"]["embedding"]]
    plain = [*kept.values(), *(np.array(row, kind).tobytes() for row in numbers for kind in ("<f4", "<f8"))]
    assert leaked(house.data, plain) == []
    shown = maya.get(use["poster"]).content
    assert [Path(file).suffix for file in leaked(house.data, [shown])] == [".webp"]  # it finds what does lie there

    gone = api.checked(maya.delete("/v1/characters/@maya.me", params={"clips": "remove"}))
    assert gone["clips"] == {"removed": [clip["id"]], "kept": []}
    assert gone["destruction"]["bytes_swept_at"] is not None
    assert not list((house.data / "media" / "vault" / character["id"].removeprefix("char_")).rglob("*"))
    assert leo.get(f"/v1/videos/{clip['id']}").status_code == 404
    [told] = [one for one in leo.get("/v1/notifications").json()["data"] if one["kind"] == "use_removed"]
    assert told["about"]["video"] == clip["id"]
    castmate(house, "renew-master-key")
    shown = api.checked(maya.get(f"/v1/characters/{character['id']}"))["destruction"]
    assert shown["backups_unreadable_at"] > shown["key_destroyed_at"]
    assert api.make(house.http, ORDER, quiet)[0]["status"] == "completed"  # who stays can still be cast


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
@pytest.mark.parametrize(("name", "state"), [("Bear", "ready"), ("Me", "refused")])
def test_the_sdk_makes_a_drawn_character_and_refuses_a_human_face(
    house: House, tmp_path: Path, name: str, state: str
) -> None:
    shown = on_ground(bear()) if name == "Bear" else eileen()
    file = tmp_path / f"{name}.mp4"
    file.write_bytes(filmed([shown[: shown.shape[0] // 2 * 2, : shown.shape[1] // 2 * 2]] * 24, None))
    key = house.http.post("/v1/me/api-keys", json={"name": "sdk"}).json()["secret"]
    with openai.OpenAI(base_url=f"{house.url}/v1", api_key=key) as sdk:
        made = sdk.videos.create_character(name=name, video=file)
        assert (made.name, type(made.created_at)) == (name, int)
        wait_until(lambda: house.http.get(f"/v1/characters/{made.id}").json()["state"] != "processing", 120)
        now = sdk.videos.get_character(str(made.id)).to_dict()
    assert (now["id"], now["name"], now["state"]) == (made.id, name, state)
    if state == "ready":
        order = ORDER | {"prompt": "a bear says hello in a forest", "characters": [{"id": made.id}]}
        assert api.make(house.http, order, quiet)[0]["cast"][0]["name"] == "Bear"
    else:
        assert now["refusal"]["check"] == "one_face"  # type: ignore[index]


def somebody(house: House, handle: str) -> httpx.Client:
    """Signed up with a fresh invite; close it."""
    code = castmate(house, "invite", "new").split()[0]
    new = {"handle": handle, "display_name": handle.title(), "password": "correct horse battery staple"}
    answer = httpx.post(
        f"{house.url}/v1/accounts", json=new | {"birth_date": "1990-05-17", "invite_code": code}, timeout=60
    )
    token = api.checked(answer)["access_token"]
    return httpx.Client(base_url=house.url, timeout=60, headers={"authorization": f"Bearer {token}"})


def castmate(house: House, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "backend", *command, "--data", str(house.data)], check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


def leaked(folder: Path, plains: list[bytes], window: int = 24) -> list[str]:
    """Files below the folder that hold a piece of what must not lie there: every 24 bytes of it are looked for."""
    pieces = {plain[at : at + window] for plain in plains for at in range(0, len(plain) - window, window)}
    # Runs of one byte are nobody's, nor is what an encoder writes into every film.
    nobodys = filmed([GREY] * 12, np.zeros(48_000, np.float32))
    pieces = {piece for piece in pieces if len(set(piece)) > 12 and not piece.isascii() and piece not in nobodys}
    wanted = np.zeros(1 << 22, bool)
    wanted[_slots(np.array([int.from_bytes(piece[:8], "little") for piece in pieces], np.uint64))] = True
    found = []
    for file in folder.rglob("*"):
        raw = file.read_bytes() if file.is_file() else b""
        for start in range(min(8, len(raw))):
            eights = np.frombuffer(raw[start : start + (len(raw) - start) // 8 * 8], "<u8")
            hits = np.flatnonzero(wanted[_slots(eights)]) * 8 + start
            found += [str(file) for at in hits if raw[at : at + window] in pieces]
    return sorted(set(found))


def _slots(eights: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """22 bits of a multiplicative hash."""
    return (eights * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(42)
