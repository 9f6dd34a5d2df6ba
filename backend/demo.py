"""`castmate demo`: a really started server, used through its API as a client would, to make one clip of two people."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from backend.config import Config

SAMPLES: Final = Path(__file__).parent / "samples"
START_SECONDS: Final = 120.0
HTTP_SECONDS: Final = 60.0


class Person(msgspec.Struct, frozen=True):
    """One character to store: files, and the statement of rights that an archive character needs."""

    handle: str
    name: str
    photo: Path
    voice: Path
    height_cm: int
    rights: str


PEOPLE: Final = (
    Person(
        "eileen",
        "Eileen",
        SAMPLES / "eileen.png",
        SAMPLES / "eileen_voice.wav",
        168,
        "NASA portrait of Eileen Collins, a work of the US government in the public domain; the voice is another "
        "person's free recording. Used to show this software only.",
    ),
    Person(
        "grace",
        "Grace",
        SAMPLES / "grace.jpg",
        SAMPLES / "grace_voice.wav",
        165,
        "US Navy portrait of Grace Hopper, a work of the US government in the public domain; the voice is another "
        "person's free recording. Used to show this software only.",
    ),
)
PROMPT: Final = (
    "@eileen and @grace meet in a sunny garden. "
    '@eileen: "Good morning, neighbour! Did you hear? The garden show opens on Sunday." '
    '@grace: "Wonderful. I will bring my best roses, and you bring the tea."'
)


def run(config: Config, out: Path, faces: Sequence[Path], voices: Sequence[Path], prompt: str | None) -> int:
    """Make the clip, its poster and its contact sheet beside `out`, and print how. Exit status."""
    if len(faces) != len(voices):
        print(
            f"castmate: {len(faces)} --face and {len(voices)} --voice; give one voice for every face", file=sys.stderr
        )
        return 1
    for file in (*faces, *voices):
        if not file.is_file():
            print(f"castmate: there is no file {file}", file=sys.stderr)
            return 1
    people = [_own(number, face, voice) for number, (face, voice) in enumerate(zip(faces, voices, strict=True), 1)]
    with _server(config) as (url, invite), httpx.Client(base_url=url, timeout=HTTP_SECONDS) as client:
        _sign_in(client, config.data / "secrets" / "demo.json", invite)
        for person in people or PEOPLE:
            if not _store(client, person):
                return 1
        return _make(client, prompt or (_own_prompt(people) if people else PROMPT), people or PEOPLE, out)


def _own(number: int, face: Path, voice: Path) -> Person:
    """A handle that no other photo shares, so that the next run finds it stored."""
    content = face.read_bytes() + voice.read_bytes()
    name = "".join(letter for letter in face.stem if letter.isalpha()).capitalize() or f"Person{number}"
    handle = f"own{number}.{hash_of(content)}"
    return Person(
        handle, name[:40], face, voice, 170, "the operator's own photo and recording, given on the command line"
    )


def hash_of(content: bytes) -> str:
    """Eight hex digits."""
    import hashlib

    return hashlib.sha256(content).hexdigest()[:8]


def _own_prompt(people: Sequence[Person]) -> str:
    first, *others = people
    if not others:
        return (
            f'@{first.handle} in a sunny garden: "Hello there! I can say anything you type, and the roses do not mind."'
        )
    crowd = " and ".join(f"@{person.handle}" for person in people)
    return (
        f"{crowd} meet in a sunny garden. "
        f'@{first.handle}: "Good morning! Did you hear? We are in a film now." '
        f'@{others[0].handle}: "Wonderful. I hope they kept my good side."'
    )


@contextmanager
def _server(config: Config) -> Iterator[tuple[str, str | None]]:
    """`castmate serve` on a free port; its address, and on first start the operator's invite code."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    logs = config.data / "demo-server.log"
    logs.parent.mkdir(parents=True, exist_ok=True)
    print(f"starting the server (log: {logs})", flush=True)
    command = [sys.executable, "-m", "backend", "serve", "--port", str(port), "--data", str(config.data)]
    with logs.open("ab") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            invite = None
            assert server.stdout is not None  # noqa: S101  # PIPE was asked for
            for line in server.stdout:
                if line.startswith("operator invite code "):
                    invite = line.split()[-1]
                if line.startswith("ready "):
                    yield line.split()[1], invite
                    return
            raise SystemExit(f"castmate: the server did not start; see {logs}")
        finally:
            server.terminate()
            server.wait(START_SECONDS)


def _sign_in(client: httpx.Client, secret: Path, invite: str | None) -> None:
    """As the demo's operator: signed up on first use, its password kept beside the instance's other secrets."""
    if not secret.exists():
        if invite is None:
            raise SystemExit(
                "castmate: this instance has an operator already; give the demo a --data folder of its own"
            )
        secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        login = {"handle": "demo.operator", "password": secrets.token_urlsafe(16)}
        more = {"display_name": "Demo", "birth_date": "1990-01-01", "invite_code": invite}
        answer = _checked(client.post("/v1/accounts", json=login | more))
        secret.write_text(json.dumps(login))
        secret.chmod(0o600)
    else:
        answer = _checked(client.post("/v1/sessions", json=json.loads(secret.read_text())))
    client.headers["authorization"] = f"Bearer {answer['access_token']}"


