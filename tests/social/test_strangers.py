"""Names of people nobody knows are written out of what is filmed; everything else that is written large stays."""

from __future__ import annotations

import pytest

from backend.planning import written
from generation.plan import Role
from social.safety.strangers import written_out


@pytest.mark.parametrize(
    ("text", "filmed"),
    [
        ("Xaver Unbekannt juggles in a park", "A person juggles in a park"),
        ("a kitchen where Anna Schmidt sings", "a kitchen where a person sings"),
        ("Make Zorblat Quennell dance", "Make a person dance"),
        ("starring Ludwig van Beethoven-Huber", "starring a person"),
        ("A park. Karl-Heinz Müller waves.", "A park. A person waves."),
        ("the face of Jane Roe on a coin", "the face of a person on a coin"),
        ("@maya and Peter Pettersson argue", "@maya and a person argue"),
        ("Quor Thessaly's dancing: Quor Thessaly is dancing", "Quor Thessaly's dancing: A person is dancing"),
    ],
)
def test_a_full_name_becomes_a_person(text: str, filmed: str) -> None:
    assert written_out(text, []) == filmed


@pytest.mark.parametrize(
    "text",
    [
        "a walk through New York at night",
        "San Francisco sleeps under its fog",
        "Good Morning, the sun says hello",
        "Happy Birthday sings the choir",
        "Tower Bridge stands in the rain",
        "Christmas Eve, and snow falls",
        "Central Park wakes up. The Baker sells bread",
        'a man says "I met Anna Schmidt yesterday"',
        "er sagt \u201eAnna Schmidt singt\u201c im Garten",
        "Der Bäcker tanzt im Schwarzen Wald",
        "Apple Pie cools on the sill",
        "@anna.schmidt waves",
        "Lake Victoria looks calm",
        "a ship called Queen Mary",
        "Saturday Night Live, a stage and a crowd",
        "anna schmidt sings",
        "Maya waves at Leo",
    ],
)
def test_places_things_days_and_what_is_said_stay(text: str) -> None:
    assert written_out(text, []) == text


def test_whoever_is_in_the_cast_keeps_their_name() -> None:
    assert written_out("Maya Ito waves at Peter Pettersson", ["Maya Ito"]) == "Maya Ito waves at a person"
    assert written_out("Maya Ito waves", ["Maya"]) == "Maya Ito waves"


def test_no_screenplay_names_a_stranger() -> None:
    play = written('Xaver Unbekannt and @maya in a garden. @maya: "Good day."', [Role("S1", "Maya", "maya")], 4.0, 3)
    assert "Unbekannt" not in str(play)
    assert "Good day." in str(play)
