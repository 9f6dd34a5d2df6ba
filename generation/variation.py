"""A new idea for a clip that there is: told in its place, its light and its style."""

from __future__ import annotations

import re

import msgspec

from generation.continuation import directed
from generation.plan import Screenplay
from generation.prompts import settings
from generation.prompts.scenery import SCENERY


def placed(prompt: str, play: Screenplay) -> str:
    """The prompt, told where it plays unless it says so itself."""
    return prompt if settings.place_in(prompt) else directed(prompt, play)


def inherited(play: Screenplay, fresh: Screenplay, prompt: str) -> Screenplay:
    """`fresh` as `play` looks and sounds, but for what the prompt asks for otherwise."""
    same: dict[str, float | str] = {"warmth": play.warmth, "contrast": play.contrast, "music": play.music}
    if not any(re.search(pattern, prompt, re.IGNORECASE) for pattern, _ in SCENERY.styles):
        same["style"] = play.style
    musical = any(re.search(pattern, prompt, re.IGNORECASE) for pattern, _ in SCENERY.music)
    if not settings.place_in(prompt) and not musical and fresh.setting == play.setting:
        same["sound_bed"] = play.sound_bed
    return msgspec.structs.replace(fresh, **same)
