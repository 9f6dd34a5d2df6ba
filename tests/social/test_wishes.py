"""Steering in words, read by rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.wishes import WISHES_MOST, read


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("more dogs, less shouting, nothing political", ["more dogs", "less shouting", "none political"]),
        ("more dogs less shouting nothing political", ["more dogs", "less shouting", "none political"]),
        ("More DOGS!!! And no zombies.", ["more dogs", "none zombies"]),
        ("I don't want any horror. Show me more cooking!", ["none horror", "more cooking"]),
        ("I hate football and politics but love dogs", ["none football", "none politics", "more dogs"]),
        ("more: dogs, cats", ["more dogs", "more cats"]),
        ("dogs more please", ["more dogs"]),
        ("stop showing me politics", ["none politics"]),
        ("too much football", ["less football"]),
        ("more cats, no cats", ["none cats"]),
        ("keine Katzen mehr, weniger Geschrei, mehr Hunde", ["none katzen", "less geschrei", "more hunde"]),
        ("plus d'animaux, moins de cris, pas de politique", ["more animaux", "less cris", "none politique"]),
        ("je ne veux plus de chats", ["none chats"]),
        ("más perros, menos gritos, nada de política", ["more perros", "less gritos", "none politica"]),
        ("no quiero ver más gatos", ["none gatos"]),
        ("犬と猫をもっと、叫び声は少なめ、政治はなし", ["more 犬", "more 猫", "less 叫び声", "none 政治"]),
        ("I love dogs but I'm allergic to cats", ["more dogs", "none cats"]),
        ("can I get more music, way too loud, politics is so boring", ["more music", "less loud", "less politics"]),
        ("dogs yes, cats no", ["more dogs", "none cats"]),
        ("more 🐶, less 🏎️", ["more dog", "less racing car"]),
        ("je n'aime pas les chats, je voudrais voir plus de chiens", ["less chats", "more chiens"]),
        ("keine Lust auf Fußball", ["none fussball"]),
        ("no me gustan los gatos", ["less gatos"]),
        ("少年漫画をもっと、もっと犬が見たい", ["more 少年漫画", "more 犬"]),
        ("我想看更多的狗，不喜欢足球", ["more 狗", "none 足球"]),
        ("多一些狗，少一点喊叫，不要政治", ["more 狗", "less 喊叫", "none 政治"]),
    ],
)
def test_a_wish_is_a_direction_and_words(text: str, wishes: list[str]) -> None:
    heard, lost = read(text)
    assert [f"{one.direction} {one.words}" for one in heard] == wishes
    assert lost == ()


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("no more cats", "none"),
        ("not so much of the cats", "less"),
        ("I don't like cats", "less"),
        ("I want no cats", "none"),
        ("not less cats", "more"),
        ("no fewer cats", "more"),
        ("nothing but cats", "more"),
        ("I can't get enough of cats", "more"),
        ("nichts als Katzen", "more"),
        ("I never get enough cats", "more"),
        ("ich mag Katzen nicht", "none"),
        ("cats are so boring", "less"),
        ("I can't stand cats", "none"),
    ],
)
def test_a_negation_turns_what_it_negates(text: str, direction: str) -> None:
    assert [one.direction for one in read(text)[0]] == [direction]


def test_a_direction_ends_with_its_sentence() -> None:
    heard, lost = read("Nothing political, no news. Dogs live here")
    assert [(one.direction, one.words) for one in heard] == [("none", "political"), ("none", "news")]
    assert lost == ("dogs live here",)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("hello how are you", ("hello how are you",)),
        ("more", ("more",)),
        ("'; drop table account; --", ("drop table account",)),
        ("<script>alert(1)</script>", ("script", "alert", "1")),
        ("...", ()),
    ],
)
def test_what_says_no_wish_is_told(text: str, lost: tuple[str, ...]) -> None:
    assert read(text) == ((), lost)


def test_what_is_not_seen_is_not_heard() -> None:
    assert read("mo\u200bre do\u202egs")[0] == read("more dogs")[0]


@given(st.text(max_size=500))
def test_any_text_is_read(text: str) -> None:
    heard, lost = read(text)
    assert len(heard) <= WISHES_MOST
    assert all(one.words for one in heard)
    assert all(lost)
