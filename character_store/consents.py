"""Consent receipts: what somebody agreed to, when, under which text, signed how; and the digits a capture must speak.

A receipt is written before a byte of a face or voice is accepted (BIPA s. 15(b): a written release first; GDPR art. 9
(2)(a): explicit, per purpose; art. 7(3): as easy to withdraw as to give).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from character_store import policy
from character_store.errors import ChallengeSpent, ChallengesSpent, ConsentNeeded, ConsentUnknown

Purpose = Literal["store", "generate", "share"]
PURPOSES: Final[tuple[Purpose, ...]] = ("store", "generate", "share")
SIGNED_NAME: Final = (2, 100)  # characters
DIGITS: Final = 6
CHALLENGE_LIFE: Final = timedelta(minutes=5)
CHALLENGES_A_DAY: Final = 30  # of one account: a million are possible


class Challenge(msgspec.Struct, frozen=True):
    """Single use. English digits, read aloud one by one."""

    digits: str
    expires_at: datetime


class Receipt(msgspec.Struct, frozen=True):
    """`purposes`: each with the moment it was withdrawn, or None while it holds."""

    id: UUID
    account: UUID
    policy_version: str
    policy_sha256: str
    signed_name: str
    at: datetime
    purposes: dict[str, datetime | None]

    def holds(self, purpose: Purpose) -> bool:
        """Given and not withdrawn."""
        return purpose in self.purposes and self.purposes[purpose] is None


async def sign(
    conn: asyncpg.Connection, account: UUID, purposes: Collection[Purpose], signed_name: str, ip_hash: bytes
) -> Receipt:
    """A new receipt under the current text."""
    text = policy.current()
    receipt: UUID = await conn.fetchval(
        """
        insert into consent_receipt (account, policy_version, policy_sha256, signed_name, ip_hash)
        values ($1, $2, $3, $4, $5) returning id
        """,
        account,
        text.version,
        text.sha256,
        signed_name,
        ip_hash,
    )
    await conn.execute(
        "insert into consent_purpose (receipt, purpose) select $1, unnest($2::text[])", receipt, list(purposes)
    )
    return await find(conn, account, receipt)


async def find(conn: asyncpg.Connection, account: UUID, receipt: UUID) -> Receipt:
    """One of the account's own. Raises ConsentUnknown."""
    row = await conn.fetchrow(
        """
        select r.id, r.account, r.policy_version, r.policy_sha256, r.signed_name, r.at,
            (select jsonb_object_agg(purpose, withdrawn_at) from consent_purpose where receipt = r.id) as purposes
        from consent_receipt r where r.id = $2 and r.account = $1
        """,
        account,
        receipt,
    )
    if row is None:
        raise ConsentUnknown(f"cons_{receipt.hex}")
    return msgspec.convert(dict(row), Receipt)


async def of(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Receipt]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select r.id, r.account, r.policy_version, r.policy_sha256, r.signed_name, r.at,
            (select jsonb_object_agg(purpose, withdrawn_at) from consent_purpose where receipt = r.id) as purposes
        from consent_receipt r where r.account = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Receipt) for row in rows]


async def need(conn: asyncpg.Connection, account: UUID, receipt: UUID | None, what: str) -> Receipt:
    """The receipt that allows storing `what` ("a person's character", "a voice"). Raises ConsentNeeded, ConsentUnknown.

    Locks it until the transaction ends, so that a withdrawal comes before or after whatever it allows.
    """
    if receipt is None:
        raise ConsentNeeded(what, "send consent_id: the receipt of POST /v1/consents")
    await conn.execute("select from consent_purpose where receipt = $1 for share", receipt)
    found = await find(conn, account, receipt)
    if not found.holds("store"):
        raise ConsentNeeded(what, "this receipt's purpose 'store' was never given or is withdrawn; sign a new one")
    return found


async def challenge(conn: asyncpg.Connection, account: UUID, receipt: UUID) -> Challenge:
    """New digits for a receipt; those before them are void. Raises ChallengesSpent.

    Without a limit somebody could ask until the digits are those that an old recording of another person speaks.
    """
    await conn.execute("select from account where id = $1 for no key update", account)  # so that the count holds
    given = await conn.fetchval(
        """
        select count(*) from capture_challenge c join consent_receipt r on r.id = c.receipt
        where r.account = $1 and c.expires_at > now() + $2 - interval '1 day'
        """,
        account,
        CHALLENGE_LIFE,
    )
    if given >= CHALLENGES_A_DAY:
        raise ChallengesSpent(CHALLENGES_A_DAY)
    await conn.execute("update capture_challenge set spent_at = now() where receipt = $1 and spent_at is null", receipt)
    row = await conn.fetchrow(
        """
        insert into capture_challenge (receipt, digits, expires_at) values ($1, $2, now() + $3)
        returning digits, expires_at
        """,
        receipt,
        "".join(secrets.choice("0123456789") for _ in range(DIGITS)),
        CHALLENGE_LIFE,
    )
    return msgspec.convert(dict(row), Challenge)


async def spend_challenge(conn: asyncpg.Connection, receipt: UUID) -> str:
    """The digits that a capture must speak; for exactly one caller. Raises ChallengeSpent."""
    digits: str | None = await conn.fetchval(
        """
        update capture_challenge set spent_at = now()
        where receipt = $1 and spent_at is null and expires_at > now() returning digits
        """,
        receipt,
    )
    if digits is None:
        expired = await conn.fetchval(
            "select exists (select from capture_challenge where receipt = $1 and spent_at is null)", receipt
        )
        raise ChallengeSpent(f"cons_{receipt.hex}", expired=expired)
    return digits


async def withdraw(conn: asyncpg.Connection, receipt: UUID, purposes: Sequence[Purpose]) -> list[Purpose]:
    """Those of the purposes that held until now. Who rests on them is stopped by the caller, in this transaction."""
    rows = await conn.fetch(
        """
        update consent_purpose set withdrawn_at = now()
        where receipt = $1 and purpose = any($2::text[]) and withdrawn_at is null returning purpose
        """,
        receipt,
        list(purposes),
    )
    return [row["purpose"] for row in rows]


async def resting_on(conn: asyncpg.Connection, receipt: UUID) -> list[UUID]:
    """The characters that are stored under this receipt and have not left."""
    rows = await conn.fetch("select id from character where consent = $1 and left_at is null order by id", receipt)
    return [row["id"] for row in rows]


async def tidy(conn: asyncpg.Connection) -> None:
    """Digits are of no use once their time is over."""
    await conn.execute("delete from capture_challenge where expires_at < now() - interval '1 day'")
