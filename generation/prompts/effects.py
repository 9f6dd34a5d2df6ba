"""Sounds that the prose names."""

from __future__ import annotations

import re
from typing import Final

_EFFECTS: Final = (
    (r"door (?:slams|bangs)|slams (?:the|a) door", "door slams"), (r"knock(?:s|ing)? (?:on|at) (?:the|a) door", "knocking on a door"),
    (r"doorbell", "doorbell rings"), (r"door (?:opens|creaks)|creak(?:s|ing)", "door creaks"), (r"phone (?:rings|buzzes)|ringing phone", "phone rings"),
    (r"thunder|lightning", "thunder rolls"), (r"explo(?:des|sion)", "explosion"), (r"bark(?:s|ing)?\b", "dog barks"), (r"meow(?:s|ing)?|\bcat purrs", "cat meows"),
    (r"glass (?:breaks|shatters)|shatter(?:s|ing)", "glass shatters"), (r"applau(?:se|ds)|clap(?:s|ping)?\b", "applause"), (r"crowd (?:cheers|roars)", "crowd cheers"),
    (r"laugh track|audience laughs", "audience laughs"), (r"siren", "siren passes"), (r"car honks|honk(?:s|ing)", "car honks"), (r"gunshot|gun fires", "gunshot"),
    (r"footsteps", "footsteps"), (r"splash(?:es)?", "splash"), (r"alarm (?:rings|clock|goes)", "alarm clock rings"), (r"whistle", "whistle blows"),
    (r"fireworks", "fireworks"), (r"church bell|bells? ring", "bells ring"), (r"drum ?roll", "drum roll"), (r"roar(?:s|ing)?\b", "a roar"),
    (r"sizzl(?:es|ing)", "sizzling pan"), (r"pops? (?:the )?(?:cork|champagne)|champagne", "a cork pops"), (r"wind howls|howl(?:s|ing)", "wind howls"),
    (r"crash(?:es)?\b", "a crash"), (r"beep(?:s|ing)?\b", "beeps"), (r"engine (?:starts|revs)", "engine revs"), (r"train passes", "train passes"),
)  # fmt: skip
_LABEL: Final = re.compile(r"\b(?:sfx|sound(?: effect)?)\s*[:：]\s*([^.\n]{2,80})|\bsound of ([^.,;\n]{2,60})", re.IGNORECASE)


def effects(prose: str) -> str:
    """Effects in order of mention, comma-separated; empty where none is named."""
    found = [(label.start(), (label[1] or label[2]).strip()) for label in _LABEL.finditer(prose)]
    for pattern, words in _EFFECTS:
        if hit := re.search(rf"\b(?:{pattern})", prose, re.IGNORECASE):
            found.append((hit.start(), words))
    return ", ".join(dict.fromkeys(words for _, words in sorted(found)[:3]))
