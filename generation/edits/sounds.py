"""Music and sound effects."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.edits.places import music_in
from generation.edits.shots import numbered
from generation.errors import EditRefused
from generation.plan import Screenplay
from generation.prompts.effects import effects
from generation.prompts.names import Names
from generation.prompts.scenery import SCENERY

_MUSIC: Final = re.compile(r"\b(?:music|song|soundtrack|score|jazz\w*|techno|lo-?fi|hip[- ]?hop)\b", re.IGNORECASE)
_NONE: Final = re.compile(r"\b(?:no|without|remove|stop|mute|delete|drop|turn off|cut)\b", re.IGNORECASE)
_LOUDER, _QUIETER = (
    re.compile(r"\b(?:louder|up|more|stronger)\b", re.IGNORECASE),
    re.compile(r"\b(?:quieter|softer|lower|down|less|fainter)\b", re.IGNORECASE),
)
_KIND: Final = re.compile(
    r"\b(?:an?\s+)?((?!(?:the|some|add|with|to|put|make|change|other|more|less|and|use|play|background)\b)[\w-]+)\s+"
    r"(?:music|song|soundtrack|score)\b",
    re.IGNORECASE,
)
STEP: Final = 0.5  # of the usual level


def scored(play: Screenplay, clause: str, _names: Names) -> Screenplay | None:
    """Other music, none, or at another level. Raises EditRefused where it is so already or what kind is left open."""
    if not _MUSIC.search(clause):
        return None
    kind = next((words for pattern, words in SCENERY.music if re.search(pattern, clause, re.IGNORECASE)), None)
    named = _KIND.search(clause)
    if _NONE.search(clause):
        made = _with(play, "no music")
    elif _QUIETER.search(clause) or _LOUDER.search(clause):
        step = STEP if _LOUDER.search(clause) else -STEP
        made = msgspec.structs.replace(play, music=round(min(2.0, max(0.0, play.music + step)), 2))
    elif kind or named:
        made = msgspec.structs.replace(_with(play, kind or (named[0] if named else "")), music=play.music or 1.0)
    else:
        raise EditRefused(clause, "leaves open which music", "such as jazz music, tense music, no music, louder music")
    if made == play:
        raise EditRefused(clause, "is so already", f"its sound is {play.sound_bed!r} at {play.music:g} times the level")
    return made


def effected(play: Screenplay, clause: str, _names: Names) -> Screenplay | None:
    """A sound that can be made here, in the shot that is named, else the first."""
    wanted = effects(clause)
    if not wanted:
        return None
    places = numbered(play, clause) or (0,)
    shots = tuple(
        msgspec.structs.replace(shot, sound=", ".join(filter(None, (shot.sound, wanted)))) if number in places else shot
        for number, shot in enumerate(play.shots)
    )
    return msgspec.structs.replace(play, shots=shots)


def _with(play: Screenplay, music: str) -> Screenplay:
    """The same surroundings with other music."""
    old = set(music_in(play.sound_bed))
    kept = [part for part in play.sound_bed.split("; ") if part and part not in old]
    return msgspec.structs.replace(play, sound_bed="; ".join([*kept, music]))
