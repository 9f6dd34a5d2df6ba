"""Accounts: a person's login. Password hashing is slow on purpose and happens outside, in a thread."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import AccountUnknown, HandleTaken, InvalidValue, TooYoung

Role = Literal["member", "moderator", "operator"]
HANDLE: Final = re.compile(r"[a-z0-9](?:[a-z0-9_.]{1,28})[a-z0-9]")
RESERVED: Final = frozenset(
    {"admin", "administrator", "castmate", "help", "moderator", "operator", "root", "support", "system"}
)
LEAST_AGE: Final = 13
PASSWORD: Final = (10, 200)  # characters


class Account(msgspec.Struct, frozen=True):
    id: UUID
    handle: str
    display_name: str
    role: Role
    birth_date: date
    created_at: datetime


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As a client sends it."""

    handle: str
    display_name: str
    password: str
    birth_date: date
    invite_code: str


def age_on(birth_date: date, today: date) -> int:
    """Whole years."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def check_new(new: NewAccount, today: date) -> None:
    """Raises InvalidValue or TooYoung."""
    handle = new.handle.lower()
    if not HANDLE.fullmatch(handle):
        raise InvalidValue("handle", new.handle, "3 to 30 of a-z, 0-9, _ and ., a letter or digit at both ends")
    if handle in RESERVED:
        raise InvalidValue("handle", new.handle, "any handle that is not reserved")
    if not 1 <= len(new.display_name.strip()) <= 60:
        raise InvalidValue("display_name", new.display_name, "1 to 60 characters")
    if not PASSWORD[0] <= len(new.password) <= PASSWORD[1]:
        raise InvalidValue("password", f"{len(new.password)} characters", f"{PASSWORD[0]} to {PASSWORD[1]} characters")
    years = age_on(new.birth_date, today)
    if not 0 <= years <= 120:
        raise InvalidValue("birth_date", new.birth_date.isoformat(), "a date of birth within the last 120 years")
    if years < LEAST_AGE:
        raise TooYoung(years, LEAST_AGE)


async def create(
    conn: asyncpg.Connection, new: NewAccount, password_hash: str, role: str, invited_by: UUID | None
) -> Account:
    """Raises HandleTaken; the transaction stays usable."""
    row = await conn.fetchrow(
        """
        insert into account (handle, display_name, password_hash, birth_date, role, invited_by)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (handle) do nothing
        returning id, handle::text, display_name, role, birth_date, created_at
        """,
        new.handle.lower(),
        new.display_name.strip(),
        password_hash,
        new.birth_date,
        role,
        invited_by,
    )
    if row is None:
        raise HandleTaken(new.handle)
    return msgspec.convert(dict(row), Account)


async def by_id(conn: asyncpg.Connection, account: UUID) -> Account | None:
    row = await conn.fetchrow(
        "select id, handle::text, display_name, role, birth_date, created_at from account where id = $1", account
    )
    return None if row is None else msgspec.convert(dict(row), Account)


async def with_password_hash(conn: asyncpg.Connection, handle: str) -> tuple[Account, str] | None:
    """For signing in: the account and its argon2id hash."""
    row = await conn.fetchrow(
        """
        select id, handle::text, display_name, role, birth_date, created_at, password_hash
        from account where handle = $1
        """,
        handle,
    )
    return None if row is None else (msgspec.convert(dict(row), Account), row["password_hash"])


async def set_role(conn: asyncpg.Connection, handle: str, role: str) -> None:
    """Raises AccountUnknown."""
    done = await conn.execute("update account set role = $2 where handle = $1", handle, role)
    if done == "UPDATE 0":
        raise AccountUnknown(handle)


async def operator_exists(conn: asyncpg.Connection) -> bool:
    return bool(await conn.fetchval("select exists (select from account where role = 'operator')"))
