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
    ("cafe", r"caf[eé]|coffee shop|coffee|restaurant|diner|bistro|tea room|pizzeria|咖啡|カフェ|レストラン|餐厅"),
    ("bar", r"bar|pub|tavern|nightclub|casino|saloon|酒吧|居酒屋|バー"),
    ("underwater", r"underwater|under water|undersea|under the sea|reef|aquarium|submarine|sea floor|seabed|海底|水中"),
    ("gym", r"gym|gymnasium|fitness studio|fitness club|locker room|boxing ring|dojo|weight room|健身房|ジム"),
    ("hospital", r"hospital|clinic|ward|doctor.?s office|surgery|dentist|emergency room|sickbed|医院|病院"),
    ("museum", r"museum|gallery|exhibition|art show|博物馆|美術館"),
    (
        "station",
        r"station|platform|airport|departure hall|departure lounge|terminal|bus stop shelter|火车站|机场|駅|空港",
    ),
    ("cave", r"cave|cavern|grotto|mine|tunnel|洞穴|洞窟"),
    (
        "living room",
        r"living room|sofa|couch|house|home|table|attic|basement|lounge|hallway|apartment|balloon|客厅|部屋",
    ),
    ("bedroom", r"bedroom|bed|hotel room|bathroom|dorm|dormitory|nursery|卧室|寝室"),
    (
        "office",
        r"office|meeting room|desk|work|workplace|elevator|laboratory|lab|boardroom|start-?up|bank|办公室|会社",
    ),
    ("classroom", r"classroom|school|lecture|university|教室|学校"),
    ("library", r"library|librarie|bookshop|bookstore|study|图书馆"),
    ("shop", r"shop|store|supermarket|mall|garage"),
    ("stage", r"stage|theatre|theater|concert|club|comedy|opera|cinema|舞台"),
    ("space", r"outer space|space|spaceship|space station|starship|rocket|galaxy|orbit|宇宙"),
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
    ("stone hall", r"castle|dungeon|church|temple|courtroom|cathedral|palace|tomb|cellar"),
    ("car", r"car|taxi|van|truck|cab|limousine|passenger seat|back seat|road trip|车里|车内|車"),
    ("vehicle", r"bus|train|train carriage|plane|airplane|tram|subway|metro|cabin|火车|電車|飞机|飛行機"),
    ("garden", r"garden|park|playground|zoo|village|farm|barn|field|meadow|lawn|porch|backyard|orchard|公园|庭"),
    ("snow", r"snow"),
    ("studio", r"studio"),
)
_HOURS: Final[tuple[tuple[str, Hour], ...]] = (
    (r"night|midnight|moonlight|moonlit|夜", "night"),
    (r"dusk|twilight|evening|tonight|string lights", "dusk"),
    (r"sunset|golden|golden hour|late afternoon|夕|日落", "golden"),
    (r"dawn|sunrise|daybreak|first light|黎明|夜明け", "dawn"),
    (r"morning|sunlit|早上|朝", "morning"),
    (r"noon|midday|bright sun|sunny", "noon"),
)
_WEATHERS: Final[tuple[tuple[str, Weather], ...]] = (
    (r"thunderstorm|storm|stormy|thunder|lightning|hurricane|tempest|暴风雨|嵐", "storm"),
    (r"rain|rainy|raining|drizzle|downpour|雨", "rain"),
    (r"snow|snowy|snowing|snowfall|blizzard|winter|雪", "snow"),
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
