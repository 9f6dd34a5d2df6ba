"""Words that somebody really spoke, and when: what ties a recording to lines of a screenplay. No numpy, no models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

BEFORE_S, AFTER_S = 0.12, 0.22  # kept around a line: recognisers' borders are that rough
_SOUNDLESS: Final = re.compile(r"[^\w]+")


class TimedWord(msgspec.Struct, frozen=True):
    """As it is written, with its punctuation; seconds of the recording's clock."""

    text: str
    start_s: float
    end_s: float


class Spoken(msgspec.Struct, frozen=True):
    """One performance's words."""

    speaker: str  # "S1".."S4"
    words: tuple[TimedWord, ...]

    @property
    def text(self) -> str:
        """The line."""
        return " ".join(word.text for word in self.words)


class Borrowed(msgspec.Struct, frozen=True):
    """The sound of another clip: the bytes of its file, and who of this cast moves their lips to which of its words."""

    content: bytes
    spoken: tuple[Spoken, ...]


class Piece(msgspec.Struct, frozen=True):
    """Words `first` up to `last` of a performance, in a line of its own."""

    first: int
    last: int


def pieces(words: Sequence[TimedWord], lines: Sequence[str]) -> Iterator[Piece | None]:
    """For each of a speaker's lines, in order, which words of their performance it has; None for other lines."""
    said = [plain(word.text) for word in words]
    at = 0
    for line in lines:
        wanted = [sounding for word in line.split() if (sounding := plain(word))]
        end = at + len(wanted)
        if wanted and said[at:end] == wanted:
            yield Piece(at, end)
            at = end
        else:
            yield None


def span(words: Sequence[TimedWord], piece: Piece) -> tuple[float, float]:
    """Begin and end of a piece's sound, seconds of the recording: half way to its neighbours, with some air outside."""
    begin = words[piece.first].start_s - BEFORE_S
    end = words[piece.last - 1].end_s + AFTER_S
    if piece.first:
        begin = max(begin, (words[piece.first - 1].end_s + words[piece.first].start_s) / 2)
    if piece.last < len(words):
        end = min(end, (words[piece.last - 1].end_s + words[piece.last].start_s) / 2)
    return max(0.0, begin), end


def plain(word: str) -> str:
    """As it is compared: letters and figures only, lower case."""
    return _SOUNDLESS.sub("", word.lower().replace("'", "").replace("\u2019", ""))
