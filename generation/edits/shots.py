"""Which shots an instruction means, and shots that go on from the ones before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from generation.errors import EditRefused
from generation.plan import Framing, Screenplay, Shot

_NUMBER: Final = re.compile(
    r"\bshot (\d+)\b|\b(first|second|third|fourth|last|final) (?:shot|picture)\b", re.IGNORECASE
)
_END: Final = re.compile(r"\bat the (?:very )?(end|beginning|start)\b", re.IGNORECASE)
_OTHER: Final[dict[Framing, Framing]] = {
    "wide": "close_up", "two_shot": "wide", "medium": "wide", "close_up": "wide", "insert": "wide",
}  # fmt: skip
_NEAR: Final = frozenset({"medium", "close_up", "insert"})
_FAR: Final = frozenset({"wide", "two_shot"})
_ALIKE: Final = {framing: _NEAR if framing in _NEAR else frozenset({framing}) for framing in _NEAR | _FAR}
_PLACES: Final = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1}


def numbered(play: Screenplay, clause: str) -> tuple[int, ...]:
    """Indices of the shots that are named by their place; empty where none is. Raises EditRefused."""
    count = len(play.shots)
    if found := _NUMBER.search(clause):
        place = int(found[1]) - 1 if found[1] else _PLACES[found[2].lower()]
        if not -count <= place < count or (found[1] and place < 0):
            raise EditRefused(clause, "names a shot that is not there", f"shot 1 to shot {count}")
        return (place % count,)
    if found := _END.search(clause):
        return (count - 1 if found[1].lower() == "end" else 0,)
    return ()


def kept_on(play: Screenplay) -> Screenplay:
    """Shots that go on show what the ones before them show."""
    shots: list[Shot] = []
    for shot in play.shots:
        before = shots[-1] if shots and shot.cut == "continued" else shot
        shots.append(msgspec.structs.replace(shot, framing=before.framing, who=before.who, distance=before.distance))
    return msgspec.structs.replace(play, shots=tuple(shots))


def apart(shots: Sequence[Shot], before: Sequence[Shot] = ()) -> list[Shot]:
    """No cut from a picture to the same picture: rather to both who are there, or from near to far.

    `before`: what was seen earlier.
    """
    kept: list[Shot] = []
    for shot in shots:
        last = kept[-1] if kept and shot.cut != "continued" else None
        same = last is not None and shot.who == last.who and {shot.framing, last.framing} <= _ALIKE[shot.framing]
        kept.append(_otherwise(shot, [*before, *shots]) if same else shot)
    return kept


def _otherwise(shot: Shot, seen: Sequence[Shot]) -> Shot:
    together = next((one.who for one in seen if len(one.who) == 2 and set(shot.who) < set(one.who)), None)
    if together is not None:
        return msgspec.structs.replace(shot, framing="two_shot", who=together)
    return msgspec.structs.replace(shot, framing=_OTHER[shot.framing])
