"""The prompt languages: what a model is told of a screenplay."""

from __future__ import annotations

import itertools
import re
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.errors import EngineError
from generation.joint import echo_prompt, ltx_prompt
from generation.joint.continued import rest_of
from generation.joint.lines import planned, turns
from generation.joint.wording import listed, looks_of, sentence, spoken
from generation.plan import Camera, CastMember, Cut, Emotion, Framing, Line, Role, Screenplay, Shot, spoken_s
from generation.screenwriter import write
from tests.generation.joint import people

CAST = people.cast()
SAID = ("the", "old", "kettle", "never", "sings", "about", "pineapple", "again", "so", "please", "listen")
WORDS = st.lists(st.sampled_from(SAID), max_size=12)


@st.composite
def screenplays(draw: st.DrawFn) -> Screenplay:
    count = draw(st.integers(2, 5))
    borders = [0.0, *sorted(draw(st.sets(st.integers(1, 9), min_size=count - 1, max_size=count - 1))), 10.0]
    shots = []
    for begin, end in itertools.pairwise(borders):
        who = draw(st.sampled_from([(), ("S1",), ("S2",), ("S1", "S2")]))
        lines = []
        for speaker in who[:1]:
            text = " ".join(draw(WORDS)[: int(3 * (end - begin))])
            if text:
                lines.append(
                    Line(speaker, text.capitalize(), draw(st.sampled_from(get_args(Emotion))), draw(st.floats(0, 1)))
                )
        shots.append(
            Shot(
                begin,
                end,
                draw(st.sampled_from(get_args(Framing))),
                draw(st.sampled_from(get_args(Camera))),
                who,
                " ".join(draw(st.lists(st.sampled_from(["walks", "slowly", "to", "the", "window"]), max_size=80))),
                tuple(lines),
                draw(st.sampled_from(["", "a door slams"])),
                draw(st.sampled_from(get_args(Cut))),
            )
        )
    return Screenplay("Title of it", "warm", "a small kitchen", tuple(shots), draw(st.sampled_from(["", "rain"])))


@settings(max_examples=60, deadline=None)
@given(screenplays())
def test_an_ltx_prompt_is_one_paragraph_of_the_right_length_with_every_line_in_order(screenplay: Screenplay) -> None:
    text = ltx_prompt.paragraph(screenplay, CAST)
    assert "\n" not in text
    assert ltx_prompt.FEWEST <= len(text.split()) <= ltx_prompt.MOST
    at = 0
    for shot in screenplay.shots:
        for line in shot.lines:
            at = text.index(f'"{line.text}"', at) + 1


@settings(max_examples=40, deadline=None)
@given(screenplays())
def test_an_ltx_prompt_has_no_labels_and_names_type_and_camera_of_every_shot(screenplay: Screenplay) -> None:
    text = ltx_prompt.paragraph(screenplay, CAST)
    assert re.search(r"\bS[1-4]\b|[Ss]hot \d|\[|\]|<|>|^Title", text) is None
    assert len(re.findall(r"the camera", text)) >= len(screenplay.shots)
    assert len(re.findall(r"cut to|fades over to|the same picture goes on", text)) == len(screenplay.shots) - 1


@pytest.mark.parametrize(
    "prompt",
    [
        "@maya and @leo argue about pineapple pizza",
        'Maya: "I lost the keys." Leo: "Again?"',
        "a quiet beach at dusk",
        "[Shot 1] Maya walks in. [Shot 2] At 00:03.5 Leo laughs.",
    ],
)
def test_what_the_screenwriter_writes_can_be_said_in_both_languages(prompt: str) -> None:
    roles = [Role("S1", "Maya", "maya"), Role("S2", "Leo", "leo")]
    for seed in range(5):
        screenplay = write(prompt, roles, 10.0, seed=seed)
        text = ltx_prompt.paragraph(screenplay, CAST)
        said = [line.text for shot in screenplay.shots for line in shot.lines]
        assert ltx_prompt.FEWEST <= len(text.split()) <= ltx_prompt.MOST, text
        assert all(" ".join(line.split()) in text for line in said)
        for shot in screenplay.shots:
            single = echo_prompt.prompt(screenplay, shot, CAST)
            assert all(" ".join(line.text.split()) in single for line in shot.lines)
            assert ("Nobody speaks." in single) == (not shot.lines)


def test_lines_are_never_cut_even_where_the_paragraph_grows_too_long() -> None:
    long = " ".join(["pineapple"] * 240)
    shot = Shot(0.0, 10.0, "medium", who=("S1",), action="she walks " * 30, lines=(Line("S1", long),))
    text = ltx_prompt.paragraph(Screenplay("", "", "a room", (shot,), ""), CAST)
    assert f'"{long}"' in text
    assert "she walks" not in text


def test_people_are_described_once_and_named_after_that() -> None:
    text = ltx_prompt.paragraph(people.play(), CAST)
    assert text.count("a tall person with glasses") == 1
    assert text.count("Leo") >= 3


