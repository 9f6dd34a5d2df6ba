"""Somebody else in somebody's place: the same shots and words, said to and about the new one."""

from __future__ import annotations

import msgspec

from generation.plan import Role, Screenplay
from generation.prompts.names import Names, first_name


def recast(play: Screenplay, old: Role, new: Role) -> Screenplay:
    """`play` where whatever names `old` names `new`, who has the same speaker id. Their lines stay theirs."""
    names = Names([old])
    called = first_name(new.name) or new.handle

    def told(text: str) -> str:
        for mention in reversed(names.find(text)):
            text = text[: mention.start] + called + text[mention.end :]
        return text

    replace = msgspec.structs.replace
    shots = tuple(
        replace(
            shot,
            action=told(shot.action),
            lines=tuple(replace(line, text=told(line.text)) for line in shot.lines),
        )
        for shot in play.shots
    )
    return replace(play, title=told(play.title), setting=told(play.setting), shots=shots)
