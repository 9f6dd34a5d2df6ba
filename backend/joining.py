"""How somebody gets in, whichever way they sign in afterwards: checked, invited, with codes for others."""

from __future__ import annotations

from datetime import date

import asyncpg
import msgspec

from backend.config import Config
from social import accounts, handles, invites
from social.accounts import Account, NewAccount
from social.errors import InviteNeeded


class Wish(msgspec.Struct, frozen=True):
    """Checked; `invite_code` None: the house is open."""

    handle: str
    display_name: str
    birth_date: date
    invite_code: str | None


def checked(handle: str, display_name: str, birth_date: date, invite_code: str | None, config: Config) -> Wish:
    """Raises InvalidValue, TooYoung or InviteNeeded."""
    wish = Wish(handles.checked(handle), accounts.checked_name(display_name), birth_date, invite_code)
    accounts.check_age(birth_date)
    if invite_code is None and not config.open_signup:
        raise InviteNeeded
    return wish


async def join(conn: asyncpg.Connection, wish: Wish, password_hash: str | None) -> Account:
    """Belongs into a transaction. Raises InviteUnknown, InviteSpent or HandleTaken; then nothing was used up."""
    role, inviter = "member", None
    if wish.invite_code is not None:
        invite = await invites.use_up(conn, wish.invite_code)
        role, inviter = invite.role, invite.issuer
    new = NewAccount(wish.handle, wish.display_name, wish.birth_date, password_hash)
    account = await accounts.create(conn, new, role, inviter)
    for _ in range(invites.CODES_PER_ACCOUNT):
        await invites.issue(conn, account.id)
    return account
