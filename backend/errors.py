"""What goes wrong at the edge, and how every error of the house is told to a client.

BackendError
├── Unauthenticated
├── Forbidden
├── StaleSession             the password was given too long ago for this
├── BadRequest
│   ├── MalformedBody        not JSON, not multipart, or not what it says it is
│   ├── BodyTooSlow
│   ├── BodyCutShort         the client has gone in the middle
│   ├── EmptyBody
│   └── NotSupportedYet      a part of the contract that this version does not do; says so instead of ignoring it
├── BadUpload
│   ├── WrongMediaType       the bytes are not one of the kinds allowed here
│   ├── PictureOutOfBounds
│   ├── UploadTooLarge
│   ├── UploadUnknown        not there any more, or not yours
│   ├── UploadUnfinished     bytes are missing still
│   ├── UploadMisused        a file of another kind is wanted there
│   └── PictureNotFetched    a URL that is not allowed, or does not answer with a picture
├── TusError
│   ├── TusVersionUnknown
│   ├── TusBodyUnknown       a PATCH whose content-type is not tus's own
│   ├── OffsetMismatch       the bytes do not begin where the upload ends
│   ├── UploadLocked         another PATCH is writing
│   ├── UploadOverrun        more bytes than were announced
│   ├── ChecksumMismatch     the bytes are not those that were sent; none was kept
│   ├── UploadStalled        nothing arrived for too long
│   └── UploadsFull          too many are open
├── MediaLinkError
│   ├── MediaLinkRefused     not this server's, changed, or expired
│   └── MediaGone            removed, hidden, or not for this kind of link any more
├── AppleRefused             a sign-in could not be taken back at Apple; nothing was deleted
├── ImportRefused            not an export, or not what its manifest says
├── ImportRunning            one at a time
├── IdempotencyMismatch      the same key came with another body
├── ProviderUnavailable      whoever vouches for an identity does not answer
├── MailUnavailable          the mail server does not take what is sent
├── StreamsFull              an account listens with too many streams already
├── RequestInFlight          the first request of this key has not been answered yet
├── SecretForgotten          the answer of this key held a secret and is not kept any more
├── RateLimited              too many requests of one class within its window
└── Unavailable              the database or the media store is away; try again

Answers are RFC 9457 problem+json with the SDKs' `error` member beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar, Final

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from backend.db import GONE
from character_store import errors as character_errors
from generation import errors as generation_errors
from social import errors as social_errors

log = structlog.get_logger()


class BackendError(Exception):
    """Base of what the edge refuses."""


class Unauthenticated(BackendError):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; send `Authorization: Bearer` with an access token or an API key")


class Forbidden(BackendError):
    def __init__(self, what: str) -> None:
        super().__init__(what)


class StaleSession(BackendError):
    def __init__(self, age_s: int, most_s: int) -> None:
        super().__init__(f"you signed in {age_s} s ago; this needs a sign-in of the last {most_s} s: sign in again")
        self.age_s = age_s
        self.most_s = most_s


class BadRequest(BackendError):
    """Base of bodies that cannot be read."""


class MalformedBody(BadRequest):
    def __init__(self, why: str, param: str | None = None) -> None:
        super().__init__(why)
        self.param = param


class BodyTooSlow(BadRequest):
    headers: ClassVar = {"connection": "close"}

    def __init__(self, size: int, least: int, pause_s: float) -> None:
        allowed = f"at least {least:,} bytes/s, and no pause of {pause_s:g} s"
        super().__init__(f"the body stopped coming, or came too slowly, after {size:,} bytes; allowed: {allowed}")
        self.size = size


class BodyCutShort(BadRequest):
    def __init__(self, size: int) -> None:
        super().__init__(f"the connection ended after {size:,} bytes of the body")
        self.size = size


class EmptyBody(BadRequest):
    def __init__(self, expected: str) -> None:
        super().__init__(f"the body is empty; expected {expected}")


class NotSupportedYet(BadRequest):
    def __init__(self, param: str, value: object, allowed: str) -> None:
        super().__init__(f"{param} = {repr(value)[:80]} is not supported by this version; allowed: {allowed}")
        self.param = param


class BadUpload(BackendError):
    """Base of files that are refused unread."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


