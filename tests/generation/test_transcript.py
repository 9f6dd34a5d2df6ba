from __future__ import annotations

import pytest

from generation.transcript import error_rate, words


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("It's 7:30, neighbour!", "its seven .thirty neighbor"),
        ("I ordered 2 coffees at 7:30, and 12 croissants.", "I ordered two coffees at 7 .30 and twelve croissants."),
        ("Dr. Smith owes me $5.", "Doctor Smith owes me five dollars"),
        ("I realise the theatre's colours — OK?", "I realize the theater's colors. Okay."),
        ("Call 555-123-4567 at castmate.org.", "Call 555 -123 -4567 at castmate .org."),
        ("There were 1,204 people.", "There were 1 ,204 people."),
        ("I got an A+.", "I got an A plus."),
        ("[laughs] Never *sighs* again 😀", "Never again."),
    ],
)
def test_what_is_said_alike_is_read_alike(written: str, heard: str) -> None:
    assert words(written) == words(heard)


def test_substitutions_deletions_and_insertions_count_one_each() -> None:
    said = words("the garden show opens on Sunday")
    assert error_rate(said, words("the garden show opens on Sunday")) == 0
    assert error_rate(said, words("the garden snow opens Sunday morning")) == pytest.approx(3 / 6)
    assert error_rate(said, ()) == 1
    assert error_rate(("yes",), ("oh", "no", "no")) == 3


def test_nothing_said_has_no_error_rate() -> None:
    assert error_rate((), ("hello",)) is None
