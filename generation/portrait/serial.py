"""A clip that was extended, for the ear: every part rehearsed as if it were a clip of its own, and heard as one.

So what was there before the extension sounds, and moves, as it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from generation.continuation import moved
from generation.engine import Progress, Recorded, Sound
from generation.plan import CastMember, Screenplay
from generation.portrait.mix import LEAD
from generation.portrait.soundtrack import Performance, Rehearsal, SpokenLine
from generation.portrait.speech import Speaker


def parts_of(screenplay: Screenplay) -> tuple[Screenplay, ...]:
    """Cut at its joins, each on a clock of its own."""
    borders = (0.0, *screenplay.joins_s, screenplay.seconds)
    return tuple(
        msgspec.structs.replace(
            screenplay, shots=tuple(moved(shot, -first) for shot in screenplay.shots if first <= shot.start_s < last)
        )
        for first, last in pairwise(borders)
    )


class Serial:
    """What Rehearsal is for a clip of one part."""

    def __init__(
        self, screenplay: Screenplay, cast: Sequence[CastMember], speaker: Speaker, recorded: Sequence[Recorded] = ()
    ) -> None:
        """`recorded` lines are of the first part. Raises what Rehearsal raises."""
        self._parts = parts_of(screenplay)
        self._rehearsals = [
            Rehearsal(part, cast, speaker, () if number else recorded) for number, part in enumerate(self._parts)
        ]
        self._begins_s = (0.0, *screenplay.joins_s)

    @property
    def fallbacks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for rehearsal in self._rehearsals for one in rehearsal.fallbacks))

    def speak(self, shots: int, on_progress: Progress) -> None:
        """See Rehearsal.speak."""
        wanted = self._wanted(shots)
        before = 0
        for number, (rehearsal, count) in enumerate(wanted):

            def told(stage: str, fraction: float, shot: int, number: int = number, before: int = before) -> None:
                on_progress(stage, (number + fraction) / len(wanted), before + shot)

            rehearsal.speak(count, told)
            before += len(self._parts[number].shots)

    def performance(self, shots: int) -> Performance:
        """See Rehearsal.performance."""
        heard = [rehearsal.performance(count) for rehearsal, count in self._wanted(shots)]
        begins = list(zip(heard, self._begins_s, strict=False))
        return Performance(
            {who: np.concatenate([one.mouth[who] for one in heard]) for who in heard[0].mouth},
            {who: np.concatenate([one.loudness[who] for one in heard]) for who in heard[0].loudness},
            tuple(card.moved(begin) for one, begin in begins for card in one.captions),
            tuple(_later(line, begin) for one, begin in begins for line in one.lines),
        )

    def sound(self, shots: int, *, seed: int) -> Sound:
        """See Rehearsal.sound; what goes on is only to be had whole."""
        if shots < sum(len(part.shots) for part in self._parts):
            [(rehearsal, count)] = self._wanted(shots)
            return rehearsal.sound(count, seed=seed)
        tape = self._rehearsals[0].sound(len(self._parts[0].shots), seed=seed)
        for added in self._sequels(seed):
            tape = np.concatenate([tape[:, :-LEAD], tape[:, -LEAD:] + added[:, :LEAD], added[:, LEAD:]], axis=1)
        return tape

    def last(self, *, seed: int) -> Sound:
        """Of the last part, from LEAD before it: to be added to what is there."""
        return self._sequels(seed)[-1]

    def first(self, *, seed: int) -> Sound:
        """Of the last part's first shot, by itself: what is spoken by then."""
        return self._rehearsals[-1].sound(1, seed=seed)

    def _sequels(self, seed: int) -> list[Sound]:
        gain = self._rehearsals[0].gain(seed=seed)
        made: list[Sound] = []
        for number, rehearsal in enumerate(self._rehearsals[1:], 1):
            made.append(rehearsal.sequel(seed=seed, number=number, gain=gain))
            gain = min(gain, rehearsal.gain(seed=seed))
        return made

    def _wanted(self, shots: int) -> list[tuple[Rehearsal, int]]:
        """The parts that the first `shots` shots reach into, and how many of each one's."""
        wanted = []
        for part, rehearsal in zip(self._parts, self._rehearsals, strict=True):
            if shots > 0:
                wanted.append((rehearsal, min(shots, len(part.shots))))
            shots -= len(part.shots)
        return wanted


def _later(line: SpokenLine, seconds: float) -> SpokenLine:
    return msgspec.structs.replace(line, start_s=line.start_s + seconds, end_s=line.end_s + seconds)
