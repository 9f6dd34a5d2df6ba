"""Who asks too often is told so: 429 with Retry-After, and on every answer how much is left.

`RateLimit-Limit`, `-Remaining`, `-Reset` (seconds) as in draft-ietf-httpapi-ratelimit-headers-06, of the limit that is
nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.caller import Caller, caller_of
from backend.client_address import place
from backend.errors import RateLimited
from backend.rate_counts import RateCounts
from backend.rate_rules import Rule, Who, class_of

WHO: Final[tuple[Who, ...]] = ("account", "key", "address")


class Standing(msgspec.Struct, frozen=True):
    """Of one request: the limit nearest to being reached."""

    limit: int
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset_s),
        }


class RateLimits:
    """Middleware, inside `Callers`. `name_of` hides an address: counts are rows."""

    def __init__(self, rules: Mapping[str, Rule], counts: RateCounts, name_of: Callable[[str], str]) -> None:
        self._rules = rules
        self._counts = counts
        self._name_of = name_of

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            rule = self._rules.get(class_of(str(scope.get("method", "GET")), scope["path"]) or "")
            standing = None if rule is None else await self._admit(scope, rule)
            if standing is None:
                await app(scope, receive, send)
                return
            lines = [(name.encode(), value.encode()) for name, value in standing.headers.items()]

            async def marked(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], *lines]
                await send(message)

            await app(scope, receive, marked)

        return limited

    async def _admit(self, scope: Scope, rule: Rule) -> Standing | None:
        """Raises RateLimited. What is refused is not counted where this process knows it already."""
        wanted = {
            subject: (most, self._counts.of(subject, rule.seconds))
            for who, subject in self._subjects(rule, caller_of(scope)).items()
            if (most := rule.most(who)) is not None
        }
        if not wanted:
            return None
        for most, count in wanted.values():
            if count.total >= most:
                raise RateLimited(rule.name, most, rule.seconds, self._counts.seconds_left(count))
        for _, count in wanted.values():
            count.unsent += 1
        if rule.exact:
            await self._counts.exchange(scope["litestar_app"].state.pool, wanted)
            for most, count in wanted.values():
                if count.total > most:
                    raise RateLimited(rule.name, most, rule.seconds, self._counts.seconds_left(count))
        return min(
            (
                Standing(most, max(0, most - count.total), self._counts.seconds_left(count))
                for most, count in wanted.values()
            ),
            key=lambda one: one.remaining / max(1, one.limit),
        )

    def _subjects(self, rule: Rule, caller: Caller) -> dict[Who, str]:
        found: dict[Who, str] = {}
        if caller.viewer is not None:
            found["account"] = f"{rule.name}/account/{caller.viewer.id.hex}"
            if caller.viewer.key is not None:
                found["key"] = f"{rule.name}/key/{caller.viewer.key.hex}"
        if caller.address:
            found["address"] = f"{rule.name}/address/{self._name_of(place(caller.address))}"
        return found
