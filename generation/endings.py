"""Another ending: every shot but the last stays, and the last one's time is told anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from generation.continuation import directed
from generation.edits.fitting import fitted
from generation.edits.shots import apart
from generation.errors import EditRefused, ScreenplayError
from generation.plan import Role, Screenplay, Shot, shots_allowed
from generation.prompts import dialogue
from generation.prompts.language import language_of
from generation.prompts.names import Names
from generation.prompts.pace import divide, easy_s, least_s
from generation.prompts.words import clean
from generation.screenwriter import write
from generation.shapes import on_frame

TOLD_S = 4.0  # an ending is written as a clip of this length


def ended_otherwise(play: Screenplay, prompt: str, cast: Sequence[Role], *, seed: int) -> Screenplay:
    """`play` as it is up to its last shot, and then what the prompt says, in the same place and light.

    Earlier shots only give up time where the ending's own words need it. Raises EditRefused for a play that was
    extended, ScreenplayError for a prompt that cannot be written, PromptTooWordy.
    """
    if play.joins_s:
        raise EditRefused(prompt, "would rewrite a video that was extended", "another ending of the video it extends")
    *kept, last = play.shots
    fresh = write(directed(prompt, play), _who_may_speak(play, prompt, cast), TOLD_S, seed=seed)
    span = play.seconds - last.start_s
    ending = fresh.shots if dialogue.read(clean(prompt), Names(cast)).lines else _as_long(fresh.shots, span)
    room = shots_allowed(play.seconds)[1] - len(kept)
    told = _shared(ending, span, last.start_s) if len(ending) <= room else None
    shots = told or [_whole(ending, last.start_s, play.seconds)]
    made = fitted(msgspec.structs.replace(play, shots=(*kept, *apart(shots, kept))))
    said = " ".join(line.text for shot in made.shots for line in shot.lines)
    made = msgspec.structs.replace(made, language=language_of(said)) if said else made
    if made == play:
        raise EditRefused(prompt, "is how it ends already", "another ending")
    return made


def _who_may_speak(play: Screenplay, prompt: str, cast: Sequence[Role]) -> list[Role]:
    """Two speak at most: whoever speaks in what stays, and whom the prompt names. Raises ScreenplayError."""
    wanted = {*play.speakers, *Names(cast).who(prompt)}
    chosen = [role for role in cast if role.speaker in wanted]
    if not chosen:
        chosen = list(cast)
    if not chosen and play.speakers:
        raise ScreenplayError("nobody is cast who could be in the ending")
    return chosen


def _as_long(shots: Sequence[Shot], seconds: float) -> tuple[Shot, ...]:
    """Without the last of the invented lines that there is no time for."""
    left = list(shots)
    while sum(least_s([line.text for line in shot.lines]) for shot in left if shot.lines) > seconds:
        number = max(number for number, shot in enumerate(left) if shot.lines)
        left[number] = msgspec.structs.replace(left[number], lines=left[number].lines[:-1])
    return tuple(left)


def _shared(shots: Sequence[Shot], seconds: float, begin: float) -> list[Shot] | None:
    """The shots in `seconds` from `begin` on; None where there is no time for so many."""
    texts = [[line.text for line in shot.lines] for shot in shots]
    wants = [max(shot.end_s - shot.start_s, sum(map(easy_s, said))) for shot, said in zip(shots, texts, strict=True)]
    lengths = divide(seconds, [least_s(said) for said in texts], wants)
    if lengths is None:
        return None
    borders = [on_frame(at) for at in accumulate(lengths, initial=begin)]
    return [_at(shot, first, last) for shot, (first, last) in zip(shots, pairwise(borders), strict=True)]


def _whole(shots: Sequence[Shot], begin: float, end: float) -> Shot:
    """All of it in one shot."""
    who = tuple(dict.fromkeys(one for shot in shots for one in shot.who))
    first = shots[0]
    framing = first.framing if len(who) <= 1 else "two_shot" if len(who) == 2 else "wide"
    whole = msgspec.structs.replace(
        first,
        framing=framing,
        who=who,
        action=" ".join(filter(None, (shot.action for shot in shots))),
        sound=", ".join(filter(None, (shot.sound for shot in shots))),
        lines=tuple(line for shot in shots for line in shot.lines),
    )
    return _at(whole, begin, end)


def _at(shot: Shot, begin: float, end: float) -> Shot:
    lines = tuple(msgspec.structs.replace(line, start_s=None) for line in shot.lines)
    return msgspec.structs.replace(shot, start_s=begin, end_s=end, lines=lines)