def _store(client: httpx.Client, person: Person) -> bool:
    """The character, once; False with the refusal printed."""
    found = client.get(f"/v1/characters/@{person.handle}")
    if found.status_code == httpx.codes.OK:
        character = found.json()
        print(f"@{person.handle}: stored already")
    else:
        print(f"@{person.handle}: sending {person.photo.name} and {person.voice.name}", flush=True)
        form = {
            "kind": "person",
            "name": person.name,
            "handle": person.handle,
            "audience": "everyone",
            "height_cm": str(person.height_cm),
            "rights": person.rights,
        }
        files = [
            ("photos[]", (person.photo.name, person.photo.read_bytes())),
            ("voice", (person.voice.name, person.voice.read_bytes())),
        ]
        character = _checked(client.post("/v1/characters", data=form, files=files))
    began = time.monotonic()
    while character["state"] == "processing":
        _show(f"@{person.handle}: measuring face and voice, {time.monotonic() - began:.0f} s")
        time.sleep(0.5)
        character = _checked(client.get(f"/v1/characters/{character['id']}"))
    _show(None)
    if character["state"] != "ready":
        refusal = character["refusal"] or {"check": character["state"], "message": ""}
        print(
            f"castmate: @{person.handle} was refused by the check {refusal['check']}: {refusal['message']}",
            file=sys.stderr,
        )
        return False
    return True


def _make(client: httpx.Client, prompt: str, people: Sequence[Person], out: Path) -> int:
    """One request, its progress, its files and the table."""
    print(f"asking for the clip: {prompt}", flush=True)
    began = time.monotonic()
    handles = [{"id": f"@{person.handle}"} for person in people]
    clip = _checked(client.post("/v1/videos", json={"prompt": prompt, "characters": handles, "seed": 7}))
    with client.stream("GET", f"/v1/videos/{clip['id']}/events", timeout=None) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                now = json.loads(line.removeprefix("data: "))
                shot = f", shot {now['shot']}" if now.get("shot") else ""
                _show(f"{now.get('progress', 0):3d} %  {now.get('stage', '')}{shot}")
    _show(None)
    waited = time.monotonic() - began
    clip = _checked(client.get(f"/v1/videos/{clip['id']}"))
    if clip["status"] != "completed":
        print(f"castmate: the clip failed: {clip['error']['message']} ({clip['error']['code']})", file=sys.stderr)
        return 1
    out.parent.mkdir(parents=True, exist_ok=True)
    poster, sheet = out.with_suffix(".webp"), out.with_suffix(".sheet.jpg")
    for file, variant in ((out, "video"), (poster, "thumbnail")):
        file.write_bytes(client.get(f"/v1/videos/{clip['id']}/content", params={"variant": variant}).content)
    from generation.sheet import contact_sheet

    shots = clip["screenplay"]["shots"]
    sheet.write_bytes(contact_sheet(out, [shot["start_s"] for shot in shots[1:]]))
    _table(clip, waited, out, poster, sheet)
    return 0


def _table(clip: dict[str, Any], waited: float, out: Path, poster: Path, sheet: Path) -> None:
    names = {member["speaker"]: member["name"] for member in clip["cast"]}
    print(f"\n{'shot':4}  {'seconds':>13}  {'framing':9}  {'camera':9}  {'in frame':16}  lines")
    for number, shot in enumerate(clip["screenplay"]["shots"], 1):
        who = ", ".join(names[one] for one in shot.get("who", ()))
        said = " ".join(f"{names[line['speaker']]}: {line['text']}" for line in shot.get("lines", ()))
        span = f"{shot['start_s']:.3f}-{shot['end_s']:.3f}"
        print(f"{number:4}  {span:>13}  {shot['framing']:9}  {shot.get('camera', 'static'):9}  {who:16}  {said}")
    print(f"\n{'stage':24}  seconds")
    for stage, seconds in clip["cost"]["stages"].items():
        print(f"{stage:24}  {seconds:7.2f}")
    print(f"{'engine, all':24}  {clip['cost']['engine_seconds']:7.2f}")
    print(f"{'asked until completed':24}  {waited:7.2f}")
    engine = clip["engine"]
    print(
        f"\n{clip['size']}, {clip['seconds']} s, engine {engine['name']} {engine['version']}, {len(clip['cast'])} in the cast"
    )
    for file in (out, poster, sheet):
        print(f"{file}  {file.stat().st_size:,} bytes")


def _checked(answer: httpx.Response) -> dict[str, Any]:
    """The body of a good answer; a bad one ends the demo with the server's own sentence."""
    if answer.is_success:
        body: dict[str, Any] = answer.json()
        return body
    try:
        said = answer.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = answer.text[:300]
    raise SystemExit(f"castmate: {answer.request.method} {answer.request.url.path} gave {answer.status_code}: {said}")


def _show(text: str | None) -> None:
    """One line that renews itself on a terminal; elsewhere a line when it changes by itself."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text or ''}", end="", flush=True)
    elif text is not None:
        print(text, flush=True)
