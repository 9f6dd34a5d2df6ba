"""What its maker lets be seen of a clip, and made of it."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

import asyncpg

from social import blocks, clips, hashtags
from social.clips import Clip
from social.comments import Commenters
from social.errors import ClipImported, ClipNotReady, ClipUnknown, RemixOff
from social.remix_errors import ClipHidden, ClipRemoved

Audience = Literal["only_me", "friends", "everyone"]
WIDTH: Final[dict[str, int]] = {"only_me": 0, "friends": 1, "everyone": 2}
CAPTION_MAX: Final = 2200  # characters


async def lock(conn: asyncpg.Connection, clip: UUID) -> None:
    """Until the transaction ends: changes of one clip come one after the other."""
    await conn.execute("select from clip where id = $1 for no key update", clip)


async def of_maker(conn: asyncpg.Connection, maker: UUID, clip: UUID, public_id: str) -> Clip:
    """Their own clip, locked. Raises ClipUnknown."""
    await lock(conn, clip)
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
    conn: asyncpg.Connection,
    clip: UUID,
    *,
    caption: str | None = None,
    allow_remix: bool | None = None,
    allow_sound: bool | None = None,
    commenters: Commenters | None = None,
) -> None:
    """None leaves as it is. Raises InvalidValue for hashtags that are too many or too long."""
    if caption is not None:
        await hashtags.keep(conn, clip, hashtags.of_caption(caption))
    await conn.execute(
        """
        update clip set caption = coalesce($2, caption), allow_remix = coalesce($3, allow_remix),
            allow_sound = coalesce($4, allow_sound), commenters = coalesce($5, commenters)
        where id = $1
        """,
        clip,
        caption,
        allow_remix,
        allow_sound,
        commenters,
    )


async def remixable(conn: asyncpg.Connection, viewer: UUID, clip: UUID, public_id: str) -> Clip:
    """The parent of a remix.

    Raises ClipUnknown, to its maker ClipRemoved; ClipImported, RemixOff, ClipHidden or ClipNotReady.
    """
    parent = await clips.visible(conn, viewer, clip)
    if parent is None:
        if await conn.fetchval("select removed_at is not null and account = $2 from clip where id = $1", clip, viewer):
            raise ClipRemoved(public_id)
        raise ClipUnknown(public_id)
    if parent.imported_from is not None:
        raise ClipImported(public_id)
    if parent.account != viewer and (not parent.allow_remix or await blocks.between(conn, viewer, parent.account)):
        raise RemixOff(public_id)
    if parent.hidden_at is not None:
        raise ClipHidden(public_id)
    if parent.status != "completed":
        raise ClipNotReady(public_id, parent.status)
    return parent
