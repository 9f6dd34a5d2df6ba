"""What stands for more than is written, and the words beside which figures are read otherwise."""

from __future__ import annotations

from typing import Final

ABBREVIATIONS: Final = {
    "dr.": "doctor", "mr.": "mister", "mr": "mister", "mrs.": "missus", "mrs": "missus", "ms.": "miz", "ms": "miz",
    "prof.": "professor", "jr.": "junior", "sr.": "senior", "vs.": "versus", "vs": "versus", "etc.": "et cetera",
    "etc": "et cetera", "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "approx.": "approximately",
    "dept.": "department", "inc.": "incorporated", "ltd.": "limited", "mt.": "mount", "ft.": "feat", "ave.": "avenue",
    "blvd.": "boulevard", "rd.": "road", "gen.": "general", "sgt.": "sergeant", "capt.": "captain", "lt.": "lieutenant",
    "gov.": "governor", "sen.": "senator", "a.m.": "A.M", "p.m.": "PM", "w/": "with", "w/o": "without",
    "b/c": "because", "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "btw": "by the way",
    "idk": "I don't know", "imo": "in my opinion", "tbh": "to be honest", "brb": "be right back", "thx": "thanks",
    "pls": "please", "plz": "please", "u": "you", "ur": "your", "bday": "birthday", "b-day": "birthday", "jan.":
    "january", "feb.": "february", "mar.": "march", "apr.": "april", "aug.": "august", "sept.": "september",
    "oct.": "october", "nov.": "november", "dec.": "december", "st.": "saint", "rsvp": "R S V P", "diy": "D I Y",
    "mon.": "monday", "tue.": "tuesday", "tues.": "tuesday", "wed.": "wednesday", "thu.": "thursday", "thur.":
    "thursday", "thurs.": "thursday", "fri.": "friday", "vol.": "volume", "pp.": "pages", "min.": "minimum",
    "max.": "maximum", "est.": "established", "phd": "P H D", "ph.d.": "P H D", "at&t": "ay T and T", "co2": "C O two",
    "c++": "C plus plus", "c#": "C sharp", "f#": "F sharp", "ctrl": "control", "omw": "on my way", "ily": "I love you",
    "gn": "good night", "gm": "good morning", "bc": "because", "rn": "right now", "nvm": "never mind",
}  # fmt: skip
NOT_EXPANDED_LAST: Final = frozenset(
    ("est.", "ft.", "gen.", "lt.", "mar.", "max.", "min.", "mon.", "mt.", "rd.", "sen.")
)
"""Words of their own at the end of a sentence."""
PLACES: Final = frozenset(
    ("room", "route", "highway", "suite", "apartment", "apt", "bus", "flight", "code", "unit", "gate")
)
LETTERED: Final = PLACES | {
    "seat",
    "row",
    "class",
    "flat",
    "building",
    "block",
    "section",
    "platform",
    "table",
    "grade",
}
YEARS: Final = frozenset(("since", "in", "from", "until", "till", "circa", "year"))
CODES: Final = {"usd": "dollar", "eur": "euro", "gbp": "pound", "jpy": "yen", "€": "euro", "$": "dollar",
                "£": "pound", "¥": "yen"}  # fmt: skip
HEARTS: Final = frozenset("❤♥💕💖💗💙💚💛💜🖤🤍🤎🧡💘💞💓")
REIGNS: Final = frozenset(("henry", "louis", "george", "charles", "elizabeth", "edward", "richard", "james", "william"))
