"""Where and when a clip plays, what it looks like, and what is heard under the words."""

from __future__ import annotations

import random
import re
from typing import Final

import msgspec

from generation.prompts.words import shortened

# place word -> what it sounds like
_PLACES: Final = {
    "garden": "birdsong and leaves in a light breeze", "park": "birdsong and distant children",
    "beach": "gentle surf and gulls", "sea": "waves and wind", "ocean": "waves and wind", "boat": "water against a hull",
    "ship": "creaking timber and waves", "island": "surf and palm leaves", "lake": "lapping water", "river": "running water",
    "forest": "birds and rustling leaves", "woods": "birds and rustling leaves", "jungle": "insects and exotic birds",
    "mountain": "thin wind", "mountains": "thin wind", "cliff": "gusting wind", "desert": "dry wind", "field": "crickets and grass",
    "farm": "hens and a far tractor", "barn": "straw and soft animal sounds", "street": "city traffic and footsteps",
    "city": "city traffic", "town": "street life", "village": "church bell and birds", "alley": "dripping pipes",
    "bridge": "wind and traffic below", "rooftop": "wind over the city", "balcony": "evening street below", "market": "voices of a busy market",
    "kitchen": "a simmering pot and kitchen clatter", "restaurant": "soft chatter and cutlery", "cafe": "espresso machine and soft chatter",
    "café": "espresso machine and soft chatter", "coffee shop": "espresso machine and soft chatter", "bar": "murmuring crowd and glasses",
    "pub": "murmuring crowd and glasses", "bakery": "oven hum and a shop bell", "diner": "sizzling grill and chatter",
    "office": "keyboards and air conditioning", "meeting room": "air conditioning", "classroom": "chairs and chalk", "school": "a school corridor",
    "library": "pages and hushed steps", "museum": "echoing steps", "hospital": "soft beeps and corridors", "gym": "weights and fans",
    "stadium": "a roaring crowd", "arena": "a roaring crowd", "theatre": "a hushed audience", "theater": "a hushed audience",
    "stage": "a hushed audience", "studio": "quiet studio air", "concert": "a cheering crowd", "club": "muffled bass",
    "bedroom": "a quiet room and a ticking clock", "living room": "a quiet room", "sofa": "a quiet room", "couch": "a quiet room",
    "bathroom": "dripping tap and tiles", "attic": "creaking boards", "basement": "a humming boiler", "garage": "a metallic echo",
    "house": "a quiet room", "home": "a quiet room", "castle": "wind in stone halls", "dungeon": "dripping water and chains",
    "church": "a deep echo", "temple": "a far bell", "car": "engine hum and road", "taxi": "engine hum and radio", "bus": "a rumbling engine",
    "train": "wheels on rails", "station": "announcements and hurried steps", "airport": "announcements and rolling suitcases",
    "plane": "cabin hum", "elevator": "elevator hum", "spaceship": "a low reactor hum", "space station": "a low reactor hum",
    "space": "a deep hum", "moon": "radio static", "mars": "thin alien wind", "shop": "a shop bell and soft music",
    "store": "soft store music", "supermarket": "fridges and soft store music", "pool": "splashing water", "snow": "muffled wind",
    "playground": "children playing", "zoo": "animal calls", "cave": "dripping water and echo", "volcano": "deep rumbling",
    "campfire": "crackling fire and crickets", "tent": "crickets outside", "porch": "crickets", "terrace": "evening breeze",
    "table": "a quiet room", "desk": "a quiet office", "courtroom": "a murmuring courtroom", "laboratory": "bubbling glass and machines",
    "lab": "bubbling glass and machines", "pier": "water under planks", "harbour": "gulls and rigging", "harbor": "gulls and rigging",
}  # fmt: skip
_HEADS: Final = "|".join(sorted(map(re.escape, _PLACES), key=len, reverse=True))
_PHRASE: Final = re.compile(
    r"\b(?:in|at|on|inside|by|near|under|aboard|outside|onto|into|through|beside|around|from)\s+"
    rf"((?:(?:an?|the|their|her|his|my|our|some)\s+)?(?:[\w'-]+\s+){{0,3}}?(?:{_HEADS})s?\b(?: (?:shop|room|station|party))?)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"\b(?:in|over|above|across)\s+((?:downtown |old |rainy |sunny )?[A-Z][a-zé]+(?: [A-Z][a-zé]+)?)\b")
_SETTING_LABEL: Final = re.compile(r"(?:^|\n)\s*(?:setting|location|place|scene)\s*[:：]\s*([^\n.]{2,120})\.?", re.IGNORECASE)
_STYLE_LABEL: Final = re.compile(r"(?:^|\n)\s*(?:style|look)\s*[:：]\s*([^\n.]{2,120})\.?", re.IGNORECASE)
_SOUND_LABEL: Final = re.compile(r"(?:^|\n)\s*(?:sound|audio|music)s?\s*[:：]\s*([^\n.]{2,120})\.?", re.IGNORECASE)
_TIMES: Final = (
    (r"\b(?:dawn|sunrise)\b", "at dawn"), (r"\bmorning\b|早上|朝", "in the morning"), (r"\bnoon\b|\bmidday\b", "at noon"),
    (r"\bafternoon\b", "in the afternoon"), (r"\b(?:sunset|golden hour)\b|夕", "at sunset"), (r"\bdusk\b|\btwilight\b", "at dusk"),
    (r"\b(?:evening|tonight)\b", "in the evening"), (r"\b(?:night|midnight|moonlight|moonlit)\b|夜", "at night"),
)  # fmt: skip
_WEATHERS: Final = (
    (r"\b(?:thunder\w*|lightning|storm(?:y)?|hurricane|tornado)\b", "a thunderstorm", "rolling thunder and rain"),
    (r"\b(?:rain(?:s|ing|y)?|drizzl\w+|downpour)\b|雨", "rain", "steady rain"),
    (r"\b(?:snow(?:s|ing|y)?|blizzard)\b|雪", "falling snow", "muffled winter air"),
    (r"\b(?:fog(?:gy)?|mist(?:y)?)\b", "fog", "muffled air"),
    (r"\bwind(?:y)?\b", "strong wind", "gusting wind"),
    (r"\b(?:sunny|sunshine|sunlit)\b", "bright sun", ""),
)
_STYLES: Final = (
    (r"\bnoir\b", "black-and-white film noir, hard shadows"), (r"\banime\b", "hand-drawn anime, clean lines and vivid colour"),
    (r"\b(?:pixel|8-bit)\b", "8-bit pixel art"), (r"\b(?:claymation|stop[- ]motion)\b", "claymation, visible fingerprints"),
    (r"\bdocumentary\b", "observational documentary, natural light"), (r"\bmockumentary\b", "mockumentary, looks to camera"),
    (r"\b(?:vintage|super ?8|retro|1970s|70s)\b", "faded Super 8 film, warm grain"), (r"\b(?:80s|1980s|vhs)\b", "1980s VHS, neon tint"),
    (r"\bcyberpunk\b", "cyberpunk neon, wet streets"), (r"\bwatercolou?r\b", "soft watercolour"), (r"\bpixar|\b3d animat\w+", "rounded 3D animation, warm light"),
    (r"\b(?:cartoon|comic)\b", "bright cartoon"), (r"\b(?:horror|spooky|haunted)\b", "low-key horror, cold shadows"),
    (r"\b(?:sitcom)\b", "three-camera sitcom, even bright light"), (r"\b(?:western)\b", "dusty western, low sun"),
    (r"\b(?:vlog|selfie)\b", "phone vlog, natural light"), (r"\b(?:epic|cinematic|movie trailer)\b", "cinematic, shallow focus, rich contrast"),
    (r"\b(?:sci-?fi|spaceship|space station)\b", "clean science fiction, cool light"), (r"\b(?:fairy ?tale|fantasy)\b", "storybook fantasy, golden haze"),
)  # fmt: skip
_PLAIN_STYLES: Final = ("natural light, true colours, shallow focus", "warm natural light, gentle contrast", "soft daylight, lifelike colour")
_MUSIC: Final = (
    (r"\bjazz\w*\b", "a quiet jazz trio"), (r"\b(?:techno|edm|dance music)\b", "pulsing electronic beat"), (r"\b(?:rock)\s+(?:music|band|song)", "driving guitars"),
    (r"\bclassical\b|\borchestra\w*\b", "soft strings"), (r"\b(?:piano music|piano plays)\b", "gentle piano"), (r"\bhip[- ]?hop\b|\blo-?fi\b", "a lazy beat"),
    (r"\bno music\b", "no music"),
)  # fmt: skip
_MOODS: Final = {
    "joyful": "light plucked strings", "warm": "soft acoustic guitar", "tense": "a low held drone", "sad": "slow sparse piano",
    "angry": "dry, close room tone", "calm": "soft room tone", "epic": "slow swelling strings", "silly": "playful pizzicato",
}  # fmt: skip
_INTENT_PLACES: Final = {
    "cooking": ("a bright home kitchen",), "weather": ("a television weather studio",), "news": ("a television news studio",),
    "sports": ("a stadium commentary box",), "sales": ("a colourful television shop studio",), "morning": ("a sunlit kitchen in the morning",),
    "night": ("a quiet porch at night",), "scared": ("a dim old house at night",), "work": ("a bright office",), "music": ("a small stage with warm lights",),
    "love": ("a terrace with string lights in the evening",), "birthday": ("a living room with balloons",), "celebrate": ("a terrace with string lights",),
    "trip": ("a hallway full of suitcases", "a living room with a map on the table"), "farewell": ("a train station platform",), "joke": ("a small comedy stage",),
    "motivate": ("a bright gym",), "late": ("a busy bus stop street",),
}  # fmt: skip
_ANY_PLACE: Final = ("a sunlit living room", "a cosy café corner", "a leafy park", "a bright kitchen", "a quiet terrace")


class Scene(msgspec.Struct, frozen=True):
    """`place` alone, `setting` with time of day and weather, and the prose without its headings."""

    place: str
    setting: str
    style: str
    sound_bed: str
    prose: str


def read(prose: str, intent: str, mood: str, dice: random.Random) -> Scene:
    """Chooses what the prompt leaves open. `mood` is one of mood.py's words."""
    chosen = _place(prose) or dice.choice(_INTENT_PLACES.get(intent, _ANY_PLACE))
    setting, sounds = chosen, [_ambience(chosen)]
    for pattern, when in _TIMES:
        if re.search(pattern, prose, re.IGNORECASE):
            setting += "" if when.split()[-1] in setting else f" {when}"
            break
    for pattern, weather, heard in _WEATHERS:
        if re.search(pattern, prose, re.IGNORECASE) and intent != "weather":
            setting += "" if re.search(pattern, setting, re.IGNORECASE) else f", {weather}"
            sounds.append(heard)
            break
    sounds.append(next((music for pattern, music in _MUSIC if re.search(pattern, prose, re.IGNORECASE)), _MOODS[mood]))
    if label := _SOUND_LABEL.search(prose):
        sounds = [label[1].strip()]
    style = next((look for pattern, look in _STYLES if re.search(pattern, prose, re.IGNORECASE)), dice.choice(_PLAIN_STYLES))
    if label := _STYLE_LABEL.search(prose):
        style = label[1].strip()
    sound_bed = "; ".join(filter(None, dict.fromkeys(sounds)))
    return Scene(chosen, shortened(setting, 160), style, sound_bed, without_headings(prose))


def without_headings(prose: str) -> str:
    """`Setting: …`, `Style: …` and `Sound: …` are orders, not action."""
    for label in (_SETTING_LABEL, _STYLE_LABEL, _SOUND_LABEL):
        prose = label.sub("\n", prose)
    return prose.strip()


def without_place(prose: str) -> str:
    """`argue about pizza in a kitchen` -> `argue about pizza`: what is left is what it is about."""
    return _PHRASE.sub("", without_headings(prose))


def _place(prose: str) -> str:
    if label := _SETTING_LABEL.search(prose):
        return shortened(label[1].strip(" ."), 120)
    if phrase := _PHRASE.search(prose):
        return _with_article(phrase[1])
    named = _NAMED.search(prose)
    return named[1] if named else ""


def _with_article(phrase: str) -> str:
    phrase = re.sub(r"^(?:their|her|his|my|our)\b", "the", phrase, flags=re.IGNORECASE)
    return phrase if re.match(r"(?:an?|the|some)\b", phrase, re.IGNORECASE) else f"the {phrase}"


def _ambience(place: str) -> str:
    found = re.search(rf"\b({_HEADS})s?\b", place, re.IGNORECASE)
    return _PLACES[found[1].lower()] if found else "quiet natural ambience"
