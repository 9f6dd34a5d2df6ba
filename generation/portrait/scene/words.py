"""From the screenwriter's words (`a leafy park in the evening, rain`) to a set, an hour and a weather."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.portrait.scene.daylight import Hour, Weather

_SETS: Final[tuple[tuple[str, str], ...]] = (
    ("garden", r"garden|park|playground|zoo|village|farm|field|meadow|lawn|porch|backyard|orchard"),
)
_HOURS: Final[tuple[tuple[str, Hour], ...]] = (
    (r"night|midnight|moonlight|moonlit|夜", "night"),
    (r"dusk|twilight|evening|tonight|string lights", "dusk"),
    (r"sunset|golden|late afternoon|夕", "golden"),
    (r"dawn|sunrise|morning|sunlit|早上|朝", "morning"),
    (r"noon|midday|bright sun|sunny", "noon"),
)
_WEATHERS: Final[tuple[tuple[str, Weather], ...]] = (
    (r"rain|rainy|drizzle|thunderstorm|storm|downpour|雨", "rain"),
    (r"snow|snowy|blizzard|winter|雪", "snow"),
    (r"fog|foggy|mist|misty", "fog"),
)


class Wanted(msgspec.Struct, frozen=True):
    """`hour` None when the words leave it open."""

    name: str
    hour: Hour | None
    weather: Weather


def wanted(setting: str) -> Wanted:
    """The set whose word stands first in `setting`; "studio" when none is known."""
    found = [(match.start(), name) for name, words in _SETS if (match := _word(words, setting))]
    hour = next((hour for words, hour in _HOURS if _word(words, setting)), None)
    weather = next((weather for words, weather in _WEATHERS if _word(words, setting)), "clear")
    return Wanted(min(found)[1] if found else "studio", hour, weather)


def _word(words: str, setting: str) -> re.Match[str] | None:
    # Not \b: it finds no border inside Chinese or Japanese.
    return re.search(rf"(?<![a-zé])(?:{words})(?:s|es)?(?![a-zé])", setting, re.IGNORECASE)
