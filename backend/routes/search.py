"""Search: accounts, characters that may be cast, and clips."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

import asyncpg
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, shapes
from backend.auth import Viewer
from backend.media_links import MediaLinks
from backend.pages import LIMITS
from character_store import search as roles
from character_store import uses
from social import changes, parents, people, search
from social.errors import InvalidValue
from social.search import Found

Kind = Literal["accounts", "characters", "videos"]
KINDS: Final[tuple[Kind, ...]] = ("accounts", "characters", "videos")
FEW: Final = 5  # of each, where no kind is asked for
LIMIT: Final = 20
T = TypeVar("T")


@get("/search")
async def find(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    q: FromQuery[str] = "",
    type: FromQuery[str | None] = None,  # noqa: A002 - the name that clients know
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> dict[str, Any]:
    """Accounts by handle and name, characters that the viewer may cast, clips by their words; best first.

    Typing errors are allowed. Without a `type` a few of each, and no further page.
    """
    auth.need_session(viewer)
    query = search.checked(q)
    if type is not None and type not in KINDS:
        raise InvalidValue("type", type, ", ".join(KINDS))
    if type is None and after is not None:
        raise InvalidValue("after", after, "nothing, where no type is asked for")
    most = limit if limit is not None else FEW if type is None else LIMIT
    if not LIMITS[0] <= most <= LIMITS[1]:
        raise InvalidValue("limit", most, f"{LIMITS[0]} to {LIMITS[1]}")
    start = None if after is None or type is None else _read_cursor(type, query, after)
    found: dict[str, Any] = {"object": "search", **dict.fromkeys(KINDS)}
    async with pool.acquire() as conn, conn.transaction(readonly=True):
        await search.be_tolerant(conn)
        if type in {None, "accounts"}:
            found["accounts"] = await _accounts(conn, viewer.id, query, start, most)
        if type in {None, "characters"}:
            found["characters"] = await _characters(conn, viewer.id, query, start, most)
        if type in {None, "videos"}:
            found["videos"] = await _videos(conn, viewer.id, query, start, most, media_links)
    return found


async def _accounts(
    conn: asyncpg.Connection, viewer: UUID, query: str, after: Found | None, limit: int
) -> dict[str, Any]:
    rows = await search.accounts(conn, viewer, query, after=after, limit=limit)
    known = await people.several(conn, viewer, [row.id for row in rows])
    return _page("accounts", query, rows, limit, lambda row: shapes.person(known[row.id]))


async def _characters(
    conn: asyncpg.Connection, viewer: UUID, query: str, after: Found | None, limit: int
) -> dict[str, Any]:
    start = None if after is None else (after.score, after.id)
    hits = await roles.characters(conn, viewer, query, slips=search.slips(query), after=start, limit=limit)
    known = {hit.character.id: hit.character for hit in hits}
    rows = [Found(hit.character.id, hit.score) for hit in hits]
    return _page("characters", query, rows, limit, lambda row: shapes.castable(known[row.id]))


async def _videos(
    conn: asyncpg.Connection, viewer: UUID, query: str, after: Found | None, limit: int, links: MediaLinks
) -> dict[str, Any]:
    rows = await search.clips(conn, viewer, query, after=after, limit=limit)
    ids = [row.id for row in rows]
    known, cast = await changes.clips(conn, viewer, ids), await uses.of_clips(conn, ids)
    came_from = await parents.makers(conn, viewer, known.values())

    def shape(row: Found) -> dict[str, Any]:
        clip = known[row.id]
        video = shapes.video(clip, cast[row.id], parent=came_from.get(row.id))
        return video | {"media": shapes.media(clip, cast[row.id], viewer, links)}

    return _page("videos", query, rows, limit, shape)


def _page(
    kind: Kind, query: str, rows: Sequence[Found], limit: int, shape: Callable[[Found], dict[str, Any]]
) -> dict[str, Any]:
    """`last_id` carries the score with the id: the page after it begins there."""
    page = shapes.page([shape(row) for row in rows[:limit]], has_more=len(rows) > limit)
    last = rows[:limit][-1] if rows[:limit] else None
    return page | {"last_id": None if last is None else f"{_mark(kind, query)}.{last.score}.{last.id.hex}"}


def _read_cursor(kind: str, query: str, after: str) -> Found:
    """Raises InvalidValue."""
    mark, _, place = after.partition(".")
    score, _, digits = place.partition(".")
    if mark != _mark(kind, query) or not (score.isascii() and score.isdigit() and len(score) < 7):
        raise InvalidValue("after", after, f"the last_id of a page of this very search of {kind}")
    try:
        return Found(UUID(hex=digits), int(score))
    except ValueError:
        raise InvalidValue("after", after, f"the last_id of a page of this very search of {kind}") from None


def _mark(kind: str, query: str) -> str:
    return hashlib.sha256(f"{kind} {query}".encode()).hexdigest()[:12]