class WrongMediaType(BadUpload):
    def __init__(self, param: str, name: str, found: str, allowed: str) -> None:
        super().__init__(param, f"{param} ({name[:60]!r}) holds {found}; allowed: {allowed}")
        self.found = found


class PictureOutOfBounds(BadUpload):
    def __init__(self, param: str, width: int, height: int, least: int, most: int) -> None:
        super().__init__(param, f"{param} is {width}x{height} pixels; allowed: {least} to {most} on each side")
        self.width = width
        self.height = height


class UploadTooLarge(BadUpload):
    def __init__(self, param: str, size: int, most: int) -> None:
        super().__init__(param, f"{param} has {size:,} bytes; allowed: up to {most:,}")
        self.size = size


class PictureNotFetched(BadUpload):
    def __init__(self, param: str, url: str, why: str) -> None:
        super().__init__(param, f"{param} = {url[:80]!r} was not fetched: {why}")
        self.url = url


class UploadUnknown(BadUpload):
    def __init__(self, reference: str, param: str = "upload") -> None:
        allowed = "the id of an upload of yours that has not expired, and whose consent holds"
        super().__init__(param, f"you have no upload {reference[:60]!r}; allowed: {allowed}")
        self.reference = reference


class UploadUnfinished(BadUpload):
    def __init__(self, reference: str, received: int, length: int, param: str) -> None:
        super().__init__(param, f"the upload {reference!r} has {received:,} of {length:,} bytes; send the rest first")
        self.received = received


class UploadMisused(BadUpload):
    def __init__(self, param: str, reference: str, kind: str, allowed: str) -> None:
        super().__init__(param, f"{param} names {reference!r}, an upload of kind {kind!r}; allowed: {allowed}")
        self.kind = kind


class TusError(BackendError):
    """Base of what the upload protocol refuses (tus 1.0.0)."""


class TusVersionUnknown(TusError):
    def __init__(self, sent: str | None, allowed: str) -> None:
        super().__init__(f"Tus-Resumable is {sent!r}; allowed: {allowed}")
        self.headers = {"tus-version": allowed}


class TusBodyUnknown(TusError):
    def __init__(self, sent: str, allowed: str) -> None:
        super().__init__(f"the content-type is {sent[:60]!r}; allowed: {allowed}")


class OffsetMismatch(TusError):
    def __init__(self, sent: int, received: int) -> None:
        super().__init__(f"Upload-Offset is {sent}; the upload goes on at {received}")
        self.headers = {"upload-offset": str(received)}


class UploadLocked(TusError):
    def __init__(self, lease_s: int) -> None:
        super().__init__(f"another request is writing to this upload; try again in {lease_s} s")
        self.headers = {"retry-after": str(lease_s)}


class UploadOverrun(TusError):
    def __init__(self, length: int) -> None:
        super().__init__(f"there are more bytes than the {length:,} of Upload-Length")


class ChecksumMismatch(TusError):
    def __init__(self, algorithm: str) -> None:
        super().__init__(
            f"the {algorithm} of the bytes is not that of Upload-Checksum; none of them was kept, send again"
        )


class UploadStalled(TusError):
    def __init__(self, silent_s: int, received: int) -> None:
        super().__init__(f"nothing arrived for {silent_s} s; the upload goes on at {received}")
        self.headers = {"upload-offset": str(received)}


class UploadsFull(TusError):
    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} uploads; use or delete some, or wait until they expire")
        self.headers = {"x-should-retry": "false"}


class MediaLinkError(BackendError):
    """Base of what links to media refuse; no cache keeps that."""

    headers: ClassVar = {"cache-control": "no-store"}


class MediaLinkRefused(MediaLinkError):
    def __init__(self, why: str) -> None:
        super().__init__(f"this link is refused: {why}")


