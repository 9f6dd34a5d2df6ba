"""Open challenges and what was entered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, forms, ids, shapes
from backend.auth import Viewer
from backend.clip_pages import page_of_clips
from backend.ids import public
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.routes import references
from backend.routes.lineage import likes_first
from social import challenges, clips, hashtags, texts
from social.challenges import LONGEST, PROMPT_MAX, TITLE_MAX, Challenge
from social.errors import ClipUnknown, InvalidValue


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tag: str
    title: str
    prompt: str
    ends_at: datetime
    starter: str | None = None


@post("/challenges", status_code=201)
async def create(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Whatever is published with the tag in its caption until `ends_at` is an entry; `starter` is a clip to remix."""
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _Sent)
    tag = hashtags.checked("tag", sent.tag)
    title = texts.checked("title", " ".join(sent.title.split()), TITLE_MAX)
    prompt = texts.checked("prompt", sent.prompt, PROMPT_MAX)
    ends_at = _end(sent.ends_at)
    async with pool.acquire() as conn, conn.transaction():
        starter = None
        if sent.starter is not None:
            starter = references.clip(sent.starter)
            found = await clips.visible(conn, viewer.id, starter)
            if found is None:
                raise ClipUnknown(sent.starter)
            if found.published_at is None:
                raise InvalidValue("starter", sent.starter, "a published video")
        made = await challenges.create(
            conn, viewer.id, tag=tag, title=title, prompt=prompt, starter=starter, ends_at=ends_at
        )
        return _challenge(await challenges.one(conn, viewer.id, made, public("chal", made)))


@get("/challenges")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    status: FromQuery[str] = "open",
) -> dict[str, Any]:
    """Those that run, or those that have ended, newest first."""
    if status not in {"open", "ended"}:
        raise InvalidValue("status", status, "open, ended")
    start, limit = page_of("chal", after, limit)
    async with pool.acquire() as conn:
        rows = await challenges.listed(conn, viewer.id, ended=status == "ended", after=start, limit=limit)
    return shapes.page([_challenge(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/challenges/{challenge_id:str}")
async def one(
    request: Request[Any, Any, Any],
    challenge_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    order: FromQuery[str] = "newest",
) -> Response[bytes]:
    """The challenge, and a page of its entries."""
    start, limit = page_of("video", after, limit)
    by_likes = likes_first(order)
    key = ids.parse("chal", challenge_id)
    async with pool.acquire() as conn:
        found = await challenges.one(conn, viewer.id, key, challenge_id)
        rows = await challenges.entries(
            conn, viewer.id, found, after=start, limit=limit, order="likes" if by_likes else "newest"
        )
        page = await page_of_clips(conn, viewer, rows, limit, media_links)
    return shapes.single(request, _challenge(found) | {"page": page})


def _end(ends_at: datetime) -> datetime:
    """Raises InvalidValue."""
    if ends_at.tzinfo is None:
        raise InvalidValue("ends_at", ends_at.isoformat(), "a time with its offset, such as 2027-01-31T18:00:00Z")
    now = datetime.now(UTC)
    if not now < ends_at <= now + LONGEST:
        raise InvalidValue("ends_at", ends_at.isoformat(), f"a time in the next {LONGEST.days} days")
    return ends_at


def _challenge(row: Challenge) -> dict[str, Any]:
    return {
        "id": public("chal", row.id),
        "object": "challenge",
        "maker": row.maker,
        "tag": row.tag,
        "title": row.title,
        "prompt": row.prompt,
        "starter": None if row.starter is None else public("video", row.starter),
        "created_at": row.created_at,
        "ends_at": row.ends_at,
        "ended": row.ended,
        "entries": row.entries,
    }
