"""A screenplay in Echo's prompt language: one prompt for each shot, complete in itself.

The model is called once for every shot and remembers faces and voices by their slots, in the order the cast is named.
"""

from __future__ import annotations

from collections.abc import Sequence

from generation.joint.wording import CAMERAS, FRAMINGS, listed, looks_of, sentence, spoken
from generation.plan import CastMember, Screenplay, Shot


def prompt(screenplay: Screenplay, shot: Shot, cast: Sequence[CastMember]) -> str:
    """One shot of the screenplay."""
    members = {member.speaker: member for member in cast}
    shown = listed([looks_of(members[who]) for who in shot.who])
    parts = [
        sentence(f"{FRAMINGS[shot.framing]}{f' of {shown}' if shown else ''} in {screenplay.setting}"),
        sentence(screenplay.style),
        sentence(CAMERAS[shot.camera]),
        sentence(shot.action),
        *(sentence(spoken(line, members[line.speaker], screenplay.language)) for line in shot.lines),
        sentence(f"{shot.sound} is heard" if shot.sound else ""),
        sentence(f"{screenplay.sound_bed} is heard softly in the background" if screenplay.sound_bed else ""),
        "" if shot.lines else "Nobody speaks.",
    ]
    return " ".join(part for part in parts if part)


def remembered(shot: Shot, cast: Sequence[CastMember]) -> list[CastMember]:
    """Whose face and voice the shot needs: who is seen, then who only speaks; speakers before the silent."""
    speaking = [line.speaker for line in shot.lines]
    needed = dict.fromkeys([*(who for who in shot.who if who in speaking), *speaking, *shot.who])
    members = {member.speaker: member for member in cast}
    return [members[who] for who in needed]
