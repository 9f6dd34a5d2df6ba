"""Every invariant of a screenplay, kept and broken."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.errors import ScreenplayError
from generation.plan import Line, Screenplay, Shot, check, shots_allowed, spoken_s
from generation.shapes import FRAME_RATE

CAST = ("S1", "S2", "S3")


def screenplay(*shots: Shot) -> Screenplay:
    return Screenplay("A title", "plain", "a park", shots, "birds")


def shot(start_s: float, end_s: float, **more: Any) -> Shot:
    return Shot(start_s, end_s, "medium", **more)


@st.composite
def good(draw: st.DrawFn) -> tuple[Screenplay, float]:
    """A screenplay that keeps every invariant, and its seconds."""
    seconds = draw(st.sampled_from([4, 8, 10, 12]))
    fewest, most = shots_allowed(seconds)
    count = draw(st.integers(fewest, most))
    spare = seconds * FRAME_RATE - count * FRAME_RATE
    extra = sorted(draw(st.lists(st.integers(0, spare), min_size=count - 1, max_size=count - 1)))
    borders = [0, *(FRAME_RATE * (i + 1) + more for i, more in enumerate(extra)), seconds * FRAME_RATE]
    speakers = draw(st.permutations(CAST))[:2]
    shots = []
    for begin, end in pairwise(borders):
        who = draw(st.lists(st.sampled_from(CAST), unique=True, max_size=3))
        words = draw(st.integers(0, math.floor((end - begin) / FRAME_RATE * 3)))
        speaker = draw(st.sampled_from(speakers))
        energy = draw(st.floats(0, 1))
        line = Line(speaker, " ".join(["word"] * words), energy=energy, off_screen=speaker not in who)
        lines = (line,) if words else ()
        shots.append(shot(begin / FRAME_RATE, end / FRAME_RATE, who=tuple(who), lines=lines))
    return screenplay(*shots), float(seconds)


@given(good())
def test_a_screenplay_that_keeps_every_invariant_passes(case: tuple[Screenplay, float]) -> None:
    play, seconds = case
    check(play, CAST, seconds)
    assert play.seconds == seconds


@given(good(), st.data())
def test_a_border_moved_by_any_amount_is_found(case: tuple[Screenplay, float], data: st.DataObject) -> None:
    play, seconds = case
    index = data.draw(st.integers(0, len(play.shots) - 1))
    moved = data.draw(st.floats(0.001, 20.0))
    shots = list(play.shots)
    shots[index] = msgspec.structs.replace(shots[index], end_s=shots[index].end_s + moved)
    with pytest.raises(ScreenplayError):
        check(msgspec.structs.replace(play, shots=tuple(shots)), CAST, seconds)


@given(good(), st.sampled_from([4.0, 8.0, 10.0, 12.0]))
def test_a_screenplay_fits_its_own_seconds_only(case: tuple[Screenplay, float], other: float) -> None:
    play, seconds = case
    if other != seconds:
        with pytest.raises(ScreenplayError, match=r"shots|ends"):
            check(play, CAST, other)


SAYS = Line("S1", "one two three")
BROKEN = {
    "1 shots in 10 s; 2 to 5": (shot(0, 10),),
    "6 shots in 10 s; 2 to 5": (*(shot(i, i + 1) for i in range(5)), shot(5, 10)),
    "starts at 0.5 s; it must start at 0 s": (shot(0.5, 5), shot(5, 10)),
    "starts at 6 s; it must start at 5 s": (shot(0, 5), shot(6, 10)),
    "starts at 4 s; it must start at 5 s": (shot(0, 5), shot(4, 10)),
    "whole frames": (shot(0, 5.01), shot(5.01, 10)),
    "lasts 0.500 s; a shot lasts at least 1 s": (shot(0, 0.5), shot(0.5, 10)),
    "end at 9 s; the clip ends at 10 s": (shot(0, 5), shot(5, 9)),
    "times are finite": (shot(0, math.nan), shot(5, 10)),
    "'S9', who is not cast; cast: S1, S2, S3": (shot(0, 5, who=("S9",)), shot(5, 10)),
    "somebody twice": (shot(0, 5, who=("S1", "S1")), shot(5, 10)),
    "S1 speaks in shot 1 but is not in frame": (shot(0, 5, who=("S2",), lines=(SAYS,)), shot(5, 10)),
    "3 characters speak; at most 2": (
        shot(0, 5, who=CAST, lines=tuple(Line(who, "hi") for who in CAST)),
        shot(5, 10),
    ),
    "need 5.33 s; it lasts 5.00 s": (shot(0, 5, who=("S1",), lines=(Line("S1", "word " * 16),)), shot(5, 10)),
    "energy 1.5; 0 to 1": (shot(0, 5, who=("S1",), lines=(Line("S1", "hi", energy=1.5),)), shot(5, 10)),
    "energy nan; 0 to 1": (shot(0, 5, who=("S1",), lines=(Line("S1", "hi", energy=math.nan),)), shot(5, 10)),
    "a line has words": (shot(0, 5, who=("S1",), lines=(Line("S1", " ?! "),)), shot(5, 10)),
    "must lie inside shot 1": (shot(0, 5, who=("S1",), lines=(Line("S1", "one two", start_s=4.5),)), shot(5, 10)),
    "must lie inside shot 2": (shot(0, 5), shot(5, 10, who=("S1",), lines=(Line("S1", "hi", start_s=4.9),))),
}


@pytest.mark.parametrize(("sentence", "shots"), BROKEN.items())
def test_a_broken_invariant_is_named(sentence: str, shots: tuple[Shot, ...]) -> None:
    with pytest.raises(ScreenplayError) as caught:
        check(screenplay(*shots), CAST, 10.0)
    assert sentence in caught.value.broken


def test_a_voice_from_off_screen_needs_no_frame() -> None:
    aside = msgspec.structs.replace(SAYS, off_screen=True)
    check(screenplay(shot(0, 5, lines=(aside,)), shot(5, 10)), ["S1"], 10.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("one two three", 1.0),
        ("", 0.0),
        ("Well... you're here!", 1.0),
        ("你好你好你好", 1.0),
        ("おはよう", 4 / 6),
        ("I say 你好", 2 / 3 + 2 / 6),
        ("2026", 2 / 3),
        ("a" * 140, 10 / 3),
    ],
)
def test_words_and_syllables_take_their_time(text: str, seconds: float) -> None:
    assert spoken_s(text) == pytest.approx(seconds)
