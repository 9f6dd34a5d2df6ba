"""Restrictions in words, from both sides: what breaks them and what does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from character_store.restrictions import broken

BROKEN = [
    ("never holding a weapon", "maya lifts a sword"),
    ("never holding a weapon", "Maya draws her GUNS!"),
    ("without guns", "a man with a pistol"),
    ("no weapons", "no fear, and a sword"),
    ("no weapons", "not only a gun but a hat"),
    ("no weapons", "no doubt she has a gun"),
    ("no weapons", "she can't stop polishing her gun"),
    ("no weapons", "she is never without a gun"),
    ("no weapons", "why not grab a knife?"),
    ("no weapons", "an alcohol-free party with a rifle"),
    ("no weapons", "no guns. Then a gun appears"),
    ("NO WEAPONS, please!", "three knives in the air"),
    ("No alcohol.", "raises a glass of champagne"),
    ("no drinking", "maya gets drunk"),
    ("no alcohol unless it is a wedding", "a beer in the park"),
    ("no alcohol or drugs", "she sells cocaine"),
    ("not naked", "stands there without clothes"),
    ("not naked", "she takes off her clothes"),
    ("not naked", "a nude portrait"),
    ("don't show me crying", "she weeps at the door"),
    ("don’t show me crying", "Maya cries"),
    ("no violence", "she punches leo"),
    ("no blood", "there is blood everywhere"),
    ("no politics", "votes in an election"),
    ("nothing political", "she stands for president"),
    ("no religion", "she prays"),
    ("no swimwear", "at the beach in a bikini"),
    ("No smoking!", "smokes a cigar"),
    ("please, no kissing", "he kisses her"),
    ("nothing sexual", "a sexy dance"),
    ("never make fun of me", "everybody laughs at maya"),
    ("I don't want to be shown with spiders", "a spider crawls over her"),
    ("no clowns, horses or snakes", "riding a horse"),
    ("never on a boat in a storm", "a boat in a storm"),
    ("never eating", "she eats soup"),
    ("never without my glasses", "she takes off her glasses"),
    ("never without my headscarf", "maya without her headscarf"),
    ("always a red scarf, never a hat", "a hat on her head"),
    ("no gambling", "in a casino"),
    ("no weapons", "a gun-toting cat with a machine-gun"),
    ("no weapons", "a s\u00adword in her hand"),
    ("no weapons", "an AK-47"),
    ("No nudity, violence, or drugs", "cocaine on the table"),
    ("no advertising", "she promotes a shampoo"),
]
KEPT = [
    ("never holding a weapon", "maya walks in the park, no weapons"),
    ("never holding a weapon", "holding a flower"),
    ("no weapons", "she doesn't carry a gun"),
    ("no weapons", "without any guns or knives"),
    ("no weapons", "no guns and knives"),
    ("no weapons", "a gun-free zone"),
    ("no weapons", "she is unarmed"),
    ("no violence", "a photo shoot on the roof"),
    ("no alcohol", "drinks coffee"),
    ("no drinking", "drinks orange juice"),
    ("no alcohol", "a non-alcoholic punch"),
    ("not naked", "fully dressed"),
    ("don't show me crying", "she laughs"),
    ("no religion", "she plays tennis"),
    ("No smoking!", "she doesn't smoke"),
    ("no clowns, horses or snakes", "a cat"),
    ("never on a boat in a storm", "a boat on a calm lake"),
    ("never make fun of me", "having fun in the sun"),
    ("never without my glasses", "she wears her glasses"),
    ("always wears a red scarf", "in a red scarf"),
    ("always wears a red scarf", "no scarf at all, and a sword"),
    ("always a red scarf, never a hat", "in a red scarf"),
    ("only in daylight", "at night"),
    ("no weapons, always a red scarf", "a red scarf"),
    ("always wears a red scarf, never takes it off", "the plane takes off"),
    ("never without my glasses", "wearing glasses, she throws a ball"),
    ("no weapons", "@gun.lover sings"),
    ("no", "anything"),
    ("", "anything"),
    ("不要武器", "a sword"),
    ("no weapons", ""),
]


@pytest.mark.parametrize(("restriction", "prompt"), BROKEN)
def test_a_prompt_that_asks_for_what_is_forbidden_breaks_it(restriction: str, prompt: str) -> None:
    assert broken(["always smiles", restriction], prompt) == restriction


@pytest.mark.parametrize(("restriction", "prompt"), KEPT)
def test_a_prompt_that_does_not_leaves_it_whole(restriction: str, prompt: str) -> None:
    assert broken([restriction], prompt) is None


@pytest.mark.parametrize("words", ["a cat and no dog, ", "no gun gun ", "gun free ", "without "])
def test_a_very_long_prompt_is_read_in_no_time(words: str) -> None:
    began = time.process_time()
    broken(["no weapons, no sea", "never without my hat"] * 10, words * (32_000 // len(words)))
    assert time.process_time() - began < 2


@settings(deadline=None)  # a busy machine is no bug
@given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=200))
def test_any_text_has_an_answer(restrictions: list[str], prompt: str) -> None:
    assert broken(restrictions, prompt) in {None, *restrictions}
