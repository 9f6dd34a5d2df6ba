"""Words that people send each other, as they are kept: NFC, without what cannot be seen or turns the text around it.

What is invisible is taken away, not refused: pasted text holds it by accident, and right-to-left letters need no marks
of direction to be read. Joiners stay between letters, tags inside the flags of England, Scotland and Wales.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from social.accounts import JOINERS
from social.errors import InvalidValue

UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})  # not Cn: tomorrow's emoji
BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that look like nothing
FLAG: Final = re.compile("(\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f)")
STRAY_JOINERS: Final = re.compile("(?<![^\\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?!\\S)")
MANY_JOINERS: Final = re.compile("([\u200c\u200d])[\u200c\u200d]+")
MARK: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
MANY_MARKS: Final = re.compile(f"({MARK}{{4}}){MARK}+")  # upon one letter: they would run over other lines
EMPTY_LINES: Final = re.compile(r"\n\s*\n\s*\n+")


def checked(param: str, given: str, most: int) -> str:
    """1 to `most` characters that can be seen. Raises InvalidValue."""
    allowed = f"1 to {most} characters that can be seen"
    if len(given) > 8 * most:  # before any work is spent on it
        raise InvalidValue(param, f"{len(given)} characters", allowed)
    text = plain(given)
    if len(text) > most or not any(map(_is_seen, text)):
        raise InvalidValue(param, f"{len(text)} characters", allowed)
    return text


def plain(given: str) -> str:
    """Of any length."""
    text = "".join(
        part if FLAG.fullmatch(part) else "".join(filter(_stays, part))
        for part in FLAG.split(given.replace("\r\n", "\n").replace("\t", " "))
    )
    text = MANY_MARKS.sub(r"\1", MANY_JOINERS.sub(r"\1", STRAY_JOINERS.sub("", text)))
    return EMPTY_LINES.sub("\n\n", unicodedata.normalize("NFC", text)).strip()


def _stays(one: str) -> bool:
    return one == "\n" or one in JOINERS or unicodedata.category(one) not in UNSEEN


def _is_seen(one: str) -> bool:
    return one not in BLANK and (unicodedata.category(one) == "Cn" or unicodedata.category(one)[0] not in "CZM")
