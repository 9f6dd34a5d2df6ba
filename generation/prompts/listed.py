"""The prompt's own shot list becomes shots: its order, times, framing and camera are kept."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from generation.errors import PromptTooWordy
from generation.plan import Framing, Shot, spoken_s
from generation.prompts import camera, dialogue, pace, shotlist
from generation.prompts.cutting import Cutaway
from generation.prompts.effects import effects
from generation.prompts.names import Names
from generation.prompts.repertoire import Beat
from generation.prompts.shotlist import ShotList
from generation.prompts.staging import action, line
from generation.prompts.turns import cast_lines
from generation.prompts.words import capitalised, sentences

_USUAL: Final[tuple[Framing, ...]] = ("wide", "medium", "two_shot", "wide", "wide")  # by how many are in frame
_ALL: Final = re.compile(
    r"\b(?:both|they|them|together|everyone|all of them|the (?:two|pair|friends|couple|group))\b", re.IGNORECASE
)
_ONE: Final = re.compile(r"\b(?:she|he|her|his|him)\b", re.IGNORECASE)


def shots(
    listing: ShotList,
    names: Names,
    improvised: Sequence[Beat],
    *,
    place: str,
    seconds: float,
    dice: random.Random,
) -> list[Shot]:
    """Shots as asked. `improvised` is used where it has none.

    Raises ScreenplayError where times or number cannot be had, PromptTooWordy where a shot's words do not fit it.
    """
    read = [dialogue.read(shot.body, names) for shot in listing.shots]
    beats = iter(cast_lines([given for each in read for given in each.lines], names))
    spoken = [[next(beats) for _ in each.lines] for each in read] if names.roles else [[] for _ in read]
    if improvised and not any(spoken):
        spoken = _spread(improvised, listing, seconds) or spoken
    cuts = _framed([shot.body for shot in listing.shots], spoken, names)
    needs = [pace.least_s([beat.text for beat in group]) for group in spoken]
    wants = [sum(pace.easy_s(beat.text) for beat in group) or pace.SILENT_SHOT_S for group in spoken]
    borders = shotlist.times(listing.shots, needs, wants, seconds)
    cuts = _fitted(cuts, borders)
    made = []
    for index, (cutaway, each) in enumerate(zip(cuts, read, strict=True)):
        told = capitalised(names.spelled_out(each.prose).strip(" ,;:-–—\n")).replace("\n", " ")
        if index == 0 and listing.preamble:
            told = f"{names.spelled_out(dialogue.read(listing.preamble, names).prose)} {told}".replace(
                "\n", " "
            ).strip()
        made.append(
            Shot(
                start_s=borders[index],
                end_s=borders[index + 1],
                framing=cutaway.framing,
                camera=cutaway.camera,
                who=cutaway.who,
                action=action(told, cutaway, place, names, dice),
                lines=tuple(line(beat) for beat in cutaway.beats),
                sound=effects(told),
                cut=camera.cut(each.prose) if index else "cut",
            )
        )
    return made


def _framed(bodies: Sequence[str], spoken: Sequence[Sequence[Beat]], names: Names) -> list[Cutaway]:
    everyone, cuts = tuple(names.roles), list[Cutaway]()
    last: tuple[str, ...] = everyone[:1]
    for body, beats in zip(bodies, spoken, strict=True):
        asked = camera.framing(body)
        seen = set(names.who(body)) | {beat.speaker for beat in beats if not beat.off_screen}
        if asked == "insert":
            seen = set()
        elif not seen and (asked == "two_shot" or _ALL.search(body)):
            seen = set(everyone[:2] if asked == "two_shot" else everyone)
        elif not seen and _ONE.search(body):
            seen = set(last)
        elif not seen and asked != "close_up" and len(everyone) == 1:
            seen = set(everyone)
        heard_only = {beat.speaker for beat in beats if beat.off_screen} - {
            b.speaker for b in beats if not b.off_screen
        }
        who = tuple(each for each in everyone if each in seen - heard_only)
        last = who[-1:] or last
        usual = _USUAL[len(who)]
        framing = "insert" if asked == "close_up" and not who else asked or usual
        placed = tuple(msgspec.structs.replace(beat, off_screen=beat.speaker not in who) for beat in beats)
        cuts.append(Cutaway(framing, camera.camera(body) or "static", who, placed))
    return cuts


def _fitted(cuts: Sequence[Cutaway], borders: Sequence[float]) -> list[Cutaway]:
    """Where a shot is too short for its words, its last sentences go on over the next shot."""
    out, carried = list[Cutaway](), list[Beat]()
    for index, cutaway in enumerate(cuts):
        room = borders[index + 1] - borders[index] + 5e-4
        parts = [*carried, *(_sentence for beat in cutaway.beats for _sentence in _sentences(beat))]
        fitting: list[Beat] = []
        while parts and sum(spoken_s(beat.text) for beat in [*fitting, parts[0]]) <= room:
            fitting.append(parts.pop(0))
        carried = parts
        joined: list[Beat] = []
        for beat in fitting:
            here = msgspec.structs.replace(beat, off_screen=beat.speaker not in cutaway.who)
            if joined and joined[-1].speaker == here.speaker and not beat.text.startswith("\n"):
                joined[-1] = msgspec.structs.replace(joined[-1], text=f"{joined[-1].text} {here.text}")
            else:
                joined.append(here)
        out.append(msgspec.structs.replace(cutaway, beats=tuple(joined)))
    if carried:
        over = sum(spoken_s(beat.text) for beat in carried)
        raise PromptTooWordy(borders[-1] + over, borders[-1])
    return out


def _sentences(beat: Beat) -> list[Beat]:
    return [msgspec.structs.replace(beat, text=part) for part in sentences(beat.text)]


def _spread(beats: Sequence[Beat], listing: ShotList, seconds: float) -> list[list[Beat]] | None:
    """Lines over the shots in order; None where they would be too many for the times given."""
    count = len(listing.shots)
    out: list[list[Beat]] = [[] for _ in range(count)]
    for index, beat in enumerate(beats):
        out[min(index * count // len(beats), count - 1)].append(beat)
    needs = [pace.least_s([beat.text for beat in group]) for group in out]
    borders = shotlist.times(listing.shots, needs, needs, seconds)
    fits = all(end - begin >= need - 1e-6 for begin, end, need in zip(borders, borders[1:], needs, strict=False))
    return out if fits else None
