"""Japanese text -> phrases with their sounds in Kokoro's alphabet.

Readings: PyPI pyopenjtalk-plus (MIT) with its own dictionary (NAIST-jdic, BSD), numbers and their counters included.
Its other dictionary, Sudachi's, is neither installed nor opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyopenjtalk
from pyopenjtalk._unknown_kanji import read_unknown_kanji

from generation.portrait import english
from generation.portrait.kana import sounds
from generation.portrait.marks import MARKS, gathered
from generation.portrait.reading import Token
from generation.portrait.reading import read as read_english

CURRENCIES: Final = {"¥": "円", "￥": "円", "$": "ドル", "€": "ユーロ", "£": "ポンド"}
UNITS: Final = {
    "km": "キロメートル", "cm": "センチメートル", "mm": "ミリメートル", "m": "メートル", "kg": "キログラム",
    "g": "グラム",
    "ml": "ミリリットル", "l": "リットル", "km/h": "キロ", "gb": "ギガバイト", "mb": "メガバイト",
    "°c": "度", "℃": "度", "%": "パーセント",
}  # fmt: skip
_DIGITS: Final = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー")
LEANING: Final = frozenset(("助詞", "助動詞"))  # particles and auxiliaries lean on the word before

_N: Final = r"\d[\d,]*(?:\.\d+)?"
_FIGURES: Final = re.compile(
    rf"""(?P<date>(?<!\d)(?P<year>[12]\d{{3}})[-/](?P<month>0?[1-9]|1[0-2])[-/](?P<day>\d\d?))(?!\d)
    |(?P<clock>(?<!\d)(?P<hour>[01]?\d|2[0-4])[:：](?P<minute>[0-5]\d))(?!\d)
    |(?P<phone>(?<!\d)0\d{{1,4}}-\d{{1,4}}-\d{{3,4}})
    |(?P<range>(?<![\d.,])(?P<low>{_N})[-–~〜～](?=\d))
    |(?P<fraction>(?<![\d.,/])(?P<top>\d+)/(?P<bottom>\d+)(?![\d/]))
    |(?P<sign>(?<=\d)[+＋×=＝](?=\d))
    |(?P<money>[¥￥$€£](?P<sum>{_N}))
    |(?P<below>-(?P<cold>{_N})\ ?(?:℃|°[Cc]|度))
    |(?P<minus>(?<![\w-])-(?P<less>{_N}))
    |(?P<amount>(?<![\d.,])(?P<count>{_N})\ ?(?P<unit>km/h|km|kg|cm|mm|ml|GB|MB|m|g|l|℃|°[Cc]|%)(?![a-zA-Z]))""",
    re.VERBOSE,
)
_KINDS: Final = ("date", "clock", "phone", "range", "fraction", "sign", "money", "below", "minus", "amount")
_KANJI: Final = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆〇0-9"
_CAPITAL: Final = "[A-Z](?![A-Za-zÀ-ɏ]*[a-zà-ɏ])"  # of AI or NASA, which its dictionary has; Maya is English
_PART: Final = re.compile(
    r"(?P<hush>\[[^\]]*\]|\*[^*\s][^*]*\*|（[^）]*）|[wｗ]{2,}(?![A-Za-z.]))|"
    r"(?P<link>(?:https?://|www\.)[!-~]+|[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)|"
    r"(?P<latin>[A-Za-zÀ-ɏ]*[a-zà-ɏ][A-Za-zÀ-ɏ'’-]*)|"
    rf"(?P<spoken>(?:[{_KANJI}]|{_CAPITAL})(?:[{_KANJI},.]|{_CAPITAL})*(?<![,.])|[0-9])|(?P<other>.)",
    re.DOTALL,
)
_HALF_WIDTH: Final = re.compile("[\uff66-\uff9f]+")


def read(text: str) -> tuple[Token, ...]:
    """Every phrase in order; what is said for it are its sounds."""
    text = _HALF_WIDTH.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    return gathered(text, _parts("".join(map(_narrow, re.sub(r"(?<!\d)[〜～]|[〜～](?!\d)", "ー", text)))))


def _narrow(letter: str) -> str:
    """Full-width letters and figures as narrow ones; everything keeps its length."""
    return unicodedata.normalize("NFKC", letter) if "！" < letter <= "～" and letter.isalnum() else letter


def _parts(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        if figure := _FIGURES.match(text, at):
            yield figure[0], " ".join(said for _, said in _phrases(_in_words(figure)))
            at = figure.end()
            continue
        part = _PART.match(text, at)
        if part is None:
            return
        figure = _FIGURES.search(text, at + 1) if part.lastgroup == "spoken" else None
        end = part.end() if figure is None else min(part.end(), figure.start())
        written, at = text[at:end], end
        match part.lastgroup:
            case "spoken":
                yield from _phrases(written)
            case "latin":
                yield written, english.sounds(english.plain(written))
            case "link":
                yield written, english.sounds(" ".join(token.said for token in read_english(written)))
            case "other":
                yield written, MARKS.get(written, "")
            case _:
                yield written, ""


def _in_words(figure: re.Match[str]) -> str:  # noqa: PLR0911 - a case a line
    """As it would be written to be read aloud; the counters' own readings are the dictionary's."""
    match next(name for name in _KINDS if figure[name]):
        case "date":
            return f"{int(figure['year'])}年{int(figure['month'])}月{int(figure['day'])}日"
        case "clock":
            minute = int(figure["minute"])
            return f"{int(figure['hour'])}時" + ("" if minute == 0 else "半" if minute == 30 else f"{minute}分")
        case "phone":
            return "の".join("".join(_DIGITS[int(c)] for c in group) for group in figure[0].split("-"))
        case "range":
            return figure["low"].replace(",", "") + "から"
        case "fraction":
            return f"{figure['bottom']}分の{figure['top']}"
        case "sign":
            return {"+": "足す", "＋": "足す", "×": "かける"}.get(figure[0], "イコール")
        case "minus":
            return f"マイナス{figure['less']}"
        case "money":
            return figure["sum"].replace(",", "") + CURRENCIES[figure[0][0]]
        case "below":
            return f"マイナス{figure['cold']}度"
    return figure["count"].replace(",", "") + UNITS[figure["unit"].lower()]


def _phrases(written: str) -> Iterator[tuple[str, str]]:
    """A stretch of Japanese without marks -> its phrases: a word and what leans on it, apart in the sounds."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", written)
    nodes = [node for node in _nodes(plain) if node["pos"] != "記号"]
    shown, said, at = "", list[str](), 0
    for node, end in zip(nodes, _ends(written, nodes), strict=True):
        spoken = node["pron"].replace("’", "").replace("'", "")
        leans = node["pos"] in LEANING or node["chain_flag"] == 1
        if said and not leans and end > at and shown:
            yield shown, " ".join(filter(None, map(sounds, said)))
            shown, said = "", []
        shown, at = shown + written[at:end], end
        if said and (said[-1].endswith("ッ") or spoken.startswith("ー") or node["pos"] == "助動詞"):
            said[-1] += spoken
        else:
            said.append(spoken)
    if said or at < len(written):
        yield shown + written[at:], " ".join(filter(None, map(sounds, said)))


def _nodes(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        return pyopenjtalk.run_frontend(text, use_sudachi_kanji_yomi=False)
    except ModuleNotFoundError:  # for a kanji that its dictionary lacks it wants Sudachi's: Unihan's reading will do
        return read_unknown_kanji(pyopenjtalk.run_frontend(text, use_vanilla=True))


def _ends(written: str, nodes: Sequence[Mapping[str, Any]]) -> list[int]:
    """Where in `written` each node ends. A figure's nodes spell it out; all of it belongs to the first of them."""
    ends: list[int] = []
    at = 0
    for node in nodes:
        text = unicodedata.normalize("NFKC", node["string"])
        found = written.find(text, at)
        if found >= 0 and not re.sub(r"[\d,.]", "", written[at:found]):
            at = found + len(text)
        elif figure := re.match(r"[\d,.]+", written[at:]):
            at += figure.end()
        ends.append(at)
    return ends
