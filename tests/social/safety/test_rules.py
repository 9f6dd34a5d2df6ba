"""Rules of words: what they refuse, what looks like it and passes, and that no rule or class stands idle."""

from __future__ import annotations

import pytest

from social import accounts, handles
from social.errors import InvalidValue
from social.safety import folding, rules
from tests.phrases import Phrase, phrases

PLAIN = [one for one in phrases() if not one.hard]


@pytest.mark.parametrize("category", sorted({one.category for one in PLAIN}))
def test_what_must_be_refused_is_and_its_lookalikes_pass(category: str) -> None:
    wrong = [f"{one.language} {one.place}: {one.text!r} -> {one.found}" for one in PLAIN if _of(one, category)]
    assert not wrong, "\n".join(wrong)


def _of(one: Phrase, category: str) -> bool:
    return one.category == category and not one.judged


def test_every_rule_refuses_a_phrase_of_the_table() -> None:
    met = {
        found.rule
        for one in PLAIN
        for young in (False, True)
        if (found := rules.met(one.text, one.place, person=one.person, young=young)) is not None
    }
    met.add(getattr(rules.met("a porn site", "said", young=True), "rule", ""))
    met.add(getattr(rules.met("says: i will kill you", "clip", person=True), "rule", ""))
    assert met == {rule.id for rule in rules._table().rules}


@pytest.mark.parametrize(
    ("text", "person", "young", "refused"),
    [
        ("a swimmer, topless", False, False, False),
        ("a swimmer, topless", True, False, True),
        ("a swimmer, topless", False, True, True),
        ("the dragon says: I will kill you", False, False, False),
        ("the dragon says: I will kill you", True, False, True),
        ("she is beheaded", False, True, True),
    ],
)
def test_a_real_person_and_the_young_are_kept_more_strictly(
    text: str,
    person: bool,  # noqa: FBT001 - a table
    young: bool,  # noqa: FBT001
    refused: bool,  # noqa: FBT001
) -> None:
    assert (rules.met(text, "clip", person=person, young=young) is not None) is refused


def test_words_far_apart_belong_to_two_thoughts() -> None:
    assert rules.met("a child " + "walks on and on, " * 10 + "and a nude statue", "clip") is None


def test_a_text_made_to_be_slow_is_read_all_the_same() -> None:
    assert rules.met("pretend to be bank " * 1000, "clip") is None
    assert rules.met("a" * 20_000, "clip") is None
    assert rules.met("n.u" * 6000, "clip") is None


@pytest.mark.parametrize(
    "trick", ["nude", "NUDE", "nuuuude", "n u d e", "n.u.d.e", "nud3", "n\u200bude", "ｎｕｄｅ", "nudе", "𝓷𝓾𝓭𝓮", "núdè"]
)
def test_a_trick_of_spelling_is_read_as_the_word(trick: str) -> None:
    assert "nude" in folding.readings(trick)


@pytest.mark.parametrize("given", ["heil_hitler", "h1tler", "fbi"])
def test_a_name_that_insults_or_speaks_for_an_office_is_no_handle(given: str) -> None:
    with pytest.raises(InvalidValue, match="insults nobody"):
        handles.checked(given)
    with pytest.raises(InvalidValue, match="insults nobody"):
        accounts.checked_name(given)


@pytest.mark.parametrize("given", ["scunthorpe", "cockburn", "essex.girl"])
def test_an_honest_name_that_holds_a_word_is_one(given: str) -> None:
    assert handles.checked(given) == given
