"""What is said, and how."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from generation.errors import EditRefused
from generation.plan import Emotion, Line, Screenplay, Shot
from generation.prompts import dialogue
from generation.prompts.dialogue import Given
from generation.prompts.mood import feeling
from generation.prompts.names import Names

_OPEN, _SHUT = '["“”„«「『]', '["“”»」』]'
_QUOTED: Final = rf"{_OPEN}([^\"“”„«»「」『』\n]+){_SHUT}"
_REPLACE: Final = re.compile(
    rf"(?:replace|change|swap|turn)\s+(?:the (?:line|words?)\s+)?{_QUOTED}\s+(?:with|to|into|for|by)\s+{_QUOTED}[.,;]?"
    rf"|{_QUOTED}\s+(?:instead of|in place of|rather than)\s+{_QUOTED}[.,;]?",
    re.IGNORECASE,
)
_ADDED: Final = re.compile(r"\b(?:also|adds?|then|too|as well|at the end|finally|afterwards?)\b", re.IGNORECASE)
_WHICH: Final = (("first", 0), ("opening", 0), ("second", 1), ("third", 2), ("last", -1), ("final", -1))
_EMPTY: Final = re.compile(
    r"\b(?:speaks?|says?|and|then|to|replies|answers|asks|make|let|have|has|should|now|also|instead|please|the|a|her|his"
    r"|their|line|lines|first|second|third|last|words?|at|end|finally|afterwards?|too|as|well)\b",
    re.IGNORECASE,
)
_MUTE: Final = re.compile(
    r"\b(?:says?|speaks?) (?:nothing|no more)|\b(?:silent|mute|wordless|speechless)\b"
    r"|\b(?:no|without|remove|delete|drop|cut)\b.{0,24}\b(?:dialogue|lines?|words|talking|speech|speaking)\b"
    r"|\b(?:don'?t|doesn'?t|does not|do not|stops?) (?:speak|talk)",
    re.IGNORECASE,
)
_LESS: Final = re.compile(
    r"\b(?:less|not (?:so|as)|fewer|stops?|don'?t|doesn'?t|do not|does not|without|no)\b", re.IGNORECASE
)
_LOUD: Final = re.compile(r"\b(?:shout|yell|scream|loud|energ|liv|bold|intens|strong)\w*", re.IGNORECASE)
_SOFT: Final = re.compile(r"\b(?:quiet|soft|calm|gentl|relax|whisper|murmur|tone (?:it )?down|hush)\w*", re.IGNORECASE)
_FELT: Final[tuple[tuple[str, Emotion], ...]] = (
    (r"angr|furious|annoy|cross", "angry"),
    (r"excite|cheer|thrill|enthusias", "excited"),
    (r"happ|smil|laugh|joy|friendl", "happy"),
    (r"sad|cr(?:y|ies|ying)|sob|sorr|melanchol", "sad"),
    (r"nervous|afraid|scare|fear|anxious|frighten", "afraid"),
    (r"surpris|shock|amaz|astonish", "surprised"),
    (r"tender|lov(?:e|ing)|warm(?:ly|-hearted)|kind(?:er|ly)?\b", "tender"),
    (r"neutral|deadpan|bored|flat|serious", "neutral"),
)
STEP: Final = 0.3  # of energy
_ALIKE: Final = 0.34  # of the words: then it is that line that is meant

Change = Callable[[Line], Line | None]
"""Another line, the same, or none."""


def replaced(play: Screenplay, text: str) -> tuple[str, Screenplay]:
    """`replace "…" with "…"` carried out, and the text without it. Raises EditRefused where nobody says the first."""
    for found in _REPLACE.finditer(text):
        old, new = (found[1], found[2]) if found[1] else (found[4], found[3])
        hits = [line for line in _all(play) if _plain(old) in _plain(line.text)]
        if not hits:
            raise EditRefused(found.group(), "names words that nobody says", _quoted(_all(play)) or "nobody speaks")

        def other(line: Line, old: str = old, new: str = new, hits: Sequence[Line] = hits) -> Line:
            if line not in hits:
                return line
            whole = _plain(old) == _plain(line.text)
            said = (
                new
                if whole
                else re.sub(re.escape(old.strip(" .,!?")), new.strip(), line.text, count=1, flags=re.IGNORECASE)
            )
            return _said(line, said)

        play = changed(play, other)
    return _REPLACE.sub(" ", text), play


def spoken(play: Screenplay, clauses: Sequence[str], names: Names) -> tuple[Screenplay, list[str]]:
    """Lines in quotation marks put in place of those that are there, or added; and the clauses without them.

    Raises EditRefused where it is open who speaks, or which of their lines is meant.
    """
    new: dict[str, list[Given]] = {}
    told: dict[str, str] = {}
    left = []
    for clause in clauses:
        said = dialogue.read(clause, names)
        left.append(said.prose)
        for given in said.lines:
            speaker = _speaker(play, given, names)
            new.setdefault(speaker, []).append(given)
            told[speaker] = f"{told.get(speaker, '')} {said.prose}"
    for speaker, lines in new.items():
        play = _put(play, speaker, lines, told[speaker], names)
    return play, left


def muted(play: Screenplay, clause: str, names: Names) -> Screenplay | None:
    """Somebody, or everybody, says nothing."""
    if not _MUTE.search(clause):
        return None
    whom = names.who(clause) or play.speakers
    if not any(line.speaker in whom for line in _all(play)):
        raise EditRefused(clause, "is so already", "somebody who speaks")
    return changed(play, lambda line: None if line.speaker in whom else line)


def delivered(play: Screenplay, clause: str, names: Names) -> Screenplay | None:
    """Louder, softer, in another mood. Raises EditRefused where nobody of those meant speaks."""
    less = bool(_LESS.search(clause))
    loud, soft = bool(_LOUD.search(clause)), bool(_SOFT.search(clause))
    felt = next((mood for words, mood in _FELT if re.search(rf"\b(?:{words})", clause, re.IGNORECASE)), None)
    if (not (loud or soft or felt)) or re.search(
        r"\b(?:light|camera|contrast|style|colou?rs?)\b", clause, re.IGNORECASE
    ):
        return None
    whom = names.who(clause) or play.speakers
    if not any(line.speaker in whom for line in _all(play)):
        raise EditRefused(clause, "is about somebody who says nothing", _quoted(_all(play)) or "lines first")
    up = loud != less if loud else soft and less
    step = (STEP if up else -STEP) if loud or soft else 0.0

    def other(line: Line) -> Line:
        if line.speaker not in whom:
            return line
        emotion: Emotion = line.emotion
        if felt:
            emotion = ("neutral" if line.emotion == felt else line.emotion) if less else felt
        elif step < 0 and line.emotion in {"angry", "excited"}:
            emotion = "neutral"
        energy = round(min(1.0, max(0.05, line.energy + step)), 2)
        return msgspec.structs.replace(line, emotion=emotion, energy=energy)

    made = changed(play, other)
    if made == play:
        raise EditRefused(clause, "is so already", "another mood, or louder or quieter")
    return made


def changed(play: Screenplay, change: Change) -> Screenplay:
    """Every line as `change` has it."""
    shots = tuple(
        msgspec.structs.replace(shot, lines=tuple(line for one in shot.lines if (line := change(one)) is not None))
        for shot in play.shots
    )
    return msgspec.structs.replace(play, shots=shots)


def is_empty(clause: str, names: Names) -> bool:
    """What is left where a line was cut out."""
    return not re.search(r"[^\W\d_]{2}", _EMPTY.sub(" ", names.without(clause)))


def _speaker(play: Screenplay, given: Given, names: Names) -> str:
    if given.speaker:
        return given.speaker
    who = play.speakers or tuple(names.roles)
    if len(who) != 1:
        whose = ", ".join(f'{names.first(speaker)} says "…"' for speaker in names.roles)
        raise EditRefused(given.text, "does not say who speaks", whose or "nobody is cast")
    return who[0]


def _put(play: Screenplay, speaker: str, given: Sequence[Given], prose: str, names: Names) -> Screenplay:
    old = [line for line in _all(play) if line.speaker == speaker]
    if not old or _ADDED.search(prose):
        for one in given:
            play = _added(play, speaker, one)
        return play
    if len(given) == len(old):
        chosen = old
    elif len(given) == 1:
        chosen = [_meant(old, given[0], prose, names.first(speaker))]
    elif len(given) > len(old):
        chosen = old
    else:
        raise EditRefused(given[0].text, f"leaves open which of {len(old)} lines are meant", _how(old))
    instead = {id(line): _said(line, one.text, one.manner) for line, one in zip(chosen, given, strict=False)}
    play = changed(play, lambda line: instead.get(id(line), line))
    for one in given[len(chosen) :]:
        play = _added(play, speaker, one)
    return play


def _meant(old: Sequence[Line], new: Given, prose: str, name: str) -> Line:
    """By its place, else by the words that it shares. Raises EditRefused."""
    for word, place in _WHICH:
        if re.search(rf"\b{word}\b", prose, re.IGNORECASE) and -len(old) <= place < len(old):
            return old[place]
    wanted = set(_plain(new.text).split())
    best = max(old, key=lambda line: len(wanted & set(_plain(line.text).split())))
    if len(wanted & set(_plain(best.text).split())) < _ALIKE * len(wanted):
        raise EditRefused(new.text, f"leaves open which of {name}'s {len(old)} lines is meant", _how(old))
    return best


def _added(play: Screenplay, speaker: str, given: Given) -> Screenplay:
    """After everything else in the last shot that shows the speaker; nobody shows them: from outside the picture."""
    at = max(range(len(play.shots)), key=lambda number: (speaker in play.shots[number].who, number))
    shot = play.shots[at]
    emotion, energy = feeling(given.text, given.manner)
    off = given.off_screen or speaker not in shot.who
    line = Line(speaker, given.text, emotion, energy, off_screen=off)
    shots: list[Shot] = list(play.shots)
    shots[at] = msgspec.structs.replace(shot, lines=(*shot.lines, line))
    return msgspec.structs.replace(play, shots=tuple(shots))


def _said(line: Line, text: str, manner: str = "") -> Line:
    emotion, energy = feeling(text, manner)
    return msgspec.structs.replace(line, text=text, emotion=emotion, energy=energy)


def _all(play: Screenplay) -> list[Line]:
    return [line for shot in play.shots for line in shot.lines]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _quoted(said: Sequence[Line]) -> str:
    return ", ".join(f'"{line.text}"' for line in said)


def _how(old: Sequence[Line]) -> str:
    return f'replace "{old[0].text}" with "…", or "the first line", "the last line"; the lines are {_quoted(old)}'
