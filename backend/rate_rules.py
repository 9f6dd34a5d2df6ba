"""How many requests of which class anybody may send, and which class a route is of (docs/operations.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Who = Literal["account", "key", "address"]
OFF: Final = "off"


class Rule(msgspec.Struct, frozen=True):
    """Requests in each window of `seconds`; None: not limited by this.

    `exact`: counted among all processes before the request is let in; otherwise they tell each other once a second.
    """

    name: str
    seconds: int
    account: int | None
    key: int | None
    address: int | None
    exact: bool

    def most(self, who: Who) -> int | None:
        found: int | None = getattr(self, who)
        return found


RULES: Final = (
    Rule("sign_in", 300, account=60, key=None, address=60, exact=True),
    Rule("sign_up", 3600, account=20, key=None, address=30, exact=True),
    Rule("recovery", 3600, account=20, key=None, address=30, exact=True),
    Rule("invites", 300, account=60, key=None, address=120, exact=False),  # who looks at codes may be guessing
    Rule("making", 60, account=60, key=30, address=300, exact=True),
    Rule("writing", 60, account=300, key=200, address=3000, exact=False),
    Rule("reading", 60, account=1200, key=900, address=12_000, exact=False),
)
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CLASSES: Final = tuple(
    (name, method, re.compile(path))
    for name, method, path in (
        ("sign_in", "POST", r"/v1/sessions(/(?!refresh$).*)?"),
        ("sign_up", "POST", r"/v1/accounts"),
        ("recovery", "POST", r"/v1/recovery(/.*)?"),
        ("recovery", "POST", r"/v1/notices|/report"),
        ("recovery", "PUT", r"/v1/me/recovery(/.*)?"),
        ("invites", "GET", r"/v1/invites/[^/]+|/join/[^/]+"),
        ("making", "POST", r"/v1/videos(/edits|/extensions|/characters|/[^/]+/remix)?"),
        ("making", "PATCH", r"/v1/videos/[^/]+/controls"),
        ("making", "POST", r"/v1/comments/[^/]+/remix"),
        ("making", "POST", r"/v1/(screenplays|characters|provenance/inspect)"),
        ("making", "PUT", r"/v1/characters/[^/]+/references"),
        ("making", "POST", r"/v1/me/(exports|imports)"),
    )
)
_UNLIMITED: Final = ("/health/", "/metrics")


def class_of(method: str, path: str) -> str | None:
    """The name of its rule; None for what machines ask to see whether we live."""
    if path.startswith(_UNLIMITED):
        return None
    usual = "reading" if method in READING else "writing"
    return next((name for name, of, at in _CLASSES if of == method and at.fullmatch(path)), usual)


def read(text: str) -> Mapping[str, Rule]:
    """`off`, or changes to RULES: `making.key=10, sign_in.address=off`. Raises ValueError naming the wrong one."""
    if text.strip() == OFF:
        return {}
    rules = {rule.name: rule for rule in RULES}
    for change in filter(None, (one.strip() for one in text.split(","))):
        place, _, number = change.partition("=")
        name, _, who = place.strip().partition(".")
        number = number.strip()
        if name not in rules or who not in ("account", "key", "address") or not (number == OFF or number.isdecimal()):
            raise ValueError(
                f"CASTMATE_RATE_LIMITS has {change!r}; allowed: off, or "
                f"{'|'.join(rules)} . account|key|address = a number or off"
            )
        rules[name] = msgspec.structs.replace(rules[name], **{who: None if number == OFF else int(number)})
    return rules
