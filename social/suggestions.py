"""Comments that became clips: whose words they were."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from social.comments import Comment


async def note(conn: asyncpg.Connection, clip: UUID, comment: Comment) -> None:
    """The clip says whose words it was made from, also when the comment is gone."""
    await conn.execute(
        "update clip set suggestion = $2, suggested_by = $3 where id = $1", clip, comment.id, comment.author
    )
