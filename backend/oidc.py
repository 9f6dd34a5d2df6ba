"""Who an id_token proves somebody to be (OpenID Connect Core 1.0, 3.1.3.7), by the keys of its issuer.

Providers stand in a TOML file (CASTMATE_OIDC_FILE), a table each; apple and google need their `audiences` only:

    [apple]
    audiences = ["com.example.app"]

    [school]
    audiences = ["castmate"]
    issuers = ["https://id.example.edu"]
    jwks_uri = "https://id.example.edu/keys"
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeGuard
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64decode

from backend.errors import ProviderUnavailable
from social.errors import IdentityRefused, InvalidValue

LEEWAY_SECONDS: Final = 60
KEYS_LIFE_SECONDS: Final = 3600.0
KEYS_KEPT_SECONDS: Final = 24 * 3600.0  # while the issuer does not answer
REFETCH_SECONDS: Final = 30.0  # between two fetches that unknown key ids ask for
FETCH_SECONDS: Final = 5.0
KEYS_BYTES: Final = 256 * 1024
ALGORITHMS: Final = ["RS256", "ES256"]
TOKEN_MAX: Final = 16 * 1024  # characters
KNOWN: Final = {
    "apple": {"issuers": ("https://appleid.apple.com",), "jwks_uri": "https://appleid.apple.com/auth/keys"},
    "google": {
        "issuers": ("https://accounts.google.com", "accounts.google.com"),
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
    },
}
log = structlog.get_logger()


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`audiences`: our client ids there. `issuers`: how the provider names itself."""

    audiences: tuple[str, ...]
    issuers: tuple[str, ...]
    jwks_uri: str


class Proven(msgspec.Struct, frozen=True):
    """`subject` is the provider's own id of the person; `name` what it calls them, if it tells."""

    provider: str
    subject: str
    name: str | None


def read_providers(file: Path | None) -> dict[str, Provider]:
    """Raises OSError, ValueError or msgspec.ValidationError for a file that cannot be used."""
    tables = {} if file is None else tomllib.loads(file.read_text())
    found = {name: msgspec.convert(KNOWN.get(name, {}) | table, Provider) for name, table in tables.items()}
    for name, provider in found.items():
        url = urlsplit(provider.jwks_uri)
        if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.hostname or "")):
            raise ValueError(f"{file}: the jwks_uri of {name!r} is {provider.jwks_uri!r}; allowed: https")
        if not provider.audiences or not provider.issuers:
            raise ValueError(f"{file}: {name!r} needs at least one of audiences and one of issuers")
    return found


class Keys:
    """The keys of one issuer: fetched when first needed, again after an hour or for a key id that is new."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._keys: dict[str, Any] = {}
        self._fetched = self._tried = float("-inf")
        self._one = asyncio.Lock()

    async def find(self, kid: str) -> Any | None:
        """None where the issuer has no such key. Raises ProviderUnavailable where it does not answer."""
        async with self._one:
            now = time.monotonic()
            fresh = now - self._fetched < KEYS_LIFE_SECONDS
            if not (fresh and kid in self._keys) and now - self._tried > REFETCH_SECONDS:
                self._tried = now
                await self._fetch()
            if now - self._fetched > KEYS_KEPT_SECONDS:
                raise ProviderUnavailable
            return self._keys.get(kid)

    async def _fetch(self) -> None:
        try:
            held = msgspec.json.decode(await _read(self._uri))["keys"]
            signing = [key for key in held if key.get("use", "sig") == "sig"]
            self._keys = {key.kid: key for key in KeySet.import_key_set({"keys": signing}).keys if key.kid}
        except (httpx.HTTPError, TimeoutError, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("the keys of an issuer were not fetched", uri=self._uri, error=repr(error))
        else:
            self._fetched = time.monotonic()


async def _read(uri: str) -> bytes:
    """Raises httpx.HTTPError, TimeoutError, or ValueError for too much."""
    async with (
        asyncio.timeout(FETCH_SECONDS),
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", uri) as answer,
    ):
        answer.raise_for_status()
        content = b""
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > KEYS_BYTES:
                raise ValueError(f"more than {KEYS_BYTES} bytes")
        return content


class Oidc:
    """The configured providers and their keys."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._keys = {name: Keys(provider.jwks_uri) for name, provider in providers.items()}

    async def prove(self, name: str, id_token: str, nonce: str) -> Proven:
        """`nonce` is what the client gave the provider, or what it hashed for it (Apple's SHA-256 in hex).

        Raises InvalidValue, IdentityRefused or ProviderUnavailable.
        """
        provider = self._providers.get(name)
        if provider is None:
            raise InvalidValue("provider", name, ", ".join(self._providers) or "none is configured here")
        if not 1 <= len(nonce) <= 200:
            raise InvalidValue("nonce", f"{len(nonce)} characters", "1 to 200 characters")
        try:
            kid = _kid(id_token)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise IdentityRefused("id_token", "it is no signed JWT that names its key") from None
        key = await self._keys[name].find(kid)
        if key is None:
            raise IdentityRefused("id_token", "its issuer has no such key")
        try:
            claims = jwt.decode(id_token, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            raise IdentityRefused("id_token", "its signature does not fit") from None
        return _checked(name, provider, claims, nonce)


def _checked(name: str, provider: Provider, claims: Mapping[str, Any], nonce: str) -> Proven:
    """Raises IdentityRefused."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    now, expires, subject, said = time.time(), claims.get("exp"), claims.get("sub"), claims.get("nonce")
    hashed = hashlib.sha256(nonce.encode()).hexdigest()
    if claims.get("iss") not in provider.issuers:
        raise IdentityRefused("id_token", f"it was issued by {str(claims.get('iss'))[:80]!r}")
    if not set(provider.audiences) & {one for one in audiences if isinstance(one, str)}:
        raise IdentityRefused("id_token", "it was issued for another app")
    if len(audiences) > 1 and claims.get("azp") not in provider.audiences:
        raise IdentityRefused("id_token", "it was issued to another app")
    if not _is_number(expires) or expires < now - LEEWAY_SECONDS:
        raise IdentityRefused("id_token", "it has expired")
    begins = [at for at in (claims.get("iat"), claims.get("nbf")) if _is_number(at)]
    if any(at > now + LEEWAY_SECONDS for at in begins):
        raise IdentityRefused("id_token", "it is not valid yet")
    if not isinstance(said, str) or not any(_same(said, one) for one in (nonce, hashed)):
        raise IdentityRefused("nonce", "it is not the one in the id_token")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise IdentityRefused("id_token", "it names nobody")
    called = claims.get("name")
    return Proven(name, subject, called if isinstance(called, str) else None)


def _kid(id_token: str) -> str:
    """Raises ValueError, TypeError, KeyError or AttributeError."""
    if len(id_token) > TOKEN_MAX:
        raise ValueError("too long")
    return str(msgspec.json.decode(urlsafe_b64decode(id_token.split(".", maxsplit=1)[0].encode()))["kid"])


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
