"""The rule of casting against the table of the product, over every combination."""

from __future__ import annotations

import itertools
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import msgspec

TABLE: Final = {  # audience -> who may, besides the owner
    "only_me": frozenset[str](),
    "approved": frozenset({"granted"}),
    "mutuals": frozenset({"granted", "friend"}),
    "everyone": frozenset({"granted", "friend", "stranger", "follower", "followed"}),
}
RELATIONS: Final = ("owner", "stranger", "follower", "followed", "friend")
STANDING: Final = ("none", "live", "revoked")
ONCE: Final = ("none", "these words", "other words", "spent here", "spent elsewhere", "revoked")
BLOCKS: Final = ("none", "by owner", "by asker")
KINDS: Final = ("person", "pet", "object", "drawn", "person")  # a number that divides no other
STATES: Final = ("processing", "ready", "refused", "revoked")
CONSENTS: Final = ("none", "both", "generate withdrawn", "share withdrawn")
WORDS: Final = "she waves"


class Case(msgspec.Struct, frozen=True):
    relation: str
    block: str
    audience: str
    standing: str
    once: str
    state: str
    consent: str
    kind: str


CASES: Final = [
    Case(*one, kind=KINDS[number % len(KINDS)])  # no part of the rule: every kind meets every value of the others
    for number, one in enumerate(itertools.product(RELATIONS, BLOCKS, tuple(TABLE), STANDING, ONCE, STATES, CONSENTS))
    if one[0] != "owner" or one[1] == "none"  # nobody blocks themselves
]


def expected(case: Case, *, clip_exists: bool) -> str | None:
    """The rule, as its readers would say it."""
    if case.state == "revoked" or case.consent == "generate withdrawn":
        return "revoked"
    if case.state != "ready":
        return "not_ready"
    if case.relation == "owner":
        return None
    if case.block != "none":
        return "blocked"
    if case.consent == "share withdrawn":
        return "audience"
    roles = {case.relation} | ({"granted"} if case.standing == "live" else set())
    these_words = case.once == ("spent here" if clip_exists else "these words")
    return None if these_words or roles & TABLE[case.audience] else "audience"


async def _account(conn: asyncpg.Connection, handle: str) -> UUID:
    made: UUID = await conn.fetchval(
        "insert into account (handle, display_name, password_hash, birth_date) "
        "values ($1::text, $1::text, '', '1990-01-01') returning id",
        handle,
    )
    return made


async def _clip(conn: asyncpg.Connection, account: UUID) -> UUID:
    made: UUID = await conn.fetchval(
        "insert into clip (account, prompt, model, size, seconds, seed) values ($1, $2, '', '', '4', 1) returning id",
        account,
        WORDS,
    )
    return made


async def _owners(conn: asyncpg.Connection, asker: UUID) -> dict[tuple[str, str], UUID]:
    """Somebody for every relation and block."""
    owners = {}
    for number, (relation, block) in enumerate(itertools.product(RELATIONS, BLOCKS)):
        owner = asker if relation == "owner" else await _account(conn, f"owner{number}")
        owners[relation, block] = owner
        if relation in {"follower", "friend"}:
            await conn.execute("insert into follow (follower, followed) values ($1, $2)", asker, owner)
        if relation in {"followed", "friend"}:
            await conn.execute("insert into follow (follower, followed) values ($1, $2)", owner, asker)
        if relation != "owner" and block != "none":
            pair = (owner, asker) if block == "by owner" else (asker, owner)
            await conn.execute("insert into block (blocker, blocked) values ($1, $2)", *pair)
    return owners


async def _receipts(conn: asyncpg.Connection, account: UUID) -> dict[str, UUID | None]:
    receipts: dict[str, UUID | None] = {"none": None}
    for consent in CONSENTS[1:]:
        receipts[consent] = await conn.fetchval(
            "insert into consent_receipt (account, policy_version, policy_sha256, signed_name, ip_hash) "
            "values ($1, '1', '', 'A', '') returning id",
            account,
        )
        for purpose in ("store", "generate", "share"):
            await conn.execute(
                "insert into consent_purpose (receipt, purpose, withdrawn_at) "
                "values ($1, $2, case when $3 then now() end)",
                receipts[consent],
                purpose,
                consent.startswith(purpose),
            )
    return receipts


async def test_the_rule_is_the_table_in_every_combination(conn: asyncpg.Connection) -> None:
    asker = await _account(conn, "asker")
    owners, receipts = await _owners(conn, asker), await _receipts(conn, asker)
    here, elsewhere = await _clip(conn, asker), await _clip(conn, asker)
    keys = [uuid4() for _ in CASES]
    await conn.execute(
        "insert into character (id, owner, kind, audience, state, consent, name, handle, preferences, restrictions, "
        "build) select id, owner, kind, audience, state, consent, '', id::text, '', '{}', 'average' "
        "from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[]) "
        "as k (id, owner, kind, audience, state, consent)",
        keys,
        [owners[case.relation, case.block] for case in CASES],
        [case.kind for case in CASES],
        [case.audience for case in CASES],
        [case.state for case in CASES],
        [receipts[case.consent] for case in CASES],
    )
    now = await conn.fetchval("select now()")
    of_once = {
        "these words": (WORDS, None, None, None),
        "other words": ("he waves", None, None, None),
        "spent here": (WORDS, here, now, None),
        "spent elsewhere": (WORDS, elsewhere, now, None),
        "revoked": (WORDS, None, None, now),
    }
    standing = {"live": (None, None, None, None), "revoked": (None, None, None, now)}
    await conn.copy_records_to_table(
        "cast_grant",
        columns=["character", "grantee", "prompt", "clip", "spent_at", "revoked_at"],
        records=[
            (key, asker, *grant)
            for key, case in zip(keys, CASES, strict=True)
            for grant in (standing.get(case.standing), of_once.get(case.once))
            if grant is not None
        ],
    )
    await conn.execute("analyze")
    rows = await conn.fetch(
        "select k.id, cast_refusal($1, k, null, $2) as asked, cast_refusal($1, k, $3, $2) as made, "
        "case when k.state = 'ready' then publish_refusal($1, k, $3, $2) end as published from character k",
        asker,
        WORDS,
        here,
    )
    found = {row["id"]: (row["asked"], row["made"], row["published"]) for row in rows}
    for key, case in zip(keys, CASES, strict=True):
        asked, made = expected(case, clip_exists=False), expected(case, clip_exists=True)
        published = "audience" if made is None and case.consent == "share withdrawn" else made
        assert found[key] == (asked, made, published if case.state == "ready" else None), case
