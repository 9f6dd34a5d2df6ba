"""Another look: style, light and music; every shot, place and word stays."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from generation.edits import looks, sounds
from generation.errors import EditRefused
from generation.plan import Screenplay
from generation.prompts.names import Names
from generation.prompts.scenery import SCENERY
from generation.prompts.words import clean, shortened

STYLE_MOST: Final = 160  # characters
_ASKED: Final = re.compile(
    r"^\W*(?:(?:please|make (?:it|this)|restyle (?:it|this)?|turn (?:it|this) into|shoot (?:it|this)|look|like"
    r"|as if it were|as|in the style of|in|an?|the)\b\W*)+",
    re.IGNORECASE,
)
_LIGHT: Final = (  # words of a style -> warmth, contrast
    (r"\bnoir\b|\bblack[- ]and[- ]white\b|\bmonochrome\b", -0.2, 0.7),
    (r"\b(?:horror|spooky|haunted)\b", -0.5, 0.5),
    (r"\bcyberpunk\b|\bneon\b", -0.4, 0.6),
    (r"\b(?:vintage|super ?8|retro|1970s|70s|sepia|western)\b", 0.6, -0.2),
    (r"\bwatercolou?r\b|\bpastel\b|\bdream", 0.2, -0.5),
    (r"\b(?:cartoon|comic|anime|pixar)\b", 0.2, 0.4),
    (r"\bsitcom\b|\bsoap\b", 0.2, -0.4),
)


def restyled(play: Screenplay, prompt: str) -> Screenplay:
    """`play` in the style that the prompt names, or describes. Raises EditRefused where it looks so already."""
    text = clean(prompt)
    known = next((look for pattern, look in SCENERY.styles if re.search(pattern, text, re.IGNORECASE)), "")
    style = known or shortened(_ASKED.sub("", text).strip(" .,;:!"), STYLE_MOST)
    if not style:
        raise EditRefused(prompt, "names no style", "a style in words: as a film noir, like a watercolour")
    made = msgspec.structs.replace(play, style=style)
    for pattern, warmth, contrast in _LIGHT:
        if re.search(pattern, f"{text} {style}", re.IGNORECASE):
            made = msgspec.structs.replace(made, warmth=warmth, contrast=contrast)
            break
    else:
        made = looks.lit(made, text, Names([])) or made
    made = sounds.scored(made, text, Names([])) or made
    if made == play:
        raise EditRefused(prompt, "is how it looks already", "another style")
    return made
