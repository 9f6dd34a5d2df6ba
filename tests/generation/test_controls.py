"""The sliders that a screenplay yields, and what moving one changes in it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation import screenwriter
from generation.controls import controls_of, turned
from generation.errors import ControlRefused
from generation.plan import Line, Role, Screenplay, Shot, check
from tests.factories import changed_from

NAMES = {"S1": "Maya Lind", "S2": "Chris"}
PLAY = Screenplay(
    title="Tea",
    style="",
    setting="a kitchen",
    shots=(
        Shot(0, 3, "medium", who=("S1",), lines=(Line("S1", "Hello there."),)),
        Shot(3, 6, "wide", who=("S1", "S2"), lines=(Line("S1", "Tea?", energy=0.9),)),
        Shot(6, 10, "close_up", who=("S2",), lines=(Line("S2", "No, thank you."),)),
    ),
    sound_bed="calm piano",
)


def test_the_sliders_are_those_of_this_screenplay() -> None:
    found = {one.id: one for one in controls_of(PLAY, NAMES)}
    assert list(found) == ["energy.S1", "energy.S2", "warmth", "music", "distance.1", "distance.3"]
    assert [one.label for one in found.values()] == [
        "Maya's energy", "Chris' energy", "Warmth of the light", "Music", "Distance in shot 1", "Distance in shot 3",
    ]  # fmt: skip
    assert (found["energy.S1"].value, found["energy.S1"].shots, found["energy.S2"].shots) == (0.7, (1, 2), (3,))


def test_the_smallest_screenplay_has_three() -> None:
    play = Screenplay("", "", "a beach", (Shot(0, 4, "wide"),), "no music")
    assert [one.id for one in controls_of(play, {})] == ["warmth", "distance.1", "contrast"]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([4, 8, 10, 12]), st.integers(0, 3), st.data())
def test_any_screenplay_has_three_to_six_and_shows_what_they_were_set_to(
    seed: int, seconds: int, people: int, data: st.DataObject
) -> None:
    cast = [Role(f"S{number}", f"Person {number}", f"person{number}") for number in range(1, people + 1)]
    names = {role.speaker: role.name for role in cast}
    play = screenwriter.write("they meet at the beach and talk", cast, seconds, seed=seed)
    controls = controls_of(play, names)
    assert 3 <= len(controls) <= 6
    one = data.draw(st.sampled_from(controls))
    value = round(data.draw(st.floats(one.min, one.max)), 3)
    again = turned(play, {one.id: value}, names)
    check(again, list(names), seconds)
    shown = controls_of(again, names)
    assert [each.id for each in shown] == [each.id for each in controls]
    assert {each.id: each.value for each in shown}[one.id] == pytest.approx(value, abs=2e-3)
    changed = changed_from(play, again)
    assert changed is None or changed == 1 or changed in one.shots


def test_louder_lines_stay_the_louder_ones() -> None:
    shots = turned(PLAY, {"energy.S1": 0.5}, NAMES).shots
    assert shots[1].lines[0].energy - shots[0].lines[0].energy == pytest.approx(0.4, abs=1e-3)
    assert shots[2] == PLAY.shots[2]
    assert changed_from(PLAY, turned(PLAY, {"energy.S2": 0.9}, NAMES)) == 3


@pytest.mark.parametrize(
    ("values", "param", "told"),
    [
        ({}, "values", "energy.S1, energy.S2, warmth"),
        ({"mood": 1}, "values", "'mood'; allowed: the sliders of this clip: energy.S1"),
        ({"distance.2": 0}, "values", "'distance.2'"),
        ({"warmth": 1.1}, "values.warmth", "1.1; allowed: a number from -1 to 1"),
        ({"music": -0.1}, "values.music", "a number from 0 to 2"),
        ({"warmth": math.nan}, "values.warmth", "nan"),
        ({"warmth": math.inf}, "values.warmth", "inf"),
        ({"warmth": "1"}, "values.warmth", "'1'"),
        ({"warmth": True}, "values.warmth", "True"),
        ({"warmth": None}, "values.warmth", "None"),
        ({"warmth": 0.1, "energy.S1": []}, "values.energy.S1", "[]"),
    ],
)
def test_what_no_slider_can_be_is_named(values: dict[str, Any], param: str, told: str) -> None:
    with pytest.raises(ControlRefused) as caught:
        turned(PLAY, values, NAMES)
    assert caught.value.param == param
    assert told in str(caught.value)