class MediaGone(MediaLinkError):
    def __init__(self, reference: str) -> None:
        super().__init__(f"the media of {reference[:60]!r} are gone, or may not be seen by this link any more")
        self.reference = reference


class AppleRefused(BackendError):
    def __init__(self, why: str) -> None:
        super().__init__(f"Apple did not take the sign-in back ({why}), and nothing was deleted; send a new code")


class ImportRefused(BackendError):
    def __init__(self, why: str) -> None:
        super().__init__(f"this is no export that can be taken in, and nothing of it was: {why}")


class ImportRunning(BackendError):
    def __init__(self) -> None:
        super().__init__("an import of yours is under way; wait until it has ended")


class IdempotencyMismatch(BackendError):
    def __init__(self, key: str) -> None:
        super().__init__(f"the Idempotency-Key {key[:60]!r} was used with another request within the last 24 hours")


class RequestInFlight(BackendError):
    def __init__(self, key: str) -> None:
        super().__init__(f"the first request with the Idempotency-Key {key[:60]!r} is still being answered; try again")


class SecretForgotten(BackendError):
    def __init__(self, key: str) -> None:
        super().__init__(
            f"the Idempotency-Key {key[:60]!r} was answered with a secret, kept for 10 minutes; use a new key"
        )


class ProviderUnavailable(BackendError):
    def __init__(self) -> None:
        super().__init__("the provider of this identity does not answer at the moment; try again in a few seconds")


class MailUnavailable(BackendError):
    def __init__(self) -> None:
        super().__init__("the mail was not sent and nothing has changed; try again later")


class RateLimited(BackendError):
    """`name`: the class of routes."""

    def __init__(self, name: str, most: int, seconds: int, wait_s: int) -> None:
        super().__init__(f"more than {most} requests of the class {name!r} in {seconds} s; try again in {wait_s} s")
        self.name = name
        self.most = most
        self.wait_s = wait_s


class StreamsFull(BackendError):
    def __init__(self, most: int) -> None:
        super().__init__(f"your account has {most} event streams open here; allowed: up to {most}: close one first")
        self.most = most


class Unavailable(BackendError):
    def __init__(self) -> None:
        super().__init__("the database or the media store does not answer at the moment; try again in a few seconds")


