"""Comments that became clips: whose words they were."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from social.remix_errors import SuggestionUnknown


class Suggestion(msgspec.Struct, frozen=True):
    """A comment that the viewer may read, under a clip that they may see."""

    id: UUID
    clip: UUID
    author: UUID
    handle: str
    text: str


async def readable(conn: asyncpg.Connection, viewer: UUID, comment: UUID | None, public_id: str) -> Suggestion:
    """Raises SuggestionUnknown: also for one that is deleted or hidden, and after a block on either side."""
    row = await conn.fetchrow(
        """
        select m.id, m.clip, m.author, a.handle::text as handle, m.text
        from comment m join account a on a.id = m.author
        where m.id = $2 and m.deleted_at is null and m.hidden_at is null and not blocked_between(m.author, $1)
            and exists (select from visible_clip($1) c where c.id = m.clip)
            and not exists (
                select from report r where r.reporter = $1 and r.subject_type = 'account' and r.subject = m.author
            )
        """,
        viewer,
        comment,
    )
    if row is None:
        raise SuggestionUnknown(public_id)
    return msgspec.convert(dict(row), Suggestion)


async def note(conn: asyncpg.Connection, clip: UUID, suggestion: Suggestion) -> None:
    """The clip says whose words it was made from, also when the comment is gone."""
    await conn.execute(
        "update clip set suggestion = $2, suggested_by = $3 where id = $1", clip, suggestion.id, suggestion.author
    )


async def authors(conn: asyncpg.Connection, viewer: UUID, clips: Sequence[UUID]) -> dict[UUID, str]:
    """Whose comments clips were made from, by clip; nobody with whom there is a block."""
    rows = await conn.fetch(
        """
        select c.id, a.handle::text as handle from clip c join account a on a.id = c.suggested_by
        where c.id = any($2) and not blocked_between(a.id, $1)
        """,
        viewer,
        list(clips),
    )
    return {row["id"]: row["handle"] for row in rows}
