"""How somebody gets in, whichever way they sign in afterwards: checked, invited, with codes for others."""

from __future__ import annotations

from datetime import date

import asyncpg
import msgspec

from backend import moderating
from backend.config import Config
from social import accounts, follows, handles, invites, notices
from social.accounts import Account, NewAccount
from social.errors import InviteNeeded
from social.moderation import comebacks


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
    """Belongs into a transaction. Raises InviteUnknown, InviteSpent or HandleTaken; then nothing was used up.

    Whoever joins by somebody's code and that person follow each other.
    """
    invite = None if wish.invite_code is None else await invites.use_up(conn, wish.invite_code)
    role, inviter = ("member", None) if invite is None else (invite.role, invite.issuer)
    new = NewAccount(wish.handle, wish.display_name, wish.birth_date, password_hash)
    account = await accounts.create(conn, new, role, inviter)
    if invite is not None:
        await invites.accepted(conn, invite.code, account.id)
    if inviter is not None:
        await moderating.look_at(conn, account.id, await comebacks.by_invite(conn, account.id))
        await follows.befriend(conn, inviter, account.id)
        await notices.tell(conn, inviter, "friend_joined", {}, by=account.id, once=account.id.hex)
    for _ in range(invites.CODES_PER_ACCOUNT):
        await invites.issue(conn, account.id)
    return account
