"""Firebase Cloud Messaging, HTTP v1 (firebase.google.com: "projects.messages: send"), as a service account."""

from __future__ import annotations

import time
from typing import Any, Final

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from backend.push.apns import retry_after
from backend.push.message import Message, NotNow, Refused, TokenDead

URL: Final = "https://fcm.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523
ASSERTED_SECONDS: Final = 3600
EARLY_SECONDS: Final = 60  # before its end an access token is renewed
KEPT: Final = "86400s"
SECONDS: Final = 15.0


class ServiceAccount(msgspec.Struct, frozen=True):
    """Of the JSON file that Google's console gives."""

    project_id: str
    client_email: str
    private_key: str
    token_uri: str


class _Access(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class _Error(msgspec.Struct, frozen=True):
    status: str = ""
    details: tuple[dict[str, Any], ...] = ()


class _Answer(msgspec.Struct, frozen=True):
    error: _Error = _Error()


class Fcm:
    """One client; its connections and its access token are kept."""

    def __init__(self, account: ServiceAccount, *, url: str = URL) -> None:
        """Raises ValueError for a key that is none."""
        self._account = account
        self._key = RSAKey.import_key(account.private_key)
        self._url = f"{url}/v1/projects/{account.project_id}/messages:send"
        self._http = httpx.AsyncClient(trust_env=False, timeout=SECONDS)
        self._access: tuple[float, str] = (0.0, "")

    async def close(self) -> None:
        await self._http.aclose()

    async def push(self, token: str, message: Message, push_id: str, *, sandbox: bool) -> None:  # noqa: ARG002  Google has one server
        """As `Pusher.push`."""
        body = {
            "token": token,
            "notification": {"title": message.title, "body": message.body},
            "data": message.about | {"push": push_id},
            "android": {"collapse_key": message.collapse, "ttl": KEPT},
        }
        try:
            access = await self._signed_in()
            answer = await self._http.post(
                self._url, json={"message": body}, headers={"authorization": f"Bearer {access}"}
            )
        except httpx.HTTPError as error:
            raise NotNow(f"Google did not answer ({type(error).__name__})") from None
        if not answer.is_success:
            self._complain(answer)

    def _complain(self, answer: httpx.Response) -> None:
        try:
            error = msgspec.json.decode(answer.content, type=_Answer).error
        except msgspec.MsgspecError:
            error = _Error()
        codes = {str(one.get("errorCode")) for one in error.details}
        fields = {str(bad.get("field")) for one in error.details for bad in one.get("fieldViolations", ())}
        why = f"Google answered {answer.status_code} {error.status[:60]}"
        if codes & {"UNREGISTERED", "SENDER_ID_MISMATCH"} or "message.token" in fields:
            raise TokenDead(why)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._access = (0.0, "")
            raise NotNow(why)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:
            raise NotNow(why, retry_after(answer))
        raise Refused(why)

    async def _signed_in(self) -> str:
        """An access token. Raises Refused, NotNow or httpx.HTTPError."""
        now = time.time()
        if now < self._access[0]:
            return self._access[1]
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": int(now),
            "exp": int(now) + ASSERTED_SECONDS,
        }
        assertion = jwt.encode({"alg": "RS256"}, claims, self._key)
        answer = await self._http.post(self._account.token_uri, data={"grant_type": GRANT, "assertion": assertion})
        if answer.status_code >= 500:
            raise NotNow(f"Google's sign-in answered {answer.status_code}")
        try:
            if not answer.is_success:
                raise Refused(f"Google's sign-in answered {answer.status_code}")
            got = msgspec.json.decode(answer.content, type=_Access)
        except msgspec.MsgspecError:
            raise Refused("Google's sign-in answered without an access token") from None
        self._access = (now + got.expires_in - EARLY_SECONDS, got.access_token)
        return got.access_token
