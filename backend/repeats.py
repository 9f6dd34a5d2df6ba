"""`Idempotency-Key` on every POST: the same request again gets the same answer, and its work is done once.

Same key and same request: the first answer, marked `Idempotent-Replayed: true`. Same key and another request: 409. Two
at once: the second waits for the first, in whichever web process that is. What the moment refused (who is asking,
limits, our own failures) is not kept: with the same key it may work later. decisions/0021.
"""

from __future__ import annotations

import asyncio
import hashlib
from http import HTTPStatus
from typing import Any, Final

import asyncpg
import structlog
from litestar import HttpMethod, Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend import kept_answers
from backend.caller import Caller, caller_of
from backend.errors import IdempotencyMismatch, RequestInFlight, SecretForgotten
from backend.in_flight import InFlight
from backend.kept_answers import Answer, Name
from backend.request_body import RequestBody
from social.errors import InvalidValue

KEY_MOST: Final = 255
WAIT_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.05
SEALED: Final = "secret"  # in a handler's opt: its answer shows one
STREAMED: Final = "streamed"  # its body may be of any size, and is known by its headers
MOMENTARY: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
NOT_OF_THE_ANSWER: Final = frozenset({"content-length", "x-request-id"})
log = structlog.get_logger()


class Repeats:
    """Middleware, inside `Callers` and whatever compresses: the next client may not read what this one reads."""

    def __init__(self, in_flight: InFlight, secret: bytes) -> None:
        self._in_flight = in_flight
        self._secret = secret

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def once(scope: Scope, receive: Receive, send: Send) -> None:
            request: Request[Any, Any, Any] = Request(scope, receive)
            key = _key(request) if request.method == HttpMethod.POST else None
            if key is None:
                await app(scope, receive, send)
            else:
                await self._once(app, request, key, send)

        return once

    async def _once(self, app: ASGIApp, request: Request[Any, Any, Any], key: str, send: Send) -> None:
        """Raises IdempotencyMismatch, RequestInFlight or SecretForgotten."""
        caller = caller_of(request.scope)
        name = Name(_scope(request, caller), key)
        request_sha256, receive = await _known_by(request, caller)
        pool = request.app.state.pool
        await self._taken(name)
        try:
            async with pool.acquire() as conn:
                kept = await kept_answers.find(conn, name, self._secret)
            if kept is None:
                answer = await _answered(app, request.scope, receive)
                await self._keep(pool, request, name, request_sha256, answer)
            elif kept.request_sha256 != request_sha256:
                raise IdempotencyMismatch(key)
            elif kept.answer is None:
                raise SecretForgotten(key)
            else:
                answer = kept.answer
        finally:
            await self._in_flight.give_back(name.lock)
        await _send(answer, send, replayed=kept is not None)

    async def _taken(self, name: Name) -> None:
        """Waits for a twin. Raises RequestInFlight."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while not await self._in_flight.take(name.lock):
            if asyncio.get_running_loop().time() > deadline:
                raise RequestInFlight(name.key)
            await asyncio.sleep(LOOK_SECONDS)

    async def _keep(
        self, pool: asyncpg.Pool, request: Request[Any, Any, Any], name: Name, request_sha256: bytes, answer: Answer
    ) -> None:
        """The work is done and will be told, even where the telling cannot be kept."""
        if answer.status in MOMENTARY or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return
        viewer = caller_of(request.scope).viewer
        holds_secret = bool(request.route_handler.opt.get(SEALED)) and answer.status < HTTPStatus.BAD_REQUEST
        try:
            async with pool.acquire() as conn:
                await kept_answers.keep(
                    conn,
                    name,
                    None if viewer is None else viewer.id,
                    request_sha256,
                    answer,
                    sealed_with=self._secret if holds_secret else None,
                )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            log.exception("an answer was not kept", path=request.url.path)


def _key(request: Request[Any, Any, Any]) -> str | None:
    """Raises InvalidValue."""
    given = request.headers.getall("idempotency-key", [])
    if not given:
        return None
    if len(given) > 1:
        raise InvalidValue("Idempotency-Key", f"{len(given)} headers", "one header")
    if not 1 <= len(given[0]) <= KEY_MOST:
        raise InvalidValue("Idempotency-Key", f"{len(given[0])} characters", f"1 to {KEY_MOST} characters")
    return str(given[0])


def _scope(request: Request[Any, Any, Any], caller: Caller) -> str:
    """Whose key it is. Where nobody is signed in, one of this address on this route."""
    if caller.viewer is not None:
        return f"account/{caller.viewer.id.hex}"
    return f"address/{caller.address}/{request.url.path}"


async def _known_by(request: Request[Any, Any, Any], caller: Caller) -> tuple[bytes, Receive]:
    """What the same request has in common, and how its handler gets the body.

    An API key repeats only what an API key of the same scopes did: an answer may show what others may not see.
    """
    headers = request.headers
    kind = headers.get("content-type", "")
    scopes = None if caller.viewer is None else caller.viewer.scopes
    known = [request.url.path, request.url.query, repr(scopes), kind.partition(";")[0].strip().lower()]
    if request.route_handler.opt.get(STREAMED):
        known += [f"{one}={headers[one]}" for one in sorted({"content-length", *headers}) if _of_upload(one, headers)]
        return hashlib.sha256("\0".join(known).encode()).digest(), request.receive
    body = await RequestBody.read(request)
    digest = hashlib.sha256("\0".join(known).encode() + await body.digest(kind)).digest()
    return digest, body.handed_on(request.receive)


def _of_upload(name: str, headers: Any) -> bool:
    return name in headers and (name == "content-length" or name.startswith("upload-"))


async def _answered(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """The handler's whole answer."""
    status, body = 0, bytearray()
    headers: tuple[tuple[str, str], ...] = ()

    async def hold(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message["body"])

    await app(scope, receive, hold)
    return Answer(status, tuple(pair for pair in headers if pair[0] not in NOT_OF_THE_ANSWER), bytes(body))


async def _send(answer: Answer, send: Send, *, replayed: bool) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    if replayed:
        headers.append((b"idempotent-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
