"""Who is asking: access tokens (ES256, RFC 7518) and API keys, both as `Authorization: Bearer`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from litestar import Request
from litestar.di import NamedDependency

from backend.errors import Forbidden, StaleSession, Unauthenticated
from backend.secret_file import made_once
from social import accounts, api_keys
from social.accounts import Account, Role
from social.errors import WrongPassword

LIFE_SECONDS: Final = 900
FRESH_SECONDS: Final = 600
ISSUER: Final = "castmate"
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's first choice for argon2id
_NOBODY: Final = _HASHER.hash("nobody has this password")  # an unknown handle costs as much time as a known one


class Viewer(msgspec.Struct, frozen=True):
    """The signed-in account and what this sign-in may do. `scopes` None = everything."""

    account: Account
    scopes: tuple[str, ...] | None
    signed_in_at: int = 0  # Unix seconds; 0 for an API key

    @property
    def id(self) -> UUID:
        return self.account.id


class TokenKey:
    """Signs and reads access tokens."""

    def __init__(self, key: ECKey) -> None:
        self._key = key
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER}, sub={"essential": True}, exp={"essential": True}
        )

    @classmethod
    def read(cls, path: Path) -> TokenKey:
        """Made on first use."""
        made = made_once(path, lambda: msgspec.json.encode(ECKey.generate_key("P-256").as_dict(private=True)))
        return cls(ECKey.import_key(msgspec.json.decode(made)))

    def sign(self, account: UUID, signed_in_at: int | None = None) -> str:
        """`signed_in_at`: when the password was given, in Unix seconds; None = now (OpenID Connect's auth_time)."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": account.hex,
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "auth_time": now if signed_in_at is None else signed_in_at,
        }
        return jwt.encode({"alg": "ES256"}, claims, self._key)

    def subject(self, token: str) -> tuple[UUID, int]:
        """Whose token, and when they signed in. Raises Unauthenticated."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["ES256"]).claims
            self._claims.validate(claims)
            return UUID(hex=claims["sub"]), int(claims["auth_time"] if "auth_time" in claims else claims["iat"])
        except (JoseError, ValueError, TypeError, KeyError):
            raise Unauthenticated("the access token is not valid or has expired") from None


async def hash_password(password: str) -> str:
    """argon2id, in a thread."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def sign_in(pool: asyncpg.Pool, handle: str, password: str) -> Account:
    """Raises WrongPassword."""
    async with pool.acquire() as conn:
        found = await accounts.with_password_hash(conn, handle)
    account, known = found or (None, _NOBODY)
    try:
        await asyncio.to_thread(_HASHER.verify, known, password)
    except VerificationError:
        raise WrongPassword from None
    if account is None:
        raise WrongPassword
    return account


async def provide_viewer(
    request: Request[Any, Any, Any], pool: NamedDependency[asyncpg.Pool], token_key: NamedDependency[TokenKey]
) -> Viewer:
    """Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("nobody is signed in")
    secret, scopes, signed_in_at = secret.strip(), None, 0
    async with pool.acquire() as conn:
        if secret.startswith(api_keys.PREFIX):
            held = await api_keys.account_of(conn, secret)
            if held is None:
                raise Unauthenticated("there is no such API key, or it was revoked")
            subject, scopes = held
        else:
            subject, signed_in_at = token_key.subject(secret)
        account = await accounts.by_id(conn, subject)
    if account is None:
        raise Unauthenticated("the account is gone")
    return Viewer(account, scopes, signed_in_at)


def need_session(viewer: Viewer) -> None:
    """API keys make videos; identities, keys and invites need a person's own session. Raises Forbidden."""
    if viewer.scopes is not None:
        raise Forbidden(f"this API key has the scopes {list(viewer.scopes)}; allowed here: a signed-in session")


def need_role(viewer: Viewer, *roles: Role) -> None:
    """Raises Forbidden."""
    need_session(viewer)
    if viewer.account.role not in roles:
        raise Forbidden(f"your role is {viewer.account.role!r}; allowed here: {', '.join(roles)}")


def need_fresh(viewer: Viewer) -> None:
    """What cannot be undone asks for a password given lately. Raises StaleSession."""
    need_session(viewer)
    age = int(time.time()) - viewer.signed_in_at
    if age > FRESH_SECONDS:
        raise StaleSession(age, FRESH_SECONDS)
