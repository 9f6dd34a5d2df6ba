"""Figures as English words: numbers, ordinals, years, clock times, dates, money, units.

The spelling itself is sanotts' (`cardinal_words` and its kin), which follows num2words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sanotts.nano_g2p import cardinal_words, decimal_words, ordinal_words, year_words

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH_NAMES: Final = frozenset((*MONTHS, *(m[:3] for m in MONTHS), "sept"))
MAGNITUDES: Final = {
    "k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "t": "trillion",
}  # fmt: skip
WRITTEN_MAGNITUDES: Final = frozenset(("hundred", "thousand", "million", "billion", "trillion"))
CURRENCIES: Final = {
    "$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", ""), "₹": ("rupee", "paisa"),
}  # fmt: skip
UNITS: Final = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "ml": "milliliter", "ft": "foot",
    "in": "inch", "mi": "mile", "yd": "yard", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute",
    "mins": "minute", "s": "second", "sec": "second", "secs": "second", "ms": "millisecond", "mph": "mile per hour",
    "km/h": "kilometer per hour", "kmh": "kilometer per hour", "kph": "kilometer per hour", "gb": "gigabyte",
    "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte", "ghz": "gigahertz", "mhz": "megahertz", "khz": "kilohertz",
    "hz": "hertz", "w": "watt", "kw": "kilowatt", "v": "volt", "px": "pixel", "fps": "frame per second",
    "°c": "degree celsius", "°f": "degree fahrenheit", "°": "degree", "%": "percent", "x": "times",
}  # fmt: skip
_SAME_PLURAL: Final = frozenset(("hertz", "gigahertz", "megahertz", "kilohertz", "percent", "times", "yen"))
_IRREGULAR: Final = {"foot": "feet", "inch": "inches", "penny": "pence", "paisa": "paise"}
_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FRACTIONS: Final = {"1/2": "one half", "1/4": "a quarter", "3/4": "three quarters", "1/3": "one third",
                     "2/3": "two thirds", "24/7": "twenty four seven", "9/11": "nine eleven"}  # fmt: skip
_PARTS: Final = {"1/2": "a half", "1/4": "a quarter", "3/4": "three quarters"}
_TOO_LONG: Final = 15  # figures of more digits are read digit by digit


def number(text: str) -> str:
    """`"1,204.5"` -> words; leading zeros and very long figures digit by digit."""
    # "1,204" has thousands, "1,5" is how half the world writes one and a half; of two kinds of marks the last counts
    if "," in text and "." in text:
        head, _, tail = text.replace(",", ".").rpartition(".")
        plain = f"{head.replace('.', '')}.{tail}"
    elif re.search(r",(?!\d{3}(?!\d))", text):
        plain = text.replace(",", ".", 1).replace(",", "")
    else:
        plain = text.replace(",", "")
    sign = "minus " if plain.startswith("-") else ""
    plain = plain.lstrip("+-")
    whole, point, _ = plain.partition(".")
    if len(whole) > _TOO_LONG or (len(whole) > 1 and whole.startswith("0") and not point):
        return sign + digits(whole)
    return sign + str(decimal_words(plain) if point else cardinal_words(int(plain))).replace(",", "")


def digits(text: str) -> str:
    """Digit by digit, as telephone numbers are said."""
    return " ".join(_DIGITS[int(c)] for c in text if c.isdecimal())


def plural(noun: str, count: str) -> str:
    """`plural("mile per hour", "3")` -> "miles per hour"; only the figure 1 is singular."""
    head, blank, tail = noun.partition(" ")
    if count.lstrip("+-") == "1" or head in _SAME_PLURAL:
        return noun
    return _IRREGULAR.get(head, head + "s") + blank + tail


def money(symbol: str, amount: str, magnitude: str = "") -> str:
    """`("$", "5.99")` -> "five dollars and ninety nine cents"; a magnitude ("million") comes before the currency."""
    unit, part = CURRENCIES[symbol]
    if m := re.fullmatch(r"([\d.,]+)[-–—][$£€¥₹]?([\d.,]+)", amount):
        return f"{number(m[1])} to {money(symbol, m[2], magnitude)}"
    whole, _, rest = amount.replace(",", "").partition(".")
    if magnitude:
        return f"{number(amount)} {magnitude} {plural(unit, '2')}"
    if len(rest) != 2 or not part:
        return f"{number(amount)} {plural(unit, amount)}"
    cents = f"{cardinal_words(int(rest))} {plural(part, str(int(rest)))}"
    if int(rest) == 0:
        return f"{number(whole)} {plural(unit, whole)}"
    return cents if whole in ("", "0") else f"{number(whole)} {plural(unit, whole)} and {cents}"


def clock(hour: str, minute: str, half: str = "") -> str:
    """`("10", "30")` -> "ten thirty"; `half`: AM, PM or nothing. Full hours: "o'clock", after noon "hundred hours"."""
    spoken = cardinal_words(int(hour))
    if half:
        return f"{clock(hour, minute) if int(minute) else spoken} {'A.M' if half == 'AM' else half}"
    if int(minute) == 0:
        return f"{spoken} o'clock" if 1 <= int(hour) <= 12 else f"{spoken} hundred hours"
    return f"{spoken} {'oh ' if int(minute) < 10 else ''}{cardinal_words(int(minute))}"


def date(year: int, month: int, day: int) -> str:
    """`(2026, 5, 3)` -> "may third, twenty twenty-six"; month 1..12."""
    return f"{MONTHS[month - 1]} {ordinal_words(day)}, {year_words(year)}"


def roman(core: str) -> int | None:
    """`"XIV"` -> 14, up to 89; None for what is none, for I, V, X, L and for kisses."""
    form = r"(?=[IVXL]{2})(X[LX]|L?X{0,3})(IX|IV|V?I{0,3})"
    if core in ("XXX", "LIV", "LI") or not (m := re.fullmatch(form, core)):
        return None
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[c] for c in m[0]]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _sum(m: re.Match[str]) -> str:
    signs = {"+": "plus", "=": "equals", "*": "times", "x": "times", "÷": "divided by"}
    return " ".join(signs.get(part) or number(part) for part in re.findall(r"[\d.]+|[+=*x÷]", m[0]))


def _range(m: re.Match[str]) -> str:
    if all(re.fullmatch(r"1[1-9]\d\d|20\d\d", year) for year in m.groups()):
        return f"{year_words(int(m[1]))} to {year_words(int(m[2]))}"
    return f"{number(m[1])} to {number(m[2])}"


def _decade(m: re.Match[str]) -> str:
    spoken = str(year_words(int(m[1])) if len(m[1]) == 4 else cardinal_words(int(m[1])))
    return f"{spoken[:-1]}ies" if spoken.endswith("y") else f"{spoken}s"


def _with_unit(m: re.Match[str]) -> str | None:
    sign, amount, unit = "minus " if m[1] == "-" else "", m[2], m[3].lower()
    if unit in ("am", "pm"):
        return f"{number(amount)} {'A.M' if unit == 'am' else 'PM'}"
    noun = plural(UNITS[unit], amount) if unit in UNITS else MAGNITUDES.get(unit)
    return f"{sign}{number(amount)} {noun}" if noun else None


_AMOUNT: Final = r"(\d[\d,]*(?:\.\d+)?|\.\d+)"
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), spoken)
    for pattern, spoken in (
        ("|".join(_FRACTIONS), lambda m: _FRACTIONS[m[0]]),
        (r"([+-]?\d[\d,]{0,14})(?:st|nd|rd|th)", lambda m: str(ordinal_words(int(m[1].replace(",", ""))))),
        (r"([01]?\d|2[0-3]):([0-5]\d)(am|pm)?", lambda m: clock(m[1], m[2], (m[3] or "").upper())),
        (r"([12]?\d):([12]?\d)", lambda m: f"{number(m[1])} to {number(m[2])}"),
        (r"([12]\d{3})-(0?[1-9]|1[0-2])-(\d\d?)", lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
        (r"(0?[1-9]|1[0-2])/(\d\d?)/([12]\d{3})", lambda m: date(int(m[3]), int(m[1]), int(m[2]))),
        (r"(1[3-9]|2\d|3[01])[/.](0?[1-9]|1[0-2])[/.]([12]\d{3})", lambda m: date(int(m[3]), int(m[2]), int(m[1]))),
        (r"(\d\d?)\.(0?[1-9]|1[0-2])\.([12]\d{3})", lambda m: date(int(m[3]), int(m[2]), int(m[1]))),
        (r"'?((?:1[1-9]|20)?\d0)'?s", _decade),
        (r"(\d{3})-(\d{3})-(\d{4})", lambda m: ", ".join(digits(group) for group in m.groups())),
        (r"(\d{3})-(\d{4})", lambda m: ", ".join(digits(group) for group in m.groups())),
        (r"(\d+)[-–—](\d+)", _range),
        (r"(\d+)&(1/2|1/4|3/4)", lambda m: f"{number(m[1])} and {_PARTS[m[2]]}"),
        (r"(\d+)/\1", lambda m: f"{number(m[1])} {number(m[1])}"),
        (r"(\d+)/(\d+)", lambda m: f"{number(m[1])} over {number(m[2])}"),
        (r"[~≈]([\d.,]+)", lambda m: f"about {number(m[1])}"),
        (rf"{_AMOUNT}([€$£¥])", lambda m: money(m[2], m[1])),
        (r"[\d.]+(?:[+=*x÷][\d.]+)+", _sum),
        (r"(?:\d+-){2,}\d+", lambda m: ", ".join(digits(group) for group in m[0].split("-"))),
        (r"911|999|112", lambda m: digits(m[0])),
        (r"1[1-9]\d\d|20\d\d", lambda m: str(year_words(int(m[0])))),
        (rf"[+-]?{_AMOUNT}", lambda m: number(m[0])),
        (r"(\d)'(\d\d?)(?:\"|'')?", lambda m: f"{number(m[1])} foot {number(m[2])}"),
        (rf"([+-]?){_AMOUNT}([a-z°%/]+)", _with_unit),
    )
)


def figure(core: str) -> str | None:
    """One written figure, with its unit if joined to it -> words; None if it is of no form that is known here."""
    for form, spoken in _FORMS:
        if m := form.fullmatch(core):
            return spoken(m)
    return None


def price(core: str, following: str) -> str | None:
    """Money -> words; None for anything else. `following` is the next word, for "$3 million"."""
    amount = r"((?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[-–—][$£€¥₹]?\d[\d,.]*)?)"
    m = re.fullmatch(rf"(-?)([$£€¥₹]){amount}([kmbt]|[mb]n)?", core, re.IGNORECASE)
    if m is None:
        return None
    magnitude = MAGNITUDES.get((m[4] or "").lower(), following if following in WRITTEN_MAGNITUDES else "")
    return f"{'minus ' if m[1] else ''}{money(m[2], m[3], magnitude)}"
