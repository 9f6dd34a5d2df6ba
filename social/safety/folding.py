"""Words as rules read them: what stands there once tricks of spelling are undone.

NFKC, no case, no accents, nothing invisible; letters of another alphabet that look Latin inside a Latin word; digits
and signs for letters; repeated letters; letters spaced apart. Tricks that change what an honest text says give another
reading beside the first, so that a rule is met by any of them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Unicode's confusables (UTS 39), of those that keyboards have.
LATIN: Final = str.maketrans(
    "авекмнорстухіјѕԁɡһԛԝоаеΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχγηωӏαıʟᴀʙᴄᴅᴇɢʜɪᴊᴋᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ".casefold(),
    "abekmhopctyxijsdghqwoaeabezhikmnoptyxabeiknoptuxynwlailabcdeghijkmnoprtuvwyz",
)
FOREIGN: Final = re.compile("[\u0370-\u03ff\u0400-\u052f\u1d00-\u1d2b\u0131\u0261\u026a\u029f\u0274\u0280\u028f]")
SIGNS: Final = str.maketrans("013457@$!|", "oieastasii")
ONE_AS_L: Final = str.maketrans("013457@$!|", "oleastasil")
SIGNED: Final = re.compile(
    r"(?<![\w@])(?=[\w@$!|]*[^\W\d_])(?=[\w@$!|]*[013457@$!|])[\w@$!|]*[\w$](?!\w)|(?<!\w)1(?!\w)"
)
MARKS: Final = re.compile("[\u0300-\u036f\u0640\u064b-\u0652\u0670]")
WORD: Final = re.compile(r"[^\W_]+")
MENTION: Final = re.compile(r"(?<![\w.])@[a-z0-9][\w.]+")
APART: Final = re.compile(r"(?<![^\W_])(?:[^\W_](?:[\s._*\-]{1,2})){2,}[^\W_](?![^\W_])")
MANY: Final = re.compile(r"([^\W\d_])\1{2,}")
APOSTROPHES: Final = str.maketrans("", "", "'\u2019\u2018`\u02bc")
PERSON: Final = "aperson"  # what a mention reads as


def folded(text: str) -> str:
    """Plain words with single spaces between; nothing else undone."""
    return " ".join(WORD.findall(_plain(text)))


def readings(text: str, *, names: bool = False) -> tuple[str, ...]:
    """Every way in which it can be read, the plain one first. `names`: `.` and `_` part words, digits end them."""
    plain = _plain(text)
    plain = plain.replace(".", " ").replace("_", " ") if names else MENTION.sub(f" {PERSON} ", plain)
    found: dict[str, None] = {}
    for signs in (None, SIGNS, ONE_AS_L):
        spelled = plain if signs is None else _signs_read(plain, signs)
        for joined in (spelled, APART.sub(lambda run: "".join(WORD.findall(run[0])), spelled)):
            for kept in (r"\1\1", r"\1"):
                words = WORD.findall(MANY.sub(kept, joined))
                found[" ".join(map(_one_alphabet, words))] = None
                if names:
                    found["".join(map(_one_alphabet, words)).strip("0123456789")] = None
                    found[" ".join(word.strip("0123456789") for word in map(_one_alphabet, words))] = None
    return tuple(found)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(APOSTROPHES)
    text = "".join(one for one in text if unicodedata.category(one) not in {"Cf", "Cc"} or one.isspace())
    return unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFKD", text)))


def _signs_read(text: str, signs: dict[int, int]) -> str:
    return SIGNED.sub(lambda word: word[0].translate(signs), text)


def _one_alphabet(word: str) -> str:
    """A word of Latin letters with some of another alphabet among them, all in Latin."""
    if word.isascii() or not FOREIGN.search(word) or not any("a" <= one <= "z" for one in word):
        return word
    return word.translate(LATIN)
