"""Files that moderators took away for a notice from outside or a grave reason: none of them comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg

TOLD: Final = "this very file was taken away here by a moderator"


async def any_known(conn: asyncpg.Connection, digests: Sequence[str]) -> bool:
    """Whether one of these SHA-256 is that of a file whose removal stands."""
    return bool(
        await conn.fetchval(
            """
            select exists (
                select from known_file k join moderation_measure m on m.id = k.measure
                where k.sha256 = any($1) and m.lifted_at is null
            )
            """,
            list(digests),
        )
    )
