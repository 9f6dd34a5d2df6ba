"""What people say to each other, as clients see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend import shapes
from backend.ids import public
from backend.media_links import MediaLinks
from character_store import uses
from social import changes, parents
from social.comments import Comment
from social.messages import Message
from social.threads import Thread


def comment(row: Comment) -> dict[str, Any]:
    """`author` and `text` are null where only the place is left."""
    return {
        "id": public("cmt", row.id),
        "object": "comment",
        "video": public("video", row.clip),
        "author": None if row.deleted else row.handle,
        "display_name": None if row.deleted else row.display_name,
        "text": None if row.deleted else row.text,
        "at_s": row.at_s,
        "reply_to": None if row.reply_to is None else public("cmt", row.reply_to),
        "likes": row.likes,
        "liked": row.liked,
        "replies": row.replies,
        "created_at": row.created_at,
        "deleted": row.deleted,
    }


def thread(row: Thread) -> dict[str, Any]:
    """For one of its members."""
    return {
        "id": public("thr", row.id),
        "object": "thread",
        "kind": row.kind,
        "title": row.title,
        "members": [msgspec.structs.asdict(one) for one in row.members],
        "unread": row.unread,
        "muted": row.muted,
        "read_upto": None if row.read_upto is None else public("msg", row.read_upto),
        "newest": None if row.newest == row.id else public("msg", row.newest),
        "created_at": row.created_at,
    }


async def messages(
    conn: asyncpg.Connection, viewer: UUID, links: MediaLinks, rows: Sequence[Message]
) -> list[dict[str, Any]]:
    """`video` is null while it is made and where the viewer may not see it; `author` where the account is gone."""
    seen = await changes.clips(conn, viewer, [row.clip for row in rows if row.clip is not None])
    cast = await uses.of_clips(conn, list(seen))
    came_from = await parents.makers(conn, viewer, seen.values())
    shown = {
        key: shapes.video(clip, cast[key], parent=came_from.get(key))
        | {"media": shapes.media(clip, cast[key], viewer, links)}
        for key, clip in seen.items()
    }
    return [
        {
            "id": public("msg", row.id),
            "object": "message",
            "thread": public("thr", row.thread),
            "author": row.handle,
            "display_name": row.display_name,
            "kind": row.kind,
            "text": None if row.deleted or row.kind == "video" else row.text,
            "video_id": None if row.clip is None else public("video", row.clip),
            "status": row.status,
            "progress": row.progress,
            "error": row.error_code,
            "video": None if row.clip is None else shown.get(row.clip),
            "created_at": row.created_at,
            "deleted": row.deleted,
        }
        for row in rows
    ]
