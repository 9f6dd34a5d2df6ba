"""Lines for a prompt that gives none."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from generation.prompts import repertoire
from generation.prompts.language import language_of
from generation.prompts.mood import feeling
from generation.prompts.names import Names
from generation.prompts.pace import easy_s
from generation.prompts.repertoire import Beat, Intent
from generation.prompts.settings import place_in, without_place
from generation.prompts.topic import Topic, first_of, phrase, predicate
from generation.prompts.words import sentences

_HURRY: Final = 1.08  # people in short films talk a little faster than on a sofa
QUOTED: Final = "quoted"  # the intent whose first line is the prompt itself
_SPEECH_WORDS: Final = 10
_SPEECH: Final = re.compile(  # a prompt that is itself something to say
    r"(?:who|what|why|how|where|when|did|do|does|is|are|can|could|will|would|should)\b[^.!?]+\?"
    r"|(?=.*\b(?:i|i'm|you|you're|we|we're|let's|don't|my|your|me)\b)[^.!?]+[!?]",
    re.IGNORECASE,
)
_WORDLESS: Final = re.compile(
    r"\b(?:silent(?:ly)?|in silence|wordless(?:ly)?|mimes?|without (?:a word|words|speaking|talking|dialogue|speech)"
    r"|no (?:dialogue|speech|talking|words|lines|one speaks)|nobody (?:speaks|talks)|says? nothing)\b|无声|無言",
    re.IGNORECASE,
)


class Improvised(msgspec.Struct, frozen=True):
    """What the prompt is taken to mean, and what is said then. No lines where nobody is cast or none are wanted."""

    intent: Intent
    topic: Topic | None
    beats: tuple[Beat, ...]
    talks: bool  # the prompt names something that people do with words


def improvise(prose: str, names: Names, seconds: float, dice: random.Random) -> Improvised:
    """Finds intent and topic of `prose`, and a variant that fits them and the seconds."""
    plain = _one_word_names(without_place(prose), names)[:2000]
    language = language_of(names.without(plain))
    spoken = language if language in repertoire.SPOKEN else "en"
    found = repertoire.intent_of(names.without(plain), spoken) if language == spoken else None
    intent, topic = (
        _meaning(prose, plain, found, names, spoken) if language == spoken else (repertoire.named("chat", "en"), None)
    )
    order = tuple(dict.fromkeys([*_subjects_first(prose, names), *names.roles]))[:2]
    speakers = [(who, names.first(who)) for who in order]
    if not speakers or _WORDLESS.search(prose):
        return Improvised(intent, topic, (), talks=False)
    chat = repertoire.named("chat", spoken)
    for meant, about in ((intent, topic), (chat, topic), (chat, None)):
        if beats := repertoire.choose(meant, about, speakers, lambda each: _share(each, seconds), dice):
            if meant.name == QUOTED:
                emotion, energy = feeling(beats[0].text)
                beats = (msgspec.structs.replace(beats[0], emotion=emotion, energy=energy), *beats[1:])
            return Improvised(meant, about, beats, talks=found is not None)
    return Improvised(intent, topic, (), talks=False)


def _meaning(prose: str, plain: str, found: Intent | None, names: Names, language: str) -> tuple[Intent, Topic | None]:
    chat = repertoire.named("chat", language)
    if language != "en":
        intent = found or chat
        hits = (hit for pattern in intent.topic if (hit := re.search(pattern, names.without(plain))))
        hit = next(hits, None)
        return intent, Topic(hit[1], "thing") if hit else None
    if _SPEECH.fullmatch(plain.strip()) and len(plain.split()) <= _SPEECH_WORDS and not names.find(plain):
        return repertoire.named(QUOTED, language), Topic(plain.strip(), "claim")
    own = names.without(plain, "\n")  # a topic never runs into somebody's name
    if found:
        topic = first_of(found.topic, plain, infinitive=found.infinitive)
        if topic and names.find(topic.text):
            topic = first_of(found.topic, own, infinitive=found.infinitive)
        topic = topic or first_of(chat.topic, own)
        return found, None if topic and names.find(topic.text) else topic
    opening = (sentences(plain) or [""])[0]
    subjects = re.match(
        rf"\W*(?:[\w-]+ ){{0,2}}?(?:{names.pattern})(?:(?:,| and|, and| &) (?:{names.pattern}))*",
        opening,
        re.IGNORECASE,
    )
    act = predicate(names.without(opening[subjects.end() :], "\n")) if subjects else None
    if act:
        return repertoire.named("doing", language), act
    short = phrase(own.strip()) if len(plain.split()) <= 6 and not subjects else None
    topic = first_of(chat.topic, own) or short or phrase(place_in(prose))
    return chat, topic


def _subjects_first(prose: str, names: Names) -> list[str]:
    """Who acts before whom it is done to: "happy birthday to Leo from Maya" is Maya's."""
    mentions = names.find(prose)
    addressed = {
        mention.speaker
        for mention in mentions
        if re.search(r"\b(?:to|for)\s*$", prose[max(0, mention.start - 8) : mention.start])
        or re.match(r"['’]s\b", prose[mention.end :])
    }
    return sorted((mention.speaker for mention in mentions), key=lambda who: who in addressed)


def _one_word_names(text: str, names: Names) -> str:
    """`Maya Ito` becomes `Maya`, so that a pattern's single word stands for anybody."""
    for mention in reversed(names.find(text)):
        text = text[: mention.start] + names.first(mention.speaker) + text[mention.end :]
    return text


def _share(beats: Sequence[Beat], seconds: float) -> float:
    return (sum(easy_s(beat.text) for beat in beats) + 0.2) / seconds / _HURRY
