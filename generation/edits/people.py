"""Who is there."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.edits.shots import apart, kept_on
from generation.errors import EditRefused
from generation.plan import Framing, Screenplay, Shot
from generation.prompts.names import Names

_OUT: Final = re.compile(
    r"\b(?:remove|delete|drop|without|get rid of|take (?:out|away)|leave (?:out)?|lose|no)\b"
    r"|\b(?:is|are) (?:gone|not there)\b",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"\b(?:line|lines|word|words|hat|glasses|name|voice|'s)\b|['’]s\b", re.IGNORECASE)
_IN: Final = re.compile(
    r"\b(?:add|bring in|include|put in)\b|\b(?:joins?|walks? in|comes? in|enters?|is there too|appears?)\b",
    re.IGNORECASE,
)


def present(play: Screenplay) -> frozenset[str]:
    """Everybody seen or heard."""
    seen = {who for shot in play.shots for who in shot.who}
    return frozenset(seen | {line.speaker for shot in play.shots for line in shot.lines})


def removed(play: Screenplay, clause: str, names: Names) -> Screenplay | None:
    """`remove Leo`: out of every shot, and their lines with them. Raises EditRefused for somebody who is not there."""
    who = set(names.who(clause))
    if not who or not _OUT.search(clause) or _OF.search(clause) or not _only_names(_OUT.sub(" ", clause), names):
        return None
    if missing := who - present(play):
        shown = ", ".join(names.first(one) for one in sorted(missing))
        there = ", ".join(names.first(one) for one in sorted(present(play)))
        raise EditRefused(clause, f"names {shown}, who is not in it", there or "nobody is in it")
    shots = [_without(shot, who, names) for shot in play.shots]
    left = sorted(present(play) - who)
    for number, (old, shot) in enumerate(zip(play.shots, shots, strict=True)):
        if old.who and not shot.who and left:  # rather somebody who is still there than nobody
            shots[number] = msgspec.structs.replace(shot, who=(left[0],), framing="medium")
    return kept_on(msgspec.structs.replace(play, shots=tuple(apart(shots))))


def added(play: Screenplay, clause: str, names: Names) -> Screenplay | None:
    """`add @leo`: beside the others in every wide shot and two-shot; there must be one. Raises EditRefused."""
    named = names.who(clause)
    who = [one for one in named if one not in present(play)]
    if not named or not _IN.search(clause) or re.search(r"['’]s\b", clause):
        return None
    if not who:
        there = ", ".join(names.first(one) for one in sorted(present(play)))
        raise EditRefused(clause, "names somebody who is there already", f"somebody else than {there}")
    places = [n for n, shot in enumerate(play.shots) if shot.framing in {"wide", "two_shot"} or len(shot.who) != 1]
    places = places or [len(play.shots) - 1]
    shots = [
        msgspec.structs.replace(shot, who=(*shot.who, *who), framing=_room(shot, len(shot.who) + len(who)))
        if number in places
        else shot
        for number, shot in enumerate(play.shots)
    ]
    return kept_on(msgspec.structs.replace(play, shots=tuple(shots)))


def _room(shot: Shot, people: int) -> Framing:
    if people == 1:
        return shot.framing
    return "two_shot" if people == 2 else "wide"


def _without(shot: Shot, who: set[str], names: Names) -> Shot:
    left = tuple(one for one in shot.who if one not in who)
    framing = "medium" if shot.framing == "two_shot" and len(left) == 1 else shot.framing
    action = shot.action
    for sentence in re.split(r"(?<=[.!?])\s+", action):
        if set(names.who(sentence)) & who:
            action = action.replace(sentence, "")
    return msgspec.structs.replace(
        shot,
        who=left,
        framing=framing,
        action=" ".join(action.split()),
        lines=tuple(line for line in shot.lines if line.speaker not in who),
    )


def _only_names(clause: str, names: Names) -> bool:
    """Whether nothing else is named: `remove Leo` and not `remove Leo's hat`."""
    left = re.sub(
        r"\b(?:the|from|it|this|clip|video|scene|picture|and|him|her|person|of)\b",
        " ",
        names.without(clause),
        flags=re.IGNORECASE,
    )
    return not re.search(r"[^\W\d_]{2}", left)
