"""What a mark says, and how much of it may be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from generation.watermark.errors import MarkIdOutOfRange
from generation.watermark.payload import BITS, bits_of, layout, mark_of, new_mark, soft_bits
from generation.watermark.reading import read


@pytest.mark.parametrize("mark", [1, 0xABCDEF123456, 2**48 - 1])
def test_a_mark_says_its_id(mark: int) -> None:
    assert mark_of(bits_of(mark)) == mark


@pytest.mark.parametrize("mark", [0, -1, 2**48])
def test_an_id_out_of_range_is_refused(mark: int) -> None:
    with pytest.raises(MarkIdOutOfRange, match=str(mark)):
        bits_of(mark)


def test_a_mark_is_read_with_one_bit_in_six_wrong() -> None:
    chance = np.random.default_rng(3)
    for mark in (new_mark() for _ in range(10)):
        soft = bits_of(mark)
        soft[chance.choice(BITS, BITS // 6, replace=False)] *= -0.5
        assert mark_of(soft) == mark


def test_noise_says_nothing() -> None:
    chance = np.random.default_rng(4)
    assert [mark_of(chance.normal(size=BITS).astype(np.float32)) for _ in range(60)] == [None] * 60


def test_another_key_reads_nothing() -> None:
    mine, other = layout(b"a" * 32, 4000, 0.25, "x"), layout(b"b" * 32, 4000, 0.25, "x")
    assert mark_of(soft_bits(mine, mine.chips(77))) == 77
    assert mark_of(soft_bits(other, mine.chips(77))) is None


def test_a_clip_joined_from_two_says_both_ids() -> None:
    parts = [bits_of(5)] * 4 + [bits_of(6)] * 7
    found = read(parts, 9.0)
    assert found is not None
    assert sorted(found.marks) == [5, 6]
    assert found.marks[0] == 6


def test_what_is_not_clearly_marked_is_not_read() -> None:
    assert read([bits_of(5)] * 4, 2.0) is None
    assert read([], 9.0) is None
