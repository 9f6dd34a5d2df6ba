"""Title, light, camera."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.edits.shots import kept_on, numbered
from generation.errors import EditRefused
from generation.plan import Cut, Framing, Screenplay, Shot
from generation.prompts import camera
from generation.prompts.names import Names
from generation.prompts.title import MAX_WORDS

_TITLE: Final = re.compile(
    r"^(?:(?:change|set|make)\s+)?(?:the\s+)?title(?:\s+card)?\s*(?:to|is|as|into|[:：])\s*(.+)$"
    r"|^(?:call|name|title)\s+(?:it|this|the (?:clip|video))\s+(.+)$",
    re.IGNORECASE,
)
_NO: Final = re.compile(r"\b(?:no|not|without|remove|hide|less|drop|delete)\b", re.IGNORECASE)
_WARMER, _COLDER = (
    re.compile(r"\bwarm(?:er|th)?\b", re.IGNORECASE),
    re.compile(r"\b(?:cold(?:er)?|cool(?:er)?)\b", re.IGNORECASE),
)
_CONTRAST: Final = re.compile(r"\bcontrast|\b(?:hard(?:er)?|soft(?:er)?|flat(?:ter)?) light\b", re.IGNORECASE)
_NEARER: Final = re.compile(r"\b(?:closer|nearer|tighter)\b", re.IGNORECASE)
_FARTHER: Final = re.compile(r"\b(?:farther|further|wider)\b(?: away)?", re.IGNORECASE)
_FADES, _CUTS = (
    re.compile(r"\b(?:cross-?)?fade|\bdissolve", re.IGNORECASE),
    re.compile(r"\b(?:hard|plain) cuts?\b", re.IGNORECASE),
)
STEP: Final = 0.4


def is_title(sentence: str) -> bool:
    """All of it is one: a title may have commas."""
    return _TITLE.search(sentence) is not None


def titled(play: Screenplay, clause: str, _names: Names) -> Screenplay | None:
    """A title, or whether it is seen."""
    if found := _TITLE.search(clause):
        title = " ".join((found[1] or found[2]).strip(" \"'“”‘’").split()[:MAX_WORDS])[:60]
        return msgspec.structs.replace(play, title=title)
    if not re.search(r"\btitle\b", clause, re.IGNORECASE):
        return None
    return msgspec.structs.replace(play, title_card=not _NO.search(clause))


def lit(play: Screenplay, clause: str, _names: Names) -> Screenplay | None:
    """Warmer or colder, harder or flatter light. Raises EditRefused where it cannot be more so."""
    less = -1 if _NO.search(clause) else 1
    if _CONTRAST.search(clause):
        flatter = re.search(r"\b(?:soft|flat|low)", clause, re.IGNORECASE)
        return _by(play, "contrast", less * (-STEP if flatter else STEP), clause)
    if _WARMER.search(clause):
        return _by(play, "warmth", less * STEP, clause)
    if _COLDER.search(clause):
        return _by(play, "warmth", -less * STEP, clause)
    return None


def filmed(play: Screenplay, clause: str, names: Names) -> Screenplay | None:
    """Framing, distance, camera and cuts: of the shots that are named or show who is named, else of all.

    Raises EditRefused where no shot can be so.
    """
    if _FADES.search(clause) or _CUTS.search(clause):
        return _joined(play, "cut" if _NO.search(clause) or not _FADES.search(clause) else "fade")
    step = -STEP if _NEARER.search(clause) else STEP if _FARTHER.search(clause) else 0.0
    words = _FARTHER.sub(" ", _NEARER.sub(" ", clause))
    framing, move = camera.framing(words), camera.camera(words)
    if not (step or framing or move):
        return None
    who = names.who(clause)
    places = numbered(play, clause)
    shots = list(play.shots)
    for number, shot in enumerate(shots):
        if (places and number not in places) or (who and not set(who) & set(shot.who)):
            continue
        new = _framed(shot, framing, who) if framing else shot
        if move:
            new = msgspec.structs.replace(new, camera=move)
        if step:
            new = msgspec.structs.replace(new, distance=round(min(1.0, max(-1.0, new.distance + step)), 2))
        shots[number] = new
    made = kept_on(msgspec.structs.replace(play, shots=tuple(shots)))
    if made == play:
        raise EditRefused(clause, "fits no shot of this video", "; ".join(map(_described, play.shots)))
    return made


def _framed(shot: Shot, framing: Framing, who: tuple[str, ...]) -> Shot:
    """A shot of several is a close one only of somebody who alone speaks in it."""
    if framing in {"wide", "two_shot"} or len(shot.who) == 1:
        return msgspec.structs.replace(shot, framing=framing)
    heard = {line.speaker for line in shot.lines if not line.off_screen}
    alone = who[:1] if who else tuple(heard)
    if len(alone) != 1 or heard - set(alone):
        return shot
    return msgspec.structs.replace(shot, framing=framing, who=alone)


def _joined(play: Screenplay, cut: Cut) -> Screenplay:
    shots = tuple(
        shot if not number or shot.cut == "continued" else msgspec.structs.replace(shot, cut=cut)
        for number, shot in enumerate(play.shots)
    )
    return msgspec.structs.replace(play, shots=shots)


def _by(play: Screenplay, name: str, step: float, clause: str) -> Screenplay:
    value = getattr(play, name)
    new = round(min(1.0, max(-1.0, value + step)), 2)
    if new == value:
        raise EditRefused(clause, "goes beyond what there is", f"{name} is {value:g}, and -1 to 1 is all there is")
    return msgspec.structs.replace(play, **{name: new})


def _described(shot: Shot) -> str:
    return f"{shot.framing.replace('_', ' ')} of {', '.join(shot.who) or 'nobody'}"
