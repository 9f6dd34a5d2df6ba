"""Preparing for the day a password is lost, and that day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, get, post, put
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from backend import auth, guessing, mail
from backend.auth import Viewer
from backend.errors import MailUnavailable
from backend.mail import Mailer
from social import accounts, attempts, recovery, sessions
from social.errors import InvalidValue, MailedLately, RecoveryRefused, WrongCode
from social.recovery import MAILED_LENGTH, PAPER_CODES, PAPER_LENGTH, Recovery


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`email` null takes the address away; `email_code` is what was mailed to it; `new_codes` replaces the ten."""

    email: str | UnsetType | None = UNSET
    email_code: str | None = None
    new_codes: bool = False


class Lost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either `handle` or `email`. Without `code` and `password`: mail me a code."""

    handle: str | None = None
    email: str | None = None
    code: str | None = None
    password: str | None = None


@get("/me/recovery")
async def state(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return _shape(await recovery.of(conn, viewer.id))


@put("/me/recovery", opt={"secret": True})
async def prepare(
    request: Request[Any, Any, Any],
    data: JSONBody[Wish],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    account_secret: NamedDependency[bytes],
    mailer: NamedDependency[Mailer],
) -> dict[str, Any]:
    """An address gets a code, which comes back as `email_code`; `new_codes` are in this answer and nowhere else.

    Needs a sign-in of lately.
    """
    auth.need_fresh(viewer)
    if isinstance(data.email, str):
        await _mail_to(pool, mailer, account_secret, viewer, mail.checked(data.email))
    elif data.email is None:
        async with pool.acquire() as conn, conn.transaction():
            await recovery.forget_address(conn, viewer.id)
    if data.email_code is not None:
        attempt = guessing.attempt(request, account_secret, viewer.account.handle)
        await _verify(pool, viewer, attempt, recovery.digest(account_secret, data.email_code))
    made = [recovery.new_code(PAPER_LENGTH) for _ in range(PAPER_CODES)] if data.new_codes else []
    async with pool.acquire() as conn, conn.transaction():
        if made:
            kept = [recovery.digest(account_secret, code) for code in made]
            await recovery.replace_codes(conn, viewer.id, kept)
        held = await recovery.of(conn, viewer.id)
    return _shape(held) | {"codes": ["-".join(code[at : at + 4] for at in range(0, PAPER_LENGTH, 4)) for code in made]}


async def _mail_to(pool: asyncpg.Pool, mailer: Mailer, secret: bytes, viewer: Viewer, address: str) -> None:
    """The address counts once its code comes back. Raises MailedLately or MailUnavailable."""
    code = recovery.new_code(MAILED_LENGTH)
    async with pool.acquire() as conn:
        await recovery.note_mailed(conn, viewer.id, "verify", address, recovery.digest(secret, code))
    try:
        await mailer.send(
            address,
            f"{code} is your Castmate code",
            f"@{viewer.account.handle} wants to be able to recover their Castmate account with this address.\n\n"
            f"    {code}\n\nThe code works once, for 15 minutes. If that was not you, do nothing.\n",
        )
    except MailUnavailable:
        async with pool.acquire() as conn:
            await recovery.forget_mailed(conn, viewer.id, "verify")
        raise


async def _verify(pool: asyncpg.Pool, viewer: Viewer, attempt: attempts.Attempt, given: bytes) -> None:
    """Raises WrongCode, AddressTaken or TooManyAttempts."""
    async with pool.acquire() as conn:
        await attempts.count(conn, attempt)
        address = await recovery.use_mailed(conn, viewer.id, "verify", given)
        if address is None:
            raise WrongCode
        await recovery.set_address(conn, viewer.id, address)
        await attempts.forgiven(conn, attempt)


@post("/recovery", status_code=202, security=[{}])
async def recover(
    request: Request[Any, Any, Any],
    data: JSONBody[Lost],
    pool: NamedDependency[asyncpg.Pool],
    account_secret: NamedDependency[bytes],
    mailer: NamedDependency[Mailer],
) -> Response[dict[str, Any]]:
    """Begin: a code is mailed where there is such an account with a verified address; the answer is always the same.

    Finish: a mailed code, or one on paper, and a new password. Every session ends; sign in anew.
    """
    named = data.handle if data.handle is not None else data.email
    if named is None or (data.handle is not None and data.email is not None):
        raise InvalidValue("handle", data.handle, "either handle or email")
    if (data.code is None) != (data.password is None):
        raise InvalidValue("code", "nothing" if data.code is None else "a code", "code and password together")
    if data.code is None or data.password is None:
        begin = BackgroundTask(_begin, pool, mailer, account_secret, data)
        told = "if there is such an account with a verified address, a code is on its way to it"
        return Response({"object": "recovery", "detail": told}, status_code=202, background=begin)
    accounts.check_password(data.password)
    attempt = guessing.attempt(request, account_secret, named)
    await _finish(pool, attempt, data, recovery.digest(account_secret, data.code), data.password)
    return Response({"object": "recovery", "detail": "the password is set; sign in with it"}, status_code=200)


async def _begin(pool: asyncpg.Pool, mailer: Mailer, secret: bytes, data: Lost) -> None:
    """After the answer, which so takes as long for an unknown account as for a known one."""
    async with pool.acquire() as conn:
        account = await _meant(conn, data)
        held = None if account is None else await recovery.of(conn, account)
        if account is None or held is None or held.address is None:
            return
        code = recovery.new_code(MAILED_LENGTH)
        try:
            await recovery.note_mailed(conn, account, "recover", held.address, recovery.digest(secret, code))
        except MailedLately:
            return
        found = await accounts.by_id(conn, account)
    try:
        await mailer.send(
            held.address,
            f"{code} is your Castmate code",
            f"Somebody asked for a new password of @{found.handle if found else ''} on Castmate.\n\n    {code}\n\n"
            "The code works once, for 15 minutes. If that was not you, do nothing: the password stays as it is.\n",
        )
    except MailUnavailable:  # it is in the log; whoever waits asks again
        return


async def _finish(pool: asyncpg.Pool, attempt: attempts.Attempt, data: Lost, given: bytes, password: str) -> None:
    """Raises RecoveryRefused or TooManyAttempts."""
    async with pool.acquire() as conn:
        await attempts.count(conn, attempt)
    password_hash = await auth.hash_password(password)  # first, so that it takes its time for a wrong code too
    async with pool.acquire() as conn, conn.transaction():
        account = await _meant(conn, data)
        right = account is not None and (
            await recovery.use_mailed(conn, account, "recover", given) is not None
            or await recovery.use_code(conn, account, given)
        )
        if account is not None and right:
            await accounts.set_password(conn, account, password_hash)
            await sessions.end_all(conn, account, "recovered")
            await attempts.forgiven(conn, attempt)
    if not right:
        raise RecoveryRefused


async def _meant(conn: asyncpg.Connection, data: Lost) -> UUID | None:
    if data.email is not None:
        return await recovery.by_address(conn, data.email)
    found = await accounts.with_password_hash(conn, data.handle or "")
    return None if found is None else found[0].id


def _shape(held: Recovery) -> dict[str, Any]:
    return {
        "object": "recovery",
        "email": held.address,
        "email_verified_at": held.verified_at,
        "codes_left": held.codes_left,
    }
