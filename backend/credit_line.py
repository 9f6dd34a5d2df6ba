"""Who made a clip, who is in it and whose it came from, in one line: `by @maya with @leo.me, from @noa`."""

from __future__ import annotations

from collections.abc import Sequence

from character_store.uses import Use

LEFT = "gone."  # how the handle of a character that left begins


def line(maker: str, cast: Sequence[Use], parent: str | None) -> str:
    """`parent`: the handle of whoever made the clip that this one came from, where that may be said."""
    handles = [f"@{use.handle}" for use in cast if not use.handle.startswith(LEFT)]
    *others, last = handles or [""]
    with_whom = f"{', '.join(others)} and {last}" if others else last
    return f"by @{maker}" + (f" with {with_whom}" if with_whom else "") + (f", from @{parent}" if parent else "")
