"""Access tokens: ES256 (RFC 7518) with the `kid` of one of several keys, which the JWKS route shows (RFC 7517).

The keys are one file of the instance, newest first. `rotate` puts a new one in front; an old one still reads what it
signed until that expires. Every process sees a change of the file at its next token.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from backend.errors import Unauthenticated
from backend.secret_file import made_once

LIFE_SECONDS: Final = 900
ISSUER: Final = "castmate"
_CLAIMS: Final = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    sub={"essential": True},
    sid={"essential": True},
    exp={"essential": True},
)


class TokenKeys:
    """Signs and reads access tokens."""

    def __init__(self, path: Path) -> None:
        """Made on first use."""
        made_once(path, lambda: _written([_new()]))
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._keys: dict[str, ECKey] = {}

    def sign(self, account: UUID, session: UUID) -> str:
        keys = self._current()
        kid = next(iter(keys))
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": account.hex, "sid": session.hex, "iat": now, "exp": now + LIFE_SECONDS}
        return jwt.encode({"alg": "ES256", "kid": kid}, claims, keys[kid])

    def read(self, token: str) -> tuple[UUID, UUID]:
        """Account and session. Raises Unauthenticated."""
        keys = self._current()
        try:
            claims = jwt.decode(token, lambda sent: keys[sent.headers()["kid"]], algorithms=["ES256"]).claims
            _CLAIMS.validate(claims)
            return UUID(hex=claims["sub"]), UUID(hex=claims["sid"])
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise Unauthenticated("the access token is not valid or has expired") from None

    def public(self) -> dict[str, Any]:
        """The JWK set."""
        shown = {"use": "sig", "alg": "ES256"}
        return {"keys": [key.as_dict(private=False, kid=kid, **shown) for kid, key in self._current().items()]}

    def _current(self) -> dict[str, ECKey]:
        stat = self._path.stat()
        if self._seen != (stat.st_mtime_ns, stat.st_ino):
            keys = [{name: one[name] for name in ("kty", "crv", "x", "y", "d", "kid")} for one in _stored(self._path)]
            self._keys = {one["kid"]: ECKey.import_key(one) for one in keys}
            self._seen = stat.st_mtime_ns, stat.st_ino
        return self._keys


def rotate(path: Path) -> list[str]:
    """A new key signs from now on; those whose last token has expired go. The ids that stay, newest first."""
    made_once(path, lambda: _written([_new()]))
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        now = int(time.time())
        old = [{"retired_at": now} | one for one in _stored(path)]
        kept = [one for one in old if one["retired_at"] > now - LIFE_SECONDS - 60]
        keys = [_new(), *kept]
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_written(keys))
            os.fsync(file.fileno())
        fresh.replace(path)
    return [one["kid"] for one in keys]


def _new() -> dict[str, Any]:
    key = ECKey.generate_key("P-256")
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _written(keys: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode({"keys": keys})


def _stored(path: Path) -> list[dict[str, Any]]:
    """Newest first; a file of one bare key, as the first version wrote it, is one too."""
    held = msgspec.json.decode(path.read_bytes())
    keys: list[dict[str, Any]] = held.get("keys", [held])
    return [one if "kid" in one else {**one, "kid": ECKey.import_key(one).thumbprint()} for one in keys]
