"""Many small frames in one JPEG: the player's sprite sheet, and a contact sheet for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from generation.engine import Frame
from generation.shapes import FRAME_RATE, VideoShape, frames_for

TILES: Final = 10
COLUMNS: Final = 5
TILE_WIDTH: Final = 180
_PER_SHOT: Final = 6


class SpriteSheet:
    """Ten tiles, five in a row, in reading order; tile i shows the moment (i + 0.5) / 10 of the clip."""

    def __init__(self, shape: VideoShape, frames: int) -> None:
        self._tile = (TILE_WIDTH, round(TILE_WIDTH * shape.height / shape.width / 2) * 2)
        self._moments = [int((tile + 0.5) / TILES * frames) for tile in range(TILES)]
        self._sheet = np.zeros((TILES // COLUMNS * self._tile[1], COLUMNS * self._tile[0], 3), np.uint8)

    def wants(self, index: int) -> bool:
        """Whether `see` would look at this frame."""
        return index in self._moments

    def see(self, index: int, frame: Frame) -> None:
        """Frames come in order; `index` counts from 0."""
        if index not in self._moments:
            return
        small = cv2.resize(frame, self._tile, interpolation=cv2.INTER_AREA)
        for place in [place for place, moment in enumerate(self._moments) if moment == index]:
            row, column = divmod(place, COLUMNS)
            y, x = row * self._tile[1], column * self._tile[0]
            self._sheet[y : y + self._tile[1], x : x + self._tile[0]] = small

    def jpg(self) -> bytes:
        """The sheet so far; tiles not yet seen are black."""
        return _jpeg(Image.fromarray(self._sheet))


def contact_sheet(path_to_mp4: Path, cuts_s: Sequence[float]) -> bytes:
    """A JPEG with one row per shot: six frames from its first to its last, each with its time stamp in seconds."""
    borders = [frames_for(cut) for cut in (0.0, *cuts_s)]
    with av.open(str(path_to_mp4)) as container:
        total = container.streams.video[0].frames
        rows = [
            [round(start + (end - 1 - start) * step / (_PER_SHOT - 1)) for step in range(_PER_SHOT)]
            for start, end in zip(borders, [*borders[1:], total], strict=True)
        ]
        wanted = {index for row in rows for index in row}
        kept = {
            index: Image.fromarray(frame.to_ndarray(format="rgb24")).resize(
                (TILE_WIDTH, round(TILE_WIDTH * frame.height / frame.width))
            )
            for index, frame in enumerate(container.decode(video=0))
            if index in wanted
        }
    height = next(iter(kept.values())).height
    sheet = Image.new("RGB", (TILE_WIDTH * _PER_SHOT, height * len(rows)))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=16)
    for row, indices in enumerate(rows):
        for column, index in enumerate(indices):
            corner = (column * TILE_WIDTH, row * height)
            sheet.paste(kept[index], corner)
            stamp = f"{row + 1}  {index / FRAME_RATE:.2f}"
            place = (corner[0] + 6, corner[1] + 4)
            pen.text(place, stamp, fill="white", font=font, stroke_width=2, stroke_fill="black")
    return _jpeg(sheet)


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