STATUS: Final[dict[type[Exception], int]] = {
    Unauthenticated: 401,
    Forbidden: 403,
    StaleSession: 403,
    MalformedBody: 400,
    BodyTooSlow: 408,
    BodyCutShort: 400,
    EmptyBody: 400,
    NotSupportedYet: 400,
    WrongMediaType: 415,
    PictureOutOfBounds: 400,
    UploadTooLarge: 413,
    PictureNotFetched: 400,
    UploadUnknown: 404,
    UploadUnfinished: 409,
    UploadMisused: 400,
    TusVersionUnknown: 412,
    TusBodyUnknown: 415,
    OffsetMismatch: 409,
    UploadLocked: 423,
    UploadOverrun: 413,
    ChecksumMismatch: 460,
    UploadStalled: 408,
    UploadsFull: 429,
    MediaLinkRefused: 403,
    MediaGone: 410,
    ImportRefused: 400,
    ImportRunning: 409,
    AppleRefused: 502,
    IdempotencyMismatch: 409,
    StreamsFull: 429,
    RequestInFlight: 409,
    SecretForgotten: 409,
    RateLimited: 429,
    Unavailable: 503,
    ProviderUnavailable: 503,
    MailUnavailable: 503,
    social_errors.InvalidValue: 400,
    social_errors.HandleTaken: 409,
    social_errors.TooYoung: 403,
    social_errors.WrongPassword: 401,
    social_errors.HandleChangedLately: 409,
    social_errors.WrongCode: 401,
    social_errors.SecondFactorNeeded: 401,
    social_errors.TooManyAttempts: 429,
    social_errors.AccountSuspended: 403,
    social_errors.RefreshRefused: 401,
    social_errors.SessionUnknown: 404,
    social_errors.SecondFactorOn: 409,
    social_errors.SecondFactorOff: 409,
    social_errors.PasskeyRefused: 401,
    social_errors.PasskeyUnknown: 404,
    social_errors.IdentityRefused: 401,
    social_errors.IdentityUnknown: 404,
    social_errors.IdentityTaken: 409,
    social_errors.SignUpNeeded: 403,
    social_errors.LastSignIn: 409,
    social_errors.RecoveryRefused: 401,
    social_errors.AddressTaken: 409,
    social_errors.MailedLately: 429,
    social_errors.GuardianUnknown: 404,
    social_errors.GuardianRefused: 409,
    social_errors.GuardianLimit: 403,
    social_errors.AccountUnknown: 404,
    social_errors.NotYourself: 400,
    social_errors.YouBlocked: 409,
    social_errors.ApiKeyUnknown: 404,
    social_errors.ApiKeysFull: 409,
    social_errors.InviteNeeded: 403,
    social_errors.InviteUnknown: 403,
    social_errors.InviteSpent: 403,
    social_errors.DeviceUnknown: 404,
    social_errors.WebhookUnknown: 404,
    social_errors.WebhooksFull: 409,
    social_errors.SyncExpired: 410,
    social_errors.ExportUnknown: 404,
    social_errors.ImportUnknown: 404,
    social_errors.ClipImported: 409,
    social_errors.NotLeaving: 409,
    social_errors.DepartureUnknown: 404,
    social_errors.QuotaSpent: 429,
    social_errors.ClipUnknown: 404,
    social_errors.ClipNotReady: 409,
    social_errors.ClipEnded: 409,
    social_errors.ClipPublished: 409,
    social_errors.ClipExtended: 409,
    social_errors.VideoForeign: 400,
    social_errors.GivenGone: 409,
    social_errors.PreviewUnknown: 404,
    social_errors.RemixOff: 403,
    social_errors.ClipFilesGone: 410,
    character_errors.CharacterUnknown: 404,
    character_errors.CharacterHandleTaken: 409,
    character_errors.CastRefused: 403,
    character_errors.CastRequestUnknown: 404,
    character_errors.CastRequestDecided: 409,
    character_errors.CastRequestNeedless: 409,
    character_errors.CastRequestsFull: 429,
    character_errors.VoiceNeeded: 400,
    character_errors.CaptureNeeded: 403,
    character_errors.ReferencesPending: 409,
    character_errors.NotHeld: 409,
    character_errors.ConsentNeeded: 403,
    character_errors.ConsentUnknown: 404,
    character_errors.RecordingRefused: 403,
    character_errors.PolicyChanged: 409,
    character_errors.ChallengeSpent: 409,
    character_errors.ChallengesSpent: 429,
    character_errors.KeyDestroyed: 410,
    character_errors.MasterKeyForeign: 503,
    character_errors.SealBroken: 500,
    generation_errors.ControlRefused: 400,
    generation_errors.EditRefused: 400,
    generation_errors.UnsafeOutput: 403,
    generation_errors.PromptTooWordy: 400,
    generation_errors.ScreenplayError: 400,
    generation_errors.LanguageNotSpoken: 400,
    generation_errors.CastIncomplete: 409,
    generation_errors.EngineUnavailable: 503,
    generation_errors.EngineError: 500,
    generation_errors.Cancelled: 409,
    generation_errors.NotAPicture: 400,
    generation_errors.NotASound: 400,
    generation_errors.NotAVideo: 400,
    generation_errors.CheckFailed: 400,
    generation_errors.GivenRefused: 400,
}
CODE: Final[dict[type[Exception], str]] = {character_errors.CastRefused: "cameo_permission_denied"}
PHRASE: Final = {460: "Checksum Mismatch"}  # tus's own
TYPE: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def code_of(error: type[Exception]) -> str:
    """`QuotaSpent` -> `quota_spent`, unless clients know another word."""
    return CODE.get(error) or re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__).lower()


