"""An endpoint that makes vectors of words (`POST /v1/embeddings` of OpenAI's API), where an operator has one.

Nothing needs it: without it, or while it is away, topics and clips are found by their words alone, and the log says so.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Annotated, Final

import asyncpg
import httpx
import msgspec
import structlog

from backend.config import Config
from social import steering
from social.steering import Heard

SECONDS: Final = 2.0  # for one answer
ANSWER_BYTES: Final = 8 * 1024 * 1024
NEAR: Final = 0.55  # cosine of words and a topic's name that mean the same
TEXT_MAX: Final = 2000  # characters of a clip that are sent
BATCH: Final = 64  # clips of one sweep
log = structlog.get_logger()

Vector = tuple[float, ...]


class _One(msgspec.Struct, frozen=True):
    index: Annotated[int, msgspec.Meta(ge=0)]
    embedding: Annotated[Vector, msgspec.Meta(min_length=1, max_length=16_000)]


class _Answer(msgspec.Struct, frozen=True):
    data: tuple[_One, ...]


class Embeddings:
    """The configured endpoint; `of` answers None where there is none, or it is away."""

    def __init__(self, config: Config) -> None:
        self._url = config.embeddings_url
        self._model = config.embeddings_model
        self._key = config.embeddings_key

    @property
    def there(self) -> bool:
        """Whether an operator has named one."""
        return self._url is not None

    async def of(self, texts: Sequence[str]) -> list[Vector] | None:
        """A vector of each, in order. Not a word of them is logged."""
        if self._url is None or not texts:
            return None
        try:
            return await self._asked(self._url, texts)
        except (httpx.HTTPError, TimeoutError, OSError, ValueError, msgspec.MsgspecError) as error:
            log.warning("no embeddings: words are compared as they are", url=self._url, error=type(error).__name__)
            return None

    async def _asked(self, url: str, texts: Sequence[str]) -> list[Vector]:
        """Raises httpx.HTTPError, TimeoutError, msgspec.MsgspecError, or ValueError for too much or too few."""
        head = {"authorization": f"Bearer {self._key}"} if self._key else {}
        content = b""
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(trust_env=False, headers=head) as http,
            http.stream("POST", url, json={"model": self._model, "input": list(texts)}) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > ANSWER_BYTES:
                    raise ValueError(f"more than {ANSWER_BYTES} bytes")
        found = {one.index: one.embedding for one in msgspec.json.decode(content, type=_Answer).data}
        vectors = [found.get(number, ()) for number in range(len(texts))]
        if not all(vectors) or len({len(one) for one in vectors}) != 1:
            raise ValueError(f"{len(found)} vectors for {len(texts)} texts, or of different lengths")
        return vectors


async def understood(embeddings: Embeddings, pool: asyncpg.Pool, heard: Sequence[Heard]) -> list[Heard]:
    """Words of no topic get the nearest one, if it is near; the others their vector, so that clips can be compared."""
    unknown = [one.wish.words for one in heard if one.meaning is None]
    if not unknown:
        return list(heard)
    async with pool.acquire() as conn:
        topics = await steering.topics(conn)
    vectors = await embeddings.of([*unknown, *topics])
    if vectors is None:
        return list(heard)
    of_words = dict(zip(unknown, vectors, strict=False))
    of_topics = dict(zip(topics, vectors[len(unknown) :], strict=True))
    return [_placed(one, of_words[one.wish.words], of_topics) if one.meaning is None else one for one in heard]


def _placed(heard: Heard, vector: Vector, topics: dict[str, Vector]) -> Heard:
    nearest = max(topics, key=lambda name: cosine(vector, topics[name]))
    if cosine(vector, topics[nearest]) >= NEAR:
        return msgspec.structs.replace(heard, meaning=steering.Meaning(nearest))
    return msgspec.structs.replace(heard, vector=vector)


def cosine(one: Vector, other: Vector) -> float:
    """0 where one of them has no direction."""
    length = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / length if length else 0.0


async def sweep(embeddings: Embeddings, pool: asyncpg.Pool) -> int:
    """Vectors for published clips that have none, the newest first. How many."""
    if not embeddings.there:
        return 0
    async with pool.acquire() as conn:
        clips = await steering.clips_without_vector(conn, BATCH)
    vectors = await embeddings.of([clip.text[:TEXT_MAX] for clip in clips])
    if vectors is None:
        return 0
    async with pool.acquire() as conn, conn.transaction():
        for clip, vector in zip(clips, vectors, strict=True):
            await steering.keep_vector(conn, clip.id, vector)
    return len(clips)
