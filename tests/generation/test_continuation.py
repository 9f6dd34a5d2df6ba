from __future__ import annotations

import itertools

import msgspec
import pytest

from generation import screenwriter
from generation.continuation import directed, extended
from generation.controls import controls_of
from generation.errors import ScreenplayError
from generation.plan import Line, Role, Screenplay, Shot, check, spoken_s

CAST = (Role("S1", "Maya Ito", "maya.me"), Role("S2", "Leo Baum", "leo"))
PLAY = Screenplay(
    "Tea",
    "plain",
    "a sunny garden",
    (
        Shot(0.0, 2.0, "two_shot", who=("S1", "S2"), lines=(Line("S1", "Tea?"),)),
        Shot(2.0, 4.0, "close_up", "push_in", ("S2",), lines=(Line("S2", "Please."),), distance=-0.3),
    ),
    "light plucked strings",
    warmth=0.2,
)


def more(prompt: str, seconds: float = 8.0, play: Screenplay = PLAY) -> Screenplay:
    return extended(play, screenwriter.write(directed(prompt, play), CAST, seconds, seed=5))


@pytest.mark.parametrize("seconds", [4.0, 8.0, 10.0, 12.0])
@pytest.mark.parametrize("prompt", ['@leo: "Lovely tea."', '@maya.me: "With milk?" @leo: "No."', "they laugh", "rain"])
def test_the_last_picture_goes_on_before_anything_else(prompt: str, seconds: float) -> None:
    whole = more(prompt, seconds)
    check(whole, ["S1", "S2"], 4.0 + seconds)
    assert whole.shots[:2] == PLAY.shots
    goes_on = whole.shots[2]
    assert (goes_on.start_s, goes_on.cut) == (4.0, "continued")
    assert (goes_on.framing, goes_on.who, goes_on.distance) == ("close_up", ("S2",), -0.3)
    assert (whole.cuts_s[0], whole.joins_s) == (2.0, (4.0,))
    assert 4.0 not in whole.cuts_s
    assert msgspec.structs.replace(whole, shots=()) == msgspec.structs.replace(PLAY, shots=())
    for one, other in itertools.pairwise(whole.shots[2:]):
        assert (one.framing, one.who) != (other.framing, other.who)


def test_nobody_speaks_in_a_picture_without_them() -> None:
    whole = more('@maya.me: "With milk?" @leo: "No, thank you."')
    heard = [(line, shot) for shot in whole.shots for line in shot.lines if line.text == "With milk?"]
    [(line, shot)] = heard
    assert "S1" in shot.who or line.off_screen
    crowded = more('@maya.me: "Would you like some more of that very good tea?"', 4.0)
    [(line, shot)] = [(line, shot) for shot in crowded.shots[2:] for line in shot.lines]
    assert spoken_s(line.text) <= shot.end_s - shot.start_s
    assert shot.who == ("S2",) if line.off_screen else "S1" in shot.who


def test_an_extension_can_be_extended_up_to_a_minute() -> None:
    play = PLAY
    for _ in range(7):
        play = more("they laugh", 8.0, play)
    assert play.seconds == 60.0
    assert len(play.joins_s) == 7
    check(play, ["S1", "S2"], 60.0)
    assert controls_of(play, {})


@pytest.mark.parametrize(
    ("changed", "at"),
    [({"framing": "wide"}, "framing"), ({"who": ("S1",)}, "who"), ({"distance": 0.5}, "distance")],
)
def test_what_goes_on_shows_what_was_shown(changed: dict[str, object], at: str) -> None:
    whole = more("they laugh")
    wrong = msgspec.structs.replace(whole.shots[2], **changed)
    with pytest.raises(ScreenplayError) as refused:
        check(msgspec.structs.replace(whole, shots=(*whole.shots[:2], wrong, *whole.shots[3:])), ["S1", "S2"], 12.0)
    assert refused.value.at == f"shots[2].{at}"
    first = msgspec.structs.replace(PLAY.shots[0], cut="continued")
    with pytest.raises(ScreenplayError, match="nothing comes before it"):
        check(msgspec.structs.replace(PLAY, shots=(first, PLAY.shots[1])), ["S1", "S2"], 4.0)
