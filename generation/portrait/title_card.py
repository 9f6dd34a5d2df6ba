"""The clip's title over its beginning, where the prompt asked for one."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from generation.languages import script_of
from generation.portrait.cards import CHINESE, FONTS, JAPANESE, LATIN, balanced
from generation.shapes import VideoShape, frames_for

SHOWN_S: Final = 2.2
FADE_S: Final = 0.35
SIZE: Final = 0.086  # of the frame's shorter side
MIDDLE: Final = 0.145  # of the height: above the faces, below a phone's own top line
WIDEST: Final = 0.84  # of the width
LINES: Final = 2
SHADE: Final = 0.5  # how much darker the picture is behind the words


class TitleCard:
    """Read-only after it is made, so several threads may lay it at once."""

    def __init__(self, title: str, shape: VideoShape, first_shot_s: float) -> None:
        """It is gone with the first shot, of which there is a second at least."""
        self._frames = frames_for(min(SHOWN_S, first_shot_s))
        script = script_of(title)
        name = JAPANESE if script == "ja" else CHINESE if script == "zh" else LATIN
        font = ImageFont.truetype(str(FONTS / name), round(SIZE * min(shape.width, shape.height)))
        lines = balanced(title, font.getlength, WIDEST * shape.width)
        while len(lines) > LINES or max(map(font.getlength, lines)) > WIDEST * shape.width:
            font = font.font_variant(size=font.size * 0.92)
            lines = balanced(title, font.getlength, WIDEST * shape.width)
        step = round(font.size * 1.18)
        height = round(step * len(lines) + 1.6 * font.size)
        self._top = max(0, round(MIDDLE * shape.height - height / 2))
        picture = Image.new("L", (shape.width, height), 0)
        draw = ImageDraw.Draw(picture)
        for number, line in enumerate(lines):
            y = height / 2 + (number - (len(lines) - 1) / 2) * step
            draw.text((shape.width / 2, y), line, font=font, fill=255, anchor="mm")
        words = np.asarray(picture, np.float32) / 255
        near = np.asarray(cv2.GaussianBlur(words, (0, 0), 0.35 * font.size))
        self._words = words[..., None]
        self._shade = (SHADE * np.clip(3 * near, 0, 1))[..., None].astype(np.float32)

    def lay(self, frame: NDArray[np.uint8], index: int) -> None:
        """Over frame `index` of the clip, (height, width, 3) RGB, in place; nothing once it is gone."""
        fade = frames_for(FADE_S)
        shown = min(1.0, (index + 1) / fade, (self._frames - index) / fade)
        if shown <= 0:
            return
        part = frame[self._top : self._top + len(self._words)]
        dark = part * (1 - shown * self._shade)
        part[:] = np.clip(dark + (255 - dark) * (shown * self._words) + 0.5, 0, 255).astype(np.uint8)
