"""The sliders of one clip: three to six, made from its screenplay, and the screenplay with some of them moved.

What a slider turns is a field of the plan, so the engine needs to know nothing of sliders.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from generation.errors import ControlRefused
from generation.plan import Line, Screenplay, Shot

FEWEST, MOST = 3, 6
DISTANCES: Final = 2  # shots with a slider of their own, where there is room
STEP: Final = 0.05
MUSIC_MOST: Final = 2.0  # times its usual level
_SILENT: Final = re.compile(r"\b(?:none|no music|silen\w+|without music|room tone)\b", re.IGNORECASE)


class Control(msgspec.Struct, frozen=True):
    """One slider. `shots` are those that it changes, counted from 1."""

    id: str
    label: str
    value: float
    min: float
    max: float
    step: float
    shots: tuple[int, ...]


def controls_of(screenplay: Screenplay, names: Mapping[str, str]) -> tuple[Control, ...]:
    """Three to six; `names` by speaker. The same screenplay has the same ones, whatever they are set to."""
    shots = screenplay.shots
    every = tuple(range(1, len(shots) + 1))
    found = [
        _control(f"energy.{who}", f"{_owner(names.get(who, who))} energy", _energy(screenplay, who), 0.0, spoken)
        for who in screenplay.speakers
        if (spoken := tuple(number for number in every if any(one.speaker == who for one in shots[number - 1].lines)))
    ]
    found.append(_control("warmth", "Warmth of the light", screenplay.warmth, -1.0, every))
    if screenplay.sound_bed.strip() and not _SILENT.search(screenplay.sound_bed):
        found.append(_control("music", "Music", screenplay.music, 0.0, every))
    found += [
        _control(f"distance.{number}", f"Distance in shot {number}", shots[number - 1].distance, -1.0, (number,))
        for number in _for_distance(screenplay, max(FEWEST - len(found), min(DISTANCES, MOST - len(found))))
    ]
    if len(found) < FEWEST:
        found.append(_control("contrast", "Contrast of the light", screenplay.contrast, -1.0, every))
    return tuple(found)


def turned(screenplay: Screenplay, values: Mapping[str, Any], names: Mapping[str, str]) -> Screenplay:
    """The screenplay with sliders moved to `values` by id. Raises ControlRefused for the first that cannot be."""
    controls = {control.id: control for control in controls_of(screenplay, names)}
    if not values:
        raise ControlRefused("values", values, f"a number for at least one of {', '.join(controls)}")
    for name, value in values.items():
        control = controls.get(name)
        if control is None:
            raise ControlRefused("values", name, f"the sliders of this clip: {', '.join(controls)}")
        allowed = f"a number from {control.min:g} to {control.max:g}"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ControlRefused(f"values.{name}", value, allowed)
        if not control.min <= value <= control.max:  # NaN is in no range
            raise ControlRefused(f"values.{name}", value, allowed)
        screenplay = _moved(screenplay, name, float(value))
    return screenplay


def _control(name: str, label: str, value: float, least: float, shots: tuple[int, ...]) -> Control:
    return Control(name, label, round(value, 3), least, MUSIC_MOST if name == "music" else 1.0, STEP, shots)


def _owner(name: str) -> str:
    first = name.split(maxsplit=1)[0] if name.split() else name
    return f"{first}'" if first.endswith("s") else f"{first}'s"


def _energy(screenplay: Screenplay, who: str) -> float:
    said = [line.energy for shot in screenplay.shots for line in shot.lines if line.speaker == who]
    return math.fsum(said) / len(said)


def _for_distance(screenplay: Screenplay, count: int) -> list[int]:
    """The longest shots with somebody in frame, else any, in their order."""
    shots = screenplay.shots

    def weight(number: int) -> tuple[bool, float, int]:
        shot = shots[number - 1]
        return bool(shot.who), round(shot.end_s - shot.start_s, 3), -number

    return sorted(sorted(range(1, len(shots) + 1), key=weight, reverse=True)[: max(0, count)])


def _moved(screenplay: Screenplay, name: str, value: float) -> Screenplay:
    replace = msgspec.structs.replace
    kind, _, subject = name.partition(".")
    match kind:
        case "energy":
            lift = _lift([x.energy for s in screenplay.shots for x in s.lines if x.speaker == subject], value)
            return replace(screenplay, shots=tuple(_lifted(shot, subject, lift) for shot in screenplay.shots))
        case "distance":
            index = int(subject) - 1
            shot = replace(screenplay.shots[index], distance=value)
            return replace(screenplay, shots=(*screenplay.shots[:index], shot, *screenplay.shots[index + 1 :]))
        case "music":
            return replace(screenplay, music=value)
        case "contrast":
            return replace(screenplay, contrast=value)
    return replace(screenplay, warmth=value)


def _lift(energies: list[float], mean: float) -> float:
    """What to add to every energy, kept inside 0..1, so that their mean is `mean`: loud lines stay the louder ones."""
    least, most = -1.0, 1.0
    for _ in range(40):
        middle = (least + most) / 2
        if math.fsum(min(1.0, max(0.0, one + middle)) for one in energies) / len(energies) < mean:
            least = middle
        else:
            most = middle
    return most


def _lifted(shot: Shot, who: str, lift: float) -> Shot:
    def louder(line: Line) -> Line:
        energy = round(min(1.0, max(0.0, line.energy + lift)), 4)
        return msgspec.structs.replace(line, energy=energy) if line.speaker == who else line

    return msgspec.structs.replace(shot, lines=tuple(louder(line) for line in shot.lines))
