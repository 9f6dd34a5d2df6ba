"""Text as a person would read it aloud, before any dictionary of sounds sees it.

Each written word keeps what is said for it, so that captions show the text as it was written, at the time it is heard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec
from sanotts.nano_g2p import ordinal_words, year_words

from generation.portrait.abbreviations import (
    ABBREVIATIONS,
    CODES,
    HEARTS,
    LETTERED,
    NOT_EXPANDED_LAST,
    PLACES,
    REIGNS,
    YEARS,
)
from generation.portrait.english import known, plain
from generation.portrait.numerals import (
    MONTH_NAMES,
    MONTHS,
    UNITS,
    WRITTEN_MAGNITUDES,
    digits,
    figure,
    number,
    plural,
    price,
    roman,
)

_MONTHS_SHORT: Final = {"sept": "september"} | {name[:3]: name for name in MONTHS if len(name) > 3}
_STAGE: Final = re.compile(r"\[[^\]]*\]|\*[^*\s][^*]*\*")  # [laughs], *sighs*: done, not said
_EMOTICON: Final = re.compile(r"[:;=8xX]['’]?-?[)(DPpOo3/\\|*]+|<3+|[)(]-?[:;=]|\^_*\^|[xX]D+")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|tv|me|co|uk)(?:/\S*)?",
                          re.IGNORECASE)  # fmt: skip
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MARKS: Final = ".,!?;:…—"
_PICTURES: Final = frozenset(("So", "Sk", "Cs", "Co", "Cn", "Mn"))  # emoji, skin tones, joiners: nothing is said
_PLAIN: Final = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "—", "−": "-", "\u00a0": " ", "\u2026": "…", "½": "1/2",
     "¼": "1/4", "¾": "3/4", "×": "x", "\u200d": "", "\ufe0f": ""}
)  # fmt: skip
_HALF: Final = re.compile(r"(?<=\d)([½¼¾])")
_PHONE: Final = re.compile(
    r"(?<![\w.,:/$£€¥-])(?:\+\d{1,3}[ -]?)?(?:\(\d{2,5}\)|\d{2,5})(?:[ -]\d{2,8}){1,4}(?![\w.,:/%-]*\d)"
)
_GROUP: Final = "\ue000"  # before each part of a telephone number
_EDGES: Final = re.compile(r"^([\"'(\[{¿¡—*_~-]*)(.*?)([\"')\]}.,!?;:…—*_~-]*)$", re.DOTALL)


class Token(msgspec.Struct, frozen=True):
    """A written word and what is said for it: letters, apostrophes and marks only; "" = nothing."""

    shown: str
    said: str


def read(text: str) -> tuple[Token, ...]:
    """Every blank-separated word of `text`, in order, with what is said for it."""
    silent = _STAGE.sub(lambda m: re.sub(r"\S", "\ufffc", m[0]), text)  # same length, so words stay in step
    dialled = _PHONE.sub(_by_digits, silent)
    halved = _HALF.sub(r"&\1", dialled)
    written, heard = text.split(), halved.translate(_PLAIN).split()
    if not heard:
        return ()
    if len(heard) != len(written):  # a joiner stood alone: what is heard decides
        written = heard
    shouting = sum(word.isupper() and len(word) > 1 for word in heard) > max(1, len(heard) // 2)
    bare = ["", *(_core(word)[1] for word in heard), ""]
    said = [
        _said(word.lower() if shouting and known(_core(word)[1]) else word, *bare[i : i + 3 : 2])
        for i, word in enumerate(heard)
    ]
    tokens = [Token(shown, aloud) for shown, aloud in zip(written, said, strict=True)]
    return _hushed(tokens)


def _by_digits(run: re.Match[str]) -> str:
    """A telephone number, each of its groups marked as one; what has too few figures is none."""
    groups = run[0]
    marked = re.match(r"\+|\(|0", groups) or (
        groups.count("-") > 1 and not re.fullmatch(r"[12]\d{3}-\d\d?-\d\d?", groups)
    )
    if sum(c.isdecimal() for c in groups) < 7 or not marked:
        return groups
    return re.sub(r"[^ ]+", lambda m: _GROUP + m[0], groups)


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
    if (whole := _whole(word, before, after)) is not None:
        return whole
    word = "".join(c for c in word if unicodedata.category(c) not in _PICTURES or c == "°")
    head, core, tail = _core(word)
    if not core:
        return ABBREVIATIONS.get(word) or (
            "—" if "-" in word or "—" in word else "".join(c for c in tail if c in _MARKS)
        )
    if tail.startswith(".") and (long := _undotted(core, tail, after)) is not None:
        return long
    if tail.startswith(".") and core.lower() == "st" and after:
        tail = tail[1:]
    if head.endswith("~") and core[0].isdecimal():
        core = f"~{core}"
    if head.endswith("-") and core[0].isdecimal():
        core = f"-{core}"
    spoken = _in_context(core, before, after)
    marks = "".join(c for c in tail.replace("-", "—") if c in _MARKS)
    return (_word(core, after) if spoken is None else spoken) + re.sub(r"\.{2,}", "…", marks)


def _whole(word: str, before: str, after: str) -> str | None:
    """Words that are read with all their marks, or not at all."""
    if word.startswith(_GROUP):
        groups = ", ".join(digits(group) for group in re.findall(r"\d+", word))
        return groups + ("," if after.startswith(_GROUP) else "".join(c for c in word[-1:] if c in _MARKS))
    if word.rstrip(".,!?") in HEARTS | {"<3"} and before[-1:].isalpha() and after[:1].isalpha():
        return "love"
    if _EMOTICON.fullmatch(word.rstrip(".,!?")) and not word.rstrip(".,!?").isdecimal():  # 83 is no face
        return ""
    if re.fullmatch(r"[A-F][+-][.,!?]*", word):
        return f"{'ay' if word[0] == 'A' else word[0]} {'plus' if word[1] == '+' else 'minus'}{word[2:]}"
    return None


def _undotted(core: str, tail: str, after: str) -> str | None:
    """An abbreviation whose last point went to the marks; before another word it ends no sentence."""
    dotted, marks = f"{core.lower()}.", "".join(c for c in tail[1 if after else 0 :] if c in _MARKS)
    if re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", core):
        letters = core.replace(".", "")
        return (letters if len(letters) > 2 and not known(letters) else " ".join(letters)) + marks
    if dotted == "no." and after[:1].isdecimal():
        return "number"
    if dotted not in ABBREVIATIONS or dotted == "st.":
        return None
    return None if not after and dotted in NOT_EXPANDED_LAST else ABBREVIATIONS[dotted] + marks


def _in_context(core: str, before: str, after: str) -> str | None:  # noqa: C901, PLR0911 - a case a line
    """Words whose reading hangs on a neighbour."""
    low, previous, following = core.lower(), before.lower(), after.lower()
    if low == "st" and (before or after):
        return "saint" if after[:1].isupper() else "street"
    if core.isdecimal():
        return _beside(core, before, after)
    if m := re.fullmatch(r"(\d?\d):00", core):
        return number(m[1]) if following in ("am", "pm", "a.m", "p.m") else None
    if before[-1:].isdecimal() and low in ("am", "pm"):
        return "A.M" if low == "am" else "PM"
    if before[-1:].isdecimal() and low in CODES:
        return ("U S " if low == "usd" else "") + plural(CODES[low], before)
    if low in UNITS and before[-1:].isdecimal() and low not in ("in", "x", "s"):
        return plural(UNITS[low], before)
    if low in WRITTEN_MAGNITUDES and before[:1] in tuple("$£€¥₹"):
        return ""  # already said before the currency
    if (value := roman(core)) and before.isalpha():
        return f"the {ordinal_words(value)}" if previous in REIGNS else figure(str(value))
    if previous in LETTERED and (m := re.fullmatch(r"(\d{1,3})([A-Za-z])", core)):
        return f"{number(m[1])} {m[2].upper()}"
    if after[:1].isdecimal() and low in _MONTHS_SHORT:
        return _MONTHS_SHORT[low]
    if after[:1].isdecimal() and f"{low}." in ("mon.", "tue.", "wed.", "thu.", "fri."):
        return ABBREVIATIONS[f"{low}."]
    return None


def _beside(figures: str, before: str, after: str) -> str | None:
    """Plain figures beside a month, a place or a year's word."""
    previous, value = before.lower(), int(figures)
    if previous in MONTH_NAMES and 1 <= value <= 31:
        return str(ordinal_words(value))
    if after[:1].isupper() and after.lower() in MONTH_NAMES and 1 <= value <= 31:
        return f"the {ordinal_words(value)} of"
    if previous in YEARS and re.fullmatch(r"1\d{3}|20\d\d", figures) and after[:1] != "%":
        return str(year_words(value))
    if previous in PLACES and re.fullmatch(r"[1-9]\d\d", figures) and figures[1:] != "00":
        tens = f"oh {number(figures[2])}" if figures[1] == "0" else number(figures[1:])
        return f"{number(figures[0])} {tens}"
    if after == "000":
        return number(figures + after)
    return "" if figures == "000" and previous.isdecimal() else None


