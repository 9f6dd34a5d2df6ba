"""From the screenwriter's words (`a leafy park in the evening, rain`) to a set, an hour and a weather."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.portrait.scene.daylight import Hour, Weather

# Sets in the order of preference where two stand at the same place in the words.
_SETS: Final[tuple[tuple[str, str], ...]] = (
    ("news", r"news|news studio|weather studio|television studio|tv studio|talk show|commentary box|broadcast"),
    ("kitchen", r"kitchen|kitchen studio|cooking show|bakery|厨房|台所"),
    ("cafe", r"caf[eé]|coffee shop|coffee|restaurant|bar|pub|diner|bistro|tavern|咖啡|カフェ"),
    (
        "living room",
        r"living room|sofa|couch|house|home|table|attic|basement|lounge|hallway|apartment|balloon|客厅|部屋",
    ),
    ("bedroom", r"bedroom|bed|hotel room|hospital|bathroom|卧室|寝室"),
    (
        "office",
        r"office|meeting room|desk|workplace|airport|station|train station|platform|elevator|gym|laborator(?:y|ie)|lab|museum|hospital corridor|办公室|会社",
    ),
    ("classroom", r"classroom|school|lecture|university|教室|学校"),
    ("library", r"library|librarie|bookshop|bookstore|study|图书馆"),
    ("shop", r"shop|store|supermarket|mall|garage|television shop"),
    ("stage", r"stage|theatre|theater|concert|club|comedy|opera|cinema|舞台"),
    ("space", r"space|spaceship|space station|starship|rocket|galaxy|orbit|宇宙"),
    ("moon", r"moon|lunar"),
    ("mars", r"mars|alien planet"),
    ("forest", r"forest|wood|woods|jungle|campfire|tent|campsite|森|森林"),
    ("beach", r"beach|sea|seaside|ocean|boat|ship|island|lake|river|pier|harbou?r|pool|coast|shore|海"),
    ("snow", r"snowfield|ski|igloo|arctic|antarctica|snowy (?:field|forest|mountain)|雪原"),
    ("mountain", r"mountain|cliff|volcano|hill|valley|peak|山"),
    ("desert", r"desert|dune|sahara|canyon|沙漠"),
    ("terrace", r"terrace|rooftop|balcony|skyline|night city|city at night|downtown at night"),
    ("street", r"street|city|town|alley|bridge|market|downtown|sidewalk|bus stop|paris|london|new york|tokyo|rome|街"),
    ("stadium", r"stadium|arena|pitch|sports|football|race ?track"),
    ("stone hall", r"castle|dungeon|church|temple|cave|courtroom|cathedral|palace|tomb|cellar"),
    ("vehicle", r"car|taxi|bus|train|plane|van|truck|cab|airplane|tram|subway"),
    ("garden", r"garden|park|playground|zoo|village|farm|barn|field|meadow|lawn|porch|backyard|orchard|公园|庭"),
    ("snow", r"snow"),
    ("studio", r"studio"),
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
    """The set whose word stands first in `setting`, the longer of two at one place; "studio" when none is known."""
    found = [
        (match.start(), -len(match[0]), order, name)
        for order, (name, words) in enumerate(_SETS)
        if (match := _word(words, setting))
    ]
    hour = next((hour for words, hour in _HOURS if _word(words, setting)), None)
    weather = next((weather for words, weather in _WEATHERS if _word(words, setting)), "clear")
    name = min(found)[-1] if found else "studio"
    if name == "street" and hour in {"dusk", "night"} and _word("city|skyline|new york|tokyo", setting):
        name = "terrace"
    return Wanted(name, hour, weather)


def _word(words: str, setting: str) -> re.Match[str] | None:
    # Longest first, or `space` would hide `space station`; no \b, which finds no border inside Chinese or Japanese.
    longest = "|".join(sorted(words.split("|"), key=len, reverse=True)) if "(" not in words else words
    return re.search(rf"(?<![a-zé])(?:{longest})(?:s|es)?(?![a-zé])", setting, re.IGNORECASE)
