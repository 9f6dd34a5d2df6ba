"""Refusals of words: counted by rule, appealed by sending the words again, known again when an appeal was granted."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final, Literal, Protocol
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InvalidValue
from social.safety import folding, opinions, rules
from social.safety.errors import ModerationBlocked, RefusalAppealed, RefusalUnknown, SentinelBlock, WordsRefused
from social.safety.rules import Place

Outcome = Literal["upheld", "overturned"]
WORDS_MOST: Final = 2000  # characters of an appeal, and of what it quotes


class Refusal(msgspec.Struct, frozen=True):
    """`quoted`: the words, sent again by who appeals; `words`: why they should pass."""

    id: UUID
    account: UUID
    place: str
    rule: str
    category: str
    at: datetime
    quoted: str | None
    words: str | None
    appealed_at: datetime | None
    outcome: Outcome | None
    answer: str | None


class Writer(Protocol):
    """An account: whose words they are, and whether they are under 18."""

    @property
    def id(self) -> UUID: ...

    @property
    def is_young(self) -> bool: ...


async def need_fit(
    conn: asyncpg.Connection, writer: Writer, place: Place, param: str, text: str, *, person: bool = False
) -> None:
    """Raises SentinelBlock or ModerationBlocked, unless an appeal of the writer's freed exactly these words.

    `person`: a real person's character is cast.
    """
    finding = rules.met(text, place, person=person, young=writer.is_young)
    if finding is None:
        finding = await opinions.of(text, place, strict=person or writer.is_young)
    if finding is None:
        return
    digest = digest_of(writer.id, text)
    freed = await conn.fetchval(
        "select exists (select from refusal where account = $1 and digest = $2 and outcome = 'overturned')",
        writer.id,
        digest,
    )
    if not freed:
        kind = SentinelBlock if place == "clip" else ModerationBlocked
        raise kind(writer.id, place, param, finding, digest)


async def note(conn: asyncpg.Connection, refused: WordsRefused) -> None:
    """Counted, without its words."""
    await conn.execute(
        """
        insert into refusal (id, account, place, rule, category, version, digest) values ($1, $2, $3, $4, $5, $6, $7)
        """,
        refused.refusal,
        refused.account,
        refused.place,
        refused.finding.rule,
        refused.finding.category,
        refused.finding.version,
        refused.digest,
    )


async def appeal(
    conn: asyncpg.Connection, account: UUID, refusal: UUID, quoted: str, words: str, shown: str
) -> Refusal:
    """Raises RefusalUnknown, RefusalAppealed, or InvalidValue where `quoted` is not what was refused."""
    found = await _locked(conn, refusal)
    if found is None or found.account != account:
        raise RefusalUnknown(shown)
    if found.appealed_at is not None:
        raise RefusalAppealed(found.outcome)
    if digest_of(account, quoted) != await conn.fetchval("select digest from refusal where id = $1", refusal):
        raise InvalidValue("text", f"{len(quoted)} characters", "exactly the words that were refused")
    await conn.execute(
        "update refusal set quoted = $2, words = $3, appealed_at = clock_timestamp() where id = $1",
        refusal,
        quoted,
        words,
    )
    return await _found(conn, refusal)


async def decide(
    conn: asyncpg.Connection, staff: UUID, refusal: UUID, outcome: Outcome, answer: str, shown: str
) -> Refusal:
    """Overturned: these words pass for this account from now on. Raises RefusalUnknown or RefusalAppealed."""
    found = await _locked(conn, refusal)
    if found is None or found.appealed_at is None or found.account == staff:
        raise RefusalUnknown(shown)
    if found.outcome is not None:
        raise RefusalAppealed(found.outcome)
    await conn.execute(
        """
        update refusal set outcome = $2, answer = $3, decided_by = $4, decided_at = clock_timestamp() where id = $1
        """,
        refusal,
        outcome,
        answer,
        staff,
    )
    return await _found(conn, refusal)


async def waiting(conn: asyncpg.Connection, *, after: UUID | None, limit: int) -> list[Refusal]:
    """Appealed and not answered, by id; one more than `limit` says that there is another page."""
    rows = await conn.fetch(
        """
        select id, account, place, rule, category, at, quoted, words, appealed_at, outcome, answer from refusal
        where appealed_at is not null and outcome is null and ($1::uuid is null or id > $1) order by id limit $2 + 1
        """,
        after,
        limit,
    )
    return [msgspec.convert(dict(row), Refusal) for row in rows]


def digest_of(account: UUID, text: str) -> bytes:
    """Of the folded words, salted with the account."""
    return hashlib.sha256(account.bytes + folding.folded(text).encode()).digest()


async def _locked(conn: asyncpg.Connection, refusal: UUID) -> Refusal | None:
    await conn.execute("select from refusal where id = $1 for update", refusal)
    row = await conn.fetchrow(
        """
        select id, account, place, rule, category, at, quoted, words, appealed_at, outcome, answer
        from refusal where id = $1
        """,
        refusal,
    )
    return None if row is None else msgspec.convert(dict(row), Refusal)


async def _found(conn: asyncpg.Connection, refusal: UUID) -> Refusal:
    found = await _locked(conn, refusal)
    if found is None:
        raise RefusalUnknown(refusal.hex)
    return found
