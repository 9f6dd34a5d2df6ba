"""Pages of things, as types with names that clients can bear."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec

PAGE: Final[dict[str, dict[str, Any]]] = {"limit": {"minimum": 0, "maximum": 100}}
"""`Doc.values` of a route with pages."""


@cache
def list_of(item: type[msgspec.Struct], *more: tuple[str, Any]) -> type[msgspec.Struct]:
    """`AccountList` of `Account`; `more` are fields beside those of every page."""
    fields: list[tuple[str, Any]] = [
        ("object", str),
        ("data", list[item]),  # type: ignore[valid-type]  # a type made here
        ("first_id", str | None),
        ("last_id", str | None),
        ("has_more", bool),
    ]
    made: type[msgspec.Struct] = msgspec.defstruct(
        f"{item.__name__}List", [*fields, *more], frozen=True, module=item.__module__
    )
    made.__doc__ = "The page after this one begins after `last_id`."
    return made


def page(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The example of a page."""
    return {
        "object": "list",
        "data": list(items),
        "first_id": items[0]["id"],
        "last_id": items[-1]["id"],
        "has_more": False,
    } | more
