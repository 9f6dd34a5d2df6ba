"""At which account, and from where, somebody tries a password or a code."""

from __future__ import annotations

from typing import Any

from litestar import Request

from backend.caller import caller_of
from backend.client_address import place
from social import attempts
from social.attempts import Attempt


def attempt(request: Request[Any, Any, Any], secret: bytes, account: str) -> Attempt:
    """`account`: the handle or e-mail address as it was named. `secret`: what both are hashed with."""
    return attempts.of(secret, account, place(caller_of(request.scope).address))
