"""An endpoint that judges words (`POST /v1/moderations` of OpenAI's API), where an operator has one.

The table of rules is asked first and needs nobody. What this endpoint would refuse beyond it is refused too; while it
is away, words pass or wait, as the operator chose (`CASTMATE_CLASSIFIER_DOWN`), and the log says so.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import httpx
import msgspec
import structlog
from litestar.types import ASGIApp, Receive, Scope, Send

from backend.config import Config
from backend.errors import ClassifierAway
from social.safety import opinions
from social.safety.rules import Category, Finding, Place

SECONDS: Final = 2.0  # for one answer
ANSWER_BYTES: Final = 1024 * 1024
TEXT_MOST: Final = 20_000  # characters, as the rules read
FAILURES: Final = 3  # in a row: then it is left alone
PAUSE_SECONDS: Final = 30.0
log = structlog.get_logger()


class Border(msgspec.Struct, frozen=True):
    """From which score on it is refused as one of ours; `strict` beside a real person and for the young."""

    category: Category
    usual: float
    strict: float
    places: frozenset[Place] = frozenset({"clip", "said"})


_CLIPS: Final[frozenset[Place]] = frozenset({"clip"})
BORDERS: Final[dict[str, Border]] = {
    "sexual/minors": Border("child_safety", 0.3, 0.2),
    "sexual": Border("sexual", 0.85, 0.5, _CLIPS),
    "hate": Border("hate", 0.8, 0.7),
    "hate/threatening": Border("hate", 0.6, 0.5),
    "harassment/threatening": Border("threat", 0.8, 0.6),
    "self-harm/intent": Border("self_harm", 0.9, 0.8, _CLIPS),
    "self-harm/instructions": Border("self_harm", 0.6, 0.5),
    "illicit/violent": Border("terrorism", 0.8, 0.6),
    "violence/graphic": Border("violence", 0.98, 0.7, _CLIPS),
}
"""Their names (OpenAI, omni-moderation). Somebody's own distress in words to friends passes, as by the table."""


class _Result(msgspec.Struct, frozen=True):
    category_scores: dict[str, float | None]


class _Answer(msgspec.Struct, frozen=True):
    model: str
    results: tuple[_Result, ...]


class Classifier:
    """The configured endpoint of one process; without one it has no opinion."""

    def __init__(self, config: Config) -> None:
        self._url = config.classifier_url
        self._key = config.classifier_key
        self._model = config.classifier_model
        self._waits = config.classifier_down == "refuse"
        self._failures = 0
        self._again_at = 0.0

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """Middleware: what is read in a request is read by this one."""

        async def asked(scope: Scope, receive: Receive, send: Send) -> None:
            self.listen()
            await app(scope, receive, send)

        return asked

    def listen(self) -> None:
        """From here on in this task."""
        opinions.second.set(self.opinion if self._url else None)

    async def opinion(self, text: str, place: Place, strict: bool) -> Finding | None:  # noqa: FBT001 - as opinions.Opinion
        """The worst that it finds. Not a word is logged. Raises ClassifierAway where words have to wait for it."""
        if self._url is None:
            return None
        if time.monotonic() < self._again_at:
            self._away("it is left alone for a while")
            return None
        try:
            answer = await self._asked(self._url, text[:TEXT_MOST])
        except (httpx.HTTPError, TimeoutError, OSError, ValueError, msgspec.MsgspecError) as error:
            self._failures += 1
            if self._failures >= FAILURES:
                self._failures, self._again_at = 0, time.monotonic() + PAUSE_SECONDS
            self._away(type(error).__name__)
            return None
        self._failures = 0
        over = [
            (score - least, name)
            for name, score in answer.results[0].category_scores.items()
            if score is not None and name in BORDERS and place in BORDERS[name].places
            for least in (BORDERS[name].strict if strict else BORDERS[name].usual,)
            if score >= least
        ]
        if not over:
            return None
        name = max(over)[1]
        return Finding(f"classifier:{name}", BORDERS[name].category, answer.model[:60])

    def _away(self, why: str) -> None:
        log.warning("no second opinion about words", url=self._url, why=why, waits=self._waits)
        if self._waits:
            raise ClassifierAway

    async def _asked(self, url: str, text: str) -> _Answer:
        """Raises httpx.HTTPError, TimeoutError, msgspec.MsgspecError, or ValueError for too much or nothing."""
        head = {"authorization": f"Bearer {self._key}"} if self._key else {}
        content = b""
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(trust_env=False, headers=head) as http,
            http.stream("POST", url, json={"model": self._model, "input": text}) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > ANSWER_BYTES:
                    raise ValueError(f"more than {ANSWER_BYTES} bytes")
        told = msgspec.json.decode(content, type=_Answer)
        if not told.results:
            raise ValueError("no results")
        return told
