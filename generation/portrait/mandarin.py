"""Mandarin text -> words with their sounds in Kokoro's alphabet.

Words: PyPI rjieba (MIT). Readings and the tones of words said together: pypinyin (MIT). Sounds: the table of misaki's
Chinese front end (MIT, after pinyin-to-ipa; Duanmu 2007, Lin 2007), in which the network was trained: a tone's arrow
stands after the vowel that carries it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

import rjieba
from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_finals, to_initials

from generation.portrait import english
from generation.portrait.hanzi_numerals import figure
from generation.portrait.marks import MARKS, gathered
from generation.portrait.reading import Token
from generation.portrait.reading import read as read_english

TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
INITIALS: Final = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
FINALS: Final = {  # 0 is where the tone goes
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n", "iou": "jou0",
    "ing": "i0ŋ", "iong": "jʊ0ŋ", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "uei": "wei0", "ua": "wa0", "uai": "wai0",
    "uan": "wa0n", "uen": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0", "ü": "y0", "üe": "ɥe0",
    "üan": "ɥɛ0n", "ün": "y0n",
}  # fmt: skip
WHOLE: Final = {
    "er": "ɚ0",
    "o": "ɔ0",
    "io": "jɔ0",
    "ê": "ɛ0",
    "m": "m0",
    "n": "n0",
    "ng": "ŋ0",
    "hm": "hm0",
    "hng": "hŋ0",
}
ALONE: Final = {  # words of one character that sound otherwise alone than the dictionary's first reading
    "得": "de5", "地": "de5", "着": "zhe5", "了": "le5", "的": "de5", "谁": "shei2", "还": "hai2", "都": "dou1",
    "长": "chang2", "为": "wei4", "嗯": "en5", "啊": "a5", "呢": "ne5", "吧": "ba5", "吗": "ma5", "嘛": "ma5",
    "呀": "ya5",
}  # fmt: skip
NOT_CURLED: Final = frozenset(("女儿", "婴儿", "幼儿", "孤儿", "胎儿", "少儿", "健儿", "宠儿", "男儿"))

_PART: Final = re.compile(
    r"(?P<hush>\[[^\]]*\]|\*[^*\s][^*]*\*|（[^）]*）)|(?P<link>(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|"
    "(?P<latin>[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’-]*)|"
    "(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇]+)|(?P<blank>\\s+)|(?P<other>.)",
    re.DOTALL,
)
_FULL_WIDTH: Final = str.maketrans({0xFF01 + i: 0x21 + i for i in range(94) if chr(0x21 + i) not in "!,:;?."})


def read(text: str) -> tuple[Token, ...]:
    """Every word in order; what is said for it are its sounds."""
    return gathered(text, _parts(text.translate(_FULL_WIDTH)))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        if found := figure(text, at):
            words, end = found
            yield text[at:end], " ".join(map(sounds, _words(words)))
            at = end
            continue
        part = _PART.match(text, at)
        if part is None:
            return
        at = part.end()
        match part.lastgroup:
            case "han":
                yield from ((word, sounds(word)) for word in _words(part[0]))
            case "latin":
                yield part[0], english.sounds(english.plain(part[0]))
            case "link":
                yield part[0], english.sounds(" ".join(token.said for token in read_english(part[0])))
            case "other":
                yield part[0], MARKS.get(part[0], "")
            case _:
                yield part[0], ""


def _words(han: str) -> list[str]:
    return list(rjieba.cut(han, hmm=False))


@cache
def sounds(word: str) -> str:
    """One word of Han characters; a character without a reading is silent."""
    if word in ALONE:
        return _syllable(ALONE[word])
    curled = len(word) > 1 and word.endswith("儿") and word not in NOT_CURLED
    spoken = lazy_pinyin(
        word.removesuffix("儿") if curled else word,
        style=Style.TONE3,
        neutral_tone_with_five=True,
        tone_sandhi=True,
        errors="ignore",
    )
    return "".join(map(_syllable, spoken)) + ("ɻ" if curled else "")


def _syllable(pinyin: str) -> str:
    """`"zhuang4"` -> ꭧwa↘ŋ."""
    plain, tone = pinyin[:-1], TONES[pinyin[-1]]
    if plain in WHOLE:
        return WHOLE[plain].replace("0", tone)
    initial, final = (
        to_initials(plain, strict=True),
        unicodedata.normalize("NFC", to_finals(plain, strict=True, v_to_u=True)),
    )
    if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
        return f"{INITIALS[initial]}ɨ{tone}"
    return INITIALS[initial] + FINALS[final].replace("0", tone)
