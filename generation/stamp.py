"""The mark that people see on a file that leaves: who made it, and that a machine did. It moves: no crop takes it off.

The sound's encoded packets are copied; pictures are decoded and encoded once more, with key frames where they were.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from generation import credentials
from generation.credentials import Chain, Claims
from generation.encode import OPTIONS, video_stream
from generation.errors import NotAVideo
from generation.portrait.cards import FONTS, LATIN
from generation.shapes import FRAME_RATE, VideoShape, frames_for

NAME: Final = "castmate"
STAY_S: Final = 2.5  # in one corner; a clip of four seconds shows two
FADE_S: Final = 0.3
SEEN: Final = 0.86  # of white, where a letter is
SHADE: Final = 0.62  # how much darker the picture is around them: white letters are read on snow too
SIZE: Final = 0.047  # of the shorter side: the name's letters
WIDEST: Final = 0.46  # of the width
CORNERS: Final = ((0, 0), (1, 1), (1, 0), (0, 1))  # right, down; never twice at one side
SIDE, TOP, BOTTOM = 0.045, 0.06, 0.07  # of width and height: above and below captions
COMPOSITE: Final = "compositeWithTrainedAlgorithmicMedia"
CRF: Final = 18  # below the clip's own 20: a second encoding costs little of it
Levels = NDArray[np.float32]


class Stamp:
    """The two lines, drawn once for a shape. `handle`: without the @."""

    def __init__(self, handle: str, shape: VideoShape) -> None:
        self._shape = shape
        self._words = _drawn(handle, shape)
        sigma = 0.012 * min(shape.width, shape.height)
        self._shade: Levels = np.clip(3.0 * cv2.GaussianBlur(self._words, (0, 0), sigma), 0, 1).astype(np.float32)

    def lay(self, planes: NDArray[np.uint8], index: int) -> None:
        """Over frame `index`, in place. `planes`: YUV 4:2:0, limited range, (height * 3 / 2, width)."""
        stay, fade = frames_for(STAY_S), frames_for(FADE_S)
        turn, at = divmod(index, stay)
        shown = min(1.0, (at + 1) / fade, (stay - at) / fade)
        left, top = self._place(turn)
        height, width = self._words.shape
        luma = planes[top : top + height, left : left + width]
        ink, shade = SEEN * shown * self._words, SHADE * shown * self._shade
        dark = 16 + (luma - 16.0) * (1 - shade)
        luma[:] = (dark + (235 - dark) * ink + 0.5).astype(np.uint8)
        grey = 1 - (ink + shade * (1 - ink))[::2, ::2]
        half = self._shape.width // 2
        for plane in (self._shape.height, self._shape.height + self._shape.height // 4):
            colour = planes[plane : plane + self._shape.height // 4].reshape(self._shape.height // 2, half)
            part = colour[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2]
            part[:] = (128 + (part - 128.0) * grey + 0.5).astype(np.uint8)

    def _place(self, turn: int) -> tuple[int, int]:
        """Left and top in even pixels, as the colours' half grid wants."""
        right, down = CORNERS[turn % len(CORNERS)]
        height, width = self._words.shape
        left = self._shape.width * (1 - SIDE) - width if right else self._shape.width * SIDE
        top = self._shape.height * (1 - BOTTOM) - height if down else self._shape.height * TOP
        return round(left / 2) * 2, round(top / 2) * 2


def stamped(source: Path, target: Path, handle: str, *, threads: int = 1) -> None:
    """`source`, a finished clip of this project, with the mark; the same times and sound. Raises NotAVideo. Blocks."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        with av.open(str(source), "r") as clip, av.open(str(partial), "w", format="mp4", options=OPTIONS) as out:
            out.metadata["title"] = clip.metadata.get("title", "")
            pictures = clip.streams.video[0]
            shape = VideoShape(pictures.width, pictures.height)
            stamp, video = Stamp(handle, shape), video_stream(out, shape, crf=CRF, threads=threads)
            sounds = [(one, out.add_stream_from_template(one)) for one in clip.streams.audio]
            for index, picture in enumerate(clip.decode(pictures)):
                planes = np.asarray(picture.reformat(format="yuv420p").to_ndarray(), np.uint8)
                stamp.lay(planes, index)
                laid = av.VideoFrame.from_ndarray(planes, format="yuv420p")
                laid.pts, laid.time_base = index, Fraction(1, FRAME_RATE)
                if picture.key_frame:
                    laid.pict_type = PictureType.I
                out.mux(video.encode(laid))
            out.mux(video.encode(None))
            clip.seek(0)
            for packet in clip.demux([one for one, _ in sounds]):
                if packet.dts is not None:  # None flushes
                    packet.stream = next(into for one, into in sounds if one.index == packet.stream.index)
                    out.mux(packet)
        partial.replace(target)
    except (av.error.FFmpegError, IndexError) as broken:
        raise NotAVideo(f"the clip does not decode: {broken}") from broken
    finally:
        partial.unlink(missing_ok=True)


def signed(chain: Chain, source: Path, target: Path, handle: str, mark: int) -> None:
    """`stamped`, and signed as what `source` became. `mark`: the number that its pictures and sound carry."""
    plain = target.with_name(f"plain-{target.name}")
    stamped(source, plain, handle)
    composite = credentials.read(source, chain.root).source == COMPOSITE
    claims = Claims("castmate", COMPOSITE if composite else "trainedAlgorithmicMedia", mark, handle)
    credentials.sign_edited(chain, plain, target, claims, source)
    plain.unlink()


def _drawn(handle: str, shape: VideoShape) -> Levels:
    """How much of each pixel is a letter, 0..1; even sides."""
    scale = 1.0
    while True:
        large = ImageFont.truetype(str(FONTS / LATIN), round(scale * SIZE * min(shape.width, shape.height)))
        small, tag = large.font_variant(size=0.78 * large.size), large.font_variant(size=0.56 * large.size)
        gap, pad = 0.34 * large.size, 0.2 * large.size
        badge = tag.getlength("AI") + 2 * pad
        width = max(large.getlength(NAME) + gap + badge, small.getlength(f"@{handle}"))
        if width <= WIDEST * shape.width:
            break
        scale *= 0.92
    edge = 0.6 * large.size
    size = [2 * round((length + 2 * edge) / 2) for length in (width, 2.15 * large.size)]
    picture = Image.new("L", (size[0], size[1]), 0)
    draw = ImageDraw.Draw(picture)
    middle = edge + 0.5 * large.size
    draw.text((edge, middle), NAME, font=large, fill=255, anchor="lm")
    left = edge + large.getlength(NAME) + gap
    box = (left, middle - 0.42 * large.size, left + badge, middle + 0.42 * large.size)
    draw.rounded_rectangle(box, radius=0.24 * large.size, fill=255)
    draw.text((left + badge / 2, middle), "AI", font=tag, fill=0, anchor="mm")
    draw.text((edge, edge + 1.62 * large.size), f"@{handle}", font=small, fill=240, anchor="lm")
    return np.asarray(np.asarray(picture, np.float32) / 255, np.float32)
