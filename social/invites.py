"""Invite codes: the only way in, and the tree of who let whom in."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import InviteSpent, InviteUnknown
from social.graph_errors import InviteNotYours, InvitesSpent

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread aloud
LENGTH: Final = 8
LIFE: Final = timedelta(days=30)
CODES_PER_ACCOUNT: Final = 4
GRANT: Final = (1, 1000)  # codes that an operator gives at once
State = Literal["good", "used up", "revoked", "expired", "suspended"]


class Invite(msgspec.Struct, frozen=True):
    code: str
    issuer: UUID | None
    role: str
    max_uses: int
    uses: int
    expires_at: datetime
    revoked_at: datetime | None


class Issued(Invite, frozen=True):
    """`accepted`: the handles of those who joined with it, the first one first."""

    accepted: tuple[str, ...]


class Offer(msgspec.Struct, frozen=True):
    """A code as whoever got it may see it; its issuer is None for one of the house, or when they are gone."""

    code: str
    state: State
    expires_at: datetime
    handle: str | None
    display_name: str | None


async def issue(conn: asyncpg.Connection, issuer: UUID | None, *, role: str = "member", max_uses: int = 1) -> Invite:
    """A new code that lives 30 days."""
    row = await conn.fetchrow(
        """
        insert into invite (code, issuer, role, max_uses, expires_at) values ($1, $2, $3, $4, $5)
        returning code, issuer, role, max_uses, uses, expires_at, revoked_at
        """,
        "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        issuer,
        role,
        max_uses,
        datetime.now(UTC) + LIFE,
    )
    return msgspec.convert(dict(row), Invite)


async def issue_own(conn: asyncpg.Connection, account: UUID) -> Invite:
    """One more, in place of one that was revoked or has expired unused. Raises InvitesSpent. Needs a transaction."""
    allowed = await conn.fetchval("select invites_allowed from account where id = $1 for no key update", account)
    had = await conn.fetchval(
        """
        select count(*) from invite
        where issuer = $1 and (uses > 0 or (revoked_at is null and expires_at > now()))
        """,
        account,
    )
    if had >= allowed:
        raise InvitesSpent(allowed)
    return await issue(conn, account)


async def grant(conn: asyncpg.Connection, account: UUID, count: int) -> list[Invite]:
    """An operator gives an account more codes. Needs a transaction."""
    await conn.execute("update account set invites_allowed = invites_allowed + $2 where id = $1", account, count)
    return [await issue(conn, account) for _ in range(count)]


async def of(conn: asyncpg.Connection, account: UUID, *, after: str | None, limit: int) -> list[Issued]:
    """The newest first; one more than `limit` where there are more. Raises InviteNotYours for a strange `after`."""
    begun = None
    if after is not None:
        begun = await conn.fetchval("select created_at from invite where code = $1 and issuer = $2", after, account)
        if begun is None:
            raise InviteNotYours(after)
    rows = await conn.fetch(
        """
        select code, issuer, role, max_uses, uses, expires_at, revoked_at, array(
            select a.handle::text from invite_acceptance j join account a on a.id = j.account
            where j.code = invite.code order by j.at
        ) as accepted
        from invite where issuer = $1 and ($2::timestamptz is null or (created_at, code) < ($2, $3))
        order by created_at desc, code desc limit $4
        """,
        account,
        begun,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Issued) for row in rows]


async def revoke(conn: asyncpg.Connection, account: UUID, code: str) -> Invite:
    """Once or many times is the same. Raises InviteNotYours, or InviteSpent for one that was used."""
    row = await conn.fetchrow(
        """
        update invite set revoked_at = coalesce(revoked_at, now()) where code = $2 and issuer = $1 and uses < max_uses
        returning code, issuer, role, max_uses, uses, expires_at, revoked_at
        """,
        account,
        code,
    )
    if row is not None:
        return msgspec.convert(dict(row), Invite)
    if await conn.fetchval("select exists (select from invite where code = $2 and issuer = $1)", account, code):
        raise InviteSpent(code, "used up")
    raise InviteNotYours(code)


async def offer(conn: asyncpg.Connection, code: str) -> Offer:
    """Raises InviteUnknown."""
    row = await conn.fetchrow(
        """
        select i.code, i.expires_at, a.handle::text, a.display_name, case
            when i.revoked_at is not null then 'revoked' when i.uses >= i.max_uses then 'used up'
            when i.expires_at <= now() then 'expired' when a.suspended_because = 'staff' then 'suspended' else 'good'
        end as state
        from invite i left join account a on a.id = i.issuer where i.code = $1
        """,
        code.strip().upper(),
    )
    if row is None:
        raise InviteUnknown(code)
    return msgspec.convert(dict(row), Offer)


async def open_operator_code(conn: asyncpg.Connection) -> str | None:
    """A code that makes an operator and still can be used."""
    code: str | None = await conn.fetchval(
        """
        select code from invite
        where role = 'operator' and uses < max_uses and expires_at > now() and revoked_at is null
        order by created_at limit 1
        """
    )
    return code


async def use_up(conn: asyncpg.Connection, code: str) -> Invite:
    """One use less. Raises InviteUnknown or InviteSpent. Belongs into the transaction that creates the account.

    While staff suspends an account, nobody joins with its codes.
    """
    row = await conn.fetchrow(
        """
        update invite i set uses = uses + 1
        where code = $1 and uses < max_uses and expires_at > now() and revoked_at is null
            and not exists (select from account a where a.id = i.issuer and a.suspended_because = 'staff')
        returning code, issuer, role, max_uses, uses, expires_at, revoked_at
        """,
        code.strip().upper(),
    )
    if row is not None:
        return msgspec.convert(dict(row), Invite)
    found = await offer(conn, code)
    raise InviteSpent(found.code, "not usable now" if found.state == "suspended" else found.state)


async def accepted(conn: asyncpg.Connection, code: str, account: UUID) -> None:
    """Whoever joined, told in the same transaction."""
    await conn.execute("insert into invite_acceptance (code, account) values ($1, $2)", code, account)
