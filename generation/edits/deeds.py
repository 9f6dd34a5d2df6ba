"""What somebody is not to do: "don't jump!"."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.plan import Line, Screenplay, Shot
from generation.prompts.names import Names
from generation.prompts.wishes import Wishes

_NOT: Final = re.compile(
    r"\b(?:(?:do|does|must|should) not|(?:do|does|must|should)n['’]?t|never|stop|without|no)\s+"
    r"(?:(?:you|to|even|ever|just|all|more|the)\s+)*(?P<verb>[a-z]{2,})\b",
    re.IGNORECASE,
)
_DELIVERED: Final = re.compile(  # how something is said is no deed
    r"(?:shout|yell|scream|whisper|cr[yi]|laugh|smil|speak|talk|say)", re.IGNORECASE
)
_ENDING: Final = re.compile(r"(?:ing|ed|es|s|e)$")


def is_not_to(clause: str) -> bool:
    """Whether something is not to be done."""
    return _NOT.search(clause) is not None


def undone(play: Screenplay, clause: str, names: Names) -> Screenplay | None:
    """Nobody does it, and nobody speaks of it; who would have stays put. None where no shot has it in its action."""
    found = _NOT.search(clause)
    if found is None or _DELIVERED.match(found["verb"]):
        return None
    stem = _ENDING.sub("", found["verb"].lower())
    stem = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and found["verb"].lower().endswith("ing") else stem
    word = rf"{re.escape(stem)}(?:{re.escape(stem[-1])})?(?:e|s|es|ed|ing)?"
    deed = re.compile(rf"\b{word}\b", re.IGNORECASE)
    if len(stem) < 2 or not any(deed.search(shot.action) for shot in play.shots):
        return None
    wishes = Wishes({}, (), word, "")

    def otherwise(shot: Shot) -> Shot:
        lines = tuple(line for one in shot.lines if (line := _unsaid(one, deed)) is not None)
        if not deed.search(shot.action):
            return msgspec.structs.replace(shot, lines=lines)
        doing = " ".join(part for part in re.split(r"(?<=[.!?])\s+", shot.action) if deed.search(part))
        who = [names.first(one) for one in names.who(doing) or shot.who if one in names.roles]
        stays = f"{' and '.join(who)} {'stay' if len(who) > 1 else 'stays'} put." if who else ""
        left = re.sub(r"(?<=[^.!?])$", ".", wishes.allowed(shot.action))
        action = " ".join(filter(None, (left, stays)))
        return msgspec.structs.replace(shot, action=action, lines=lines)

    shots = tuple(map(otherwise, play.shots))
    return msgspec.structs.replace(play, title=wishes.allowed(play.title) or "A clip", shots=shots)


def _unsaid(line: Line, deed: re.Pattern[str]) -> Line | None:
    """Without the sentences that speak of it."""
    kept = [part for part in re.split(r"(?<=[.!?…])\s+", line.text) if not deed.search(part)]
    return msgspec.structs.replace(line, text=" ".join(kept)) if kept else None
