from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import screenwriter
from generation.continuation import directed, extended
from generation.editing import edited
from generation.errors import EditRefused, GenerationError, PromptTooWordy
from generation.plan import Role, Screenplay, check, words_of

CAST = (Role("S1", "Maya Ito", "maya.me"), Role("S2", "Leo Baum", "leo"))
PROMPT = (
    '@maya.me: "Look at this garden!" @leo: "The roses are lovely." @maya.me: "I grew them." '
    "A dog barks. In a sunny garden in the morning."
)
PLAY = screenwriter.write(PROMPT, CAST, 10.0, seed=3)
LONGER = extended(PLAY, screenwriter.write(directed('@leo: "And the tulips?"', PLAY), CAST, 8.0, seed=3))


def after(instruction: str, play: Screenplay = PLAY) -> Screenplay:
    made = edited(play, instruction, CAST, seed=3)
    check(made.screenplay, ["S1", "S2"], play.seconds)
    return made.screenplay


def said(play: Screenplay) -> list[tuple[str, str]]:
    return [(line.speaker, line.text) for shot in play.shots for line in shot.lines]


def energies(play: Screenplay, who: str) -> list[float]:
    return [line.energy for shot in play.shots for line in shot.lines if line.speaker == who]


@pytest.mark.parametrize(
    ("instruction", "changed"),
    [
        ("make it night", {"setting": "a garden at night"}),
        ("Make it day, please.", {"setting": "a garden in the afternoon"}),
        ("make it rain", {"setting": "a garden in the morning, rain"}),
        ("set it on a beach", {"setting": "a beach in the morning"}),
        ("in a kitchen instead of the garden", {"setting": "a kitchen in the morning"}),
        ("change the setting to an old library and make it night", {"setting": "an old library at night"}),
        ("夜にして", {"setting": "a garden at night"}),
        ("quieter music", {"music": 0.5}),
        ("warmer", {"warmth": 0.4}),
        ("make the light colder", {"warmth": -0.4}),
        ("less contrast", {"contrast": -0.4}),
        ("title: Roses", {"title": "Roses"}),
        ("title: Roses, and a dog", {"title": "Roses, and a dog"}),
        ("show the title", {"title_card": True}),
    ],
)
def test_what_is_named_changes_and_nothing_else(instruction: str, changed: dict[str, Any]) -> None:
    made = after(instruction)
    heard = {"sound_bed": made.sound_bed} if "setting" in changed else {}
    shots = tuple(
        msgspec.structs.replace(shot, action=new.action) for shot, new in zip(PLAY.shots, made.shots, strict=True)
    )
    assert made == msgspec.structs.replace(PLAY, shots=shots, **changed, **heard)


def test_a_place_brings_its_sounds_and_keeps_the_music() -> None:
    assert PLAY.sound_bed == "birdsong and leaves in a light breeze; light plucked strings"
    assert after("set it on a beach").sound_bed == "gentle surf and gulls; light plucked strings"
    assert after("make it rain").sound_bed.split("; ")[1:] == ["steady rain", "light plucked strings"]
    assert after("no rain", after("make it rain")).setting == "a garden in the morning"
    assert after("no music").sound_bed == "birdsong and leaves in a light breeze; no music"
    assert after("some jazz music, please").sound_bed.endswith("; a quiet jazz trio")


@pytest.mark.parametrize(
    ("instruction", "lines"),
    [
        ('Leo says "They are tulips." instead', {1: ("S2", "They are tulips.")}),
        ('@leo: "They are tulips."', {1: ("S2", "They are tulips.")}),
        ('Maya says "I grew them from seed." instead', {2: ("S1", "I grew them from seed.")}),
        ('Maya\'s last line: Maya says "Goodbye!"', {2: ("S1", "Goodbye!")}),
        ('replace "roses" with "tulips"', {1: ("S2", "The tulips are lovely.")}),
        ('"It took me years." instead of "I grew them."', {2: ("S1", "It took me years.")}),
        ('Leo also says "Bye now."', {2: ("S2", "Bye now."), 3: ("S1", "I grew them.")}),
    ],
)
def test_words_are_replaced_where_they_were(instruction: str, lines: dict[int, tuple[str, str]]) -> None:
    before = said(PLAY)
    made = said(after(instruction))
    kept = dict(enumerate(before)) | lines
    assert made == [kept[number] for number in sorted(kept)]


def test_a_longer_line_gets_its_time_from_the_other_shots() -> None:
    long = "Those are the loveliest roses that I have ever seen in all my life."
    made = after(f'Leo says "{long}" instead')
    assert [shot.framing for shot in made.shots] == [shot.framing for shot in PLAY.shots]
    assert made.shots[1].end_s - made.shots[1].start_s > PLAY.shots[1].end_s - PLAY.shots[1].start_s
    with pytest.raises(PromptTooWordy):
        after(f'Leo says "{long} {long} {long}" instead')


