"""Sign in with Apple is taken back when an account leaves, as the App Store's rules ask (5.1.1(v); Apple TN3194).

Nothing of Apple is stored here: the app asks its user once more and sends the authorization code with DELETE /v1/me.
The code is changed for a refresh token (POST /auth/token) and that is revoked (POST /auth/revoke).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from backend.errors import AppleRefused
from social.errors import InvalidValue

TIMEOUT_SECONDS: Final = 10.0
SECRET_LIFE_SECONDS: Final = 300
AUDIENCE: Final = "https://appleid.apple.com"


@runtime_checkable
class Revoker(Protocol):
    """Takes back what another service was allowed to."""

    async def revoke(self, code: str) -> None:
        """By an authorization code. Raises AppleRefused, or InvalidValue where nothing is set up."""
        ...


class NoApple:
    """Where no key of Apple's is configured."""

    async def revoke(self, code: str) -> None:
        raise InvalidValue("apple_authorization_code", code, "none: this server has no key for Sign in with Apple")


class AppleKey(msgspec.Struct, frozen=True):
    """`file`: the .p8 that Apple gave with `key_id`; `client_id`: the app's bundle id."""

    team_id: str
    key_id: str
    client_id: str
    file: Path


class AppleTokens:
    """Over HTTPS, to Apple."""

    def __init__(self, key: AppleKey, url: str = AUDIENCE) -> None:
        self._key = key
        self._url = url

    async def revoke(self, code: str) -> None:
        secret = self._client_secret()
        sent = {"client_id": self._key.client_id, "client_secret": secret}
        async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            try:
                given = await http.post("/auth/token", data=sent | {"grant_type": "authorization_code", "code": code})
                token = given.json().get("refresh_token") if given.status_code == 200 else None
                if not isinstance(token, str):
                    raise AppleRefused(f"POST /auth/token answered {given.status_code}")
                done = await http.post("/auth/revoke", data=sent | {"token": token, "token_type_hint": "refresh_token"})
            except (httpx.HTTPError, ValueError, AttributeError) as error:
                raise AppleRefused(type(error).__name__) from None
        if done.status_code != 200:
            raise AppleRefused(f"POST /auth/revoke answered {done.status_code}")

    def _client_secret(self) -> str:
        """A JWT of the team's, for a few minutes."""
        now = int(time.time())
        claims = {
            "iss": self._key.team_id,
            "iat": now,
            "exp": now + SECRET_LIFE_SECONDS,
            "aud": AUDIENCE,
            "sub": self._key.client_id,
        }
        key = ECKey.import_key(self._key.file.read_bytes())
        return jwt.encode({"alg": "ES256", "kid": self._key.key_id}, claims, key)
