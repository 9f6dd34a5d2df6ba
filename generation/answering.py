"""One line, said into the camera: the screenplay of an answer in a conversation."""

from __future__ import annotations

import random
from typing import Final

from generation.errors import ScreenplayError
from generation.plan import Emotion, Line, Screenplay, Shot, check
from generation.prompts import mood, settings
from generation.prompts.improvised import QUOTED
from generation.prompts.language import language_of

SECONDS: Final = 4.0


def close_up(text: str, emotion: Emotion | None, *, seed: int) -> Screenplay:
    """Four seconds of S1 alone; None: as the words feel. Raises ScreenplayError where they need longer."""
    felt, energy = mood.feeling(text)
    scene = settings.read("", QUOTED, mood.mood("", [emotion or felt]), random.Random(seed))  # noqa: S311  no secret
    line = Line("S1", text, emotion or felt, energy)
    play = Screenplay(
        title=" ".join(text.split()[:6]),
        style=scene.style,
        setting=scene.setting,
        shots=(Shot(0.0, SECONDS, "close_up", "push_in", ("S1",), lines=(line,)),),
        sound_bed=scene.sound_bed,
        language=language_of(text),
    )
    try:
        check(play, ["S1"], SECONDS)
    except ScreenplayError as error:
        error.param = "prompt"
        raise
    return play