def _word(core: str, after: str) -> str:  # noqa: PLR0911 - a case a line
    """Words that are read alike everywhere."""
    low = core.lower()
    if low in ABBREVIATIONS and core != "U":
        return ABBREVIATIONS[low]
    if core == "US":
        return "U S"
    if core == "AM":
        return "am"
    if re.fullmatch(r"[2-9][DGK]|16K", core):
        return f"{number(core[:-1])} {core[-1]}"
    if f"{low}." in ABBREVIATIONS and ("." in low or low in ("dr", "prof", "jr", "sr")):
        return ABBREVIATIONS[f"{low}."]
    if _MAIL.fullmatch(core):
        return " at ".join(_spelled(part) for part in core.split("@"))
    if _LINK.fullmatch(core):
        return _spelled(re.sub(r"^(https?://)?(www\.)?", "", core, flags=re.IGNORECASE).rstrip("/"))
    if core[0] in "@#" and len(core) > 1:
        return ("number " if core[1:].isdecimal() else "hashtag " if core[0] == "#" else "at ") + _spelled(core[1:])
    return price(core, after.lower()) or figure(core) or _letters(core)


def _spelled(name: str) -> str:
    """Addresses and handles: marks by name, figures apart from letters."""
    named = name.replace(".", " dot ").replace("/", " slash ").replace("-", " dash ").replace("_", " ")
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", " ", named)
    return " ".join(figure(part) or _letters(part) for part in apart.split())


def _letters(core: str) -> str:
    """A plain word in the letters that the dictionary knows: accents off, stretched letters back to one or two."""
    flat = plain(core).replace("/", " ").replace("_", " ")
    if re.search(r"(\w)\1\1", flat):
        once, twice = (re.sub(r"(\w)\1{2,}", kept, flat) for kept in (r"\1", r"\1\1"))
        forms = (once, twice) if flat[-3:] == flat[-1] * 3 else (twice, once)  # sooo = so, but gooood = good
        flat = next((form for form in forms if known(form)), once)
    spoken = re.sub(r"\d+(?:\.\d+)?", lambda m: f" {number(m[0])} ", flat)
    kept = "".join(c if c.isalnum() or c in "' -.,…—&%" else " " for c in re.sub(r"-(?= )|(?<= )-", " ", spoken))
    return re.sub(r"(?<=\w)(?:\.{2,}|[…—]+)(?=\w)", "… ", " ".join(kept.split()))