@pytest.mark.parametrize(
    ("member", "looks"),
    [
        (people.person(1, "Maya"), "Maya"),
        (people.person(1, "Leo", height_cm=190, glasses=True), "Leo, a tall person with glasses"),
        (people.person(1, "Ada", height_cm=150), "Ada, a short person"),
        (people.bear(1), "Bruno, a drawn character"),
    ],
)
def test_looks_say_what_is_known_and_no_more(member: CastMember, looks: str) -> None:
    assert looks_of(member) == looks


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Line("S1", "Hello."), 'Maya says in an even high voice, "Hello."'),
        (Line("S1", "Hello!", "excited", 0.9), 'Maya says loudly in an excited high voice, "Hello!"'),
        (Line("S1", "你好。", "happy"), 'Maya says in Mandarin Chinese in a happy high voice, "你好。"'),
        (Line("S1", "こんにちは"), 'Maya says in Japanese in an even high voice, "こんにちは"'),
        (Line("S1", "Boo", off_screen=True), 'Maya says from off screen in an even high voice, "Boo"'),
    ],
)
def test_a_line_says_who_how_and_exactly_what(line: Line, words: str) -> None:
    assert spoken(line, CAST[0], "en") == words


def test_small_words() -> None:
    assert listed([]) == ""
    assert listed(["Maya"]) == "Maya"
    assert listed(["Maya", "Leo", "Ada"]) == "Maya, Leo and Ada"
    assert sentence("  a door   slams ") == "A door slams."
    assert sentence("Really?") == "Really?"
    assert sentence(" ,") == ""


def test_echo_remembers_speakers_first_and_nobody_who_is_not_needed() -> None:
    cast = (*CAST, people.bear(3))
    shot = Shot(
        0.0, 5.0, "two_shot", who=("S3", "S2"), lines=(Line("S2", "Hi."), Line("S1", "Hello?", off_screen=True))
    )
    assert [member.speaker for member in echo_prompt.remembered(shot, cast)] == ["S2", "S1", "S3"]
    assert echo_prompt.remembered(Shot(0.0, 5.0, "insert"), cast) == []


def test_the_words_of_a_test_screenplay_fit_their_shots() -> None:
    for shot in people.play().shots:
        assert sum(spoken_s(line.text) for line in shot.lines) <= shot.end_s - shot.start_s


def test_what_is_left_of_a_clip_that_was_begun_has_a_clock_of_its_own() -> None:
    begun = people.play(4.0)
    more = (
        Shot(4.0, 6.0, "close_up", who=("S2",), lines=(Line("S2", "Well.", start_s=4.5),), cut="continued"),
        Shot(6.0, 8.0, "medium", who=("S1",)),
    )
    whole = msgspec.structs.replace(begun, shots=(*begun.shots, *more))
    rest = rest_of(whole, 4.0)
    assert [(shot.start_s, shot.end_s) for shot in rest.shots] == [(0.0, 2.0), (2.0, 4.0)]
    assert rest.shots[0].lines[0].start_s == 0.5
    assert rest.cuts_s == (2.0,)
    assert rest_of(whole, 0.0) == whole
    assert "Without a cut the same picture goes on" in ltx_prompt.paragraph(whole, people.cast())
    assert "Without a cut" not in ltx_prompt.paragraph(rest, people.cast())
    with pytest.raises(EngineError, match=r"goes on at 5 s, where none"):
        rest_of(whole, 5.0)


def test_turns_tile_the_clip_and_change_between_two_speakers_lines() -> None:
    first, second = turns(people.play(10.0))
    assert (first.speaker, second.speaker) == ("S1", "S2")
    assert (first.start_s, second.end_s) == (0.0, 10.0)
    assert first.end_s == second.start_s
    spoken_until = max(card.end_s for card in planned(people.play(10.0)) if card.speaker == "S1")
    begins = min(card.start_s for card in planned(people.play(10.0)) if card.speaker == "S2")
    assert spoken_until < first.end_s < begins
    assert turns(Screenplay("", "", "a beach", (Shot(0.0, 4.0, "wide"),), "")) == ()


def test_lines_are_captioned_where_they_are_meant_to_be_heard() -> None:
    screenplay = Screenplay(
        "",
        "",
        "a room",
        (
            Shot(0.0, 2.0, "medium", who=("S1",), lines=(Line("S1", "Good morning to you."),)),
            Shot(2.0, 4.0, "medium", who=("S2",), lines=(Line("S2", "Hm.", start_s=3.25),)),
        ),
        "",
    )
    first, second = planned(screenplay)
    assert (first.speaker, first.text) == ("S1", "Good morning to you.")
    assert 0 <= first.start_s < first.end_s <= 2.0
    assert second.start_s == pytest.approx(3.2, abs=0.06)
    assert second.end_s <= 4.0
