"""Prompts as people write them, and prompts that nobody would write."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.errors import PromptTooWordy, ScreenplayError
from generation.plan import Role, Screenplay, check
from generation.prompts import repertoire
from generation.prompts.names import Names
from generation.prompts.pace import divide
from generation.prompts.title import MAX_WORDS
from generation.prompts.topic import phrase, predicate
from generation.screenwriter import write

MAYA, LEO = Role("S1", "Maya Ito", "maya.me"), Role("S2", "Leo", "leo")
PAIR = (MAYA, LEO)
CASTS = (
    (),
    (MAYA,),
    PAIR,
    (*PAIR, Role("S3", "Ann", "ann")),
    (*PAIR, Role("S3", "Ann", "ann"), Role("S4", "玛雅", "my")),
)


def words(play: Screenplay) -> list[tuple[str, str]]:
    return [(line.speaker, line.text) for shot in play.shots for line in shot.lines]


def says(*expected: tuple[str, str]) -> Callable[[Screenplay], bool]:
    """Lines of one speaker in neighbouring shots count as one utterance."""

    def holds(play: Screenplay) -> bool:
        joined: list[tuple[str, str]] = []
        for speaker, text in words(play):
            if joined and joined[-1][0] == speaker:
                joined[-1] = (speaker, f"{joined[-1][1]} {text}")
            else:
                joined.append((speaker, text))
        return joined == list(expected)

    return holds


def about(word: str) -> Callable[[Screenplay], bool]:
    return lambda play: word in " ".join(text for _, text in words(play)).lower() and len(play.speakers) == 2


def framed(*framings: str) -> Callable[[Screenplay], bool]:
    return lambda play: tuple(shot.framing for shot in play.shots) == framings


TABLE: list[tuple[str, tuple[Role, ...], float, list[Callable[[Screenplay], bool]]]] = [
    ('Maya: "Hi." Leo: "Hello!"', PAIR, 4, [says(("S1", "Hi."), ("S2", "Hello!"))]),
    ("Maya: Hi there.\nLeo: Who are you?", PAIR, 8, [says(("S1", "Hi there."), ("S2", "Who are you?"))]),
    ("@LEO: “One.” @maya.me: “Two.”", PAIR, 8, [says(("S2", "One."), ("S1", "Two."))]),
    ('Leo says "I am late" and runs.', PAIR, 8, [says(("S2", "I am late"))]),
    (
        '"I know," says Leo. "You always do," Maya replies.',
        PAIR,
        8,
        [says(("S2", "I know,"), ("S1", "You always do,"))],
    ),
    ('"One." "Two." "Three."', PAIR, 8, [says(("S1", "One."), ("S2", "Two."), ("S1", "Three."))]),
    ('Maya turns to Leo and whispers "Run!"', PAIR, 8, [says(("S1", "Run!")), lambda p: _line(p).energy < 0.5]),
    ("Maya shouts: “STOP!”", (MAYA,), 8, [lambda p: _line(p).energy > 0.8, lambda p: _line(p).emotion == "angry"]),
    ("“Technically,” Leo replies, “it ate me.”", PAIR, 8, [says(("S2", "Technically, it ate me."))]),
    ('A: "Ping." B: "Pong."', PAIR, 8, [lambda p: words(p)[1] == ("S2", "Pong.") or words(p)[0][0] == "S1"]),
    (
        "Mayaが「おはよう！」と言う。Leoが「まだ眠い」",
        PAIR,
        8,
        [says(("S1", "おはよう！"), ("S2", "まだ眠い")), lambda p: p.language == "ja"],
    ),
    ("玛雅：你好！", (Role("S1", "玛雅", "maya"),), 4, [says(("S1", "你好！")), lambda p: p.language == "zh"]),
    ('Maya: "Hola, ¿cómo estás? No es para mí, es para la niña."', (MAYA,), 10, [lambda p: p.language == "es"]),
    ('Maya holds a sign that says "OPEN" without a word', (MAYA,), 8, [lambda p: not words(p)]),
    ("Maya and Leo argue about pineapple pizza", PAIR, 10, [about("pineapple pizza")]),
    ("Leo apologises to Maya for eating her cake", PAIR, 10, [about("your cake"), lambda p: p.speakers[0] == "S2"]),
    ("Maya announces that they are moving to Mars", PAIR, 10, [about("we are moving to mars")]),
    ("Leo confesses that he lost the cat", PAIR, 10, [about("i lost the cat")]),
    ("Maya sells Leo a time machine", PAIR, 10, [about("time machine")]),
    ("Leo teaches Maya how to juggle", PAIR, 10, [about("juggl")]),
    ("Maya and Leo ride a dragon over Paris", PAIR, 10, [about("riding a dragon")]),
    (
        "玛雅和里奥争论披萨",
        (Role("S1", "玛雅", "m"), Role("S2", "里奥", "l")),
        10,
        [about("披萨"), lambda p: p.language == "zh"],
    ),
    ("happy birthday to Leo from Maya", PAIR, 10, [lambda p: words(p)[0][0] == "S1"]),
    (
        "[Shot 1] Wide. [Shot 2] At 00:03.5 close-up of Leo, push in. [Shot 3] 00:07.02 medium, Maya, handheld.",
        PAIR,
        10,
        [
            framed("wide", "close_up", "medium"),
            lambda p: p.cuts_s == (3.5, 7.0),
            lambda p: [shot.camera for shot in p.shots[1:]] == ["push_in", "handheld"],
            lambda p: p.shots[1].who == ("S2",),
        ],
    ),
    (
        "1. Wide shot of the beach\n2. Close-up of Maya\n3. Insert of a crab",
        (MAYA,),
        8,
        [framed("wide", "close_up", "insert")],
    ),
    (
        'Shot 1: two-shot.\nShot 2 (3s): over the shoulder, Maya: "Well?"\nShot 3: Leo, zoom out.',
        PAIR,
        10,
        [
            framed("two_shot", "medium", "medium"),
            lambda p: p.shots[1].end_s - p.shots[1].start_s == 3.0,
            lambda p: p.shots[2].camera == "pull_out",
        ],
    ),
    ("Wide shot of Maya. Cut to close-up of Leo.", PAIR, 8, [framed("wide", "close_up")]),
    (
        "Maya dances on a rooftop at night in the rain. Thunder.",
        (MAYA,),
        8,
        [
            lambda p: "rooftop at night" in p.setting,
            lambda p: "rain" in p.sound_bed,
            lambda p: "thunder" in p.shots[1].sound,
        ],
    ),
    ("film noir, Maya walks down an alley", (MAYA,), 8, [lambda p: "noir" in p.style, lambda p: "alley" in p.setting]),
    ("Title: The Last Slice\nMaya eats pizza", (MAYA,), 8, [lambda p: p.title == "The Last Slice"]),
    ("a cat on a windowsill", (), 10, [lambda p: not words(p), lambda p: all(not shot.who for shot in p.shots)]),
    (
        "Why did the chicken cross the road?",
        PAIR,
        10,
        [lambda p: words(p)[0][1] == "Why did the chicken cross the road?"],
    ),
    ("the whole library stares at Maya", (MAYA,), 8, [lambda p: "library" in p.setting]),
    ("make a funny clip of Maya and Leo at the dentist", PAIR, 10, [lambda p: p.setting == "the dentist"]),
    ("", PAIR, 10, [lambda p: len(words(p)) >= 2]),
]


def _line(play: Screenplay) -> repertoire.Beat:
    line = next(line for shot in play.shots for line in shot.lines)
    return repertoire.Beat(line.speaker, line.text, line.emotion, line.energy)


@pytest.mark.parametrize(("prompt", "cast", "seconds", "holds"), TABLE, ids=[row[0][:40] for row in TABLE])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_prompt_becomes_what_it_asks_for(
    prompt: str, cast: tuple[Role, ...], seconds: float, holds: list[Callable[[Screenplay], bool]], seed: int
) -> None:
    play = write(prompt, cast, seconds, seed=seed)
    for each in holds:
        assert each(play), play


def test_the_demo_shows_both_then_each_of_them() -> None:
    cast = (Role("S1", "Eileen", "eileen"), Role("S2", "Grace", "grace"))
    prompt = (
        '@eileen and @grace meet in a sunny garden. @eileen: "Good morning, neighbour! Did you hear? The garden show'
        ' opens on Sunday." @grace: "Wonderful. I will bring my best roses, and you bring the tea."'
    )
    play = write(prompt, cast, 10, seed=1)
    assert [(shot.framing, shot.who) for shot in play.shots] == [
        ("two_shot", ("S1", "S2")),
        ("close_up", ("S1",)),
        ("close_up", ("S2",)),
    ]
    assert play.setting == "a sunny garden"
    assert says(
        ("S1", "Good morning, neighbour! Did you hear? The garden show opens on Sunday."),
        ("S2", "Wonderful. I will bring my best roses, and you bring the tea."),
    )(play)


@pytest.mark.parametrize("seconds", [8, 10, 12])
@pytest.mark.parametrize("seed", range(5))
def test_two_people_get_a_shot_together_and_a_close_up_each(seconds: float, seed: int) -> None:
    for prompt in ("Maya and Leo argue about socks", "Leo invites Maya to a picnic", "Maya: Hi. You came! Leo: I did."):
        play = write(prompt, PAIR, seconds, seed=seed)
        seen = {(shot.framing, shot.who) for shot in play.shots}
        assert {("two_shot", ("S1", "S2")), ("close_up", ("S1",)), ("close_up", ("S2",))} <= seen
        assert play.shots[0].framing == "two_shot"


def test_restrictions_are_written_out_and_habits_written_in() -> None:
    cast = (Role("S1", "Maya", "maya", "likes jazz", ("never holding a weapon", "always wears a red scarf")),)
    play = write(
        "Maya dances with a big sword. A gun lies on the table. She laughs, holding a knife.", cast, 10, seed=1
    )
    everything = " ".join([play.title, *(shot.action for shot in play.shots)])
    assert not re.search("sword|gun|knife", everything)
    assert "dances" in everything
    assert all("wears a red scarf" in shot.action for shot in play.shots)
    assert "likes jazz" in play.style


def test_a_line_that_somebody_forbids_is_refused() -> None:
    cast = (Role("S1", "Maya", "maya", restrictions=("never talks about politics",)),)
    with pytest.raises(ScreenplayError, match="election"):
        write('Maya: "I won the election!"', cast, 10, seed=1)


def test_too_many_words_are_counted_for_the_user() -> None:
    with pytest.raises(PromptTooWordy) as caught:
        write(f"Maya: {'blah ' * 60}", PAIR, 10, seed=1)
    assert caught.value.needed_s == pytest.approx(20.0)
    assert caught.value.given_s == 10


def test_a_scrap_of_punctuation_is_no_line_of_its_own() -> None:
    play = write("LEO:0. :", PAIR, 4, seed=0)
    assert [speaker for speaker, _ in words(play)] == ["S2"]


@pytest.mark.parametrize("count", [25, 29, 30])
def test_words_that_just_fit_are_spoken_to_the_last(count: int) -> None:
    text = " ".join(["word"] * count)
    for cast in ((MAYA,), PAIR):
        play = write(f"Maya: {text}", cast, 10, seed=1)
        assert " ".join(said for _, said in words(play)) == text


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("[Shot 1] a [Shot 2] b [Shot 3] c [Shot 4] d [Shot 5] e [Shot 6] f", "lists 6 shots"),
        ("[Shot 1] a [Shot 2] At 00:14 b", "starts at 14 s"),
        ("[Shot 1] a [Shot 2] At 00:05 b [Shot 3] At 00:05.5 c", "at least 1 s"),
        ("[Shot 1] At 00:02 a [Shot 2] b", "first shot starts at 0 s"),
        ('Maya: "a" Leo: "b" Ann: "c"', "at most 2 characters speak"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_sentence(prompt: str, sentence: str) -> None:
    with pytest.raises(ScreenplayError, match=sentence):
        write(prompt, CASTS[3], 10, seed=1)


def test_the_same_seed_gives_the_same_screenplay_and_others_vary() -> None:
    plays = [write("Maya and Leo argue about socks", PAIR, 10, seed=seed) for seed in range(8)]
    assert plays[3] == write("Maya and Leo argue about socks", PAIR, 10, seed=3)
    assert len({tuple(words(play)) for play in plays}) >= 3


TOPICS = [
    "pineapple pizza",
    "a new cat",
    "their rent",
    "old socks",
    "eating her cake",
    "to go hiking",
    "he is late",
    "who did it",
]


@pytest.mark.parametrize("language", repertoire.SPOKEN)
def test_every_variant_reads_without_holes_and_fits_a_clip(language: str) -> None:
    speakers = (("S1", "Maya"), ("S2", "Leo"))
    for intent in repertoire.intents(language):
        for topic in [phrase(text) for text in TOPICS] + [None]:
            for pattern in (*intent.duet, *intent.solo):
                people = speakers if pattern in intent.duet else speakers[:1]
                for beat in repertoire.filled(pattern, intent, topic, people) or ():
                    assert not re.search(r"[{}]|\b(?:an? the|the the|the my|a my|my my)\b", beat.text), beat
                    assert beat.text[0].isupper() or not beat.text[0].isascii() or language != "en", beat
                    assert beat.emotion in {
                        "neutral",
                        "happy",
                        "excited",
                        "sad",
                        "angry",
                        "afraid",
                        "surprised",
                        "tender",
                    }
        assert any(not pattern.needs for pattern in intent.duet) or not intent.cue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rides a dragon over Paris", "riding a dragon over Paris"),
        ("is running from bees", "running from bees"),
        ("runs a shop", "running a shop"),
        ("flies a kite", "flying a kite"),
        ("washes the car", "washing the car"),
    ],
)
def test_what_somebody_does_becomes_a_gerund(text: str, expected: str) -> None:
    topic = predicate(text)
    assert topic is not None
    assert topic.text == expected


def test_first_names_that_two_share_name_neither() -> None:
    names = Names((Role("S1", "Ann Lee", "ann.lee"), Role("S2", "Ann Poe", "ann.poe")))
    assert names.who("Ann, @ann.poe and Ann Lee") == ("S2", "S1")


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    "Maya",
                    "Leo: ",
                    "@maya.me",
                    '"',
                    "“Hi.”",
                    "「早」",
                    "[Shot 1]",
                    "[Shot 2] At 00:04 ",
                    "\n2. ",
                    "says ",
                    "argue about ",
                    "who",
                    "her cake",
                    "!",
                    "?",
                    "rides ",
                    "玛雅：",
                    "no ",
                    "(",
                    ")",
                    "close-up of ",
                    "1) ",
                    ": ",
                    "'",
                    "the ",
                    "socks. ",
                    "in a bar ",
                ]
            ),
            max_size=25,
        ).map("".join),
    ),
    st.sampled_from(CASTS),
    st.sampled_from([4.0, 8.0, 10.0, 12.0]),
    st.integers(0, 9),
)
@settings(max_examples=1200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_prompt_gives_a_screenplay_that_passes_the_check(
    prompt: str, cast: tuple[Role, ...], seconds: float, seed: int
) -> None:
    refusal: ScreenplayError | None = None
    try:
        play = write(prompt, cast, seconds, seed=seed)
    except ScreenplayError as error:
        refusal = error
    if refusal:
        wordy = isinstance(refusal, PromptTooWordy) and refusal.needed_s > refusal.given_s
        assert wordy or re.search("the prompt lists|starts at|ends at|at least 1 s|characters speak", refusal.broken)
        return
    check(play, [role.speaker for role in cast], seconds)
    assert 0 < len(play.title.split()) <= MAX_WORDS
    assert play.setting
    assert play.sound_bed
    assert play.style


@given(
    st.lists(st.floats(0.0, 3.0), min_size=1, max_size=5),
    st.lists(st.floats(0.0, 9.0), min_size=5, max_size=5),
    st.sampled_from([4.0, 8.0, 10.0, 12.0]),
)
def test_dividing_keeps_every_need_and_loses_no_frame(needs: list[float], wants: list[float], seconds: float) -> None:
    lengths = divide(seconds, needs, wants[: len(needs)])
    if lengths is None:
        assert sum(max(need, 1.0) + 1 / 24 for need in needs) > seconds
        return
    assert sum(lengths) == pytest.approx(seconds)
    assert all(length >= max(need, 1.0) - 1e-6 for length, need in zip(lengths, needs, strict=True))
