"""Over somebody's shoulder: when, at which side, and that no face is in it."""

from __future__ import annotations

import msgspec
import pytest

from generation.plan import Framing, Line, Screenplay, Shot
from generation.portrait.blocking import BESIDE_U, block
from generation.portrait.place import Subject
from generation.portrait.shoulder import Over, making_room, over_whom
from generation.shapes import SIZES, Size, VideoShape

PEOPLE = ("S1", "S2")


def close(speaker: str, number: int, framing: Framing = "close_up", *, silent: bool = False) -> Shot:
    lines = () if silent else (Line(speaker, "Well."),)
    return Shot(2.0 * number, 2.0 * number + 2, framing, who=(speaker,), lines=lines)


def play(*shots: Shot) -> Screenplay:
    return Screenplay("t", "plain", "a garden", shots, "")


TALK = play(
    Shot(0.0, 2.0, "two_shot", who=("S2", "S1")), close("S1", 1), close("S2", 2), close("S1", 3), close("S2", 4)
)


def chosen(screenplay: Screenplay, seed: int = 0) -> list[Over | None]:
    return [over_whom(screenplay, number, PEOPLE, seed=seed) for number in range(len(screenplay.shots))]


def test_every_second_close_shot_of_a_dialogue_looks_over_the_listener() -> None:
    assert [None if one is None else one.speaker for one in chosen(TALK)] == [None, "S2", None, "S2", None]
    assert [None if one is None else one.speaker for one in chosen(TALK, seed=1)] == [None, None, "S1", None, "S1"]


def test_the_shoulder_is_at_the_side_where_the_listener_was_seen() -> None:
    first = chosen(TALK)[1]
    assert first is not None
    assert first.side == -1, "S2 stands left of S1 in the two-shot"
    turned = msgspec.structs.replace(TALK, shots=(msgspec.structs.replace(TALK.shots[0], who=PEOPLE), *TALK.shots[1:]))
    second = chosen(turned)[1]
    assert second is not None
    assert second.side == 1


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_what_comes_later_changes_no_earlier_choice(seed: int) -> None:
    whole = chosen(TALK, seed)
    for count in range(1, len(TALK.shots)):
        assert chosen(msgspec.structs.replace(TALK, shots=TALK.shots[:count]), seed) == whole[:count]


def test_nobody_else_known_a_silent_shot_or_a_wide_one_shows_no_shoulder() -> None:
    assert chosen(play(close("S1", 0), close("S1", 1))) == [None, None]
    met = Shot(0.0, 2.0, "two_shot", who=PEOPLE)
    assert chosen(play(met, close("S1", 1, silent=True)))[1] is None
    assert chosen(play(met, close("S1", 1, "wide")))[1] is None
    assert over_whom(play(met, close("S1", 1)), 1, ("S1",), seed=0) is None, "the other is no person"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_who_is_seen_makes_room_and_stays_whole(size: Size, side: float) -> None:
    shape = VideoShape.of(size)
    blocking = block(close("S1", 0), {"S1": Subject("S1", 170.0, 4.2)}, shape)
    (before,), (after,) = blocking.places, making_room(blocking, side, shape).places
    assert (after.x - before.x) * side < 0
    assert BESIDE_U * after.u <= after.x <= shape.width - BESIDE_U * after.u
