"""Handles: ASCII only, so that none looks like another in a different script; reserved ones; 30 days for an old one."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

import asyncpg

from social.errors import HandleChangedLately, HandleTaken, InvalidValue
from social.safety import rules

HANDLE: Final = re.compile(r"[a-z0-9](?:[a-z0-9_.]{1,28})[a-z0-9]")
STAFF: Final = frozenset(
    """
    abuse admin administrator billing contact guardian help helpdesk info legal mod moderation moderator nobody
    official operator owner postmaster press privacy root safety security staff support system team trust verified
    webmaster
    """.split()  # noqa: SIM905  a list of words, read as one
)
ROUTES: Final = frozenset(
    """
    account accounts api appeals assets changes characters comments consents credits docs events feed friends health
    invites media metrics notices notifications oembed openapi people provenance recovery reports requests
    screenplays sessions settings static tags threads uploads videos webhooks wellknown
    """.split()  # noqa: SIM905  a list of words, read as one
)
BRAND: Final = "castmate"
LOOKALIKES: Final = str.maketrans("013457", "oieast")
CHANGES_MOST: Final = 2  # within the 30 days that old ones are kept


def checked(given: str) -> str:
    """As it is kept. Raises InvalidValue.

    A reserved word stays reserved with dots, underscores and digits that look like letters: `adm1n`, `cast.mate`.
    """
    handle = given.lower() if given.isascii() else given
    if not HANDLE.fullmatch(handle):
        raise InvalidValue("handle", given, "3 to 30 of a-z, 0-9, _ and ., a letter or digit at both ends")
    if is_reserved(handle):
        raise InvalidValue("handle", given, "any handle that is not reserved")
    if rules.met(handle, "name") is not None:
        raise InvalidValue("handle", given, "a handle that insults nobody and speaks for no office")
    return handle


def is_reserved(handle: str) -> bool:
    read = handle.translate(LOOKALIKES).replace("_", "").replace(".", "")
    plain = handle.replace("_", "").replace(".", "")
    return any(word in STAFF or word in ROUTES or word.startswith(BRAND) for word in (read, plain))


async def change(conn: asyncpg.Connection, account: UUID, handle: str) -> None:
    """The old one leads here for 30 days, and is nobody else's. Raises HandleTaken or HandleChangedLately.

    Belongs into a transaction of its own: a taken handle ends it.
    """
    await conn.execute("select from account where id = $1 for update", account)
    kept = await conn.fetchval(
        "select count(*) from account_handle where account = $1 and until > now() and handle <> $2", account, handle
    )
    if kept >= CHANGES_MOST:
        raise HandleChangedLately(CHANGES_MOST)
    try:
        await conn.execute("update account set handle = $2 where id = $1 and handle <> $2", account, handle)
    except asyncpg.UniqueViolationError:
        raise HandleTaken(handle) from None
