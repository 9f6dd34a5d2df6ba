"""Plain text: cleaning, sentences, shortening."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=\S)|(?<=[。！？])(?=[^。！？」』”\s])|\n+")
_ABBREVIATION: Final = re.compile(r"\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|no)\.$", re.IGNORECASE)
_CLAUSE_END: Final = re.compile(r"(?<=[,;:–—])\s+|(?<=[，、；])")
_REQUEST: Final = re.compile(
    r"^\W*(?:(?:please|can you|could you|i want|i'd like|i would like|make|create|generate|show|give|do|film|me|us) )*"
    r"(?:an? )?(?:[\w-]{1,30} ){0,2}?(?:videos?|clips?|films?|movies?|reels?|shorts?)"
    r" (?:of|where|in which|with|about|showing|that shows) ",
    re.IGNORECASE,
)
_ASKED: Final = 200  # characters that an asking may take
_UNSPEAKABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"})


def clean(text: str) -> str:
    """NFC, no control characters or lone surrogates, one kind of newline; single spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"} or c == "\t")
    return re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFC", kept)).strip()


def plain_request(text: str) -> str:
    """`Make a funny clip of Maya …` -> `Maya …`: the asking is not part of what is seen."""
    return _REQUEST.sub("", text[:_ASKED], count=1) + text[_ASKED:] or text


def speakable(text: str) -> str:
    """`text` without emoji, markup and links: what a voice can say, on one line. May be empty."""
    text = re.sub(r"https?://\S+|[*_~`#<>{}|\\^]+", " ", text)
    text = "".join(c for c in text if unicodedata.category(c) not in _UNSPEAKABLE)
    text = " ".join(text.split())
    return text if _worded(text) else ""


def sentences(text: str) -> list[str]:
    """`text` cut after each sentence; nothing is lost but the spaces between. Each part has words, or is alone."""
    parts: list[str] = []
    for part in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        if parts and (_ABBREVIATION.search(parts[-1]) or not _worded(part) or not _worded(parts[-1])):
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts


def halves(text: str) -> tuple[str, str] | None:
    """`text` cut once near its middle: after a sentence, else a clause, else a word; None where it is one word."""
    for pattern in (_SENTENCE_END, _CLAUSE_END, re.compile(r"\s+")):
        middles = [found for found in pattern.finditer(text) if _has_words(text, found.start(), found.end())]
        if middles:
            best = min(middles, key=lambda found: abs(found.start() - len(text) / 2))
            return text[: best.start()].strip(), text[best.end() :].strip()
    middle = len(text) // 2
    if re.match(r"[\u3041-\u30ff\u3400-\u9fff]{2}", text[middle - 1 : middle + 1]) and _has_words(text, middle, middle):
        return text[:middle], text[middle:]
    return None


def shortened(text: str, letters: int) -> str:
    """At most `letters` long, cut at a word's end."""
    if len(text) <= letters:
        return text
    return re.sub(r"\s\S*$", "", text[: letters + 1])[:letters].rstrip(" ,;:-–—")


def capitalised(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def _has_words(text: str, end: int, start: int) -> bool:
    return _worded(text[:end]) and _worded(text[start:])


def _worded(text: str) -> bool:
    return any(letter.isalnum() for letter in text)
