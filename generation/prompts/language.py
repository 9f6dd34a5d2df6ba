"""Which language a text is in: by its script, Latin ones by their smallest words."""

from __future__ import annotations

import re
from typing import Final

from generation.prompts.lexicon import LEXICON

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
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    scores = {code: sum(word in small for word in words) for code, small in LEXICON.small_words.items()}
    winner = max(scores, key=lambda code: scores[code])
    return winner if scores[winner] >= 2 and scores[winner] > scores["en"] else "en"
