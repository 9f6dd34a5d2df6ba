"""Which clips' files somebody with a link may still have: links outlive wishes, so each request asks again."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import msgspec

from social.clips import StoredMedia


async def published(conn: asyncpg.Connection, clip: UUID) -> dict[str, StoredMedia]:
    """The files of a clip that others may see now; nothing of a draft, a hidden or a removed one."""
    media = await conn.fetchval(
        """
        select c.media from clip c
        where c.id = $1 and c.status = 'completed' and c.removed_at is null and c.hidden_at is null
            and c.audience <> 'only_me'
            and not exists (
                select from use u join character k on k.id = u.character
                where u.clip = c.id and not consent_holds(k.consent, 'share')
            )
        """,
        clip,
    )
    return msgspec.convert(media or {}, dict[str, StoredMedia])


async def sent(conn: asyncpg.Connection, clip: UUID) -> dict[str, StoredMedia]:
    """The files of a clip, a draft too, that its maker has sent into a conversation and not taken back."""
    media = await conn.fetchval(
        """
        select c.media from clip c
        where c.id = $1 and c.status = 'completed' and c.removed_at is null and c.hidden_at is null
            and exists (
                select from message m where m.clip = c.id and m.author = c.account and m.deleted_at is null
            )
            and not exists (
                select from use u join character k on k.id = u.character
                where u.clip = c.id and not consent_holds(k.consent, 'share')
            )
        """,
        clip,
    )
    return msgspec.convert(media or {}, dict[str, StoredMedia])


async def own(conn: asyncpg.Connection, clip: UUID) -> dict[str, StoredMedia]:
    """The files of a clip that was not removed."""
    media = await conn.fetchval("select media from clip where id = $1 and removed_at is null", clip)
    return msgspec.convert(media or {}, dict[str, StoredMedia])
