"""A client of a really started server: signs in, stores characters, asks for clips, watches them being made."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from backend.demo.people import Person

STOP_SECONDS: Final = 120.0
HTTP_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.5
Show = Callable[[str | None], None]
"""Told what is going on right now; None = that is over."""


class DemoError(Exception):
    """The server said no; the message is its own sentence."""


@contextmanager
def server(data: Path, **settings: str) -> Iterator[tuple[str, str | None]]:
    """`castmate serve` on a free port; its address, and on first start the operator's invite code.

    `settings` are CASTMATE_ variables without the prefix. Raises DemoError naming the log.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data.mkdir(parents=True, exist_ok=True)
    logs = data / "server.log"
    command = [sys.executable, "-m", "backend", "serve", "--port", str(port), "--data", str(data)]
    env = os.environ | {f"CASTMATE_{name.upper()}": value for name, value in settings.items()}
    with (
        logs.open("ab") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=env) as run,
    ):
        try:
            yield _ready(run.stdout or [], logs)
        finally:
            run.terminate()
            run.wait(STOP_SECONDS)


def _ready(lines: Iterator[str] | Sequence[str] | Any, logs: Path) -> tuple[str, str | None]:
    invite = None
    for line in lines:
        if line.startswith("operator invite code "):
            invite = line.split()[-1]
        if line.startswith("ready "):
            return line.split()[1], invite
    raise DemoError(f"the server did not start; see {logs}")


def sign_in(client: httpx.Client, secret: Path, invite: str | None) -> None:
    """As the demo's operator: signed up on first use, its password kept beside the instance's other secrets."""
    if secret.exists():
        answer = checked(client.post("/v1/sessions", json=json.loads(secret.read_text())))
    elif invite is None:
        raise DemoError("this instance has an operator already; give the demo a --data folder of its own")
    else:
        login = {"handle": "demo.operator", "password": secrets.token_urlsafe(16)}
        more = {"display_name": "Demo", "birth_date": "1990-01-01", "invite_code": invite}
        answer = checked(client.post("/v1/accounts", json=login | more))
        secret.touch(mode=0o600)
        secret.write_text(json.dumps(login))
    client.headers["authorization"] = f"Bearer {answer['access_token']}"


def store(client: httpx.Client, person: Person, show: Show) -> None:
    """The character, once, until it is ready. Raises DemoError with the refusal."""
    found = client.get(f"/v1/characters/@{person.handle}")
    if found.status_code == httpx.codes.OK:
        character = found.json()
    else:
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
        character = checked(client.post("/v1/characters", data=form, files=files))
    began = time.monotonic()
    while character["state"] == "processing":
        show(f"@{person.handle}: measuring face and voice, {time.monotonic() - began:.0f} s")
        time.sleep(POLL_SECONDS)
        character = checked(client.get(f"/v1/characters/{character['id']}"))
    show(None)
    if character["state"] != "ready":
        refusal = character["refusal"] or {"check": character["state"], "message": ""}
        raise DemoError(f"@{person.handle} was refused by the check {refusal['check']}: {refusal['message']}")


def make(client: httpx.Client, order: Mapping[str, Any], show: Show) -> tuple[dict[str, Any], float]:
    """One clip from request to completion, and the seconds that took. Raises DemoError when it fails."""
    began = time.monotonic()
    clip = checked(client.post("/v1/videos", json=order))
    with client.stream("GET", f"/v1/videos/{clip['id']}/events", timeout=None) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                now = json.loads(line.removeprefix("data: "))
                if "progress" not in now:  # the maker's preview
                    continue
                shot = f", shot {now['shot']}" if now.get("shot") else ""
                show(f"{now['progress']:3d} %  {now.get('stage', '')}{shot}")
    show(None)
    waited = time.monotonic() - began
    clip = checked(client.get(f"/v1/videos/{clip['id']}"))
    if clip["status"] != "completed":
        raise DemoError(f"the clip failed: {clip['error']['message']} ({clip['error']['code']})")
    return clip, waited


def download(client: httpx.Client, clip: Mapping[str, Any], variant: str, file: Path) -> None:
    answer = client.get(f"/v1/videos/{clip['id']}/content", params={"variant": variant})
    answer.raise_for_status()
    file.write_bytes(answer.content)


def checked(answer: httpx.Response) -> dict[str, Any]:
    """The body of a good answer. Raises DemoError with what the server said."""
    if answer.is_success:
        body: dict[str, Any] = answer.json()
        return body
    try:
        said = answer.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = answer.text[:300]
    raise DemoError(f"{answer.request.method} {answer.request.url.path} gave {answer.status_code}: {said}")
