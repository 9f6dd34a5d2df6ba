"""Shots for a prompt that lists none: frames, cuts, action and sound around the lines."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Final

from generation.plan import Line, Shot
from generation.prompts import camera, cutting
from generation.prompts.cutting import Cutaway
from generation.prompts.effects import effects
from generation.prompts.mood import DELIVERY
from generation.prompts.names import Names
from generation.prompts.repertoire import Beat
from generation.prompts.settings import Scene
from generation.prompts.words import capitalised, sentences, shortened
from generation.shapes import on_frame

_ACTION_LETTERS: Final = 280
_LISTENS: Final = ("listens, one eyebrow raised", "listens and tries not to laugh", "takes it in, then slowly nods")
_WAITS: Final = ("waits for an answer", "holds the look for a moment", "lets it sink in")
_ALONE: Final = ("looks around", "moves closer", "turns to the camera and smiles")


def shots(scene: Scene, beats: Sequence[Beat], names: Names, seconds: float, dice: random.Random) -> list[Shot]:
    """Shots that tile `seconds`. Raises PromptTooWordy where the lines cannot fit."""
    everyone = tuple(names.roles)
    cuts = cutting.conversation(beats, everyone, seconds, dice) if beats else cutting.silent(everyone, seconds, dice)
    lengths = cutting.lengths(cuts, seconds) or []
    borders = [0.0]
    for length in lengths:
        borders.append(on_frame(borders[-1] + length))
    told = _told(scene.prose, names, len(cuts))
    move, framed = camera.camera(scene.prose), camera.framing(scene.prose)
    made = []
    for index, cutaway in enumerate(cuts):
        everywhere = move in {"handheld", "static"}
        made.append(
            Shot(
                start_s=borders[index],
                end_s=borders[index + 1],
                framing=framed if framed and index == 0 and len(cutaway.who) == 1 else cutaway.framing,
                camera=move if move and (index == 0 or everywhere) else cutaway.camera,
                who=cutaway.who,
                action=action(told[index], cutaway, scene.place, names, dice, spoke=_last_voice(cuts[:index])),
                lines=tuple(line(beat) for beat in cutaway.beats),
                sound=effects(told[index]),
            )
        )
    return made


def line(beat: Beat) -> Line:
    """A beat in its shot; the engine picks the moment."""
    return Line(beat.speaker, beat.text, beat.emotion, beat.energy, off_screen=beat.off_screen)


def action(told: str, cutaway: Cutaway, place: str, names: Names, dice: random.Random, *, spoke: str = "") -> str:
    """What the prompt tells of this shot, then how its people do it; `spoke` had the last word before it."""
    people = [names.first(who) for who in cutaway.who]
    parts = [shortened(told, _ACTION_LETTERS)] if told else []
    if parts and parts[0][-1].isalnum():
        parts[0] += "."
    seen = [beat for beat in cutaway.beats if beat.speaker in cutaway.who]
    if seen and (len(people) == 1 or not told):
        parts.append(f"{names.first(seen[0].speaker)} {dice.choice(DELIVERY[seen[0].emotion])}.")
    if not parts:
        if len(people) == 1:
            silent = _WAITS if spoke in cutaway.who else _LISTENS
            parts.append(f"{people[0]} {dice.choice(silent if len(names.roles) > 1 else _ALONE)}.")
        elif people:
            parts.append(f"{', '.join(people[:-1])} and {people[-1]} stand together, {place} around them.")
        else:
            parts.append(
                "A telling detail, close." if cutaway.framing == "insert" else f"{capitalised(place)}, seen whole."
            )
    return " ".join(parts)


def _last_voice(cuts: Sequence[Cutaway]) -> str:
    return next((cutaway.beats[-1].speaker for cutaway in reversed(cuts) if cutaway.beats), "")


def _told(prose: str, names: Names, count: int) -> list[str]:
    """The prompt's sentences, each given to one shot, in order."""
    telling = [capitalised(part) for part in sentences(prose) if not _is_empty(part, names)][:12]
    out: list[list[str]] = [[] for _ in range(count)]
    for index, part in enumerate(telling):
        out[index * count // max(len(telling), count) if len(telling) > count else index].append(part)
    return [" ".join(parts) for parts in out]


def _is_empty(sentence: str, names: Names) -> bool:
    """What is left where a line was cut out: names, "speaks", joining words."""
    left = re.sub(
        r"\b(?:speaks|and|then|to|replies|answers|asks|says)\b", " ", names.without(sentence), flags=re.IGNORECASE
    )
    return not re.search(r"[^\W\d_\u3041-\u9fff]{2}|[\u3041-\u9fff]{4}", left)
