"""Where the cast is named in a prompt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from generation.plan import Role


class Mention(msgspec.Struct, frozen=True):
    """`text[start:end]` names `speaker`."""

    start: int
    end: int
    speaker: str


class Names:
    """The cast's names: `@handle`, handle, full name, and first name where only one of the cast bears it."""

    def __init__(self, cast: Sequence[Role]) -> None:
        self.roles = {role.speaker: role for role in cast}
        firsts = Counter(first_name(role.name).casefold() for role in cast)
        self._speakers: dict[str, str] = {}
        for role in cast:
            forms = [f"@{role.handle}", role.handle, role.name, f"@{role.name}", role.speaker]
            first = first_name(role.name)
            if firsts[first.casefold()] == 1:
                forms += [first, f"@{first}"]
            for form in forms:
                if any(letter.isalnum() for letter in form):
                    self._speakers.setdefault(form.casefold(), role.speaker)
        forms_longest_first = sorted(self._speakers, key=len, reverse=True)
        self.pattern = "|".join(_bounded(form) for form in forms_longest_first) or "(?!)"
        self._regex = re.compile(self.pattern, re.IGNORECASE)

    def find(self, text: str) -> list[Mention]:
        """Every mention, in order."""
        return [
            Mention(found.start(), found.end(), speaker)
            for found in self._regex.finditer(text)
            if (speaker := self._speakers.get(found.group().casefold()))
        ]

    def who(self, text: str) -> tuple[str, ...]:
        """Speaker ids in order of first mention."""
        return tuple(dict.fromkeys(mention.speaker for mention in self.find(text)))

    def spelled_out(self, text: str) -> str:
        """`@maya.me` becomes `Maya`: what can be read aloud or drawn."""
        for mention in reversed(self.find(text)):
            if text[mention.start] == "@":
                text = text[: mention.start] + self.first(mention.speaker) + text[mention.end :]
        return text

    def without(self, text: str, instead: str = " ") -> str:
        """`text` with every mention replaced."""
        for mention in reversed(self.find(text)):
            text = text[: mention.start] + instead + text[mention.end :]
        return text

    def first(self, speaker: str) -> str:
        """What friends call them."""
        return first_name(self.roles[speaker].name) or self.roles[speaker].handle or speaker


def first_name(name: str) -> str:
    """`Maya Ito` -> `Maya`; a title such as "Dr." is not a first name."""
    words = name.split()
    if len(words) > 1 and words[0].rstrip(".").casefold() in {"dr", "mr", "mrs", "ms", "prof", "sir", "the"}:
        return name
    return words[0] if words else ""


def _bounded(form: str) -> str:
    """Names end at a word's border; Chinese and Japanese has none, neither in a name nor beside one."""
    if re.search("[\u3041-\u9fff\uac00-\ud7a3]", form):
        return re.escape(form)
    # case makes no difference to this class, and letting it takes the compiler a tenth of a second
    letter = "(?-i:[^\\W\u3041-\u9fff])"
    return f"(?<!{letter}){'' if form[0] == '@' else '(?<!@)'}{re.escape(form)}(?!{letter})"
