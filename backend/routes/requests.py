"""Asking a character's owner: the question, the inbox, the answer."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, forms, ids, publishing, shapes
from backend.auth import Viewer
from backend.pages import page_of
from backend.publishing import Decision
from backend.routes import references
from character_store import requests
from character_store.errors import CastRequestUnknown
from social import notices
from social.clips import PROMPT_MAX
from social.errors import InvalidValue


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prompt: str


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    decision: Decision


@post("/characters/{reference:str}/requests")
async def ask(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[dict[str, Any]]:
    """May I cast it with these words? 201; 200 where the same question is open already."""
    auth.need_session(viewer)
    question = msgspec.convert(await forms.read(request), _Question)
    if not question.prompt.strip() or len(question.prompt) > PROMPT_MAX:
        raise InvalidValue("prompt", f"{len(question.prompt)} characters", f"1 to {PROMPT_MAX} characters")
    async with pool.acquire() as conn, conn.transaction():
        character = await references.character(conn, reference)
        asked, is_new = await requests.ask(conn, character, viewer.id, question.prompt)
        if is_new:
            about = {
                "request": ids.public("req", asked.id),
                "character": ids.public("char", character.id),
                "by": viewer.account.handle,
            }
            await notices.tell(conn, character.owner, "cast_requested", about)
    return Response(_request(asked), status_code=201 if is_new else 200)


@get("/characters/requests")
async def inbox(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    role: FromQuery[str] = "owner",
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """What the viewer is asked, or with role=asker what the viewer asked; newest first."""
    auth.need_session(viewer)
    start, limit = page_of("req", after, limit)
    if role not in {"owner", "asker"}:
        raise InvalidValue("role", role, "owner, asker")
    async with pool.acquire() as conn:
        rows = await requests.of(conn, viewer.id, asked=role == "asker", after=start, limit=limit)
    return shapes.page([_request(row) for row in rows[:limit]], has_more=len(rows) > limit)


@post("/characters/requests/{request_id:str}/decide", status_code=200)
async def decide(
    request: Request[Any, Any, Any],
    request_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """approve: these words, one clip. grant: from now on. refuse."""
    auth.need_session(viewer)
    key = ids.parse("req", request_id)
    sent = msgspec.convert(await forms.read(request), _Answer)
    if key is None:
        raise CastRequestUnknown(request_id)
    return _request(await publishing.decide(pool, viewer.account, key, sent.decision))


def _request(row: requests.Request) -> dict[str, Any]:
    return {
        "id": ids.public("req", row.id),
        "object": "character.request",
        "kind": row.kind,
        "character": ids.public("char", row.character),
        "handle": row.handle,
        "owner": row.owner_handle,
        "asker": row.asker_handle,
        "prompt": row.prompt,
        "video": None if row.clip is None else ids.public("video", row.clip),
        "audience": row.audience,
        "state": row.state,
        "created_at": row.created_at,
        "decided_at": row.decided_at,
    }
