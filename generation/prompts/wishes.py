"""What the owners of the cast prefer and forbid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from generation.errors import ScreenplayError
from generation.plan import Role, Screenplay, Shot
from generation.prompts.lexicon import LEXICON
from generation.prompts.names import Names

_NEVER: Final = re.compile(
    r"\b(?:never|not|no|don'?t|do not|without|avoid|nothing|must not|mustn'?t|cannot|can'?t)\b[\s:]*(.+)", re.IGNORECASE
)
_ALWAYS: Final = re.compile(r"\b(?:always|must|should always|has to|only)\s+(\w.+)", re.IGNORECASE)
_SAID: Final = re.compile(r"\b(?:say|talk|mention|speak|swear|curs|joke)\w*", re.IGNORECASE)
_HELD: Final = (
    r"(?:,?\s*(?:and\s+)?(?:while\s+)?\b(?:holding|carrying|wielding|waving|drawing|pointing|swinging|using|drinking|sipping"
    r"|wearing|with|in|armed with)\s+(?:(?:an?|the|his|her|their|some|two|big|huge|glass of|bottle of)\s+){{0,3}}"
    r"(?:[\w-]+\s+)?(?:{words})\b)"
)


class Wishes(msgspec.Struct, frozen=True):
    """`always` is said of a speaker in every shot with them; `forbidden` is a pattern, empty where nothing is."""

    always: dict[str, tuple[str, ...]]
    liked: tuple[str, ...]  # other preferences, in words an engine may use
    forbidden: str
    unsayable: str  # a pattern for lines

    def breaks(self, text: str) -> str:
        """The first forbidden word in `text`, or nothing."""
        found = re.search(rf"\b(?:{self.forbidden})\b", text, re.IGNORECASE) if self.forbidden else None
        return found.group() if found else ""

    def allowed(self, text: str) -> str:
        """`text` with what is forbidden written out: the thing held, else the clause, else the sentence."""
        if not self.breaks(text):
            return text
        text = re.sub(_HELD.format(words=self.forbidden), "", text, flags=re.IGNORECASE)
        kept = []
        for sentence in re.split(r"(?<=[.!?;。！？])\s*|\n+", text):
            clauses = [part for part in re.split(r",\s*|\s+(?:and|while|then)\s+", sentence) if not self.breaks(part)]
            whole = not self.breaks(sentence)
            kept.append(sentence if whole else ", ".join(filter(None, clauses)))
        return " ".join(part.strip() for part in kept if re.search(r"\w", part))

    def applied(self, play: Screenplay, names: Names) -> Screenplay:
        """`play` with every wish applied, looked at once more.

        Raises ScreenplayError where a line of the prompt's own says what somebody forbids.
        """
        for number, shot in enumerate(play.shots):
            for index, line in enumerate(shot.lines):
                if self.unsayable and (word := re.search(rf"\b(?:{self.unsayable})\b", line.text, re.IGNORECASE)):
                    raise ScreenplayError(
                        f"a line says {word.group()!r}, which the cast does not allow",
                        f"shots[{number}].lines[{index}]",
                    )
        replace = msgspec.structs.replace
        shots = tuple(
            replace(shot, action=self._acted(shot, names), sound=self.allowed(shot.sound)) for shot in play.shots
        )
        kept = self.allowed(play.style)
        style = "; ".join([kept, *(liked for liked in self.liked if liked not in kept)])[:300]
        play = replace(
            play,
            title=self.allowed(play.title) or "A clip",
            style=style,
            setting=self.allowed(play.setting) or "a quiet place",
            sound_bed=self.allowed(play.sound_bed),
            shots=shots,
        )
        seen = (
            play.title,
            play.setting,
            play.sound_bed,
            *(text for shot in shots for text in (shot.action, shot.sound)),
        )
        if shown := next(filter(None, map(self.breaks, seen)), ""):
            raise ScreenplayError(f"the prompt shows {shown!r}, which the cast does not allow")
        return play

    def _acted(self, shot: Shot, names: Names) -> str:
        rules = [f"{names.first(who)} {rule}." for who in shot.who for rule in self.always.get(who, ())]
        action = self.allowed(shot.action)
        return " ".join(filter(None, [action, *(rule for rule in rules if rule not in action)]))


def read(cast: Sequence[Role]) -> Wishes:
    """Sorts each sentence of preferences and restrictions into always, never and liked."""
    always: dict[str, tuple[str, ...]] = {}
    liked: list[str] = []
    patterns: list[str] = []
    unsayable: list[str] = []
    for role in cast:
        for sentence in re.split(r"[.;\n]+", "\n".join([*role.restrictions, role.preferences])):
            wish = sentence.strip()[:160]
            if not wish:
                continue
            if never := _NEVER.search(wish):
                patterns += _forbidden(never[1])
                unsayable += _forbidden(never[1]) if _SAID.search(never[1]) else []
            elif rule := _ALWAYS.search(wish):
                always[role.speaker] = (*always.get(role.speaker, ()), rule[1].strip())
            elif wish in (line.strip() for line in role.restrictions):
                patterns += _forbidden(wish)
            else:
                liked.append(f"{role.name} {wish[:1].lower()}{wish[1:]}")
    return Wishes(always, tuple(liked), "|".join(dict.fromkeys(patterns)), "|".join(dict.fromkeys(unsayable)))


def _forbidden(rule: str) -> list[str]:
    """A known kind stands for all its words; other words of the rule stand for themselves."""
    kinds = [
        words
        for stem, words in LEXICON.forbidden.items()
        if re.search(rf"\b(?:{stem}\w*|{words})", rule, re.IGNORECASE)
    ]
    if kinds:
        return kinds
    words = [word for word in re.findall(r"[^\W\d_]{3,}", rule.lower()) if word not in LEXICON.empty_wishes]
    return [re.escape(word.removesuffix("s")) + "s?" for word in words[-2:]]
