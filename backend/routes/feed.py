"""The feed: what the viewer is shown, and what they watched of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, forms, ids, shapes
from backend.auth import Viewer
from backend.media_links import MediaLinks
from character_store import uses
from character_store.uses import Use
from social import calm, parents, views
from social.errors import ClipUnknown, InvalidValue
from social.feed import pages
from social.feed.pages import Item, Page
from social.views import View

LIMITS: Final = (1, 50)
VIEWS_MOST: Final = 100


class _View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    video_id: str
    watched_s: float
    completed: bool | None = None
    at: str | None = None


class _Views(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    views: tuple[_View, ...]


@get("/feed")
async def page(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    mode: FromQuery[str] = "for_you",
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    *,
    explain: FromQuery[bool] = False,
) -> dict[str, Any]:
    """`for_you` is ranked, without what was watched; `following` and `friends` are all of their clips, newest first.

    `after` is the `last_id` of the page before, of the same mode. A ranked list is kept for a day and ends after 120
    clips: then, and after 410 `list_expired`, ask for the first page again. `ended`: in calm mode, all for today.
    """
    auth.need_session(viewer)
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise InvalidValue("limit", limit, f"{LIMITS[0]} to {LIMITS[1]}")
    async with pool.acquire() as conn:
        match mode:
            case "for_you":
                found = await pages.for_you(conn, viewer.id, after, limit, explain=explain)
            case "following" | "friends":
                found = await pages.by_time(conn, viewer.id, mode, after, limit)
            case _:
                raise InvalidValue("mode", mode, "for_you, following, friends")
        items, ended = await _calmly(conn, viewer, found)
        cast = await uses.of_clips(conn, [item.clip.id for item in items])
        came_from = await parents.makers(conn, viewer.id, [item.clip for item in items])
    after = None if ended else found.after
    return {
        "object": "list",
        "mode": mode,
        "data": [
            _item(item, cast[item.clip.id], came_from.get(item.clip.id), viewer, media_links, explain=explain)
            for item in items
        ],
        "last_id": after,
        "has_more": after is not None,
        "ended": ended,
        "message": calm.ENDED if ended else None,
    }


async def _calmly(conn: asyncpg.Connection, viewer: Viewer, found: Page) -> tuple[Sequence[Item], bool]:
    """What of a page a calm feed gives out, and whether that was all for today."""
    items = found.items
    if found.calm is False or (found.calm is None and not await calm.is_on(conn, viewer.id)):
        return items, False
    async with conn.transaction():
        served = await calm.serve(conn, viewer.id, [item.clip.id for item in items])
    passed = frozenset(served.clips)
    return [item for item in items if item.clip.id in passed], served.ended


@post("/feed/views", status_code=200)
async def watched(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """One view, or `views`: up to 100 of them. A view that is told twice counts once; one's own clips count none.

    Clips of a batch that are not there (any more) are told in `unknown`, and the others count.
    """
    auth.need_session(viewer)
    fields = await forms.read(request)
    batch = msgspec.convert(fields, _Views).views if "views" in fields else (msgspec.convert(fields, _View),)
    if not 1 <= len(batch) <= VIEWS_MOST:
        raise InvalidValue("views", f"{len(batch)} views", f"1 to {VIEWS_MOST}")
    told = [_view(one) for one in batch]
    async with pool.acquire() as conn, conn.transaction():
        known = await views.record(conn, viewer.id, told)
    unknown = [ids.public("video", one.clip) for one in told if one.clip not in known]
    if unknown and "views" not in fields:
        raise ClipUnknown(unknown[0])
    return {"object": "feed.views", "recorded": len(told) - len(unknown), "unknown": unknown}


def _view(sent: _View) -> View:
    """Raises ClipUnknown."""
    clip = ids.parse("video", sent.video_id)
    if clip is None:
        raise ClipUnknown(sent.video_id)
    return msgspec.convert(msgspec.to_builtins(sent) | {"clip": clip}, View)


def _item(
    item: Item, cast: list[Use], parent: str | None, viewer: Viewer, links: MediaLinks, *, explain: bool
) -> dict[str, Any]:
    clip = item.clip
    files = shapes.media(clip, cast, viewer.id, links)
    shown = {
        "video": shapes.video(clip, cast, parent=parent) | {"media": files},
        "author": {"handle": clip.maker, "display_name": item.display_name},
        "caption": clip.caption,
        "published_at": clip.published_at,
        "likes": item.likes,
        "comments": item.comments,
        "remixes": item.remixes,
        "liked": item.liked,
        "watched": item.watched,
        "reason": item.reason,
        "media": files,
        "explain": None,
    }
    if explain and item.explained is not None:
        terms = item.explained.terms
        shown["explain"] = {
            "source": item.explained.source,
            "score": terms.score,
            **msgspec.structs.asdict(terms),
            "because": [msgspec.structs.asdict(reason) for reason in item.tastes],
        }
    return shown
