"""A thing that is not to be seen or heard."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.errors import EditRefused
from generation.plan import Screenplay, words_of
from generation.prompts.names import Names
from generation.prompts.wishes import Wishes

_OUT: Final = re.compile(
    r"\b(?:remove|delete|drop|without|get rid of|take (?:out|away)|leave out|lose|no more|no|cut out)\s+"
    r"(?:(?:the|any|that|this|those|these|all|her|his|their|its|an?)\s+)*(?P<thing>[\w' -]+?)"
    r"(?:\s+(?:from|in|on|at|of)\b.*)?$",
    re.IGNORECASE,
)


def removed(play: Screenplay, clause: str, _names: Names) -> Screenplay | None:
    """Every mention of it taken out of what is shown and heard; lines are people's own.

    Raises EditRefused where the screenplay does not name it, or names it only in a line or as the place.
    """
    found = _OUT.search(clause)
    if found is None:
        return None
    word = re.escape(found["thing"].split()[-1].removesuffix("s")) + r"(?:s|es|ing|ed)?"
    pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
    wishes = Wishes({}, (), word, "")
    replace = msgspec.structs.replace
    shots = tuple(
        replace(
            shot,
            action=wishes.allowed(shot.action),
            sound=", ".join(part for part in shot.sound.split(", ") if not pattern.search(part)),
        )
        for shot in play.shots
    )
    made = replace(
        play,
        title=wishes.allowed(play.title) or "A clip",
        style=wishes.allowed(play.style),
        setting=wishes.allowed(play.setting),
        sound_bed="; ".join(part for part in play.sound_bed.split("; ") if not pattern.search(part)),
        shots=shots,
    )
    if not made.setting:
        raise EditRefused(clause, "takes away the place it plays in", "another place: set it on a beach")
    if made == play:
        said = next((line.text for shot in play.shots for line in shot.lines if pattern.search(line.text)), None)
        if said is not None:
            raise EditRefused(clause, "names what only a line says", f'replace "{said}" with "…"')
        raise EditRefused(clause, "names what this video does not", _named(play))
    return made


def _named(play: Screenplay) -> str:
    """What there is to be left out."""
    texts = [play.setting, play.sound_bed, *(text for shot in play.shots for text in (shot.action, shot.sound))]
    told = "; ".join(dict.fromkeys(filter(None, texts)))
    return f"what it names: {told[:400]}" if words_of(play) else "nothing"
