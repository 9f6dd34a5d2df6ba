"""Every statement in the code is a literal, and PostgreSQL accepts it against the migrated schema."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("backend", "social", "character_store")
METHODS = {"execute", "executemany", "fetch", "fetchmany", "fetchrow", "fetchval", "cursor"}
NOT_LITERAL = {("backend/db.py", "step.sql")}  # the text of a migration file


class Statement(NamedTuple):
    """A call that runs SQL. `sql` is None where the argument is no literal; `given` is None where that is open."""

    place: str
    source: str
    sql: str | None
    given: int | None


def statements(source: str, file: str) -> Iterator[Statement]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
            continue
        if isinstance(node.func.value, ast.Call) and ast.unparse(node.func.value) == "super()":
            continue  # an executor of jobs, not of SQL
        query = node.args[0] if node.args else None
        written = ast.unparse(node if query is None else query)
        if (file, written) in NOT_LITERAL:
            continue
        sql = query.value if isinstance(query, ast.Constant) and isinstance(query.value, str) else None
        is_open = node.func.attr == "executemany" or any(isinstance(value, ast.Starred) for value in node.args)
        yield Statement(f"{file}:{node.lineno}", written, sql, None if is_open else len(node.args) - 1)


def _all_statements() -> list[Statement]:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [found for path in files for found in statements(path.read_text(), str(path.relative_to(ROOT)))]


def test_every_statement_is_a_literal() -> None:
    wrong = [f"{found.place}: {found.source}" for found in _all_statements() if found.sql is None]
    assert not wrong, "SQL that is not a plain string literal:\n" + "\n".join(wrong)


async def test_every_statement_fits_the_migrated_schema(conn: asyncpg.Connection) -> None:
    wrong = []
    for found in _all_statements():
        if found.sql is None:
            continue
        try:
            wanted = len((await conn.prepare(found.sql)).get_parameters())
        except asyncpg.PostgresError as error:
            wrong.append(f"{found.place}: {error}")
        else:
            if found.given not in (None, wanted):
                wrong.append(f"{found.place}: {wanted} parameters wanted, {found.given} given")
    assert not wrong, "SQL that the database refuses:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "sql", "given"),
    [
        ("conn.fetch('SELECT 1' ' + $1', x)", "SELECT 1 + $1", 1),
        ("conn.execute(f'DROP TABLE {name}')", None, 0),
        ("conn.fetchrow('SELECT ' + columns)", None, 0),
        ("conn.fetch(QUERY, *values)", None, None),
        ("conn.executemany('SELECT $1', rows)", "SELECT $1", None),
    ],
)
def test_the_walk_tells_a_literal_from_anything_else(source: str, sql: str | None, given: int | None) -> None:
    [found] = statements(source, "module.py")
    assert (found.place, found.sql, found.given) == ("module.py:1", sql, given)


def test_the_walk_leaves_other_calls_alone() -> None:
    assert list(statements("super().execute(job, context)\nfetch(1)\nqueue.run()", "module.py")) == []
