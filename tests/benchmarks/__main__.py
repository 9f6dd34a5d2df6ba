"""`./run bench`: how long things take on this machine, beside a reference taken in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from backend.demo import client as api
from backend.demo.people import PEOPLE, PROMPT
from tests.benchmarks import engines, face_index, identity, sheets, voices
from tests.benchmarks.load import Answers, drip, flood

PROMPTS = (
    PROMPT,
    (
        '@eileen and @grace in a sunny garden. @eileen: "The weather report said rain. Look at that sky." '
        '@grace: "Never trust a man who owns no umbrella. Shall we walk?"'
    ),
    (
        '@eileen and @grace in a sunny garden. @eileen: "I counted nineteen butterflies before breakfast today." '
        '@grace: "Twenty. One was on your hat, dear, and it is still there."'
    ),
)
"""As long as each other, and no line twice: a line said before would come out of the speaker's memory."""
CONNECTIONS = 16
FLOOD_SECONDS = 5.0
ROUNDS = 3
DRIP_SECONDS = 15.0
DRIP_PER_SECOND = 20.0


def main(arguments: Sequence[str]) -> None:
    """`identity [--sheet FILE]`: captures, judged. `faces [--centre]`: the face index. `engines`: what
    a clip costs. `voices`: matching and emotions. `sheets`: docs/portrait. Nothing: times of a server."""
    match arguments:
        case []:
            _times()
        case ["identity"]:
            _identity(None)
        case ["identity", "--sheet", file]:
            _identity(Path(file))
        case ["faces"]:
            print(face_index.report())
        case ["faces", "--centre"]:
            print(face_index.centre())
        case ["engines"]:
            engines.main(_table, _say)
        case ["sheets"]:
            sheets.main()
        case ["voices"]:
            for line in voices.report():
                print(line, flush=True)
        case _:
            raise SystemExit(
                "usage: ./run bench [identity [--sheet FILE] | faces [--centre] | engines | voices | sheets]"
            )


def _identity(sheet: Path | None) -> None:
    _say(f"{os.cpu_count()} cores")
    identity.main(_table, _say, sheet)


def _times() -> None:
    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        _say(f"{os.cpu_count()} cores; starting a server in a fresh folder")
        with (
            api.server(data, daily_clips="1000000", log_level="warning") as (url, invite),
            httpx.Client(base_url=url, timeout=api.HTTP_SECONDS) as client,
        ):
            api.sign_in(client, data / "secrets" / "demo.json", invite)
            video = _clips(client)
            _cancel(client)
            token = client.headers["authorization"]
            _reads(url, video, token)
            _accepts(url, token)


def _clips(client: httpx.Client) -> str:
    """The demo's clip, cold and warm; the id of the last."""
    for person in PEOPLE:
        api.store(client, person, _say)
    cast = [{"id": f"@{person.handle}"} for person in PEOPLE]
    rows: list[tuple[dict[str, Any], float]] = []
    for number, prompt in enumerate(PROMPTS, 1):
        _say(f"clip {number} of {len(PROMPTS)}")
        rows.append(api.make(client, {"prompt": prompt, "characters": cast, "seed": 7}, _say))
    times = [{row["stage"]: row["seconds"] for row in clip["cost"]["stages"]} for clip, _ in rows]
    stages = list(dict.fromkeys(stage for one in times for stage in one if stage != "report"))
    table = [["stage, seconds", "first clip", *(f"clip {number}" for number in range(2, len(PROMPTS) + 1))]]
    table += [[stage, *(f"{one.get(stage, 0.0):.2f}" for one in times)] for stage in stages]
    table.append(["all of the engine", *(f"{clip['cost']['engine_seconds']:.2f}" for clip, _ in rows)])
    table.append(["the report on it", *(f"{one.get('report', 0.0):.2f}" for one in times)])
    table.append(["asked until completed", *(f"{waited:.2f}" for _, waited in rows)])
    length = float(rows[0][0]["seconds"])
    table.append(["... x the clip's length", *(f"{waited / length:.2f}" for _, waited in rows)])
    _table(f"The demo's clip: {length:g} s of {rows[0][0]['size']}, two characters", table)
    return str(rows[-1][0]["id"])