def answer(
    status: int,
    message: str,
    code: str,
    param: str | None,
    headers: dict[str, str],
    more: Mapping[str, object] | None = None,
) -> Response[bytes]:
    """The one shape of an error; `more` are members of this kind of error alone (RFC 9457, 3.2)."""
    body = {
        "type": "about:blank",
        "title": PHRASE.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "error": {
            "message": message,
            "type": TYPE.get(status, "server_error" if status >= 500 else "invalid_request_error"),
            "param": param,
            "code": code,
        },
        **(more or {}),
    }
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/problem+json", headers=headers
    )


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Every exception ends here. What nobody foresaw is logged whole and told in one neutral sentence."""
    known = next((kind for kind in type(error).__mro__ if kind in STATUS), None)
    if known is None and isinstance(error, GONE):
        error, known = Unavailable(), Unavailable
    if known is not None:
        status = STATUS[known]
        more = {"missing": error.missing} if isinstance(error, social_errors.SignUpNeeded) else {}
        return answer(
            status, str(error), code_of(type(error)), getattr(error, "param", None), _headers(error, status), more
        )
    if isinstance(error, (asyncpg.DataError, RecursionError, UnicodeError, msgspec.ValidationError)):
        return _unreadable(error)
    if isinstance(error, HTTPException):
        status = error.status_code
        code = re.sub(r"[^a-z]+", "_", HTTPStatus(status).phrase.lower())
        return answer(status, error.detail or HTTPStatus(status).phrase, code, None, dict(error.headers or {}))
    log.error("unforeseen", path=request.url.path, exc_info=error)
    return answer(500, "something broke here; it was logged and the request had no effect", "internal", None, {})


def _headers(error: Exception, status: int) -> dict[str, str]:
    """The error's own, and what tells a client whether and when to come back."""
    return dict(getattr(error, "headers", None) or {}) | _coming_back(error, status)


def _coming_back(error: Exception, status: int) -> dict[str, str]:  # noqa: PLR0911 - a case a line
    match error:
        case social_errors.QuotaSpent():
            wait_s = max(1, math.ceil((error.resets_at - datetime.now(UTC)).total_seconds()))
            return {"x-should-retry": "false", "retry-after": str(wait_s)}
        case character_errors.CastRequestsFull() | character_errors.ChallengesSpent():
            return {"x-should-retry": "false", "retry-after": "3600"}
        case social_errors.TooManyAttempts() | social_errors.MailedLately():
            return {"x-should-retry": "false", "retry-after": str(error.wait_s)}
        case RateLimited():
            left = {
                "ratelimit-limit": str(error.most),
                "ratelimit-remaining": "0",
                "ratelimit-reset": str(error.wait_s),
            }
            return left | {"retry-after": str(error.wait_s)}
        case StreamsFull():
            return {"x-should-retry": "false", "retry-after": "60"}
        case Unavailable() | ProviderUnavailable() | MailUnavailable():
            return {"retry-after": "2"}
        case RequestInFlight():
            return {"x-should-retry": "true", "retry-after": "1"}
        case Unauthenticated():
            return {"www-authenticate": "Bearer"}
        case _ if status == HTTPStatus.CONFLICT:
            return {"x-should-retry": "false"}
        case _:
            return {}


def _unreadable(error: Exception) -> Response[bytes]:
    """A value of the wrong kind: msgspec says where; the database refuses NUL and its kin; Python too deep a nest."""
    match error:
        case UnicodeError():
            return answer(400, "the body is not UTF-8", "malformed_body", None, {})
        case RecursionError():
            return answer(400, "the body is nested too deeply", "malformed_body", None, {})
        case msgspec.ValidationError():
            path = str(error).partition(" - at `$.")[2]
            return answer(400, str(error), "invalid_value", path.rstrip("`") or None, {})
    return answer(400, "a value holds what no text here may hold, such as a NUL character", "invalid_value", None, {})
