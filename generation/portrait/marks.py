"""What stands beside the words in Chinese and Japanese text: marks, quotation marks, pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generation.portrait.reading import Token

MARKS: Final = {
    **dict(zip("，、。．！？；：", ",,..!?;:", strict=True)),
    **{mark: mark for mark in ",.!?;:…—"},
}
"""Written mark -> the network's own: a pause, or a voice that rises or falls."""


def gathered(text: str, parts: Iterable[tuple[str, str]]) -> tuple[Token, ...]:
    """All of a text's pieces, (written or as long as that, said) -> its words in order, as `text` has them.

    Marks and whatever else is not said stand with the word before them, at the beginning with the word after.
    """
    tokens: list[Token] = []
    at = 0
    for piece, said in parts:
        shown, at = text[at : at + len(piece)], at + len(piece)
        if tokens and not any(c.isalnum() for c in said):
            before = tokens[-1].said
            mark = said if before and before[-1] not in MARKS.values() else ""
            tokens[-1] = Token(tokens[-1].shown + shown, before + mark)
        elif tokens and not tokens[-1].said:
            tokens[-1] = Token(tokens[-1].shown + shown, said)
        else:
            tokens.append(Token(shown, said if any(c.isalnum() for c in said) else ""))
    return tuple(Token(token.shown.strip(), token.said) for token in tokens if token.shown.strip())
