"""Sounds that a shot names in words, and those that nobody here can make."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.engine import Sound
from generation.portrait import creatures, foley
from generation.portrait.ambience import Kind, ambience
from generation.portrait.instruments import RATE

Floats = NDArray[np.float32]
Maker = Callable[[np.random.Generator], NDArray[np.float64]]

_WORDS: Final[dict[str, tuple[str, Maker]]] = {
    "bell": (r"\bdoor ?bells?|(?<!church )(?<!alarm )\bbells?\b(?! toll)|chimes?\b|\bding", foley.bell),
    "church bell": (r"church bells?|bells? toll", foley.church_bell),
    "door": (r"(?<!on a )(?<!on the )(?<!at the )\bdoors?\b(?! ?bell| creak| opens)(?!.*knock)|\bslam", foley.door),
    "creak": (r"creak|squeak|door opens", foley.creak),
    "knock": (r"knock", foley.knock),
    "glass": (r"\bglass\w* (?:break|smash|crash)|shatter|(?:break|smash)\w* (?:the |a )?(?:glass|window|bottle)",
              foley.glass),
    "crash": (r"\bcrash(?!.*glass)|smash(?!.*glass)|\bclatter", foley.crash),
    "whoosh": (r"whoosh|swoosh|swish|\bzooms?\b", foley.whoosh),
    "explosion": (r"explo|\bboom|blast", foley.explosion),
    "shot": (r"gun ?shot|gun fires|\bbang", foley.shot),
    "thunder": (r"thunder|lightning|rumbl", foley.thunder),
    "fireworks": (r"firework", foley.fireworks),
    "phone": (r"phone|ringtone", foley.phone),
    "ping": (r"notification|message (?:arrives|sound)|\bping|text tone", foley.ping),
    "alarm": (r"\balarm", foley.alarm),
    "beep": (r"\bbeep|\bbuzzer", foley.beep),
    "siren": (r"\bsirens?\b|ambulance|police car", foley.siren),
    "horn": (r"car horn|\bhonk|\bhorn\b", foley.horn),
    "engine": (r"engine|\brevs?\b|motor(?:bike|cycle)|car (?:starts|drives|passes)", foley.engine),
    "train": (r"\btrain\b", foley.train),
    "whistle": (r"whistle", foley.whistle),
    "drum roll": (r"drum ?roll", foley.drum_roll),
    "rimshot": (r"rim ?shot|ba dum", foley.rimshot),
    "fanfare": (r"fanfare|trumpet|\bta-?da\b", foley.fanfare),
    "sad trombone": (r"trombone|wah[- ]wah", foley.sad_trombone),
    "magic": (r"magic|sparkl|twinkl|shimmer|fairy dust", foley.magic),
    "pop": (r"\bpops?\b|\bcork", foley.pop),
    "splash": (r"splash", foley.splash),
    "pouring": (r"\bpour|gurgl|\bdrip|tap runs", foley.pouring),
    "sizzle": (r"sizzl|\bfrying", foley.sizzle),
    "typing": (r"\btyping|keyboard", foley.typing),
    "shutter": (r"shutter|camera click|takes? a (?:photo|picture)", foley.shutter),
    "ticking": (r"\btick(?!et)", foley.ticking),
    "heartbeat": (r"heart ?beat|heart pounds", foley.heartbeat),
    "boing": (r"\bboing|\bspring(?:s|ing)? (?:up|sound)", foley.boing),
    "zap": (r"\bzap|laser", foley.zap),
    "clang": (r"\bclang|\bclank|\bswords?\b", foley.clang),
    "coin": (r"\bcoins?\b|cash register|ka-?ching", foley.coin),
    "steps": (r"foot ?steps?|\bsteps\b|\bwalking|\brunning", foley.steps),
    "hooves": (r"\bhooves|\bhorses?\b|gallop", foley.hooves),
    "bark": (r"\bbark|\bwoof|\bdogs?\b(?! howl)", creatures.bark),
    "howl": (r"\bwol(?:f|ves)|dog howl", creatures.howl),
    "meow": (r"\bmeow|\bcats?\b(?! purr)", creatures.meow),
    "purr": (r"\bpurr", creatures.purr),
    "roar": (r"(?<!crowd )\broar(?! of)|\bgrowl|\blion|\bbear\b", creatures.roar),
    "moo": (r"\bmoo|\bcows?\b", creatures.moo),
    "rooster": (r"rooster|cockerel|cock-a", creatures.rooster),
    "tweets": (r"\btweets?\b|\bchirp(?!ing crickets)", creatures.tweets),
    "applause": (r"applau|clap(?!s? (?:once|hands))", creatures.applause),
    "claps": (r"claps? (?:once|hands)", creatures.claps),
    "snap": (r"\bsnaps? (?:of )?(?:her |his |their )?fingers?|finger snap", creatures.snap),
    "cheers": (r"cheer|crowd roars|roar of", creatures.cheers),
    "laughter": (r"laugh|giggl|chuckl", creatures.laughter),
    "gasp": (r"\bgasp", creatures.gasp),
    "boos": (r"\bboo(?:s|ing|ed)?\b", creatures.boos),
}  # fmt: skip
_LASTING: Final[dict[str, tuple[str, Kind]]] = {
    "rain": (r"\brain|drizzl|downpour", "rain"),
    "wind": (r"\bwind(?!ow)|\bgust|\bbreeze|howling wind", "nature"),
    "birds": (r"\bbird|birdsong", "nature"),
    "sea": (r"\bsea\b|\bwaves?\b|\bocean|\bsurf\b", "waves"),
    "crowd": (r"\bcrowd(?! (?:cheer|roar))|murmur|chatter|\bpeople talk", "crowd"),
    "fire": (r"\bfire\b(?! ?work)|crackl|campfire", "fire"),
    "crickets": (r"cricket|cicada", "night"),
    "traffic": (r"traffic|\bcars\b", "city"),
}  # fmt: skip
EFFECTS: Final = (*_WORDS, *_LASTING)
_IN_WORDS: Final = {name: re.compile(words, re.IGNORECASE) for name, (words, _) in (_WORDS | _LASTING).items()}
_PARTS: Final = re.compile(r"[,;.!，。、；]+|\band then\b|\bthen\b|\band\b|\bwhile\b|\bwith\b|\bover\b", re.IGNORECASE)
_NO_EFFECT: Final = re.compile(
    r"\b(?:no|none|silen\w+|quiet\w*|ambien\w+|room tone|atmosphere|music\w*|song|score|melod\w+|piano|guitar"
    r"|strings|beat|dialogue|voices?|speech|talk\w*|words?|hush\w*|muffled|soft|sounds?|echo\w*)\b",
    re.IGNORECASE,
)


def effects_in(words: str) -> tuple[str, ...]:
    """Names of the known effects that a shot's `sound` speaks of, in the order of the words."""
    found = [(m.start(), name) for name, pattern in _IN_WORDS.items() if (m := pattern.search(words))]
    return tuple(name for _, name in sorted(found))


def unmade_in(words: str) -> tuple[str, ...]:
    """The parts of a shot's `sound` that name something nobody here can make; music and quiet are no effects."""
    parts = [part.strip(" \"'“”") for part in _PARTS.split(words)]
    return tuple(
        part
        for part in parts
        if any(c.isalpha() for c in part) and not effects_in(part) and not _NO_EFFECT.search(part)
    )


def lasts(name: str) -> bool:
    """Whether it sounds for as long as its shot: rain, a crowd."""
    return name in _LASTING


def effect(name: str, seed: int) -> Floats:
    """(N,) mono at 24 kHz, loudest at 1; 0.1 to 3 s long, silent at both ends. Not for what `lasts`."""
    sound = _WORDS[name][1](np.random.default_rng(seed))
    edge = round(0.002 * RATE)
    sound[:edge] *= np.linspace(0, 1, edge)
    sound[-10 * edge :] *= np.linspace(1, 0, 10 * edge)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def lasting(name: str, seconds: float, seed: int) -> Sound:
    """(2, samples) at 48 kHz with an RMS of 1, for what `lasts`."""
    return ambience(_LASTING[name][1], seconds, seed)
