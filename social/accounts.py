"""Accounts: a person's login. Password hashing is slow on purpose and happens outside, in a thread."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import handles, sessions
from social.errors import AccountUnknown, HandleTaken, InvalidValue, TooYoung

Role = Literal["member", "moderator", "senior", "operator"]
LEAST_AGE: Final = 13
ADULT: Final = 18
PASSWORD: Final = (10, 200)  # characters
DISPLAY_NAME: Final = (1, 60)
# Cc, Cf, Cs, Co, Cn, Zl, Zp: what is not seen, or turns the text around it. Joiners hold emoji together.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINERS: Final = "\u200c\u200d"


class Account(msgspec.Struct, frozen=True):
    """`suspended`: who has suspended it."""

    id: UUID
    handle: str
    display_name: str
    role: Role
    birth_date: date
    created_at: datetime
    suspended: Literal["guardian", "staff"] | None = None

    @property
    def closed_by(self) -> Literal["guardian", "staff"] | None:
        """Why nobody may use it now. A guardian's word ends with the young years."""
        return None if self.suspended == "guardian" and not self.is_young else self.suspended

    @property
    def is_young(self) -> bool:
        return age_on(self.birth_date, datetime.now(UTC).date()) < ADULT


class NewAccount(msgspec.Struct, frozen=True):
    """`password_hash` None: it signs in by other means."""

    handle: str
    display_name: str
    birth_date: date
    password_hash: str | None


def age_on(birth_date: date, today: date) -> int:
    """Whole years."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def checked_name(given: str) -> str:
    """A display name in NFC. Raises InvalidValue."""
    name = unicodedata.normalize("NFC", given).strip()
    unseen = any(unicodedata.category(one) in UNSEEN and one not in JOINERS for one in name)
    if unseen or not DISPLAY_NAME[0] <= len(name) <= DISPLAY_NAME[1] or not name.strip(JOINERS):
        allowed = f"{DISPLAY_NAME[0]} to {DISPLAY_NAME[1]} characters that can be seen"
        raise InvalidValue("display_name", given, allowed)
    folded = unicodedata.normalize("NFKC", name).casefold().replace(" ", "")
    if folded.isascii() and handles.is_reserved(folded):
        raise InvalidValue("display_name", given, "a name that does not speak for whoever runs this place")
    return name


def check_password(given: str) -> None:
    """Raises InvalidValue, which never holds it."""
    if not PASSWORD[0] <= len(given) <= PASSWORD[1]:
        raise InvalidValue("password", f"{len(given)} characters", f"{PASSWORD[0]} to {PASSWORD[1]} characters")


def check_age(birth_date: date) -> None:
    """Raises InvalidValue or TooYoung."""
    years = age_on(birth_date, datetime.now(UTC).date())
    if not 0 <= years <= 120:
        raise InvalidValue("birth_date", birth_date.isoformat(), "a date of birth within the last 120 years")
    if years < LEAST_AGE:
        raise TooYoung(years, LEAST_AGE)


async def create(conn: asyncpg.Connection, new: NewAccount, role: str, invited_by: UUID | None) -> Account:
    """Raises HandleTaken, which ends the transaction."""
    try:
        row = await conn.fetchrow(
            """
            insert into account (handle, display_name, password_hash, birth_date, role, invited_by)
            values ($1, $2, $3, $4, $5, $6)
            returning id, handle::text, display_name, role, birth_date, created_at
            """,
            new.handle,
            new.display_name,
            new.password_hash,
            new.birth_date,
            role,
            invited_by,
        )
    except asyncpg.UniqueViolationError:
        raise HandleTaken(new.handle) from None
    return msgspec.convert(dict(row), Account)


async def by_id(conn: asyncpg.Connection, account: UUID) -> Account | None:
    row = await conn.fetchrow(
        """
        select id, handle::text, display_name, role, birth_date, created_at, suspended_by(account) as suspended
        from account where id = $1
        """,
        account,
    )
    return None if row is None else msgspec.convert(dict(row), Account)


async def in_session(conn: asyncpg.Connection, account: UUID, session: UUID) -> tuple[Account, datetime] | None:
    """The account and when it signed in; None once the session has ended."""
    row = await conn.fetchrow(
        """
        select a.id, a.handle::text, a.display_name, a.role, a.birth_date, a.created_at,
            suspended_by(a) as suspended, s.signed_in_at
        from session s join account a on a.id = s.account
        where s.id = $2 and s.account = $1 and s.ended_at is null and s.expires_at > now()
        """,
        account,
        session,
    )
    return None if row is None else (msgspec.convert(dict(row), Account), row["signed_in_at"])


async def with_password_hash(conn: asyncpg.Connection, handle: str) -> tuple[Account, str | None] | None:
    """For signing in: the account and its argon2id hash, by the handle it bears or bore lately."""
    row = await conn.fetchrow(
        """
        select id, handle::text, display_name, role, birth_date, created_at, suspended_by(account) as suspended,
            password_hash
        from account where id = account_of_handle($1)
        """,
        handle,
    )
    return None if row is None else (msgspec.convert(dict(row), Account), row["password_hash"])


async def set_password(conn: asyncpg.Connection, account: UUID, password_hash: str) -> None:
    await conn.execute("update account set password_hash = $2 where id = $1", account, password_hash)


async def rename(conn: asyncpg.Connection, account: UUID, display_name: str) -> None:
    await conn.execute("update account set display_name = $2 where id = $1", account, display_name)


async def set_role(conn: asyncpg.Connection, handle: str, role: str) -> None:
    """Raises AccountUnknown."""
    done = await conn.execute("update account set role = $2 where handle = $1", handle, role)
    if done == "UPDATE 0":
        raise AccountUnknown(handle)


async def named(conn: asyncpg.Connection, handle: str) -> UUID:
    """Raises AccountUnknown."""
    account: UUID | None = await conn.fetchval("select account_of_handle($1)", handle)
    if account is None:
        raise AccountUnknown(handle)
    return account


async def suspend(conn: asyncpg.Connection, account: UUID, because: Literal["guardian", "staff"]) -> None:
    """Its sessions end with it; what staff suspended stays theirs. Belongs into a transaction."""
    await conn.execute(
        """
        update account set suspended_at = now(), suspended_because = $2, suspended_until = null, suspended_event = null
        where id = $1 and (suspended_because is distinct from 'staff' or ($2 = 'staff' and suspended_event is not null))
        """,
        account,
        because,
    )
    await sessions.end_all(conn, account, "suspended")


async def restore(conn: asyncpg.Connection, account: UUID, because: Literal["guardian", "staff"]) -> None:
    """Takes back only what was suspended for this cause."""
    await conn.execute(
        """
        update account set suspended_at = null, suspended_because = null, suspended_until = null, suspended_event = null
        where id = $1 and suspended_because = $2
        """,
        account,
        because,
    )


async def operator_exists(conn: asyncpg.Connection) -> bool:
    return bool(await conn.fetchval("select exists (select from account where role = 'operator')"))
