"""Where and when a clip plays, what it looks like, and what is heard under the words."""

from __future__ import annotations

import random
import re
from typing import Final

import msgspec

from generation.prompts.scenery import SCENERY
from generation.prompts.words import shortened

_HEADS: Final = "|".join(sorted(map(re.escape, SCENERY.places), key=len, reverse=True))
_PHRASE: Final = re.compile(
    r"\b(?:in|at|on|inside|by|near|under|aboard|outside|onto|into|through|beside|around|from|(?:shot|view) of)\s+"
    r"((?:(?:an?|the|their|her|his|my|our|some)\s+)?(?:[\w'-]+\s+){0,3}?"
    rf"(?:{_HEADS})s?\b(?: (?:shop|room|station|party))?)",
    re.IGNORECASE,
)
_ANYWHERE: Final = re.compile(
    r"\b(?:in|at|on|inside|under|aboard|outside|down|up|across|along)\s+((?:an?|the)\s+"
    r"(?!(?:date|hurry|phone|call|way|rain|snow|dark|row|time|end|mood|style|air|edge|top|other|same|first|last|next"
    r"|morning|evening|afternoon|middle|front|back|verge|budget|whole|world)\b)(?:[\w-]+ )?[\w-]+(?<!ing)(?<!contest)"
    r"(?<!race)(?<!game)(?<!match)(?<!date)(?<!night))(?=\s*(?:[,.!?;]|$|(?:and|at|while|with|during|in|to)\b))",
    re.IGNORECASE,
)
_STOOD_IN: Final = re.compile(  # places that are hardly ever things
    r"\b((?:the|an?)\s+(?:[\w-]+\s+)?(?:garden|park|beach|forest|street|alley|rooftop|balcony|kitchen|restaurant|caf[eé]"
    r"|office|classroom|library|museum|hospital|stadium|bedroom|bathroom|attic|castle|desert|supermarket|airport|zoo))\b",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b(?:in|over|above|across)\s+((?:downtown |old |rainy |sunny )?[A-Z][a-zé]+(?: [A-Z][a-zé]+)?)\b"
)
_SETTING_LABEL: Final = re.compile(
    r"(?:^|\n)\s*(?:setting|location|place|scene)\s*[:：]\s*([^\n.]{2,120})\.?", re.IGNORECASE
)
_STYLE_LABEL: Final = re.compile(r"(?:^|\n)\s*(?:style|look)\s*[:：]\s*([^\n.]{2,120})\.?", re.IGNORECASE)
_SOUND_LABEL: Final = re.compile(r"(?:^|\n)\s*(?:sound|audio|music)s?\s*[:：]\s*([^\n.]{2,120})\.?", re.IGNORECASE)


class Scene(msgspec.Struct, frozen=True):
    """`place` alone, `setting` with time of day and weather, and the prose without its headings."""

    place: str
    setting: str
    style: str
    sound_bed: str
    prose: str


def read(prose: str, intent: str, mood: str, dice: random.Random) -> Scene:
    """Chooses what the prompt leaves open. `mood` is one of mood.py's words."""
    chosen = place_in(prose) or dice.choice(SCENERY.intent_places.get(intent, SCENERY.intent_places["any"]))
    setting, sounds = chosen, [ambience(chosen)]
    for pattern, when in SCENERY.times:
        if re.search(pattern, prose, re.IGNORECASE):
            setting += "" if when.split()[-1] in setting else f" {when}"
            break
    for pattern, weather, heard in SCENERY.weathers:
        if re.search(pattern, prose, re.IGNORECASE) and intent != "weather":
            setting += "" if re.search(pattern, setting, re.IGNORECASE) else f", {weather}"
            sounds.append(heard)
            break
    sounds.append(
        next(
            (music for pattern, music in SCENERY.music if re.search(pattern, prose, re.IGNORECASE)),
            SCENERY.mood_music[mood],
        )
    )
    if label := _SOUND_LABEL.search(prose):
        sounds = [label[1].strip()]
    style = next(
        (look for pattern, look in SCENERY.styles if re.search(pattern, prose, re.IGNORECASE)),
        dice.choice(SCENERY.plain_styles),
    )
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


def place_in(prose: str) -> str:
    """Where the prompt says it happens; empty where it does not."""
    if label := _SETTING_LABEL.search(prose):
        return shortened(label[1].strip(" ."), 120)
    if phrase := _PHRASE.search(prose):
        return _with_article(phrase[1])
    named = _NAMED.search(prose) or _ANYWHERE.search(prose) or _STOOD_IN.search(prose)
    return named[1] if named else ""


def _with_article(phrase: str) -> str:
    phrase = re.sub(r"^(?:their|her|his|my|our)\b", "the", phrase, flags=re.IGNORECASE)
    return phrase if re.match(r"(?:an?|the|some)\b", phrase, re.IGNORECASE) else f"the {phrase}"


def ambience(place: str) -> str:
    """What is heard there."""
    found = re.search(rf"\b({_HEADS})s?\b", place, re.IGNORECASE)
    return SCENERY.places[found[1].lower()] if found else "quiet natural ambience"
