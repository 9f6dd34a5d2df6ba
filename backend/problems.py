"""Every error of the house -> status and answer: RFC 9457 problem+json with the SDKs' `error` member beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from backend import errors
from backend.db import GONE
from backend.ids import public
from character_store import errors as character_errors
from generation import errors as generation_errors
from social import errors as social_errors
from social import feed_errors, graph_errors, provenance_errors, remix_errors, sharing_errors, talk_errors, taste_errors
from social.moderation import errors as moderation_errors
from social.outside_notices import OutsideNoticeUnknown
from social.safety import errors as safety_errors

log = structlog.get_logger()

STATUS: Final[dict[type[Exception], int]] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.StaleSession: 403,
    errors.MalformedBody: 400,
    errors.BodyTooSlow: 408,
    errors.BodyCutShort: 400,
    errors.EmptyBody: 400,
    errors.NotSupportedYet: 400,
    errors.WrongMediaType: 415,
    errors.PictureOutOfBounds: 400,
    errors.UploadTooLarge: 413,
    errors.PictureNotFetched: 400,
    errors.UploadUnknown: 404,
    errors.UploadUnfinished: 409,
    errors.UploadMisused: 400,
    errors.TusVersionUnknown: 412,
    errors.TusBodyUnknown: 415,
    errors.OffsetMismatch: 409,
    errors.UploadLocked: 423,
    errors.UploadOverrun: 413,
    errors.ChecksumMismatch: 460,
    errors.UploadStalled: 408,
    errors.UploadsFull: 429,
    errors.MediaLinkRefused: 403,
    errors.MediaGone: 410,
    feed_errors.CursorRefused: 400,
    feed_errors.ListExpired: 410,
    errors.ClassifierAway: 503,
    errors.DownloadPending: 503,
    errors.DownloadFailed: 500,
    errors.ImportRefused: 400,
    errors.ImportRunning: 409,
    errors.AppleRefused: 502,
    errors.IdempotencyMismatch: 409,
    errors.StreamsFull: 429,
    errors.RequestInFlight: 409,
    errors.SecretForgotten: 409,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
    errors.ProviderUnavailable: 503,
    errors.MailUnavailable: 503,
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
    graph_errors.ListPrivate: 403,
    graph_errors.AlreadyMember: 409,
    graph_errors.InvitesSpent: 409,
    graph_errors.InviteNotYours: 404,
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
    remix_errors.ClipRemoved: 410,
    remix_errors.ClipHidden: 409,
    remix_errors.SoundOff: 403,
    remix_errors.SoundMissing: 409,
    remix_errors.ChallengeUnknown: 404,
    remix_errors.ChallengeRuns: 409,
    remix_errors.ChallengesFull: 409,
    social_errors.ClipFilesGone: 410,
    provenance_errors.InspectionUnknown: 404,
    sharing_errors.ShareUnknown: 404,
    sharing_errors.ShareEnded: 410,
    sharing_errors.ShareClosed: 401,
    sharing_errors.ClipUnpublished: 409,
    sharing_errors.CollectionUnknown: 404,
    sharing_errors.CollectionHas: 409,
    sharing_errors.CollectionLacks: 404,
    sharing_errors.CollectionFull: 409,
    sharing_errors.CollectionsFull: 409,
    taste_errors.ChipUnknown: 404,
    taste_errors.FeedbackUnknown: 404,
    safety_errors.SentinelBlock: 400,
    safety_errors.ModerationBlocked: 400,
    safety_errors.RefusalUnknown: 404,
    safety_errors.RefusalAppealed: 409,
    OutsideNoticeUnknown: 404,
    moderation_errors.CaseUnknown: 404,
    moderation_errors.CaseDecided: 409,
    moderation_errors.LeaseHeld: 409,
    moderation_errors.LeaseNeeded: 409,
    moderation_errors.OwnMatter: 403,
    moderation_errors.SeniorNeeded: 403,
    moderation_errors.DecisionMisplaced: 400,
    moderation_errors.StatementUnknown: 404,
    moderation_errors.EvidenceUnknown: 404,
    moderation_errors.AppealUnknown: 404,
    moderation_errors.AppealDecided: 409,
    moderation_errors.AppealLate: 410,
    talk_errors.CommentUnknown: 404,
    talk_errors.CommentsClosed: 403,
    talk_errors.YoungProtected: 403,
    talk_errors.ThreadUnknown: 404,
    talk_errors.MessageUnknown: 404,
    talk_errors.NotFriends: 403,
    talk_errors.ThreadFull: 409,
    talk_errors.ThreadDirect: 409,
    talk_errors.OwnCharacterNeeded: 409,
    talk_errors.PublishFirst: 409,
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


LATER: Final[dict[type[Exception], tuple[str, str]]] = {  # x-should-retry, retry-after in seconds
    character_errors.CastRequestsFull: ("false", "3600"),
    character_errors.ChallengesSpent: ("false", "3600"),
    errors.StreamsFull: ("false", "60"),
    errors.DownloadPending: ("true", "5"),
    errors.DownloadFailed: ("false", "3600"),
    errors.RequestInFlight: ("true", "1"),
    errors.ClassifierAway: ("false", "60"),
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
        error, known = errors.Unavailable(), errors.Unavailable
    if known is not None:
        status = STATUS[known]
        more: dict[str, object] = {}
        if isinstance(error, social_errors.SignUpNeeded):
            more = {"missing": error.missing}
        if isinstance(error, social_errors.AccountSuspended) and error.appeal is not None:
            more = {"appeal": error.appeal}
        if isinstance(error, safety_errors.WordsRefused):
            refusal = public("ref", error.refusal)
            more = {
                "refusal": {
                    "id": refusal,
                    "category": error.finding.category,
                    "rule": error.finding.rule,
                    "appeal": f"/v1/refusals/{refusal}/appeal",
                }
            }
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
        case social_errors.TooManyAttempts() | social_errors.MailedLately():
            return {"x-should-retry": "false", "retry-after": str(error.wait_s)}
        case errors.RateLimited():
            left = {
                "ratelimit-limit": str(error.most),
                "ratelimit-remaining": "0",
                "ratelimit-reset": str(error.wait_s),
            }
            return left | {"retry-after": str(error.wait_s)}
        case errors.Unavailable() | errors.ProviderUnavailable() | errors.MailUnavailable():
            return {"retry-after": "2"}
        case _ if type(error) in LATER:
            again, seconds = LATER[type(error)]
            return {"x-should-retry": again, "retry-after": seconds}
        case errors.Unauthenticated():
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
