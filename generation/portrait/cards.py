"""Captions as pictures: drawn once, laid over every frame in which they are heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from generation.captions_file import Caption
from generation.languages import script_of
from generation.portrait.captions import break_cost
from generation.shapes import FRAME_RATE, VideoShape

FONTS: Final = Path(__file__).parent / "fonts"
LATIN, CHINESE, JAPANESE = "Inter-SemiBold.otf", "NotoSansSC-Bold.otf", "NotoSansJP-Bold.otf"
COLOURS: Final = ((255, 214, 102), (126, 211, 255), (255, 158, 177), (166, 232, 150))  # RGB by speaker: S1, S2, ...
SIZE: Final = 0.056  # of the frame's shorter side
BOTTOM: Final = 0.80  # of the height: below are the apps' own buttons and titles
WIDEST: Final = 0.80  # of the width
LINES: Final = 2
PLATE: Final = (10, 12, 18, 148)  # RGBA
_NEVER_FIRST: Final = frozenset("，。、！？；：…—」』）》”’ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々,.!?;:")
SS: Final = 2  # drawn this many times larger, for smooth edges


class Card(msgspec.Struct, frozen=True):
    """A caption's picture, premultiplied RGB and what remains of the ground (h, w, 3), and where it goes."""

    first: int  # frames, last excluded
    last: int
    top: int  # px
    left: int
    light: NDArray[np.uint8]
    ground: NDArray[np.uint8]

    def lay(self, frame: NDArray[np.uint8]) -> None:
        """Over (height, width, 3) RGB, in place."""
        part = frame[self.top : self.top + self.light.shape[0], self.left : self.left + self.light.shape[1]]
        part[:] = (part.astype(np.uint16) * self.ground // 255 + self.light).clip(0, 255).astype(np.uint8)


def cards(
    captions: Sequence[Caption], shape: VideoShape, speakers: Sequence[str], *, kana: bool = False
) -> tuple[Card, ...]:
    """One card a caption, in the speaker's colour where `speakers`, all who are cast in the clip, are more than one.

    `kana`: somebody speaks Japanese in the clip, so Han is drawn as a Japanese reader knows it.
    """
    colours: Mapping[str, tuple[int, int, int]] = {
        speaker: COLOURS[number % len(COLOURS)] for number, speaker in enumerate(speakers)
    }
    han = JAPANESE if kana else CHINESE
    return tuple(
        _card(
            caption,
            shape,
            colours[caption.speaker] if len(colours) > 1 else None,
            han if script_of(caption.text) in ("zh", "ja") else LATIN,
        )
        for caption in captions
    )


def _card(caption: Caption, shape: VideoShape, accent: tuple[int, int, int] | None, font_name: str) -> Card:
    size = SIZE * min(shape.width, shape.height)
    font = ImageFont.truetype(str(FONTS / font_name), round(size * SS))
    widest = WIDEST * shape.width * SS
    lines = balanced(caption.text, font.getlength, widest)
    while len(lines) > LINES or max(font.getlength(line) for line in lines) > widest:  # a very long word or card
        font = font.font_variant(size=font.size * 0.9)
        lines = balanced(caption.text, font.getlength, widest)
    step, pad = round(font.size * 1.26), round(font.size * 0.46)
    width = round(max(font.getlength(line) for line in lines)) + 2 * pad + round(0.3 * font.size)
    height = step * len(lines) + round(1.1 * pad)
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), round(0.42 * font.size), fill=PLATE)
    if accent is not None:
        draw.rounded_rectangle(
            (
                round(0.16 * font.size),
                round(0.34 * font.size),
                round(0.25 * font.size),
                height - round(0.34 * font.size),
            ),
            round(0.05 * font.size),
            fill=(*accent, 255),
        )
    for number, line in enumerate(lines):
        y = 0.55 * pad + step * (number + 0.5)
        if accent is None:
            draw.text((width / 2, y), line, font=font, fill=(255, 255, 255, 255), anchor="mm")
        else:
            draw.text((pad + 0.15 * font.size, y), line, font=font, fill=(255, 255, 255, 255), anchor="lm")
    small = np.asarray(picture.resize((width // SS, height // SS), Image.Resampling.BOX), np.float32)
    alpha = small[..., 3:] / 255
    top = round(BOTTOM * shape.height) - small.shape[0]
    return Card(
        first=round(caption.start_s * FRAME_RATE),
        last=round(caption.end_s * FRAME_RATE),
        top=top,
        left=(shape.width - small.shape[1]) // 2,
        light=(small[..., :3] * alpha).astype(np.uint8),
        ground=np.repeat((255 * (1 - alpha)).astype(np.uint8), 3, axis=2),
    )


def balanced(text: str, measure: Callable[[str], float], widest: float) -> list[str]:
    """One line if it fits, else two, as even as they can be: cut at a blank, or between Han or kana letters."""
    if measure(text) <= widest:
        return [text]
    loose = script_of(text) in ("zh", "ja") or " " not in text.strip()
    cuts = [
        [text[:at].rstrip(), text[at:].lstrip()]
        for at in range(1, len(text))
        if text[at] == " " or (loose and text[at] not in _NEVER_FIRST and not text[at - 1 : at + 1].isascii())
    ] or [[text[:at], text[at:]] for at in range(1, len(text))]

    def badness(two: list[str]) -> float:
        kindness = 0.8 if loose and two[0][-1:] in _NEVER_FIRST else 1.0
        return max(map(measure, two)) * kindness * (1 + 0.1 * break_cost(two[0].rsplit(" ", 1)[-1]))

    return min(cuts, key=badness, default=[text])
