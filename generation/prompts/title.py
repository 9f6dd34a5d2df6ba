"""A clip's title, at most six words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from string import Formatter
from typing import Final

from generation.prompts.improvised import Improvised
from generation.prompts.lexicon import LEXICON
from generation.prompts.repertoire import Beat
from generation.prompts.topic import slots
from generation.prompts.words import capitalised, sentences, speakable

MAX_WORDS: Final = 6
_LABEL: Final = re.compile(r"(?:^|\n)\s*title(\s+card)?\s*[:：]\s*([^\n]{1,80})(?:\n|$)", re.IGNORECASE)
_FRAMING: Final = re.compile(
    r"^\W*(?:(?:shot |scene )?\d[\d:.)s–-]*\s*)?(?:(?:extreme |medium |establishing |full |long )?"
    r"(?:wide|close[- ]?up|medium|two[- ]shot|insert|shot)(?: shot)?\b(?: of| on)?[\s,:.]*)*",
    re.IGNORECASE,
)


def taken_out(text: str) -> tuple[str, bool, str]:
    """A title that the prompt gives (or nothing), whether it is to be seen, and the prompt without it."""
    label = _LABEL.search(text)
    if label is None:
        return "", False, text
    return _cut(label[2].strip(' "“”')), label[1] is not None, _LABEL.sub("\n", text, count=1).strip()


def title_of(prose: str, given: Sequence[Beat], meant: Improvised, dice: random.Random) -> str:
    """From what it is about; else from how the prompt begins; else from the first words spoken."""
    if not given and (meant.topic or meant.intent.cue):
        words = slots(meant.topic, mine=False)
        fitting = [
            title
            for title in meant.intent.titles
            if {name for _, name, _, _ in Formatter().parse(title) if name} <= words.keys()
        ]
        telling = [title for title in fitting if "{" in title]
        made = [title.format_map(words) for title in telling or fitting]
        made = [
            title for title in made if len(title.split()) <= MAX_WORDS and not re.search(r"\b(?:your?|my)\b", title)
        ]
        made = made or [title for title in fitting if "{" not in title]
        if made:
            return _title_case(dice.choice(made))
    openings = sentences(re.sub(r"\[[^\]\n]*\]", " ", prose))[:4]
    # "speaks" stands where a line was
    told = [_FRAMING.sub("", re.sub(r"\b(?:speaks|says)\b.*", "", opening)) for opening in openings]
    opening = next((each for each in told if len(each.split()) > 1), told[0] if told else "")
    text = opening if len(opening.split()) > 1 else given[0].text if given else opening
    return _title_case(_cut(speakable(text))) or "Untitled"


def _cut(text: str) -> str:
    words = text.split()
    kept = words[:MAX_WORDS]
    while len(kept) > 1 and len(words) > MAX_WORDS and kept[-1].lower().strip(",") in LEXICON.small:
        kept.pop()
    return " ".join(kept)[:60].strip(' ,.;:-–—"“”')


def _title_case(text: str) -> str:
    words = [word if word.lower() in LEXICON.small else capitalised(word) for word in text.split()]
    return capitalised(" ".join(words))
