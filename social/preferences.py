"""Which notices an account wants, by kind: kept in the app, and pushed to phones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InvalidValue
from social.notices import Kind

KINDS: Final[tuple[str, ...]] = get_args(Kind)
OPTIONAL: Final = frozenset(
    {
        "liked",
        "commented",
        "replied",
        "mentioned",
        "comment_liked",
        "followed",
        "friend_joined",
        "thread_added",
        "remixed",
        "suggestion_taken",
        "sound_used",
    }
)
"""The others are kept whatever is preferred: what is done with one's face, and who may do what."""


class Preference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    in_app: bool = True
    push: bool = True


async def of(conn: asyncpg.Connection, account: UUID) -> dict[str, Preference]:
    """Of every kind."""
    rows = await conn.fetch("select kind, in_app, push from notice_preference where account = $1", account)
    said = {row["kind"]: Preference(row["in_app"], row["push"]) for row in rows}
    return {kind: said.get(kind, Preference()) for kind in KINDS}


async def put(conn: asyncpg.Connection, account: UUID, wanted: Mapping[str, Preference]) -> None:
    """Kinds that are not named stay as they are. Raises InvalidValue before any is changed."""
    for kind, one in wanted.items():
        if kind not in KINDS:
            raise InvalidValue("kinds", kind, ", ".join(KINDS))
        if not one.in_app and kind not in OPTIONAL:
            raise InvalidValue(f"kinds.{kind}.in_app", one.in_app, f"true; false for {', '.join(sorted(OPTIONAL))}")
        if one.push and not one.in_app:
            raise InvalidValue(f"kinds.{kind}.push", one.push, "false where in_app is false")
    await conn.executemany(
        """
        insert into notice_preference (account, kind, in_app, push) values ($1, $2, $3, $4)
        on conflict (account, kind) do update set in_app = excluded.in_app, push = excluded.push
        """,
        [(account, kind, one.in_app, one.push) for kind, one in sorted(wanted.items())],
    )


async def wants_push(conn: asyncpg.Connection, account: UUID, kind: str) -> bool:
    return bool(
        await conn.fetchval(
            "select not exists (select from notice_preference where account = $1 and kind = $2 and not push)",
            account,
            kind,
        )
    )
