"""When lines are meant to be heard: a joint model says them, and only a recogniser could tell when it did."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from generation.captions_file import Caption
from generation.plan import Line, Screenplay, Shot, spoken_s
from generation.portrait.captions import captions, width_of
from generation.portrait.speech import Word


def planned(screenplay: Screenplay) -> tuple[Caption, ...]:
    """Cards for every line, in order; each line where the screenplay puts it, else in its turn within its shot."""
    cards: list[Caption] = []
    for shot in screenplay.shots:
        for line, start_s, end_s in _spans(shot):
            cards += captions(line.speaker, _words(line.text, end_s - start_s), start_s, shot.end_s)
    return tuple(cards)


class Turn(msgspec.Struct, frozen=True):
    """Whose voice is heard; seconds on the clip's clock."""

    speaker: str
    start_s: float
    end_s: float


def turns(screenplay: Screenplay) -> tuple[Turn, ...]:
    """Who speaks when: they tile the clip, and change in the middle of the pause between two speakers' lines.

    A model says lines a little earlier or later than the screenplay; so nothing lies between two turns.
    """
    made: list[Turn] = []
    for shot in screenplay.shots:
        for line, start_s, end_s in _spans(shot):
            if made and made[-1].speaker == line.speaker:
                made[-1] = msgspec.structs.replace(made[-1], end_s=end_s)
            else:
                made.append(Turn(line.speaker, start_s, end_s))
    borders = [(one.end_s + next_.start_s) / 2 for one, next_ in itertools.pairwise(made)]
    starts, ends = [0.0, *borders], [*borders, screenplay.seconds]
    return tuple(Turn(one.speaker, start, end) for one, start, end in zip(made, starts, ends, strict=False))


def _spans(shot: Shot) -> Iterator[tuple[Line, float, float]]:
    """Lines share the shot by how long they take, with equal pauses around them; a given start pushes what follows."""
    needed = [spoken_s(line.text) for line in shot.lines]
    length = shot.end_s - shot.start_s
    pause = max(0.0, length - sum(needed)) / (len(needed) + 1)
    at = shot.start_s
    for number, line in enumerate(shot.lines):
        at = max(at, line.start_s) if line.start_s is not None else at + pause
        left = sum(needed[number:])
        share = min(needed[number], needed[number] / left * max(0.0, shot.end_s - at)) if left else 0.0
        yield line, at, at + share
        at += share


def _words(text: str, seconds: float) -> list[Word]:
    """Spread by how wide they are; Han and kana stand alone."""
    parts = [part for word in text.split() for part in (list(word) if width_of(word) > len(word) else [word])]
    whole = max(1, sum(width_of(part) for part in parts))
    words: list[Word] = []
    at = 0.0
    for part in parts:
        end = at + seconds * width_of(part) / whole
        words.append(Word(part, at, end))
        at = end
    return words
