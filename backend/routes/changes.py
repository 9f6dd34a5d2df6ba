"""For clients that were offline: what changed since they last asked, with what it is now."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, ids, shapes, talk_shapes
from backend.auth import Viewer
from backend.ids import Prefix
from backend.media_links import MediaLinks
from backend.routes.notices import shape_of_notice
from character_store import characters, requests, uses
from social import changes, comments, messages, parents, threads
from social.changes import Change, Position, Type
from social.errors import InvalidValue

LIMITS: Final = (1, 100)
PREFIX: Final[dict[Type, Prefix]] = {
    "video": "video",
    "character": "char",
    "notice": "ntc",
    "account": "acct",
    "comment": "cmt",
    "thread": "thr",
    "message": "msg",
}


@get("/changes")
async def since(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    since: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> dict[str, Any]:
    """Oldest first; each subject once a page, as it is now. `deleted`: gone, or not for the viewer (any more).

    Without `since`: nothing but where to begin; load the lists then, and ask with `next` from now on. 410
    `sync_expired` means the same: begin again. A change of type `account` is for everything held of that person.
    """
    auth.need_session(viewer)
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise InvalidValue("limit", limit, f"{LIMITS[0]} to {LIMITS[1]}")
    found: list[Change] = []
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        if since is None:
            stands, more = await changes.start(conn, viewer.id), False
        else:
            found, stands, more = await changes.since(conn, viewer.id, _position(since), limit)
        objects = await _objects(conn, viewer, media_links, found)
    data = [
        {
            "id": ids.public(PREFIX[one.type], one.subject),
            "object": "change",
            "type": one.type,
            "at": one.at,
            "deleted": one.subject not in objects,
            "data": objects.get(one.subject),
        }
        for one in found
    ]
    return shapes.page(data, has_more=more) | {"next": _cursor(stands)}


async def _objects(
    conn: asyncpg.Connection, viewer: Viewer, links: MediaLinks, found: list[Change]
) -> dict[UUID, dict[str, Any]]:
    wanted: dict[Type, list[UUID]] = {name: [one.subject for one in found if one.type == name] for name in PREFIX}
    objects: dict[UUID, dict[str, Any]] = {}
    clips = await changes.clips(conn, viewer.id, wanted["video"])
    cast = await uses.of_clips(conn, list(clips))
    mine = [clip.id for clip in clips.values() if clip.account == viewer.id]
    wishes = await requests.publications(conn, mine)
    came_from = await parents.makers(conn, viewer.id, clips.values())
    for key, clip in clips.items():
        objects[key] = shapes.video(clip, cast[key], wishes.get(key), came_from.get(key)) | {
            "media": shapes.media(clip, cast[key], viewer.id, links)
        }
    for key in wanted["character"]:
        character = await characters.by_id(conn, key)
        if character is not None and character.owner == viewer.id and character.left_at is None:
            objects[key] = shapes.character(character)
    notices = await changes.notices(conn, viewer.id, wanted["notice"])
    objects |= {key: shape_of_notice(notice) for key, notice in notices.items()}
    said = await comments.some(conn, viewer.id, wanted["comment"])
    objects |= {key: talk_shapes.comment(one) for key, one in said.items()}
    objects |= {one.id: talk_shapes.thread(one) for one in await threads.some(conn, viewer.id, wanted["thread"])}
    words = await messages.some(conn, viewer.id, wanted["message"])
    shown = await talk_shapes.messages(conn, viewer.id, links, words)
    objects |= {row.id: one for row, one in zip(words, shown, strict=True)}
    for key, other in (await changes.relations(conn, viewer.id, wanted["account"])).items():
        objects[key] = msgspec.structs.asdict(other) | {"id": ids.public("acct", key), "object": "account"}
    return objects


def _cursor(position: Position) -> str:
    """Opaque to clients."""
    text = f"{position.tx}.{position.id}.{int(position.at.timestamp())}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str) -> Position:
    """Raises InvalidValue."""
    wrong = InvalidValue("since", cursor, "the `next` of an earlier answer")
    try:
        text = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        tx, row, at = (int(part) for part in text.split("."))
        position = Position(tx, row, datetime.fromtimestamp(at, UTC))
    except (ValueError, OverflowError, OSError):
        raise wrong from None
    if not (0 <= tx < 2**62 and 0 <= row < 2**62):
        raise wrong
    return position
