"""Apple's push service (developer.apple.com: "Sending notification requests to APNs"): HTTP/2, token-based."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from backend.push.message import Message, NotNow, Refused, TokenDead

URL: Final = "https://api.push.apple.com"
SANDBOX_URL: Final = "https://api.sandbox.push.apple.com"
RENEW_SECONDS: Final = 50 * 60  # Apple wants tokens of 20 to 60 minutes
KEPT_SECONDS: Final = 24 * 3600  # for a phone that is off
SECONDS: Final = 15.0
DEAD: Final = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "ExpiredToken", "Unregistered"})
STALE: Final = frozenset({"ExpiredProviderToken", "InvalidProviderToken"})


class Credentials(msgspec.Struct, frozen=True):
    """`key` is the .p8 file of Apple's developer pages; `topic` the app's bundle id."""

    key: bytes
    key_id: str
    team_id: str
    topic: str


class _Answer(msgspec.Struct, frozen=True):
    reason: str = ""
    timestamp: int | None = None  # milliseconds; since when a token is dead


class Apns:
    """One client; connections are kept, as Apple asks."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        url: str = URL,
        sandbox_url: str = SANDBOX_URL,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Raises ValueError for a key that is none."""
        self._key = ECKey.import_key(credentials.key)
        self._credentials = credentials
        self._urls = {False: url, True: sandbox_url}
        self._http = httpx.AsyncClient(http2=True, http1=False, verify=trust or True, trust_env=False, timeout=SECONDS)
        self._signed: tuple[float, str] = (0.0, "")

    async def close(self) -> None:
        await self._http.aclose()

    async def push(self, token: str, message: Message, push_id: str, *, sandbox: bool) -> None:
        """As `Pusher.push`."""
        try:
            answer = await self._http.post(
                f"{self._urls[sandbox]}/3/device/{quote(token, safe='')}",
                json={
                    "aps": {"alert": {"title": message.title, "body": message.body}, "sound": "default"},
                    "castmate": message.about,
                },
                headers={
                    "authorization": f"bearer {self._provider_token()}",
                    "apns-topic": self._credentials.topic,
                    "apns-push-type": "alert",
                    "apns-id": push_id,
                    "apns-expiration": str(int(time.time()) + KEPT_SECONDS),
                    "apns-collapse-id": message.collapse,
                },
            )
        except httpx.HTTPError as error:
            raise NotNow(f"Apple did not answer ({type(error).__name__})") from None
        if not answer.is_success:
            self._complain(answer)

    def _complain(self, answer: httpx.Response) -> None:
        try:
            said = msgspec.json.decode(answer.content, type=_Answer)
        except msgspec.MsgspecError:
            said = _Answer()
        why = f"Apple answered {answer.status_code} {said.reason[:60]}"
        if answer.status_code == httpx.codes.GONE or said.reason in DEAD:
            at = None if said.timestamp is None else datetime.fromtimestamp(said.timestamp / 1000, UTC)
            raise TokenDead(why, at)
        if said.reason in STALE:
            self._signed = (0.0, "")
            raise NotNow(why)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:
            raise NotNow(why, retry_after(answer))
        raise Refused(why)

    def _provider_token(self) -> str:
        now = time.time()
        if now - self._signed[0] > RENEW_SECONDS:
            header = {"alg": "ES256", "kid": self._credentials.key_id}
            claims = {"iss": self._credentials.team_id, "iat": int(now)}
            self._signed = (now, jwt.encode(header, claims, self._key))
        return self._signed[1]


def retry_after(answer: httpx.Response) -> timedelta | None:
    """In seconds; a date counts as nothing said."""
    said = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(said)) if said.isascii() and said.isdigit() and len(said) < 7 else None
