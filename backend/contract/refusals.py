"""Which errors a route can end in: derived from how it is written, and what its `Doc` adds; one schema for all."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.handlers import HTTPRouteHandler

from backend import errors, problems
from backend.contract import headers
from backend.repeats import SEALED
from social.errors import AccountSuspended, InvalidValue
from social.safety.errors import ModerationBlocked, SentinelBlock

PROBLEM_JSON: Final = "application/problem+json"
WORDS: Final = {
    "internal": "something broke here; it was logged and the request had no effect",
    "bad_request": "a parameter is missing or not of its type",
    "invalid_value": "a value is not one of those allowed",
    "request_entity_too_large": "the body is larger than this route takes",
    "unsupported_media_type": "the body's content-type is not one of those taken here",
    "not_found": "there is nothing under this path",
}


class Reason(msgspec.Struct, frozen=True, rename={"kind": "type"}):
    """The error as the OpenAI SDKs read it."""

    message: str
    kind: str
    param: str | None
    code: str


class Problem(msgspec.Struct, frozen=True, rename={"kind": "type"}):
    """RFC 9457, with the reason that programs read in `error.code`; new codes may be added."""

    kind: str
    title: str
    status: int
    detail: str
    error: Reason


def usual(handler: HTTPRouteHandler) -> set[tuple[int, str]]:
    """Status and code of what every route of this kind can end in, read off its parameters and what it calls."""
    names = {*handler.fn.__code__.co_names}
    takes = handler.parsed_fn_signature.parameters
    found = {(500, "internal"), (503, "unavailable"), *_told(errors.RateLimited)}
    if "viewer" in takes:
        found |= _told(errors.Unauthenticated, errors.Forbidden, AccountSuspended)
    if "need_fresh" in names:
        found |= _told(errors.StaleSession)
    if "POST" in handler.http_methods:
        found |= _told(errors.IdempotencyMismatch, errors.RequestInFlight)
    if handler.opt.get(SEALED):
        found |= _told(errors.SecretForgotten)
    if handler.http_methods & {"POST", "PUT", "PATCH"}:
        found |= _told(errors.BodyTooSlow, errors.BodyCutShort)
    if "data" in takes:
        found |= {(400, "bad_request"), (400, "invalid_value"), (413, "request_entity_too_large")}
    found |= _of_words(names)
    if "stand_in" in names:
        found |= _told(errors.UploadUnknown, errors.UploadUnfinished, errors.UploadMisused)
    if "forms" in names:
        found |= _told(errors.MalformedBody, errors.EmptyBody) | {(413, "request_entity_too_large")}
    return found


def _of_words(names: set[str]) -> set[tuple[int, str]]:
    """What the rules of words refuse, where a route gives them any."""
    found: set[tuple[int, str]] = set()
    if names & {"ordered", "plan_clip", "_answering"}:
        found |= _told(SentinelBlock, errors.ClassifierAway)
    says = names >= {"talking", "comment"} or names >= {"conversations", "begin"}
    if says or names & {"say", "change_clip", "need_fit"}:
        found |= _told(ModerationBlocked, errors.ClassifierAway)
    return found


def of(handler: HTTPRouteHandler, added: Iterable[type[Exception]], *, typed: bool) -> dict[int, list[str]]:
    """Codes by status, sorted. `typed`: a parameter is more than text."""
    found = usual(handler) | _told(*added) | ({(400, "bad_request")} if typed else set())
    if handler.http_methods & {"POST", "PUT", "PATCH"} or "{" in "".join(handler.paths) or typed:
        found |= _told(InvalidValue)  # NUL and its kin, and what no type says
    return {
        status: sorted(code for other, code in found if other == status)
        for status in sorted({status for status, _ in found})
    }


def answers(codes: dict[int, list[str]]) -> dict[str, Any]:
    """For `responses` of an operation."""
    return {str(status): _answer(status, known) for status, known in codes.items()}


def examples(paths: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """For `components.examples`: one of every error that an operation ends in."""
    found = {
        (int(status), code)
        for item in paths.values()
        for operation in item.values()
        for status, told in operation["responses"].items()
        for code in told.get("x-error-codes", ())
    }
    return {f"{status}_{code}": {"value": _example(status, code)} for status, code in sorted(found)}


def _told(*kinds: type[Exception]) -> set[tuple[int, str]]:
    """Raises KeyError for an exception that has no status: it is not an error of the house."""
    return {
        (next(problems.STATUS[one] for one in kind.__mro__ if one in problems.STATUS), problems.code_of(kind))
        for kind in kinds
    }


def phrase(status: int) -> str:
    """Of HTTP, or tus's own."""
    return problems.PHRASE.get(status) or HTTPStatus(status).phrase


def _answer(status: int, codes: list[str]) -> dict[str, Any]:
    examples = {code: {"$ref": f"#/components/examples/{status}_{code}"} for code in codes}
    return {
        "description": f"{phrase(status)}: {', '.join(f'`{code}`' for code in codes)}",
        "headers": headers.refer(*headers.OF_ERRORS.get(status, ())),
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
        "x-error-codes": codes,
    }


def _example(status: int, code: str) -> dict[str, Any]:
    words = WORDS.get(code, code.replace("_", " "))
    body: dict[str, Any] = msgspec.json.decode(problems.answer(status, words, code, None, {}).content)
    return body
