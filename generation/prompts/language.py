"""Which language a text is in: by the script of most of it, Latin ones by their words."""

from __future__ import annotations

import re
from typing import Final

from generation.latin import latin_language

_SCRIPTS: Final = {
    "ja": "\u3041-\u30ff",
    "ko": "\uac00-\ud7a3",
    "zh": "\u3400-\u9fff\uf900-\ufaff",
    "ru": "\u0400-\u04ff",
    "ar": "\u0600-\u06ff",
    "he": "\u0590-\u05ff",
    "hi": "\u0900-\u097f",
    "th": "\u0e00-\u0e7f",
    "el": "\u0370-\u03ff",
}


def language_of(text: str) -> str:
    """BCP 47 of `text`; English where nothing speaks for another language. Kana anywhere make Han text Japanese."""
    counts = {code: len(re.findall(f"[{letters}]", text)) for code, letters in _SCRIPTS.items()}
    latin = len(re.findall(r"[A-Za-zÀ-ÿ]", text))
    if counts["ja"]:
        counts["ja"] += counts.pop("zh")
    # a Chinese character says as much as several letters
    best = max(counts, key=lambda code: counts[code])
    if counts[best] * (3 if best in {"ja", "zh", "ko"} else 1) > latin:
        return best
    return latin_language(text)
