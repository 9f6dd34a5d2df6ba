"""Which languages the voices speak, and which one a line is in: by its script, in Latin letters by its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from generation.errors import LanguageNotSpoken
from generation.latin import latin_language
from generation.plan import Screenplay

SPOKEN: Final = ("en", "zh", "ja")
NAMES: Final = {
    "en": "English", "zh": "Mandarin", "ja": "Japanese", "ko": "Korean", "ru": "Russian", "uk": "Ukrainian",
    "sr": "Serbian", "be": "Belarusian", "bg": "Bulgarian", "el": "Greek", "he": "Hebrew", "ar": "Arabic",
    "fa": "Persian", "ur": "Urdu", "hi": "Hindi", "mr": "Marathi", "ne": "Nepali", "th": "Thai", "bn": "Bengali",
    "ta": "Tamil", "te": "Telugu", "gu": "Gujarati", "pa": "Punjabi", "kn": "Kannada", "ml": "Malayalam",
    "ka": "Georgian", "hy": "Armenian", "am": "Amharic", "km": "Khmer", "lo": "Lao", "my": "Burmese", "si": "Sinhala",
    "es": "Spanish", "fr": "French", "de": "German", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "fi": "Finnish", "pl": "Polish", "cs": "Czech",
    "hu": "Hungarian", "ro": "Romanian", "tr": "Turkish", "vi": "Vietnamese", "id": "Indonesian", "tl": "Tagalog",
    "yue": "Cantonese",
}  # fmt: skip
LOAN_WORDS: Final = 3  # a line of so few words is said by English speakers too

_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d]")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SCRIPTS: Final = {
    "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar", "GREEK": "el", "HEBREW": "he", "DEVANAGARI": "hi", "THAI": "th",
    "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "GUJARATI": "gu", "GURMUKHI": "pa", "KANNADA": "kn",
    "MALAYALAM": "ml", "GEORGIAN": "ka", "ARMENIAN": "hy", "ETHIOPIC": "am", "KHMER": "km", "LAO": "lo",
    "MYANMAR": "my", "SINHALA": "si",
}  # fmt: skip
_ITS_LETTERS: Final = (  # of one language among those that share a script
    ("uk", "іїєґ"), ("sr", "ђјљњћџ"), ("be", "ў"), ("fa", "پچژگ"), ("ur", "ٹڈڑے"), ("mr", "ळ"),
)  # fmt: skip
_OWN_SCRIPT: Final = frozenset(("zh", "ja", *_SCRIPTS.values()))
_SHARED: Final = {"ru": ("uk", "sr", "be", "bg", "mk", "kk"), "ar": ("fa", "ur"), "hi": ("mr", "ne")}
_NEUTRAL: Final = frozenset(("LATIN", "FULLWIDTH", "MODIFIER", "FEMININE", "MASCULINE"))


def script_of(text: str) -> str | None:
    """BCP 47 of what `text` is written in; None for Latin or no letters at all.

    Kana anywhere make it Japanese, and Han anywhere Chinese: their readers know what to do with Latin words, which the
    English one does not with theirs. Any other script counts where most letters are of it, for the language that most
    people write in it unless a letter belongs to another one.
    """
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    scripts = [unicodedata.name(c, "LATIN").partition(" ")[0] for c in text if c.isalpha()]
    foreign = [script for script in scripts if script not in _NEUTRAL]
    if 2 * len(foreign) <= len(scripts):
        return None
    language = _SCRIPTS.get(max(set(foreign), key=foreign.count), "und")
    own = [code for code, letters in _ITS_LETTERS if set(letters) & set(text.lower())]
    return next((code for code in own if code in _SHARED.get(language, ())), language)


def language_of_line(text: str, declared: str, spoken: Collection[str] = SPOKEN) -> str:
    """One of `spoken`. `declared` is BCP 47 of the whole screenplay; Han without kana is what it says.

    Latin words in a screenplay of another script are English. Raises LanguageNotSpoken, by the name of the language.
    """
    whole, script = declared.partition("-")[0].lower(), script_of(text)
    if script is None:
        language = latin_language(text) if whole in spoken and len(text.split()) > LOAN_WORDS else whole
        if language not in spoken:
            raise LanguageNotSpoken(declared if language == whole else language, tuple(spoken), NAMES)
        return "en" if language in _OWN_SCRIPT else language
    if script == "zh" and whole not in spoken:
        raise LanguageNotSpoken(declared, tuple(spoken), NAMES)
    if script not in spoken:
        raise LanguageNotSpoken(whole if whole in _SHARED.get(script, ()) else script, tuple(spoken), NAMES)
    return whole if script == "zh" and whole == "ja" else script


def check_spoken(screenplay: Screenplay, spoken: Collection[str] = SPOKEN) -> None:
    """Raises LanguageNotSpoken if any line is in a language that no voice here speaks. Loads nothing."""
    for shot in screenplay.shots:
        for line in shot.lines:
            language_of_line(line.text, screenplay.language, spoken)
