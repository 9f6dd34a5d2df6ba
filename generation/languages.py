"""Which languages the voices speak, and which one a line is in: by its script, else what the screenplay says."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from generation.errors import LanguageNotSpoken
from generation.plan import Screenplay

SPOKEN: Final = ("en", "zh", "ja")

_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d]")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SCRIPTS: Final = {
    "HANGUL": "ko", "CYRILLIC": "und-Cyrl", "ARABIC": "und-Arab", "GREEK": "el", "HEBREW": "he",
    "DEVANAGARI": "und-Deva", "THAI": "th", "BENGALI": "bn", "TAMIL": "ta",
}  # fmt: skip
_NEUTRAL: Final = frozenset(("LATIN", "FULLWIDTH", "MODIFIER", "FEMININE", "MASCULINE"))


def script_of(text: str) -> str | None:
    """BCP 47 of what `text` is written in; None for Latin or no letters at all.

    Kana anywhere make it Japanese, and Han anywhere Chinese: their readers know what to do with Latin words, which the
    English one does not with theirs. Any other script counts where most letters are of it.
    """
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    scripts = [unicodedata.name(c, "LATIN").partition(" ")[0] for c in text if c.isalpha()]
    foreign = [script for script in scripts if script not in _NEUTRAL]
    if 2 * len(foreign) <= len(scripts):
        return None
    return _SCRIPTS.get(max(set(foreign), key=foreign.count), "und")


def language_of_line(text: str, declared: str) -> str:
    """One of SPOKEN. `declared` is BCP 47 of the whole screenplay; Han without kana is what it says.

    Latin words in a Chinese or Japanese screenplay are English. Raises LanguageNotSpoken, by the name of the language.
    """
    whole, script = declared.partition("-")[0].lower(), script_of(text)
    if script is None or (script == "zh" and whole not in ("en", "ja")):
        if whole not in SPOKEN:
            raise LanguageNotSpoken(declared, SPOKEN)
        return "en" if script is None else "zh"
    if script not in SPOKEN:
        raise LanguageNotSpoken(script, SPOKEN)
    return whole if script == "zh" and whole == "ja" else script


def check_spoken(screenplay: Screenplay) -> None:
    """Raises LanguageNotSpoken if any line is in a language that no voice here speaks. Loads nothing."""
    for shot in screenplay.shots:
        for line in shot.lines:
            language_of_line(line.text, screenplay.language)
