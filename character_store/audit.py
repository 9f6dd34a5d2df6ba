"""What was done with people's identities, and by whom: rows that are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg


async def note(
    conn: asyncpg.Connection, actor: UUID | None, action: str, subject: UUID, detail: Mapping[str, Any]
) -> None:
    """`actor` None = the machine by itself. Belongs into the transaction of what was done."""
    await conn.execute(
        "insert into audit (actor, action, subject, detail) values ($1, $2, $3, $4)", actor, action, subject, detail
    )
