"""How PostgreSQL would carry out the statements of a module, whatever their parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from tests.test_sql import statements

ROOT = Path(__file__).parent.parent
BY_INDEX = {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}


async def scanned(conn: asyncpg.Connection, module: str, tables: Collection[str]) -> dict[str, list[str]]:
    """Which statements of the module read all of one of those tables, even where any other way is preferred."""
    async with conn.transaction():
        await conn.execute("set local enable_seqscan = off")
        await conn.execute(
            "create function pg_temp.plan_of(query text) returns text language plpgsql as "
            "$$ declare plan text; begin execute 'explain (generic_plan, format json) ' || query into plan; "
            "return plan; end $$"
        )
        found = {}
        for one in statements((ROOT / module).read_text(), module):
            assert one.sql is not None, one.place
            told = msgspec.json.decode(await conn.fetchval("select pg_temp.plan_of($1)", one.sql))
            if whole := sorted(set(_read_whole(told[0]["Plan"], tables))):
                found[one.place] = whole
        await conn.execute("drop function pg_temp.plan_of")
    return found


def _read_whole(node: dict[str, Any], tables: Collection[str]) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    if table in tables and (kind == "Seq Scan" or (kind in BY_INDEX and "Index Cond" not in node)):
        yield f"{kind} on {table}"
    for below in node.get("Plans", ()):
        yield from _read_whole(below, tables)
