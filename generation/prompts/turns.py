"""Who speaks a line that names nobody, and how."""

from __future__ import annotations

from collections.abc import Sequence

from generation.errors import ScreenplayError
from generation.plan import MAX_SPEAKERS
from generation.prompts.dialogue import Given
from generation.prompts.mood import feeling
from generation.prompts.names import Names
from generation.prompts.repertoire import Beat


def cast_lines(lines: Sequence[Given], names: Names) -> tuple[Beat, ...]:
    """A beat per line; unnamed lines go round the speakers. Nobody cast: nothing is said.

    Raises ScreenplayError where the lines name more than two speakers.
    """
    if not names.roles:
        return ()
    named = dict.fromkeys(line.speaker for line in lines if line.speaker)
    if len(named) > MAX_SPEAKERS:
        who = ", ".join(names.first(speaker) for speaker in named)
        raise ScreenplayError(f"the prompt gives lines to {who}; at most {MAX_SPEAKERS} characters speak in a clip")
    pair = tuple(dict.fromkeys([*named, *names.roles]))[:MAX_SPEAKERS]
    # cast order, not order of naming, says who begins when nobody is named
    turn = sorted(pair, key=list(names.roles).index)
    beats: list[Beat] = []
    for line in lines:
        following = next((who for who in turn if not beats or who != beats[-1].speaker), turn[0])
        emotion, energy = feeling(line.text, line.manner)
        beats.append(Beat(line.speaker or following, line.text, emotion, energy, line.off_screen))
    return tuple(beats)
