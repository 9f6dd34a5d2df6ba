"""An instruction carried out on a screenplay: by rules, all of it or none.

What is said in quotation marks becomes lines; the rest is read clause by clause, each by the first of `edits` that
knows it. A clause that tells people what to talk about has the whole written anew, in the place that it has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from generation import screenwriter
from generation.edits import deeds, lines, looks, people, places, sounds, things
from generation.edits.fitting import fitted
from generation.errors import EditRefused, ScreenplayError
from generation.plan import Role, Screenplay
from generation.prompts import repertoire
from generation.prompts.language import language_of
from generation.prompts.names import Names
from generation.prompts.words import clean, sentences

ALLOWED: Final = (
    "a place, a time of day, the weather (set it on a beach, make it night, no rain); somebody's words "
    '(Maya says "…", replace "…" with "…"); how they are said (shout less, Leo whispers); music and sounds '
    "(jazz music, quieter music, add a doorbell); light and camera (warmer, more contrast, closer, a close-up of "
    "Maya); a title; who is there (remove Leo); a thing to leave out that the screenplay names (remove the dog), or a "
    "deed (don't jump); what they talk about (they argue about tea). More seconds are an extension"
)
_JOINED: Final = re.compile(r"\s*(?:[,;]\s*(?:and|but|then)?|\b(?:and|but)(?: then)?\b)\s+", re.IGNORECASE)
_QUOTE: Final = re.compile(r"[\"“”„][^\"“”„\n]+[\"“”]|«[^«»\n]+»|「[^「」\n]+」|『[^『』\n]+』")
_HIDDEN: Final = re.compile("\uf8ff(\\d+)\uf8fe")
_ASKING: Final = re.compile(
    r"^\W*(?:(?:please|can you|could you|now|then|just|also|but|and|i want|i'd like|let's)\b\W*)+"
    r"|\W*\b(?:please|instead)\W*$",
    re.IGNORECASE,
)

Operation = Callable[[Screenplay, str, Names], Screenplay | None]
"""The screenplay with a clause carried out; None for a clause that is none of its business. Raises EditRefused."""
_OPERATIONS: Final[tuple[Operation, ...]] = (
    looks.titled,
    people.removed,
    people.added,
    sounds.scored,
    lines.muted,
    places.moved,
    deeds.undone,
    things.removed,
    lines.delivered,
    looks.lit,
    looks.filmed,
    sounds.effected,
)


class Edited(msgspec.Struct, frozen=True):
    """`gone`: speakers who are not in it any more because they were to be removed."""

    screenplay: Screenplay
    gone: frozenset[str] = frozenset()


def edited(play: Screenplay, instruction: str, cast: Sequence[Role], *, seed: int) -> Edited:
    """`play` with the instruction carried out; as long as it was.

    Raises EditRefused naming the part that cannot be carried out, and PromptTooWordy where the words do not fit.
    """
    names = Names(cast)
    text, made = lines.replaced(play, clean(instruction))
    clauses = list(_clauses(text))
    given = [clause for clause in clauses if not looks.is_title(clause)]
    made, prose = lines.spoken(made, given, names)
    for clause in [*(clause for clause in clauses if looks.is_title(clause)), *prose]:
        asked = _ASKING.sub("", clause).strip(" .,;:!-–—")
        if not lines.is_empty(asked, names):
            made = _carried_out(made, asked, names, seed)
    if made == play:
        raise EditRefused(instruction, "changes nothing in this video", ALLOWED)
    made = fitted(made)
    said = " ".join(line.text for shot in made.shots for line in shot.lines)
    if said:
        made = msgspec.structs.replace(made, language=language_of(said))
    return Edited(made, people.present(play) - people.present(made))


def _clauses(text: str) -> Iterator[str]:
    """Cut between sentences and where clauses are joined, but not inside quotation marks; a title is left whole."""
    quotes: list[str] = []

    def hidden(quote: re.Match[str]) -> str:
        quotes.append(quote.group())
        return f"\uf8ff{len(quotes) - 1}\uf8fe"

    def shown(clause: str) -> str:
        return _HIDDEN.sub(lambda place: quotes[int(place[1])], clause)

    waiting = ""
    for sentence in sentences(_QUOTE.sub(hidden, text)):
        for part in [sentence] if looks.is_title(shown(sentence)) else _JOINED.split(sentence):
            if waiting and not re.search(r"[^\W\d_]", _HIDDEN.sub("", part)):  # says "…" and then "…"
                waiting += f" {part}"
                continue
            if waiting:
                yield shown(waiting)
            waiting = part
    if waiting:
        yield shown(waiting)


def _carried_out(play: Screenplay, clause: str, names: Names, seed: int) -> Screenplay:
    for operation in _OPERATIONS:
        if (made := operation(play, clause, names)) is not None:
            return made
    if repertoire.intent_of(names.without(clause), "en"):
        return _rewritten(play, clause, names, seed)
    raise EditRefused(clause, "is not understood", ALLOWED)


def _rewritten(play: Screenplay, clause: str, names: Names, seed: int) -> Screenplay:
    """New words and shots, in the same place and light. Raises EditRefused."""
    if play.joins_s:
        raise EditRefused(clause, "would rewrite a video that was extended", "an edit of the video that it extends")
    who = ", ".join(names.first(speaker) for speaker in names.roles)
    about = clause if names.find(clause) else re.sub(r"^(?:they|she|he|it|make (?:them|her|him))\b", who, clause)
    try:
        fresh = screenwriter.write(
            f"{about}\nSetting: {play.setting}", list(names.roles.values()), play.seconds, seed=seed
        )
    except ScreenplayError as error:
        raise EditRefused(clause, f"cannot be written ({error})", ALLOWED) from None
    return msgspec.structs.replace(play, shots=fresh.shots, title=fresh.title, language=fresh.language)
