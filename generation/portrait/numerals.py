"""Figures as English words: numbers, ordinals, years, clock times, dates, money, units.

The spelling itself is sanotts' (`cardinal_words` and its kin), which follows num2words.
"""

from __future__ import annotations

import re
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
_TOO_LONG: Final = 15  # figures of more digits are read digit by digit


def number(text: str) -> str:
    """`"1,204.5"` -> words; leading zeros and very long figures digit by digit."""
    plain = text.replace(",", "")
    sign = "minus " if plain.startswith("-") else ""
    plain = plain.lstrip("+-")
    whole, point, _ = plain.partition(".")
    if len(whole) > _TOO_LONG or (len(whole) > 1 and whole.startswith("0") and not point):
        return sign + digits(whole)
    return sign + (decimal_words(plain) if point else cardinal_words(int(plain))).replace(",", "")


def digits(text: str) -> str:
    """Digit by digit, as telephone numbers are said."""
    return " ".join(_DIGITS[int(c)] for c in text if c.isdigit())


def plural(noun: str, count: str) -> str:
    """`plural("mile per hour", "3")` -> "miles per hour"; only the figure 1 is singular."""
    head, blank, tail = noun.partition(" ")
    if count.lstrip("+-") == "1" or head in _SAME_PLURAL:
        return noun
    return _IRREGULAR.get(head, head + "s") + blank + tail


def money(symbol: str, amount: str, magnitude: str = "") -> str:
    """`("$", "5.99")` -> "five dollars and ninety nine cents"; a magnitude ("million") comes before the currency."""
    unit, part = CURRENCIES[symbol]
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
    """`("10", "30")` -> "ten thirty"; `half` is AM, PM or nothing. On the hour "o'clock", after noon "hundred hours"."""
    spoken = cardinal_words(int(hour))
    if half:
        return f"{clock(hour, minute) if int(minute) else spoken} {half}"
    if int(minute) == 0:
        return f"{spoken} o'clock" if 1 <= int(hour) <= 12 else f"{spoken} hundred hours"
    return f"{spoken} {'oh ' if int(minute) < 10 else ''}{cardinal_words(int(minute))}"


def date(year: int, month: int, day: int) -> str:
    """ "may third, twenty twenty six"; month 1..12."""
    return f"{MONTHS[month - 1]} {ordinal_words(day)}, {year_words(year)}"


def figure(core: str) -> str | None:
    """One written figure, without neighbours -> words; None if it is not one that is known here."""
    if core in _FRACTIONS:
        return _FRACTIONS[core]
    if m := re.fullmatch(r"([+-]?\d[\d,]*)(st|nd|rd|th)", core, re.IGNORECASE):
        return ordinal_words(int(m[1].replace(",", "")))
    if m := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", core):
        return clock(m[1], m[2])
    if (m := re.fullmatch(r"([12]\d{3})-(\d\d?)-(\d\d?)", core)) and 1 <= int(m[2]) <= 12:
        return date(int(m[1]), int(m[2]), int(m[3]))
    if (m := re.fullmatch(r"(\d\d?)/(\d\d?)/([12]\d{3})", core)) and 1 <= int(m[1]) <= 12:
        return date(int(m[3]), int(m[1]), int(m[2]))
    if m := re.fullmatch(r"'?((?:1[1-9]|20)?\d0)'?s", core):
        return f"{year_words(int(m[1])) if len(m[1]) == 4 else cardinal_words(int(m[1]))}s".replace("ys", "ies")
    if m := re.fullmatch(r"(\d{3})-(\d{3})-(\d{4})|(\d{3})-(\d{4})", core):
        return ", ".join(digits(group) for group in m.groups() if group)
    if m := re.fullmatch(r"(\d+)[-–—](\d+)", core):
        return f"{number(m[1])} to {number(m[2])}"
    if m := re.fullmatch(r"(\d+)/(\d+)", core):
        return f"{number(m[1])} over {number(m[2])}"
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", core):
        return year_words(int(core))
    if core in ("911", "999", "112"):
        return digits(core)
    return number(core) if re.fullmatch(r"[+-]?(\d[\d,]*(\.\d+)?|\.\d+)", core) else None


def measured(core: str, following: str) -> str | None:
    """Money, or a figure joined to a unit or magnitude -> words; `following` is the next word, for "$3 million"."""
    amount = r"(\d[\d,]*(?:\.\d+)?|\.\d+)"
    if m := re.fullmatch(rf"(-?)([$£€¥₹]){amount}([kmbt]|[mb]n)?", core, re.IGNORECASE):
        magnitude = MAGNITUDES.get((m[4] or "").lower(), "")
        if not magnitude and following in WRITTEN_MAGNITUDES:
            magnitude = following
        return f"{'minus ' if m[1] else ''}{money(m[2], m[3], magnitude)}"
    if m := re.fullmatch(r"(\d)'(\d\d?)(?:\"|'')?", core):
        return f"{number(m[1])} foot {number(m[2])}"
    if m := re.fullmatch(rf"([+-]?){amount}([a-z°%/]+)", core, re.IGNORECASE):
        unit = m[3].lower()
        sign = "minus " if m[1] == "-" else ""
        if unit in UNITS:
            return f"{sign}{number(m[2])} {plural(UNITS[unit], m[2])}"
        if unit in MAGNITUDES:
            return f"{sign}{number(m[2])} {MAGNITUDES[unit]}"
        if unit in ("am", "pm"):
            return f"{number(m[2])} {unit.upper()}"
    if m := re.fullmatch(r"(\d{1,2}):(\d\d)(am|pm)", core, re.IGNORECASE):
        return clock(m[1], m[2], m[3].upper())
    return None
