"""What people say is read by indexes: a page costs what is on it, however much is said elsewhere."""

from __future__ import annotations

import asyncpg

from tests.plans import scanned

LARGE = frozenset(
    {
        "account",
        "block",
        "clip",
        "clip_like",
        "comment",
        "comment_like",
        "event",
        "follow",
        "message",
        "mute",
        "notice",
        "notice_part",
        "thread",
        "thread_member",
        "use",
    }
)


async def test_no_page_of_talk_reads_a_whole_table(conn: asyncpg.Connection) -> None:
    for noun in ("comments", "likes", "messages", "notices", "preferences", "threads"):
        assert await scanned(conn, f"social/{noun}.py", LARGE) == {}, noun
