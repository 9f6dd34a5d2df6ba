"""Statements of reasons and appeals: what was decided against you, and asking somebody else to look again."""

from __future__ import annotations

from typing import Any, Literal

import asyncpg
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, ids, moderating, shapes, staff_shapes
from backend.auth import Viewer
from backend.errors import Unauthenticated
from backend.pages import page_of
from backend.tokens import TokenKeys
from social.errors import InvalidValue
from social.moderation import appeals, reviews, statements
from social.moderation.errors import StatementUnknown


class NewAppeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of the two: a decision against you, or your report that was dismissed."""

    words: str
    statement: str | None = None
    report: str | None = None


class SuspendedAppeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`statement` and `token` as the refused sign-in told them in `appeal`."""

    statement: str
    token: str
    words: str


class AppealAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """upheld: the decision stands. overturned: all that it did is taken back."""

    outcome: Literal["upheld", "overturned"]
    answer: str


@get("/statements")
async def reasons(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Decisions against you, newest first, with the reasons that the Digital Services Act asks for."""
    auth.need_session(viewer)
    start, limit = page_of("stm", after, limit)
    async with pool.acquire() as conn:
        rows = await statements.of(conn, viewer.id, after=start, limit=limit)
    return shapes.page([staff_shapes.statement(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/statements/{statement_id:str}")
async def reason(
    statement_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """As JSON to keep; whoever it is addressed to and staff may read it."""
    auth.need_session(viewer)
    key = ids.parse("stm", statement_id)
    async with pool.acquire() as conn:
        found = None if key is None else await statements.find(conn, key)
    if found is None or (found.account != viewer.id and viewer.account.role not in auth.STAFF):
        raise StatementUnknown(statement_id)
    return staff_shapes.statement(found)


@post("/appeals", status_code=201)
async def create(
    data: JSONBody[NewAppeal], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Within six months; somebody else looks, and answers in words. Asked twice, it is the first."""
    auth.need_session(viewer)
    if (data.statement is None) == (data.report is None):
        raise InvalidValue("statement", data.statement, "exactly one of statement, report")
    async with pool.acquire() as conn, conn.transaction():
        if data.statement is not None:
            key = ids.parse("stm", data.statement)
            against = await reviews.against_statement(conn, key, viewer.id, data.statement)
        else:
            named = data.report or ""
            against = await reviews.against_report(conn, ids.parse("rep", named), viewer.id, named)
        appeal = await reviews.open_appeal(conn, against, viewer.id, data.words)
    return staff_shapes.appeal(appeal)


@post("/appeals/suspended", status_code=201, security=[{}])
async def while_suspended(
    data: JSONBody[SuspendedAppeal],
    pool: NamedDependency[asyncpg.Pool],
    token_keys: NamedDependency[TokenKeys],
) -> dict[str, Any]:
    """By whoever cannot sign in for the very decision that they appeal."""
    key = ids.parse("stm", data.statement)
    try:
        account, named = token_keys.read(data.token)
    except Unauthenticated:
        raise StatementUnknown(data.statement) from None
    if key != named:
        raise StatementUnknown(data.statement)
    async with pool.acquire() as conn, conn.transaction():
        against = await reviews.against_statement(conn, key, account, data.statement)
        appeal = await reviews.open_appeal(conn, against, account, data.words)
    return staff_shapes.appeal(appeal)


@get("/appeals")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Yours with their answers, newest first."""
    auth.need_session(viewer)
    start, limit = page_of("apl", after, limit)
    async with pool.acquire() as conn:
        rows = await appeals.of_account(conn, viewer.id, after=start, limit=limit)
    return shapes.page([staff_shapes.appeal(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/moderation/appeals")
async def waiting(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Unanswered, oldest first. For seniors."""
    auth.need_role(viewer, "senior", "operator")
    start, limit = page_of("apl", after, limit)
    async with pool.acquire() as conn:
        rows = await appeals.waiting(conn, after=start, limit=limit)
    listed = [staff_shapes.appeal(row) | {"by": row.handle} for row in rows[:limit]]
    return shapes.page(listed, has_more=len(rows) > limit)


@post("/moderation/appeals/{appeal_id:str}/decide", status_code=200)
async def decide(
    appeal_id: FromPath[str],
    data: JSONBody[AppealAnswer],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """By a senior who neither took the decision nor is concerned by it."""
    auth.need_role(viewer, "senior", "operator")
    auth.need_fresh(viewer, auth.STAFF_FRESH_SECONDS)
    async with pool.acquire() as conn, conn.transaction():
        appeal = await moderating.close_appeal(
            conn, ids.parse("apl", appeal_id), appeal_id, viewer.id, viewer.account.role, data.outcome, data.answer
        )
    return staff_shapes.appeal(appeal)
