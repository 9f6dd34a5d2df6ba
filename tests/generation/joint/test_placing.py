"""How a model is laid out in the memory there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.errors import EngineUnavailable
from generation.joint.placing import Placing, Sizes, choose, placings

LTX2 = Sizes(transformer=38.0, text_encoder=24.0, rest=8.5)


@pytest.mark.parametrize(
    ("free_gb", "allowed_gb", "name", "precision"),
    [
        (141.0, None, "resident", "bf16"),  # H200
        (83.0, None, "resident", "bf16"),  # an empty H100
        (79.0, None, "quantised", "fp8"),  # the same, shared with something else
        (141.0, 70.0, "quantised", "fp8"),
        (48.0, None, "mixed", "fp8"),
        (39.0, None, "mixed", "fp8"),
        (38.9, None, "offloaded", "bf16"),
        (24.0, None, "offloaded", "bf16"),
        (141.0, 12.0, "offloaded", "bf16"),
    ],
)
def test_the_best_way_that_fits_is_chosen(free_gb: float, allowed_gb: float | None, name: str, precision: str) -> None:
    chosen = choose(LTX2, free_gb, allowed_gb)
    assert (chosen.name, chosen.precision) == (name, precision)


def test_an_older_card_stores_int8() -> None:
    assert choose(LTX2, 79.0, quantised="int8").precision == "int8"


def test_too_little_memory_says_what_there_is_and_what_is_needed() -> None:
    with pytest.raises(EngineUnavailable, match=r"8\.0 GB free; the engine needs at least 11\.5 GB.*portrait"):
        choose(LTX2, 8.0)
    with pytest.raises(EngineUnavailable, match="CASTMATE_VRAM allows 4 GB"):
        choose(LTX2, 80.0, 4.0)


@given(st.floats(0.1, 60), st.floats(0.1, 60), st.floats(0.1, 20), st.floats(12, 200))
def test_what_is_chosen_fits_and_nothing_better_would_have(
    transformer: float, text_encoder: float, rest: float, free: float
) -> None:
    sizes = Sizes(transformer, text_encoder, rest)
    chosen = choose(sizes, free)
    ways = placings(sizes)
    assert chosen.needs_gb <= free
    assert all(way.needs_gb > free for way in ways[: ways.index(chosen)])


@given(st.floats(12, 200), st.floats(0, 100))
def test_more_memory_never_gives_a_worse_placing(free: float, more: float) -> None:
    names = [way.name for way in placings(LTX2)]
    assert names.index(choose(LTX2, free + more).name) <= names.index(choose(LTX2, free).name)


def test_what_moves_about_is_neither_compiled_nor_decoded_whole() -> None:
    ways: dict[str, Placing] = {way.name: way for way in placings(LTX2)}
    assert [ways[name].compiled for name in ("resident", "quantised", "mixed", "offloaded")] == [
        True,
        True,
        True,
        False,
    ]
    assert [ways[name].tiled for name in ("resident", "quantised", "mixed", "offloaded")] == [False, False, True, True]
