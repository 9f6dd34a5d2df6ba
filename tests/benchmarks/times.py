"""`./run bench`: how long things take on this machine, beside a reference taken in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from backend.demo import client as api
from backend.demo.people import PEOPLE, PROMPT
from tests.benchmarks.load import Answers, drip, flood
from tests.benchmarks.printing import say, table

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


def report() -> None:
    """A server started in a fresh folder: clips, cancel, reads, accepts."""
    with tempfile.TemporaryDirectory(prefix="castmate-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        say(f"{os.cpu_count()} cores; starting a server in a fresh folder")
        with (
            api.server(data, daily_clips="1000000", rate_limits="off", log_level="warning") as (url, invite),
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
        api.store(client, person, say)
    cast = [{"id": f"@{person.handle}"} for person in PEOPLE]
    made: list[tuple[dict[str, Any], float]] = []
    for number, prompt in enumerate(PROMPTS, 1):
        say(f"clip {number} of {len(PROMPTS)}")
        made.append(api.make(client, {"prompt": prompt, "characters": cast, "seed": 7}, say))
    times = [{row["stage"]: row["seconds"] for row in clip["cost"]["stages"]} for clip, _ in made]
    stages = list(dict.fromkeys(stage for one in times for stage in one if stage != "report"))
    rows = [["stage, seconds", "first clip", *(f"clip {number}" for number in range(2, len(PROMPTS) + 1))]]
    rows += [[stage, *(f"{one.get(stage, 0.0):.2f}" for one in times)] for stage in stages]
    rows.append(["all of the engine", *(f"{clip['cost']['engine_seconds']:.2f}" for clip, _ in made)])
    rows.append(["the report on it", *(f"{one.get('report', 0.0):.2f}" for one in times)])
    rows.append(["asked until completed", *(f"{waited:.2f}" for _, waited in made)])
    length = float(made[0][0]["seconds"])
    rows.append(["... x the clip's length", *(f"{waited / length:.2f}" for _, waited in made)])
    table(f"The demo's clip: {length:g} s of {made[0][0]['size']}, two characters", rows)
    return str(made[-1][0]["id"])


def _cancel(client: httpx.Client) -> None:
    """From the answer to a cancel in the middle of a render until the worker has begun the next clip."""
    times: list[float] = []
    for number in range(ROUNDS):
        say(f"cancel, round {number + 1} of {ROUNDS}")
        long = {"prompt": PROMPTS[number], "characters": [{"id": "@eileen"}, {"id": "@grace"}], "seconds": "12"}
        first = api.checked(client.post("/v1/videos", json=long))["id"]
        _until(client, first, "render")
        following = api.checked(client.post("/v1/videos", json={"prompt": "a cat", "seconds": "4", "size": "384x640"}))
        api.checked(client.post(f"/v1/videos/{first}/cancel"))
        began = time.perf_counter()
        _until(client, following["id"], "speech", "sound", "sets", "render", "done")
        times.append(time.perf_counter() - began)
    rows = [
        ["seconds", *(f"round {number + 1}" for number in range(ROUNDS)), "limit"],
        ["cancel until the next clip is made", *(f"{one:.2f}" for one in times), "3.00"],
    ]
    table("Cancel: in the middle of a render, asked 20 times a second", rows)


def _until(client: httpx.Client, video: str, *stages: str) -> None:
    while api.checked(client.get(f"/v1/videos/{video}"))["stage"] not in stages:
        time.sleep(0.05)


def _reads(url: str, video: str, token: str) -> None:
    """GET one clip, and beside it the readiness check (one SELECT and one look into the store), in turns."""
    bare: list[float] = []
    full: list[float] = []
    for number in range(ROUNDS):
        say(f"reads, round {number + 1} of {ROUNDS}")
        for path, kept in (("/health/ready", bare), (f"/v1/videos/{video}", full)):
            answers = asyncio.run(
                flood(url, _request("GET", path, token), connections=CONNECTIONS, seconds=FLOOD_SECONDS)
            )
            _no_failures(answers)
            kept.append(answers.per_second)
    rows = [
        ["requests/s", *(f"round {number + 1}" for number in range(ROUNDS)), "median of ratios"],
        ["GET /health/ready", *(f"{rate:.0f}" for rate in bare), "1.00"],
        [
            "GET /v1/videos/{id}",
            *(f"{rate:.0f}" for rate in full),
            f"{_median([f / b for f, b in zip(full, bare, strict=True)]):.2f}",
        ],
    ]
    table(f"Reads: one web process, {CONNECTIONS} connections, the load on the same cores", rows)


def _accepts(url: str, token: str) -> None:
    """POST /v1/videos at a steady rate while the worker renders what it is given."""
    say(f"accepting {DRIP_PER_SECOND:g} clips/s for {DRIP_SECONDS:g} s while the worker renders")
    body = json.dumps({"prompt": "a cat plays the piano", "seconds": "4", "size": "384x640"}).encode()
    answers = asyncio.run(
        drip(url, _request("POST", "/v1/videos", token, body), per_second=DRIP_PER_SECOND, seconds=DRIP_SECONDS)
    )
    _no_failures(answers)
    rows = [
        ["accepted", "p50 ms", "p99 ms", "worst ms"],
        [str(len(answers.latencies)), *(f"{1000 * answers.percentile(share):.0f}" for share in (0.5, 0.99, 1.0))],
    ]
    table(f"POST /v1/videos at {DRIP_PER_SECOND:g}/s, worker rendering on the same cores", rows)


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: {token}\r\ncontent-type: application/json\r\n"
    return head.encode() + f"content-length: {len(body)}\r\n\r\n".encode() + body


def _no_failures(answers: Answers) -> None:
    if answers.failures:
        raise SystemExit(f"{answers.failures} of {len(answers.latencies)} requests failed: these figures mean nothing")


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
