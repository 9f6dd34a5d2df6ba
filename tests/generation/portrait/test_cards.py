from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from generation.captions_file import Caption
from generation.portrait.cards import BOTTOM, FONTS, LATIN, balanced, cards
from generation.shapes import SIZES, VideoShape

SHAPES = [VideoShape.of(size) for size in SIZES]
WORDS = "Wonderful. I will bring my best roses, and you bring the tea."


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.width}x{shape.height}")
@pytest.mark.parametrize("text", ["Hi!", WORDS, "x" * 60, "word " * 12])
def test_a_card_stays_in_the_safe_area(shape: VideoShape, text: str) -> None:
    (card,) = cards([Caption(1.0, 2.0, "S1", text)], shape, ["S1"])
    height, width = card.light.shape[:2]
    assert card.top >= 0.5 * shape.height
    assert card.top + height <= BOTTOM * shape.height + 1
    assert card.left >= 0.05 * shape.width
    assert card.left + width <= 0.95 * shape.width
    assert (card.first, card.last) == (24, 48)


def test_a_card_is_readable_on_black_and_on_white() -> None:
    shape = SHAPES[0]
    (card,) = cards([Caption(0.0, 1.0, "S1", "Hello there")], shape, ["S1"])
    for ground in (0, 255):
        frame = np.full((shape.height, shape.width, 3), ground, np.uint8)
        card.lay(frame)
        part = frame[card.top : card.top + card.light.shape[0], card.left : card.left + card.light.shape[1]]
        middle = part[part.shape[0] // 4 : -part.shape[0] // 4, part.shape[1] // 8 : -part.shape[1] // 8].astype(int)
        assert middle.max() > 240
        assert middle.max() - np.percentile(middle, 20) > 100
        outside = np.delete(frame, np.s_[card.top : card.top + card.light.shape[0]], axis=0)
        assert (outside == ground).all()


def test_speakers_are_told_apart_by_colour_and_one_alone_is_not() -> None:
    shape = SHAPES[4]
    both = cards([Caption(0, 1, "S1", "Yes."), Caption(1, 2, "S2", "Yes.")], shape, ["S1", "S2"])
    assert (both[0].light != both[1].light).any()
    alone = cards([Caption(0, 1, "S2", "Yes.")], shape, ["S2"])
    assert (alone[0].light == cards([Caption(0, 1, "S1", "Yes.")], shape, ["S1"])[0].light).all()
    assert (alone[0].light.shape != both[1].light.shape) or (alone[0].light != both[1].light).any()


def test_a_shot_with_one_of_two_speakers_keeps_their_colours() -> None:
    shape, spoken = SHAPES[4], [Caption(0, 1, "S1", "Yes."), Caption(1, 2, "S2", "Yes.")]
    both = cards(spoken, shape, ["S1", "S2"])
    assert (cards(spoken[1:], shape, ["S1", "S2"])[0].light == both[1].light).all()


def test_two_lines_are_even_and_hold_every_word() -> None:
    font = ImageFont.truetype(str(FONTS / LATIN), 40)
    lines = balanced(WORDS, font.getlength, 700)
    assert len(lines) == 2
    assert " ".join(lines) == WORDS
    lengths = [font.getlength(line) for line in lines]
    assert max(lengths) / min(lengths) < 1.3
    assert balanced("Wonderful. I will bring my best roses,", font.getlength, 500) == [
        "Wonderful. I will",
        "bring my best roses,",
    ]
    assert balanced("Hi!", font.getlength, 700) == ["Hi!"]
    assert "".join(balanced("字" * 30, font.getlength, 700)) == "字" * 30
