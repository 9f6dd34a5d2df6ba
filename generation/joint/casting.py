"""What a joint model needs before it is asked for anything, and the voices it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch

from generation.engine import Given
from generation.errors import CastIncomplete, EngineError
from generation.languages import check_spoken
from generation.options import Abilities
from generation.perception import recordings
from generation.plan import CastMember, Screenplay

MOST_S: Final = 20.0  # what LTX-2 was trained to


def possible(screenplay: Screenplay, cast: Sequence[CastMember], given: Given, able: Abilities) -> None:
    """Nothing is asked for that the engine cannot do, and the cast has what it needs.

    Raises LanguageNotSpoken, EngineError for what was given beside the words, CastIncomplete naming who lacks what.
    """
    if screenplay.seconds > MOST_S:
        raise EngineError("start", f"this engine makes {MOST_S:g} s at a time; {screenplay.seconds:g} s were asked for")
    check_spoken(screenplay, able.languages)
    if given.recorded and not able.recordings:
        raise EngineError("start", "this engine speaks every line itself and takes no recordings: leave them out")
    if given.scene is not None and not able.scene:
        raise EngineError("start", "this engine takes no picture beside the words: leave it out")
    _complete(screenplay, cast)


def _complete(screenplay: Screenplay, cast: Sequence[CastMember]) -> None:
    """Everybody named in the screenplay is here with a picture, and every person who speaks with a voice."""
    members = {member.speaker: member for member in cast}
    for shot in screenplay.shots:
        for who in (*shot.who, *(line.speaker for line in shot.lines)):
            if who not in members:
                raise CastIncomplete(who, "a character", "cast one for every part")
            references = members[who].references
            kept = references.face or references.figure
            if kept is None or not kept.photo_png:
                raise CastIncomplete(members[who].name, "a stored picture", "renew the character's references")
    for who in screenplay.speakers:
        references = members[who].references
        if references.face is not None and (references.voice is None or not references.voice.sample_wav):
            raise CastIncomplete(members[who].name, "a stored voice", "record one: five seconds of clear speech")


def voice_of(member: CastMember) -> torch.Tensor | None:
    """(1, N) mono at 16 kHz, -1..1, of the stored recording; None for a figure without one. Raises NotASound."""
    voice = member.references.voice
    return None if voice is None else torch.from_numpy(recordings.decoded(voice.sample_wav))[None]
