"""From lines to shots: who is in frame, how close, and where the cuts fall."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from generation.errors import PromptTooWordy
from generation.plan import Camera, Framing, shots_allowed, spoken_s
from generation.prompts.pace import SILENT_SHOT_S, divide, easy_s, least_s
from generation.prompts.repertoire import Beat
from generation.prompts.words import halves, sentences

_SOLO: Final[tuple[tuple[Framing, ...], ...]] = (
    ("wide", "medium", "close_up", "medium", "close_up"),
    ("medium", "close_up", "wide", "medium", "close_up"),
    ("wide", "close_up", "medium", "close_up", "wide"),
)
_NOBODY: Final[tuple[Framing, ...]] = ("wide", "insert", "wide")


class Cutaway(msgspec.Struct, frozen=True):
    """A shot without its words about what is seen. `who` left to right."""

    framing: Framing
    camera: Camera
    who: tuple[str, ...]
    beats: tuple[Beat, ...] = ()


def conversation(beats: Sequence[Beat], everyone: Sequence[str], seconds: float, dice: random.Random) -> list[Cutaway]:
    """Shots for these lines: one with both first, then a close-up of whoever speaks; a silent listener may close.

    Raises PromptTooWordy where the words cannot fit.
    """
    needed = sum(spoken_s(beat.text) for beat in beats)
    if needed > seconds + 0.01:  # thirds of a second do not add up exactly
        raise PromptTooWordy(needed, seconds)
    fewest, most = shots_allowed(seconds)
    # one person alone is not cut faster than every three seconds
    most = min(most, round(seconds / 3)) if len(everyone) == 1 else most
    for groups in _groupings(list(beats), len(everyone), most):
        shots = _framed(groups, everyone, dice)
        alone = len(everyone) > 1 and len(shots) == 1 and len({beat.speaker for beat in groups[0]}) == 1
        shots = _opened(shots, everyone) if alone and seconds >= 8 else shots
        for more in (*_listeners(shots, everyone, most if seconds >= 8 else 0), _opened(shots, everyone)):
            if fewest <= len(more) <= most and lengths(more, seconds):
                return more
    raise PromptTooWordy(max(needed, seconds + 0.1), seconds)


def silent(everyone: Sequence[str], seconds: float, dice: random.Random) -> list[Cutaway]:
    """Shots without words: all of them, then each; without a cast, the place and its details."""
    count = 3 if seconds >= 8 else 1
    camera: Camera = dice.choice(("push_in", "pan_right", "static"))
    if not everyone:
        return [Cutaway(framing, camera if i == 0 else "static", ()) for i, framing in enumerate(_NOBODY[:count])]
    if len(everyone) == 1:
        order = dice.choice(_SOLO)[:count]
        return [Cutaway(framing, camera if i == 0 else "static", tuple(everyone)) for i, framing in enumerate(order)]
    closer = [Cutaway("close_up", "static", (who,)) for who in everyone[:2]]
    return [Cutaway(_together(everyone), camera, tuple(everyone)), *closer][:count]


def lengths(shots: Sequence[Cutaway], seconds: float) -> list[float] | None:
    """Seconds of each shot on the frame grid, fitted to the lines; None where they do not fit."""
    needs = [least_s([beat.text for beat in shot.beats]) for shot in shots]
    return divide(seconds, needs, wants_s(shots))


def wants_s(shots: Sequence[Cutaway]) -> list[float]:
    """How long each shot would like to be."""
    settle = 0.4  # a first look at the place before anybody speaks
    return [
        (sum(easy_s(beat.text) for beat in shot.beats) or SILENT_SHOT_S) + (settle if index == 0 else 0.0)
        for index, shot in enumerate(shots)
    ]


def _groupings(beats: list[Beat], people: int, most: int) -> list[list[list[Beat]]]:
    """Ways to part the lines into shots, best first."""
    split = _split_first(beats, people)
    ways = [_merged(split, most), _merged(beats, most)]
    while len(beats) < most and (parts := _split_longest(beats)):
        beats = parts
        ways.append(_merged(beats, most))
    if most < 5 or len(ways[1]) == 1:
        ways.append([list(beats)])
    return ways


def _split_first(beats: list[Beat], people: int) -> list[Beat]:
    """Long utterances part at a sentence's end, so that both are seen before the first close-up."""
    out: list[Beat] = []
    voices = {beat.speaker for beat in beats}
    for index, beat in enumerate(beats):
        parts = sentences(beat.text)
        answered_later = any(later.speaker == beat.speaker for later in beats[index + 1 :])
        if len(parts) > 1 and (
            (index == 0 and not answered_later) or (len(beats) < 3 and len(voices) < 2) or people == 1
        ):
            cut = 1 if spoken_s(parts[0]) >= 0.6 or len(parts) == 2 else 2
            out += [msgspec.structs.replace(beat, text=" ".join(part)) for part in (parts[:cut], parts[cut:])]
        else:
            out.append(beat)
    return out