def _cancel(client: httpx.Client) -> None:
    """From the answer to a cancel in the middle of a render until the worker has begun the next clip."""
    times: list[float] = []
    for number in range(ROUNDS):
        _say(f"cancel, round {number + 1} of {ROUNDS}")
        long = {"prompt": PROMPTS[number], "characters": [{"id": "@eileen"}, {"id": "@grace"}], "seconds": "12"}
        first = api.checked(client.post("/v1/videos", json=long))["id"]
        _until(client, first, "render")
        following = api.checked(client.post("/v1/videos", json={"prompt": "a cat", "seconds": "4", "size": "384x640"}))
        api.checked(client.post(f"/v1/videos/{first}/cancel"))
        began = time.perf_counter()
        _until(client, following["id"], "speech", "sound", "sets", "render", "done")
        times.append(time.perf_counter() - began)
    table = [
        ["seconds", *(f"round {number + 1}" for number in range(ROUNDS)), "limit"],
        ["cancel until the next clip is made", *(f"{one:.2f}" for one in times), "3.00"],
    ]
    _table("Cancel: in the middle of a render, asked 20 times a second", table)


def _until(client: httpx.Client, video: str, *stages: str) -> None:
    while api.checked(client.get(f"/v1/videos/{video}"))["stage"] not in stages:
        time.sleep(0.05)


def _reads(url: str, video: str, token: str) -> None:
    """GET one clip, and beside it a route that does one bare SELECT, in turns."""
    bare: list[float] = []
    full: list[float] = []
    for number in range(ROUNDS):
        _say(f"reads, round {number + 1} of {ROUNDS}")
        for path, kept in (("/health/ready", bare), (f"/v1/videos/{video}", full)):
            answers = asyncio.run(
                flood(url, _request("GET", path, token), connections=CONNECTIONS, seconds=FLOOD_SECONDS)
            )
            _no_failures(answers)
            kept.append(answers.per_second)
    table = [
        ["requests/s", *(f"round {number + 1}" for number in range(ROUNDS)), "median of ratios"],
        ["one bare SELECT", *(f"{rate:.0f}" for rate in bare), "1.00"],
        [
            "GET /v1/videos/{id}",
            *(f"{rate:.0f}" for rate in full),
            f"{_median([f / b for f, b in zip(full, bare, strict=True)]):.2f}",
        ],
    ]
    _table(f"Reads: one web process, {CONNECTIONS} connections, the load on the same cores", table)


def _accepts(url: str, token: str) -> None:
    """POST /v1/videos at a steady rate while the worker renders what it is given."""
    _say(f"accepting {DRIP_PER_SECOND:g} clips/s for {DRIP_SECONDS:g} s while the worker renders")
    body = json.dumps({"prompt": "a cat plays the piano", "seconds": "4", "size": "384x640"}).encode()
    answers = asyncio.run(
        drip(url, _request("POST", "/v1/videos", token, body), per_second=DRIP_PER_SECOND, seconds=DRIP_SECONDS)
    )
    _no_failures(answers)
    table = [
        ["accepted", "p50 ms", "p99 ms", "worst ms"],
        [str(len(answers.latencies)), *(f"{1000 * answers.percentile(share):.0f}" for share in (0.5, 0.99, 1.0))],
    ]
    _table(f"POST /v1/videos at {DRIP_PER_SECOND:g}/s, worker rendering on the same cores", table)


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: {token}\r\ncontent-type: application/json\r\n"
    return head.encode() + f"content-length: {len(body)}\r\n\r\n".encode() + body


def _no_failures(answers: Answers) -> None:
    if answers.failures:
        raise SystemExit(f"{answers.failures} of {len(answers.latencies)} requests failed: these figures mean nothing")


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _table(title: str, rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        print(
            "  "
            + row[0].ljust(widths[0])
            + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        )
    sys.stdout.flush()


def _say(text: str | None) -> None:
    if text is not None:
        print(
            f"\r\033[K{text}" if sys.stderr.isatty() else text,
            end="" if sys.stderr.isatty() else "\n",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
