"""Who sends a request: an address, and the viewer or what is wrong with the sign-in. Found once, before the handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from backend.auth import Viewer
from backend.client_address import Network, client_address
from backend.errors import BackendError, Unauthenticated
from social.errors import SocialError

KEPT: Final = "castmate_caller"
Authenticate = Callable[[Request[Any, Any, Any]], Awaitable[Viewer]]


class Caller(msgspec.Struct, frozen=True):
    """`viewer` None: nobody is signed in, or `refused` says why it did not work."""

    address: str
    viewer: Viewer | None
    refused: Exception | None


class Callers:
    """Middleware; the layers below it and the handler read what it found."""

    def __init__(self, authenticate: Authenticate, trusted: tuple[Network, ...]) -> None:
        self._authenticate = authenticate
        self._trusted = trusted

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def found(scope: Scope, receive: Receive, send: Send) -> None:
            address = self._address(Request(scope))
            scope["client"] = (address, 0) if address else None  # what a proxy hides is nobody's concern further in
            scope["state"][KEPT] = await self._caller(Request(scope), address)
            await app(scope, receive, send)

        return found

    def _address(self, request: Request[Any, Any, Any]) -> str:
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.getall("x-forwarded-for", []), self._trusted)

    async def _caller(self, request: Request[Any, Any, Any], address: str) -> Caller:
        viewer, refused = None, None
        if "authorization" in request.headers:
            try:
                viewer = await self._authenticate(request)
            except (BackendError, SocialError) as error:
                refused = error
        return Caller(address, viewer, refused)


def caller_of(scope: Scope) -> Caller:
    found: Caller = scope["state"][KEPT]
    return found


async def provide_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """Raises Unauthenticated, or what else the sign-in was refused for."""
    caller = caller_of(request.scope)
    if caller.viewer is None:
        raise caller.refused or Unauthenticated("nobody is signed in")
    return caller.viewer
