"""No statement reads a large table from end to end: plans of everything the code asks, on a small faithful society."""

from __future__ import annotations

import re
from collections.abc import Iterator

import asyncpg
import pytest_asyncio

from backend.localdb import Postgres
from tests.benchmarks import society
from tests.test_sql import _all_statements

LARGE = {
    "account", "account_tally", "change", "clip", "clip_change", "clip_like", "clip_tally", "clip_topic", "clip_view",
    "clip_words", "comment", "event", "feed_list", "follow", "lineage", "notice", "use",
}  # fmt: skip

WHOLE = {"social/growth.py": "an operator's figures of the whole house"}

BESIDE = """
    set session_replication_role = replica;
    insert into change (account, type, subject, at) select id, 'video', id, now() - i * interval '1 hour'
        from person, generate_series(1, 5) i;
    insert into clip_change (author, clip, widest, at) select id, id, 'everyone', now() - i * interval '1 hour'
        from person, generate_series(1, 5) i;
    insert into notice (account, kind, about, read_at) select id, 'cast', '{}', case when i > 1 then now() end
        from person, generate_series(1, 5) i;
    insert into event (seq, account, kind, about, at)
        select 5 * n + i, id, 'notice', '{}', now() - i * interval '1 hour' from person, generate_series(1, 5) i;
    insert into comment (clip, author, text) select f.id, p.id, 'good' from film f join person p on p.n = f.n % 1000;
    insert into feed_list (account, clips, sources, terms, made_at)
        select id, '{}', '{}', '{}', now() - n * interval '1 minute' from person;
    update event_forgotten set upto = 5000;
    update event_relayed set upto = 14000;
    analyze;
"""
"""What a society has beside what the bench needs."""


@pytest_asyncio.fixture(scope="session")
async def filled(postgres: Postgres, template: str) -> str:
    """The DSN of a database with a society in it."""
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute(f"create database society_plans template {template}")
    await conn.close()
    await society.make(postgres.dsn("society_plans"), society.TINY, lambda _: None)
    conn = await asyncpg.connect(postgres.dsn("society_plans"))
    assert await conn.fetchval("select count(*) from tally_drift") == 0
    await conn.execute(BESIDE)
    await conn.close()
    return postgres.dsn("society_plans")


def scanned(plan: str) -> set[str]:
    """Tables that it reads from end to end."""
    return set(re.findall(r"Seq Scan on (\w+)", plan)) & LARGE


async def explained(conn: asyncpg.Connection, sql: str) -> str:
    """The plan for whatever values come, as a prepared statement has it."""
    values = ", ".join("null" for _ in (await conn.prepare(sql)).get_parameters())
    await conn.execute(f"prepare asked as {sql}")
    rows = await conn.fetch(f"explain (costs off) execute asked{f'({values})' if values else ''}")
    await conn.execute("deallocate asked")
    return "\n".join(row[0] for row in rows)


def reads() -> Iterator[tuple[str, str]]:
    for found in _all_statements():
        text = (found.sql or "").strip()
        if re.match(r"(with|select|\(|insert|update|delete)\b", text, re.IGNORECASE):
            yield found.place, text


async def test_no_statement_reads_a_large_table_from_end_to_end(filled: str) -> None:
    conn = await asyncpg.connect(filled, server_settings={"plan_cache_mode": "force_generic_plan"})
    wrong = []
    for place, sql in reads():
        if place.split(":")[0] not in WHOLE and (tables := scanned(await explained(conn, sql))):
            wrong.append(f"{place}: {', '.join(sorted(tables))}: {' '.join(sql.split())[:80]}")
    await conn.close()
    assert not wrong, "\n".join(wrong)


async def test_a_statement_without_an_index_would_be_found(filled: str) -> None:
    conn = await asyncpg.connect(filled, server_settings={"plan_cache_mode": "force_generic_plan"})
    assert scanned(await explained(conn, "select count(*) from clip where prompt = $1")) == {"clip"}
    await conn.close()