def test_how_it_is_said_is_of_whom_it_is_about() -> None:
    assert all(new < old for new, old in zip(energies(after("shout less"), "S1"), energies(PLAY, "S1"), strict=True))
    louder = after("Maya speaks louder")
    assert energies(louder, "S1") > energies(PLAY, "S1")
    assert energies(louder, "S2") == energies(PLAY, "S2")
    moods = {line.speaker: line.emotion for shot in after("Leo is angry").shots for line in shot.lines}
    assert moods["S2"] == "angry"
    assert said(after("Maya says nothing")) == [("S2", "The roses are lovely.")]


def test_a_thing_is_left_out_of_everything_but_what_is_said() -> None:
    assert "dog" in words_of(PLAY).lower()
    made = after("remove the dog")
    assert "dog" not in words_of(made).lower()
    assert said(made) == said(PLAY)
    with pytest.raises(EditRefused, match=r'replace "The roses are lovely\."'):
        after("remove the roses")


def test_somebody_who_is_removed_is_gone_from_every_shot() -> None:
    made = edited(PLAY, "remove Leo", CAST, seed=3)
    assert made.gone == {"S2"}
    check(made.screenplay, ["S1"], 10.0)
    assert all(shot.who == ("S1",) for shot in made.screenplay.shots)
    looks = [(shot.framing, shot.who) for shot in made.screenplay.shots]
    assert all(one != other for one, other in itertools.pairwise(looks))
    alone = screenwriter.write("Maya waves", CAST[:1], 8.0, seed=1)
    both = edited(alone, "add @leo", CAST, seed=1).screenplay
    check(both, ["S1", "S2"], 8.0)
    assert any(set(shot.who) == {"S1", "S2"} for shot in both.shots)


def test_camera_and_framing_are_of_the_shots_that_are_meant() -> None:
    assert {shot.camera for shot in after("handheld camera").shots} == {"handheld"}
    assert [shot.camera for shot in after("shot 2 pushes in").shots][1] == "push_in"
    assert [shot.distance for shot in after("closer").shots] == [-0.4] * 3
    assert [shot.cut for shot in after("fade between the shots").shots] == ["cut", "fade", "fade"]
    with pytest.raises(EditRefused, match="shot 1 to shot 3"):
        after("shot 7 is a close-up")


def test_what_people_talk_about_is_written_anew_in_the_same_place() -> None:
    made = after("they argue about tulips")
    assert "tulips" in " ".join(text for _, text in said(made))
    assert (made.setting, made.sound_bed, made.style) == (PLAY.setting, PLAY.sound_bed, PLAY.style)


@pytest.mark.parametrize(
    ("instruction", "told"),
    [
        ("make it funnier", "'make it funnier' is not understood"),
        ("make it night and make Leo jump", "'make Leo jump' is not understood"),
        ("make it 12 seconds", "More seconds are an extension"),
        ("remove the cat", "names what this video does not"),
        ("no rain", "weather that this video does not have"),
        ("remove the garden", "takes away the place"),
        ('Maya says "Goodbye!"', "leaves open which of Maya's 2 lines"),
        ('somebody says "Goodbye!"', "does not say who speaks"),
        ('replace "daisies" with "tulips"', "names words that nobody says"),
        ("add @leo", "is there already"),
        ("make it morning", "changes nothing"),
        ("", "changes nothing"),
        ("\u200b", "changes nothing"),
    ],
)
def test_what_cannot_be_carried_out_is_told_with_what_can(instruction: str, told: str) -> None:
    with pytest.raises(EditRefused) as refused:
        after(instruction)
    assert told in str(refused.value)
    assert "; allowed: " in str(refused.value)


@pytest.mark.parametrize(
    "instruction",
    ["make it night", "remove Leo", "closer", 'replace "tulips" with "daisies, the sunflowers, the lilies and so on"'],
)
def test_a_clip_that_was_extended_keeps_its_joins(instruction: str) -> None:
    made = edited(LONGER, instruction, CAST, seed=3).screenplay
    assert made.joins_s == LONGER.joins_s == (10.0,)
    check(made, ["S1", "S2"], 18.0)


WORDS = [
    "make",
    "it",
    "night",
    "Maya",
    "Leo",
    "says",
    '"Hello',
    'there."',
    "no",
    "remove",
    "music",
    "the",
    "dog",
    "and",
    "rain",
    "closer",
    "shot",
    "2",
    "louder",
    "replace",
    "with",
    "beach",
    "on",
    "a",
    ",",
    ".",
    "title",
    "add",
    "@leo",
]


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.text(max_size=40))
def test_any_instruction_gives_a_sound_screenplay_or_a_reason(instruction: str) -> None:
    try:
        made = edited(PLAY, instruction, CAST, seed=3)
    except GenerationError:
        return
    check(made.screenplay, {"S1", "S2"} - made.gone, 10.0)
    assert made.screenplay != PLAY
