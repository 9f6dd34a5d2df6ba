"""Where it plays, at what time, in what weather."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.errors import EditRefused
from generation.plan import Screenplay
from generation.prompts import settings
from generation.prompts.names import Names
from generation.prompts.scenery import SCENERY
from generation.prompts.words import shortened

_CHANGE: Final = re.compile(
    r"\b(?:set|move|put|make|change|turn|let|take|place|shoot|film|switch|bring|add|remove|stop|settings?|scene|background"
    r"|location|instead|no|without|more)\b"
    r"|^(?:it(?:'s| is)?|they are|at|in|on|by|under|inside|outside|during)\b|^\W*\w+\W*$",
    re.IGNORECASE,
)
_INTO: Final = re.compile(
    r"\b(?:setting|place|location|background|scene|it)\s+(?:in)?to\s+(?:be\s+)?((?:an?|the)\s+.+)$", re.IGNORECASE
)
_NOT: Final = re.compile(r"\b(?:no|not|without|remove|stop|less)\b", re.IGNORECASE)
_DAY: Final = re.compile(r"\b(?:day(?:time|light)?|by day)\b", re.IGNORECASE)
_BY_DAY: Final = "in the afternoon"
_BRIGHTNESS: Final = re.compile(r"\b(?:sunny|sunlit|moonlit|starlit|daylit|bright|dark|dim)\s+", re.IGNORECASE)


def moved(play: Screenplay, clause: str, _names: Names) -> Screenplay | None:
    """Place, time and weather as far as the clause has them. Raises EditRefused where it is so already."""
    if not _CHANGE.search(clause):
        return None
    wanted = re.split(r"\b(?:instead of|rather than)\b", clause, maxsplit=1, flags=re.IGNORECASE)[0]
    into = _INTO.search(wanted)
    place = "" if _NOT.search(wanted) else into[1] if into else settings.place_in(wanted)
    when = next((words for pattern, words in SCENERY.times if re.search(pattern, wanted, re.IGNORECASE)), "")
    when = when or (_BY_DAY if _DAY.search(wanted) else "")
    weather = next((row for row in SCENERY.weathers if re.search(row[0], wanted, re.IGNORECASE)), None)
    if not (place or when or weather):
        return None
    play = _at(play, place) if place else play
    play = _when(play, when) if when else play
    return _under(play, weather, gone=bool(_NOT.search(wanted)), clause=clause) if weather else play


def _at(play: Screenplay, place: str) -> Screenplay:
    """Somewhere else, at the same time; a place brings its own weather or none."""
    for pattern, _ in SCENERY.times:
        place = re.sub(rf"\s*\b(?:at|in the|in)?\s*{pattern}", "", place, flags=re.IGNORECASE)
    place = shortened(place.strip(" ,."), 120)
    old, when = _place(play.setting), _time(play.setting)
    setting = f"{place} {when}".strip()
    bed = "; ".join([settings.ambience(place), *music_in(play.sound_bed)])
    shots = tuple(msgspec.structs.replace(shot, action=_told(shot.action, old, place)) for shot in play.shots)
    return msgspec.structs.replace(play, setting=setting, sound_bed=bed, shots=shots)


def _when(play: Screenplay, when: str) -> Screenplay:
    if re.search(rf"\b{when}\b", play.setting):
        return play
    place, _, weather = play.setting.partition(",")
    base = _BRIGHTNESS.sub("", _place(place))
    setting = f"{base} {when}" + (f",{weather}" if weather else "")
    if "bright sun" in setting and when in {"at night", "in the evening", "at dusk"}:
        setting = setting.replace(", bright sun", "")
    return msgspec.structs.replace(play, setting=setting)


def _under(play: Screenplay, weather: tuple[str, str, str], *, gone: bool, clause: str) -> Screenplay:
    pattern, words, heard = weather
    bed = [part for part in play.sound_bed.split("; ") if part not in {row[2] for row in SCENERY.weathers}]
    if gone:
        if not re.search(pattern, f"{play.setting} {play.sound_bed}", re.IGNORECASE):
            raise EditRefused(clause, "names weather that this video does not have", f"its setting is {play.setting!r}")
        setting = re.sub(rf",\s*(?:\w+\s+)?{pattern}[^,]*", "", play.setting, flags=re.IGNORECASE)
        setting = " ".join(re.sub(pattern, "", setting, flags=re.IGNORECASE).split()) or play.setting
        return msgspec.structs.replace(play, setting=setting, sound_bed="; ".join(bed))
    setting = play.setting
    for row in SCENERY.weathers:
        setting = setting.replace(f", {row[1]}", "")
    bed[1:1] = [heard] if heard else []
    return msgspec.structs.replace(
        play, setting=f"{_BRIGHTNESS.sub('', setting)}, {words}", sound_bed="; ".join(filter(None, bed))
    )


def _time(setting: str) -> str:
    """As the tables have it; empty where none is told."""
    return next((when for _, when in SCENERY.times if re.search(rf"\b{when}\b", setting)), "")


def _place(setting: str) -> str:
    """Without time and weather."""
    place = setting.partition(",")[0]
    for pattern, when in SCENERY.times:
        place = re.sub(rf"\s*\b{when}\b", "", place)
        place = re.sub(rf"\s*\b(?:at|in the|in)\s+(?:{pattern})", "", place, flags=re.IGNORECASE)
    return place.strip()


def _told(action: str, old: str, new: str) -> str:
    return re.sub(re.escape(old), lambda _: new, action, flags=re.IGNORECASE) if old else action


def music_in(sound_bed: str) -> list[str]:
    """What is heard besides the place and the weather."""
    known = {*SCENERY.places.values(), settings.ambience(""), *(row[2] for row in SCENERY.weathers)}
    return [part for part in sound_bed.split("; ") if part and part not in known]
