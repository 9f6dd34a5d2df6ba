"""Words that the rules refused: noted without the words, appealed with them, looked at by staff."""

from __future__ import annotations

from typing import Any, Final, Literal

import asyncpg
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import Scope

from backend import auth, ids, shapes
from backend.auth import Viewer
from backend.pages import page_of
from social.errors import InvalidValue
from social.safety import refusals
from social.safety.errors import RefusalUnknown, WordsRefused
from social.safety.refusals import WORDS_MOST, Outcome, Refusal

TEXT_MOST: Final = 20_000


class RefusalAppeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text`: exactly what was refused, for it was not kept. `words`: why it should pass."""

    text: str
    words: str


class RefusalAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """overturned: these words pass for this account from now on."""

    outcome: Literal["upheld", "overturned"]
    answer: str


async def note(error: Exception, scope: Scope) -> None:
    """A hook after exceptions: the transaction that was refused is over, and its refusal is counted."""
    if isinstance(error, WordsRefused):
        async with scope["litestar_app"].state.pool.acquire() as conn:
            await refusals.note(conn, error)


@post("/refusals/{refusal_id:str}/appeal", status_code=201)
async def appeal(
    refusal_id: FromPath[str],
    data: JSONBody[RefusalAppeal],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """Once for each refusal; a moderator reads the words and answers."""
    auth.need_session(viewer)
    for param, text, most in (("text", data.text, TEXT_MOST), ("words", data.words, WORDS_MOST)):
        _check(param, text, most)
    key = ids.parse("ref", refusal_id)
    if key is None:
        raise RefusalUnknown(refusal_id)
    async with pool.acquire() as conn, conn.transaction():
        row = await refusals.appeal(conn, viewer.id, key, data.text, data.words, refusal_id)
    return _shape(row)


@get("/moderation/refusals")
async def waiting(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Refusals that were appealed and nobody has answered, oldest first."""
    auth.need_staff(viewer)
    start, limit = page_of("ref", after, limit)
    async with pool.acquire() as conn:
        rows = await refusals.waiting(conn, after=start, limit=limit)
    return shapes.page([_shape(row) for row in rows[:limit]], has_more=len(rows) > limit)


@post("/moderation/refusals/{refusal_id:str}/decide", status_code=200)
async def decide(
    refusal_id: FromPath[str],
    data: JSONBody[RefusalAnswer],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """By any moderator but the writer of the words. Needs a sign-in of lately."""
    auth.need_staff(viewer)
    auth.need_fresh(viewer)
    _check("answer", data.answer, WORDS_MOST)
    key = ids.parse("ref", refusal_id)
    if key is None:
        raise RefusalUnknown(refusal_id)
    outcome: Outcome = data.outcome
    async with pool.acquire() as conn, conn.transaction():
        row = await refusals.decide(conn, viewer.id, key, outcome, data.answer, refusal_id)
    return _shape(row)


def _check(param: str, text: str, most: int) -> None:
    """Raises InvalidValue."""
    if not text.strip() or len(text) > most:
        raise InvalidValue(param, f"{len(text)} characters", f"1 to {most} characters")


def _shape(row: Refusal) -> dict[str, Any]:
    return {
        "id": ids.public("ref", row.id),
        "object": "refusal",
        "place": row.place,
        "rule": row.rule,
        "category": row.category,
        "text": row.quoted,
        "words": row.words,
        "outcome": row.outcome,
        "answer": row.answer,
        "created_at": row.at,
    }