def _split_longest(beats: list[Beat]) -> list[Beat] | None:
    for index in sorted(range(len(beats)), key=lambda i: -spoken_s(beats[i].text)):
        if parts := halves(beats[index].text):
            both = [msgspec.structs.replace(beats[index], text=part) for part in parts]
            return [*beats[:index], *both, *beats[index + 1 :]]
    return None


def _merged(beats: Sequence[Beat], most: int) -> list[list[Beat]]:
    """At most `most` groups of neighbours; the shortest neighbours join first, never the last two of a short scene."""
    groups = [[beat] for beat in beats]
    while len(groups) > most:
        weights = [sum(spoken_s(b.text) for b in (*left, *right)) for left, right in pairwise(groups)]
        same = [left[-1].speaker == right[0].speaker for left, right in pairwise(groups)]
        at = min(range(len(weights)), key=lambda i: (weights[i] - 1.5 * same[i], i))
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    return groups


def _framed(groups: Sequence[Sequence[Beat]], everyone: Sequence[str], dice: random.Random) -> list[Cutaway]:
    solo = dice.choice(_SOLO)
    camera: Camera = dice.choice(("push_in", "static", "pan_right"))
    shots: list[Cutaway] = []
    for index, group in enumerate(groups):
        seen = tuple(who for who in everyone if any(beat.speaker == who for beat in group if not beat.off_screen))
        if len(everyone) == 1:
            shots.append(Cutaway(solo[index], camera if index == 0 else "static", tuple(everyone), tuple(group)))
        elif index == 0 or len(seen) != 1:
            shots.append(
                Cutaway(_together(everyone), camera if index == 0 else "static", tuple(everyone), tuple(group))
            )
        else:
            angry = any(beat.emotion in {"angry", "afraid"} and beat.energy >= 0.7 for beat in group)
            move: Camera = "push_in" if angry or (index == len(groups) - 1 and dice.random() < 0.5) else "static"
            shots.append(Cutaway("close_up", move, seen, tuple(group)))
    return shots


def _listeners(shots: list[Cutaway], everyone: Sequence[str], most: int) -> list[list[Cutaway]]:
    """The shots with a silent close-up of each who has none yet; then with fewer of these."""
    closest = [shot.who for shot in shots if shot.framing == "close_up"]
    unseen = [who for who in everyone[:2] if (who,) not in closest] if len(everyone) > 1 else []
    silent_ones = [Cutaway("close_up", "static", (who,)) for who in unseen[: max(most - len(shots), 0)]]
    return [[*shots, *silent_ones[:count]] for count in range(len(silent_ones), -1, -1)]


def _opened(shots: list[Cutaway], everyone: Sequence[str]) -> list[Cutaway]:
    """The shots after a silent look at everybody: for one voice alone, or one short line in a long clip."""
    speaking = {beat.speaker for beat in shots[0].beats if not beat.off_screen}
    closer = shots[0]
    if len(speaking) == 1:
        closer = msgspec.structs.replace(closer, framing="close_up", camera="static", who=tuple(speaking))
    together = _together(everyone) if len(everyone) > 1 else "wide"
    return [Cutaway(together, "push_in", tuple(everyone)), closer, *shots[1:]]


def _together(everyone: Sequence[str]) -> Framing:
    return "two_shot" if len(everyone) == 2 else "wide"
