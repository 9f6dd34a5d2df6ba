"""schemathesis against the app in this process: what the contract allows and what it does not, in sequences too."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import msgspec
import schemathesis
from litestar import Litestar
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi

from backend import app as web
from backend import telemetry
from backend.config import Config
from backend.telemetry import Asgi, Message, Receive, Send
from social import invites
from tests.backend.agreement import Contract, contract_of

PASSWORD: Final = "correct horse battery staple"
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
)
SEQUENCES: Final = 8  # for every example of one operation
STAYING: Final = ("getInvite", "revokeInvite")  # a code that was taken back says so to whoever got it
ENDING: Final = ("signOut", "revokeSession", "setPassword", "leave")  # they would sign the rest of the run out


@schemathesis.serializer("application/offset+octet-stream")
def _bytes(_context: Any, value: Any) -> bytes:
    """What tus sends."""
    return value if isinstance(value, bytes) else str(value).encode()


class Found(msgspec.Struct):
    """What a run did. `wrong` is empty where all is well."""

    calls: int = 0
    operations: set[str] = msgspec.field(default_factory=set)
    statuses: dict[int, int] = msgspec.field(default_factory=dict)
    wrong: list[str] = msgspec.field(default_factory=list)


class World(msgspec.Struct, frozen=True):
    """People who are signed in, and things that are there."""

    operator: str  # access tokens
    leaving: str
    things: dict[str, list[str]]  # parameter -> values


def png(side: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def populated(app: Litestar, dsn: str) -> World:
    """An operator with a character and clips, a friend, and somebody whose sessions may end."""
    conn = await asyncpg.connect(dsn)
    codes = {role: (await invites.issue(conn, None, role=role, max_uses=9)).code for role in ("operator", "member")}
    await conn.close()
    transport = httpx.ASGITransport(app=telemetry.request_ids(app))

    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test/v1") as http:
        tokens = {}
        for handle, role in (("fuzz.op", "operator"), ("fuzz.leo", "member"), ("fuzz.gone", "member")):
            sent = {"handle": handle, "display_name": "Somebody", "password": PASSWORD, "birth_date": "1990-05-17"}
            joined = await http.post("/accounts", json=sent | {"invite_code": codes[role]})
            tokens[handle] = joined.raise_for_status().json()["access_token"]
        http.headers["authorization"] = f"Bearer {tokens['fuzz.op']}"
        made = await http.post(
            "/characters",
            data={"kind": "drawn", "name": "Rex", "handle": "fuzz.rex"},
            files={"photos": ("rex.png", png(300), "image/png")},
        )
        character = made.raise_for_status().json()["id"]
        clips = [
            (await http.post("/videos", json={"prompt": "a quiet street", "seconds": "4"}))
            .raise_for_status()
            .json()["id"]
            for _ in range(3)
        ]
        consent = await http.post("/consents", json={"purposes": ["store", "generate"], "signed_name": "Maya Ito"})
        key = await http.post("/me/api-keys", json={"name": "laptop"})
    things = {
        "video_id": clips,
        "reference": [character, "@fuzz.rex"],
        "character_id": [character],
        "handle": ["fuzz.leo", "fuzz.op"],
        "consent_id": [consent.raise_for_status().json()["id"]],
        "key_id": [key.raise_for_status().json()["id"]],
    }
    return World(tokens["fuzz.op"], tokens["fuzz.gone"], things)


def briefly(app: Asgi) -> Asgi:
    """ASGI middleware: a client that goes away once it has heard the first words of a stream of events."""

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        enough, streams, ended = asyncio.Event(), False, False

        async def sent(message: Message) -> None:
            nonlocal streams, ended
            if message["type"] == "http.response.start":
                streams = (b"content-type", b"text/event-stream") in [
                    (name.lower(), value.partition(b";")[0]) for name, value in message["headers"]
                ]
            else:
                ended = not message.get("more_body")
                if streams:
                    enough.set()
            await send(message)

        async def asked() -> Message:
            asking, leaving = asyncio.ensure_future(receive()), asyncio.ensure_future(enough.wait())
            await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            for one in (asking, leaving):
                one.cancel()
            return {"type": "http.disconnect"} if enough.is_set() else asking.result()

        await app(scope, asked, sent)
        if streams and not ended:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return call


def heard(app: Asgi, contract: Contract, found: Found) -> Asgi:
    """ASGI middleware: counts the answers, and keeps those that the contract does not allow."""

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        status, headers, body = 0, {}, bytearray()

        async def listening(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            elif len(body) < 1_000_000:
                body.extend(message.get("body", b""))
            await send(message)

        await app(scope, receive, listening)
        found.calls += 1
        found.statuses[status] = found.statuses.get(status, 0) + 1
        operation = contract.operation(scope["method"], scope["path"])
        if operation is not None and status < 400:
            found.operations.add(operation["operationId"])
        plain = httpx.Response(status, headers=headers, content=bytes(body)).content
        wrong = contract.disagreements(scope["method"], scope["path"], status, headers, plain)
        found.wrong += [f"{scope['method']} {scope['path']} -> {status}: {one}" for one in wrong]

    return call


def settings(
    world: World, *, seed: int | None, examples: int, steps: int, whole: bool, seconds: int | None
) -> SchemathesisConfig:
    """`seed` None: another run each time. `whole`: also every boundary of every parameter: thousands of calls."""
    bearer = {"Authorization": f"Bearer {world.operator}"}
    told: dict[str, Any] = {
        "headers": bearer,
        "continue-on-failure": True,
        "max-stream-events": 1,
        "request-timeout": 20,
        "checks": {"enabled": False} | {name: {"enabled": True} for name in CHECKS},
        "dictionaries": {name: {"values": values} for name, values in world.things.items()},
        "parameters": {name: {"dictionary": name, "probability": 0.6} for name in world.things},
        "operations": [
            *(
                {"include-operation-id": name, "headers": {"Authorization": f"Bearer {world.leaving}"}}
                for name in ENDING
            ),
            *({"include-operation-id": name, "checks": {"use_after_free": {"enabled": False}}} for name in STAYING),
        ],
        "generation": {"max-examples": examples, "deterministic": seed is not None, "no-shrink": True},
        "phases": {
            "stateful": {"max-steps": steps, "generation": {"max-examples": examples * SEQUENCES}},
            "coverage": {"enabled": whole, "unexpected-methods": ["PATCH"]},
        },
    }
    if seed is not None:
        told["seed"] = seed
    if seconds is not None:
        told["max-time"] = seconds
    return SchemathesisConfig.from_dict(told)


def run(
    dsn: str, folder: Path, *, seed: int | None, examples: int, steps: int, whole: bool, seconds: int | None = None
) -> Found:
    """Everything, once. The database is the caller's, and is not the same afterwards."""
    config = Config(
        data=folder,
        database_url=dsn,
        media_url=str(folder / "media"),
        daily_clips=9999,
        log_level="fatal",
        rate_limits="off",
    )
    world = asyncio.run(populated(web.build(config), dsn))
    app = web.build(config)
    found = Found()
    wrapped = heard(briefly(telemetry.request_ids(app)), contract_of(app), found)
    options = settings(world, seed=seed, examples=examples, steps=steps, whole=whole, seconds=seconds)
    try:
        schema = schemathesis.openapi.from_asgi("/openapi.json", wrapped, config=options)
        for event in from_schema(schema).execute():
            match event:
                case events.ScenarioFinished():
                    found.wrong += list(_failures(event))
                case events.NonFatalError() | events.FatalError():
                    found.wrong.append(f"{event}"[:600])
    finally:
        asgi.shutdown_lifespans()
    return found


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for name, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                sent = event.recorder.cases[name].value.as_curl_command()
                failure = check.failure_info.failure
                yield f"{event.label}: {failure.title}: {failure.message} <- {sent}"[:1500]
