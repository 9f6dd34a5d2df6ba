"""Which language a text is in: by its script, Latin ones by their smallest words."""

from __future__ import annotations

import re
from typing import Final

_SCRIPTS: Final = (
    ("ja", "\u3041-\u30ff"), ("ko", "\uac00-\ud7a3"), ("zh", "\u3400-\u9fff\uf900-\ufaff"), ("ru", "\u0400-\u04ff"), ("ar", "\u0600-\u06ff"),
    ("he", "\u0590-\u05ff"), ("hi", "\u0900-\u097f"), ("th", "\u0e00-\u0e7f"), ("el", "\u0370-\u03ff"),
)  # fmt: skip
_SMALL_WORDS: Final = {
    "en": "the and is are you to of in it that we for my not with have this what",
    "es": "el la los las y es que de en un una por con no para pero muy está hola buenos días",
    "fr": "le la les et est que de en un une pour avec ne pas mais très bonjour je tu nous vous c'est",
    "de": "der die das und ist nicht ein eine zu mit für auf ich du wir sie guten hallo aber sehr",
    "it": "il lo la gli e è che di in un una per con non ma molto ciao buongiorno sono",
    "pt": "o a os as e é que de em um uma para com não mas muito olá bom dia você",
    "nl": "de het een en is niet dat van in op met voor ik je wij maar heel goedemorgen",
}


def language_of(text: str) -> str:
    """BCP 47 of `text`; English where nothing speaks for another language. Kana anywhere make Han text Japanese."""
    counts = {code: len(re.findall(f"[{letters}]", text)) for code, letters in _SCRIPTS}
    latin = len(re.findall(r"[A-Za-zÀ-ÿ]", text))
    if counts["ja"]:
        counts["ja"] += counts.pop("zh")
    # a Chinese character says as much as several letters
    best = max(counts, key=lambda code: counts[code])
    if counts[best] * (3 if best in {"ja", "zh", "ko"} else 1) > latin:
        return best
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    scores = {code: sum(word in small.split() for word in words) for code, small in _SMALL_WORDS.items()}
    winner = max(scores, key=lambda code: scores[code])
    return winner if scores[winner] >= 2 and scores[winner] > scores["en"] else "en"
