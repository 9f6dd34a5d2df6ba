"""Room for other words: shots that are too short for theirs take time from the others, between the same joins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from generation.errors import PromptTooWordy
from generation.plan import Screenplay, Shot, spoken_s
from generation.prompts.pace import divide, easy_s, least_s
from generation.shapes import on_frame


def fitted(play: Screenplay) -> Screenplay:
    """The same shots, each long enough for its lines. Raises PromptTooWordy."""
    borders = (0.0, *play.joins_s, play.seconds)
    shots: list[Shot] = []
    for first, last in pairwise(borders):
        shots += _part([shot for shot in play.shots if first <= shot.start_s < last], first, last)
    return msgspec.structs.replace(play, shots=tuple(shots))


def _part(shots: Sequence[Shot], first: float, last: float) -> Sequence[Shot]:
    texts = [[line.text for line in shot.lines] for shot in shots]
    if all(_holds(shot) for shot in shots):
        return shots
    wants = [max(shot.end_s - shot.start_s, sum(map(easy_s, said))) for shot, said in zip(shots, texts, strict=True)]
    lengths = divide(last - first, [least_s(said) for said in texts], wants)
    if lengths is None:
        raise PromptTooWordy(sum(spoken_s(text) for said in texts for text in said), last - first)
    borders = [on_frame(at) for at in accumulate(lengths, initial=first)]
    return [
        msgspec.structs.replace(
            shot,
            start_s=begin,
            end_s=end,
            lines=tuple(msgspec.structs.replace(line, start_s=None) for line in shot.lines),
        )
        for shot, (begin, end) in zip(shots, pairwise(borders), strict=True)
    ]


def _holds(shot: Shot) -> bool:
    if sum(spoken_s(line.text) for line in shot.lines) > shot.end_s - shot.start_s:
        return False
    return all(line.start_s is None or line.start_s + spoken_s(line.text) <= shot.end_s for line in shot.lines)
