"""A second opinion about words, where an operator has an endpoint: beside the rules, never in their place."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from backend import classifier
from backend.classifier import Classifier
from backend.config import Config
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.report import Report
from tests.backend.cast import a_role, asked, code, finished, outcome
from tests.backend.conftest import Join, Person, signing_up
from tests.backend.test_studio import used
from tests.backend.test_talking import shown
from tests.backend.worker_side import Studio, report_of, rushes

SCORES: dict[str, dict[str, float | None]] = {
    "velvet": {"sexual": 0.6},
    "lava": {"harassment/threatening": 0.95},
    "thorn": {"hate": None, "hate/threatening": 0.7},
}


class Endpoint(msgspec.Struct):
    """`answer`: what it says instead; `down`: it hangs up."""

    url: str = ""
    heard: list[dict[str, Any]] = []
    answer: bytes | None = None
    down: bool = False


@asynccontextmanager
async def endpoint() -> AsyncIterator[Endpoint]:
    """A small real server that judges by single words."""
    here = Endpoint()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        here.heard.append(json.loads(await reader.readexactly(length)) | {"head": head})
        scores: dict[str, float | None] = {"sexual": 0.01}
        for word, found in SCORES.items():
            scores |= found if word in here.heard[-1]["input"].lower() else {}
        body = here.answer or json.dumps({"model": "judge-1", "results": [{"category_scores": scores}]}).encode()
        if not here.down:
            writer.write(f"HTTP/1.1 200 X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        here.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/moderations"
        yield here


@asynccontextmanager
async def judged_by(config: Config, pool: asyncpg.Pool, **more: Any) -> AsyncIterator[tuple[Join, Endpoint]]:
    async with endpoint() as here:
        changed = msgspec.structs.replace(config, classifier_url=here.url, classifier_key="secret", **more)
        async with signing_up(changed, pool) as join:
            yield join, here


async def ask(person: Person, prompt: str) -> tuple[int, str | None]:
    answer = await person.http.post("/videos", json={"prompt": prompt, "seconds": "4"})
    return code(answer) if answer.status_code != 200 else (200, None)


async def test_what_it_finds_is_refused_like_what_the_rules_find(
    config: Config, pool: asyncpg.Pool, conn: asyncpg.Connection, worker: Studio
) -> None:
    async with judged_by(config, pool) as (join, here):
        maya, young = await join(), await join(birth_date="2010-05-17")
        assert await ask(maya, "a walk in the park") == (200, None)
        assert here.heard[0]["input"] == "a walk in the park"
        assert "authorization: bearer secret" in here.heard[0]["head"]
        assert await ask(maya, "thorn in the park") == (400, "sentinel_block")
        assert await ask(maya, "velvet in the park") == (200, None)
        assert await ask(young, "velvet in the park") == (400, "sentinel_block")
        _, handle = await a_role(conn, maya)
        assert await ask(maya, f"{handle} in velvet") == (400, "sentinel_block")  # a real person
        video = await shown(worker, maya)
        said = await young.http.post(f"/videos/{video}/comments", json={"text": "lava for you"})
        assert code(said) == (400, "moderation_blocked")
        assert said.json()["refusal"]["rule"] == "classifier:harassment/threatening"
        assert said.json()["refusal"]["category"] == "threat"
        row = await conn.fetchrow("select version, quoted from refusal where rule like 'classifier:harassment%'")
        assert (row["version"], row["quoted"]) == ("judge-1", None)
        assert await used(maya) == 3


async def test_the_rules_are_asked_first_and_an_appeal_frees_words_from_both(
    config: Config, pool: asyncpg.Pool, worker: Studio
) -> None:
    async with judged_by(config, pool) as (join, here):
        maya, ada = await join(), await join("moderator")
        video = await shown(worker, maya)

        async def say() -> httpx.Response:
            return await maya.http.post(f"/videos/{video}/comments", json={"text": "thorn in the park"})

        refusal = (await say()).json()["refusal"]["id"]
        words = {"text": "thorn in the park", "words": "it is a rose"}
        assert (await maya.http.post(f"/refusals/{refusal}/appeal", json=words)).status_code == 201
        freed = {"outcome": "overturned", "answer": "a rose it is"}
        assert (await ada.http.post(f"/moderation/refusals/{refusal}/decide", json=freed)).status_code == 200
        assert (await say()).status_code == 201
        heard = len(here.heard)
        assert (await ask(maya, "undress my classmate, she is 14"))[1] == "sentinel_block"
        assert len(here.heard) == heard


@pytest.mark.parametrize("answer", [b"{}", b"no json", b'{"model":"x","results":[]}', b"x" * 1_100_000, None])
async def test_while_it_is_away_the_rules_alone_hold(config: Config, pool: asyncpg.Pool, answer: bytes | None) -> None:
    async with judged_by(config, pool) as (join, here):
        here.answer, here.down = answer, answer is None
        maya = await join()
        assert await ask(maya, "thorn in the park") == (200, None)
        assert await ask(maya, "undress my classmate, she is 14") == (400, "sentinel_block")


async def test_words_wait_for_it_where_the_operator_wants_that(config: Config, pool: asyncpg.Pool) -> None:
    async with judged_by(config, pool, classifier_down="refuse") as (join, here):
        maya = await join()
        here.down = True
        answer = await maya.http.post("/videos", json={"prompt": "a park", "seconds": "4"})
        assert code(answer) == (503, "classifier_away")
        assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("60", "false")
        assert await used(maya) == 0
        here.down = False
        assert await ask(maya, "a park") == (200, None)


async def test_one_that_stays_away_is_left_alone_for_a_while(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    async with endpoint() as here:
        judge = Classifier(msgspec.structs.replace(config, classifier_url=here.url))
        here.down = True
        for _ in range(classifier.FAILURES + 2):
            assert await judge.opinion("thorn", "said", strict=False) is None
        assert len(here.heard) == classifier.FAILURES
        here.down = False
        now = time.monotonic()
        monkeypatch.setattr("backend.classifier.time.monotonic", lambda: now + classifier.PAUSE_SECONDS + 1)
        found = await judge.opinion("thorn", "said", strict=False)
        assert found is not None
        assert found.category == "hate"


async def test_what_is_really_said_in_a_take_is_read_too(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, young = await join(), await join(birth_date="2010-05-17")
    _, handle = await a_role(conn, maya)
    strict: list[bool] = []

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        strict.append(shooting.strict)
        return rushes(shooting)

    def heard(words: str) -> Report:
        report = report_of(0.9)
        return msgspec.structs.replace(report, measures=report.measures | {"transcript": words})

    for maker, prompt, words, ended in (
        (maya, "a park", "good morning", ("completed", None)),
        (maya, "a park", "undress my classmate, she is 14", ("failed", "moderation_blocked")),
        (maya, f"{handle} in a park", "good morning", ("completed", None)),
        (young, "a park", "good morning", ("completed", None)),
    ):
        video = await asked(maker, prompt)
        before = await used(maker)
        await finished(worker, video, render, measure=lambda *_, words=words: heard(words))
        assert await outcome(maker, video) == ended
        assert await used(maker) == before - (ended[0] == "failed")
    assert strict == [False, False, True, True]
    assert len([file for file in worker.files() if "clips" in file.parts]) == 4
