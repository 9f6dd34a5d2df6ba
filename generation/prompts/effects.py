"""Sounds that the prose names."""

from __future__ import annotations

import re
from typing import Final

from generation.prompts.scenery import SCENERY

_LABEL: Final = re.compile(
    r"\b(?:sfx|sound(?: effect)?)\s*[:：]\s*([^.\n]{2,80})|\bsound of ([^.,;\n]{2,60})", re.IGNORECASE
)


def effects(prose: str) -> str:
    """Effects in order of mention, comma-separated; empty where none is named."""
    found = [(label.start(), (label[1] or label[2]).strip()) for label in _LABEL.finditer(prose)]
    for pattern, words in SCENERY.effects:
        if hit := re.search(rf"\b(?:{pattern})", prose, re.IGNORECASE):
            found.append((hit.start(), words))
    return ", ".join(dict.fromkeys(words for _, words in sorted(found)[:3]))
