"""Figures as Mandarin words: numbers, years, clock times, dates, money, units, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_GROUPS: Final = ("", "万", "亿", "万亿")
# 两 before them, not 二
_COUNTED: Final = "个位只杯本张次天块点小分斤家条件岁种句遍步层瓶碗份座辆朵棵颗双对把包箱套部首周星口年倍名米公"
CURRENCIES: Final = {"¥": "元", "￥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
UNITS: Final = {
    "km": "公里", "m": "米", "cm": "厘米", "mm": "毫米", "kg": "公斤", "g": "克", "l": "升", "ml": "毫升",
    "km/h": "公里每小时",
    "gb": "吉字节", "mb": "兆字节", "℃": "度", "°c": "度", "°": "度", "h": "小时", "min": "分钟", "s": "秒",
}  # fmt: skip


def number(figures: str) -> str:
    """`"1,204.5"` -> 一千二百零四点五; a leading zero or more than twelve digits: one by one."""
    plain = figures.replace(",", "")
    whole, point, rest = plain.partition(".")
    if len(whole) > 12 or (len(whole) > 1 and whole.startswith("0")):
        return digits(plain)
    return _whole(int(whole or "0")) + (f"点{digits(rest)}" if point and rest else "")


def digits(figures: str, one: str = "一") -> str:
    """One by one; `one` is 幺 in telephone numbers."""
    return "".join(_DIGITS[int(c)] for c in figures if c.isdecimal()).replace("一", one)


def _whole(value: int) -> str:
    if value < 10:
        return _DIGITS[value]
    groups: list[str] = []
    rest, place = value, 0
    while rest:
        rest, part = divmod(rest, 10_000)
        if part:
            gap = "零" if rest and part < 1_000 else ""
            groups.insert(0, gap + _four(part) + _GROUPS[place])
        place += 1
    said = "".join(groups).lstrip("零")
    return re.sub("^一(?=十)", "", re.sub("^二(?=[千万亿])", "两", said))


def _four(part: int) -> str:
    """1..9999."""
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = part // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return said


def _clock(m: re.Match[str]) -> str:
    hour, minute = int(m[1]), int(m[2])
    said = f"{'两' if hour == 2 else number(m[1].lstrip('0') or '0')}点"
    if minute == 0:
        return said
    return said + ("半" if minute == 30 else f"零{_DIGITS[minute]}分" if minute < 10 else f"{_whole(minute)}分")


def _date(m: re.Match[str]) -> str:
    return f"{digits(m[1])}年{_whole(int(m[2]))}月{_whole(int(m[3]))}日"


def _counted_unit(amount: str, unit: str) -> str:
    return ("两" if amount == "2" else number(amount)) + UNITS[unit]


_N: Final = r"\d[\d,]*(?:\.\d+)?"
_FORMS: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"([12]\d{3})[-/.年](0?[1-9]|1[0-2])[-/.月](\d\d?)(?:日|号|(?!\d))", _date),
    (r"([12]\d{3})(?=年)", lambda m: digits(m[1])),
    (r"(\d0)(?=后)", lambda m: digits(m[1])),
    (r"(?<=[打拨叫])(?:110|119|120|911)(?!\d)", lambda m: digits(m[0], "幺")),
    (r"\+\d{1,3}[ -]?1\d{2}[ -]?\d{4}[ -]?\d{4}|1\d{2}[ -]\d{4}[ -]\d{4}", lambda m: digits(m[0], "幺")),
    (r"[Nn]o\.?(\d+)", lambda m: "第" + number(m[1])),
    (r"(?<=\d)[+＋](?=\d)", lambda _: "加"),
    (r"(?<=\d)[×*](?=\d)", lambda _: "乘"),
    (r"(?<=\d)=(?=\d)", lambda _: "等于"),
    (r"([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)", _clock),
    (r"(\d{1,2})[:：](\d{1,2})(?!\d)", lambda m: f"{number(m[1])}比{number(m[2])}"),
    (rf"({_N})%", lambda m: f"百分之{number(m[1])}"),
    (rf"([¥￥$€£])({_N})", lambda m: number(re.sub(r"(\.\d*?)0+$", r"\1", m[2])) + CURRENCIES[m[1]]),
    (rf"-({_N}) ?(?:℃|°[Cc]?|度)", lambda m: f"零下{number(m[1])}度"),
    (r"(\d{3,4})-(\d{4})-?(\d{4})", lambda m: digits("".join(m.groups()), "幺")),
    (r"1\d{10}|\d{7,8}(?![\d.])(?=$|[^\d万亿元块个])", lambda m: digits(m[0], "幺")),
    (r"(\d+)/(\d+)", lambda m: f"{number(m[2])}分之{number(m[1])}"),
    (rf"({_N})[-~～](?={_N})", lambda m: f"{number(m[1])}到"),
    (rf"({_N}) ?(km/h|km|kg|cm|mm|ml|GB|MB|min|m|g|h|s|℃|°[Cc]|°)(?![a-zA-Z])",
     lambda m: _counted_unit(m[1], m[2].lower())),
    (r"(?<=第)\d+", lambda m: number(m[0])),
    (rf"(?<![\d.])2(?=[{_COUNTED}])", lambda _: "两"),
    (rf"-(?<!\d-){_N}", lambda m: f"负{number(m[0][1:])}"),
    (_N, lambda m: number(m[0])),
)  # fmt: skip


_COMPILED: Final = tuple((re.compile(form), said) for form, said in _FORMS)


def figure(text: str, at: int) -> tuple[str, int] | None:
    """The figure that begins at `at`: its words and where it ends; None where none begins. The earliest form wins."""
    for form, said in _COMPILED:
        if m := form.match(text, at):
            return said(m), m.end()
    return None
