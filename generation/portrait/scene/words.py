"""From the screenwriter's words (`a leafy park in the evening, rain`) to a set, an hour and a weather."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.portrait.scene.daylight import Hour, Weather

# Sets in the order of preference where two stand at the same place in the words.
_SETS: Final[tuple[tuple[str, str], ...]] = (
    ("news", r"news|news studio|weather studio|shop studio|television studio|tv studio|talk show|broadcast"),
    ("kitchen", r"kitchen|kitchen studio|cooking show|bakery|厨房|台所"),
    ("cafe", r"caf[eé]|coffee shop|coffee|restaurant|bar|pub|diner|bistro|tavern|咖啡|カフェ"),
    (
        "living room",
        r"living room|sofa|couch|house|home|table|attic|basement|lounge|hallway|apartment|balloon|客厅|部屋",
    ),
    ("bedroom", r"bedroom|bed|hotel room|bathroom|卧室|寝室"),
    (
        "office",
        r"office|meeting room|desk|work|airport|station|platform|elevator|laboratory|lab|办公室|会社",
    ),
    ("classroom", r"classroom|school|lecture|university|教室|学校"),
    ("museum", r"museum|gallery|art gallery|exhibition|博物馆|美術館"),
    ("hospital", r"hospital|clinic|ward|emergency room|doctor's office|医院|病院"),
    ("gym", r"gym|gymnasium|fitness studio|boxing ring|locker room|dojo|健身房"),
    (
        "underwater",
        r"underwater|seabed|sea floor|ocean floor|bottom of the sea|bottom of the ocean|coral reef|reef|aquarium|水下",
    ),
    ("library", r"library|librarie|bookshop|bookstore|study|图书馆"),
    ("shop", r"shop|store|supermarket|mall|garage"),
    ("stage", r"stage|theatre|theater|concert|club|comedy|opera|cinema|舞台"),
    ("space", r"space|spaceship|space station|starship|rocket|galaxy|orbit|宇宙"),
    ("moon", r"moon|lunar"),
    ("mars", r"mars|alien planet"),
    ("forest", r"forest|wood|woods|jungle|campfire|tent|campsite|森|森林"),
    ("beach", r"beach|sea|seaside|ocean|boat|ship|island|lake|river|pier|harbour|harbor|pool|coast|shore|海"),
    ("snow", r"snowfield|ski|igloo|arctic|antarctica|snowy field|snowy forest|snowy mountain|雪原"),
    ("mountain", r"mountain|cliff|volcano|hill|valley|peak|山"),
    ("desert", r"desert|dune|sahara|canyon|沙漠"),
    ("terrace", r"terrace|rooftop|balcony|skyline|night city|city at night|downtown at night"),
    ("street", r"street|city|town|alley|bridge|market|downtown|sidewalk|bus stop|paris|london|new york|tokyo|rome|街"),
    ("stadium", r"stadium|arena|pitch|sports|football|racetrack"),
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
    """The set named last before the first comma or preposition (`a home kitchen with a table`: kitchen).

    Failing that the first named at all; "studio" when none is known.
    """
    head = re.split(r",|\b(?:with|in|at|on|of|full|near|by|under)\b", setting, maxsplit=1, flags=re.IGNORECASE)[0]
    named = [(hit.end(), len(hit[0]), name) for name, words in _SETS for hit in _hits(words, head)]
    later = [(-hit.start(), len(hit[0]), name) for name, words in _SETS for hit in _hits(words, setting)]
    name = max(named or later or [(0, 0, "studio")], key=lambda found: found[:2])[-1]
    hour = next((hour for words, hour in _HOURS if _hits(words, setting)), None)
    weather: Weather = next((weather for words, weather in _WEATHERS if _hits(words, setting)), "clear")
    if name == "street" and hour in {"dusk", "night"} and _hits("city|skyline|new york|tokyo", setting):
        name = "terrace"
    return Wanted(name, hour, weather)


def _hits(words: str, text: str) -> list[re.Match[str]]:
    # Longest first, or `space` would hide `space station`; no \b, which finds no border inside Chinese or Japanese.
    longest = "|".join(sorted(words.split("|"), key=len, reverse=True))
    return list(re.finditer(rf"(?<![a-zé])(?:{longest})(?:s|es)?(?![a-zé])", text, re.IGNORECASE))
