"""What its maker lets be seen of a clip, and what others take away again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import blocks, clips
from social.clips import Clip
from social.errors import ClipNotReady, ClipUnknown, RemixOff

Audience = Literal["only_me", "friends", "everyone"]
WIDTH: Final[dict[str, int]] = {"only_me": 0, "friends": 1, "everyone": 2}
CAPTION_MAX: Final = 2200  # characters


class TakenDown(msgspec.Struct, frozen=True):
    clip: UUID
    maker: UUID
    media: tuple[str, ...]  # keys


async def of_maker(conn: asyncpg.Connection, maker: UUID, clip: UUID, public_id: str) -> Clip:
    """Their own clip, locked: two changes of one clip come one after the other. Raises ClipUnknown."""
    await conn.execute("select from clip where id = $1 and account = $2 for no key update", clip, maker)
    found = await clips.visible(conn, maker, clip)
    if found is None or found.account != maker:
        raise ClipUnknown(public_id)
    return found


async def set_audience(conn: asyncpg.Connection, clip: UUID, audience: Audience) -> None:
    """`published_at` is when it left the state of a draft."""
    await conn.execute(
        """
        update clip set audience = $2,
            published_at = case when $2 = 'only_me' then null else coalesce(published_at, now()) end
        where id = $1
        """,
        clip,
        audience,
    )


async def describe(
    conn: asyncpg.Connection, clip: UUID, *, caption: str | None = None, allow_remix: bool | None = None
) -> None:
    """None leaves as it is."""
    await conn.execute(
        "update clip set caption = coalesce($2, caption), allow_remix = coalesce($3, allow_remix) where id = $1",
        clip,
        caption,
        allow_remix,
    )


async def remixable(conn: asyncpg.Connection, viewer: UUID, clip: UUID, public_id: str) -> Clip:
    """The parent of a remix. Raises ClipUnknown, RemixOff or ClipNotReady."""
    parent = await clips.visible(conn, viewer, clip)
    if parent is None:
        raise ClipUnknown(public_id)
    if parent.account != viewer and (not parent.allow_remix or await blocks.between(conn, viewer, parent.account)):
        raise RemixOff(public_id)
    if parent.status != "completed":
        raise ClipNotReady(public_id, parent.status)
    return parent


async def take_down(conn: asyncpg.Connection, gone: Sequence[UUID], by: UUID | None, because: str) -> list[TakenDown]:
    """Gone for everybody; the rows stay for those who were shown. Only clips that are not in the making any more."""
    await conn.execute("select from clip where id = any($1) order by id for update", list(gone))
    rows = await conn.fetch(
        """
        update clip set removed_at = now(), removed_by = $2, removed_because = $3, blurhash = null,
            media = case when status = 'completed' then '{}'::jsonb end
        where id = any($1) and removed_at is null and status in ('completed', 'failed')
        returning id, account, old.media as had
        """,
        list(gone),
        by,
        because,
    )
    return [
        TakenDown(row["id"], row["account"], tuple(str(one["key"]) for one in (row["had"] or {}).values()))
        for row in rows
    ]
