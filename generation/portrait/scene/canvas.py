"""A surface of linear light. x runs from -half to half and y from 0 to 1 across the frame, both in frame heights."""

from __future__ import annotations

import copy
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.portrait.scene.kinds import MARGIN, Picture
from generation.portrait.scene.noise import Field, fractal
from generation.shapes import VideoShape

Ink = NDArray[np.floating]
_WORKING_PIXELS: Final = 312 * 555


def ink(code: int, gain: float = 1.0) -> Ink:
    """0xRRGGBB -> (3,) linear BGR, 0..gain."""
    srgb = np.array([code & 255, code >> 8 & 255, code >> 16 & 255], np.float32) / 255
    return (gain * srgb**2.2).astype(np.float32)


def blend(low: Ink, high: Ink, amount: Field) -> Ink:
    """(h, w, 3) from colours or pictures, `amount` (h, w) 0..1."""
    return (low + (high - low) * amount[..., None]).astype(np.float32)


class Canvas:
    """`light` (h, w, 3) linear BGR premultiplied by `cover` (h, w) 0..1; `x`, `y` (h, w) in frame heights.

    `top` cuts rows above that y (foregrounds are painted at full size, but only where they are).
    """

    def __init__(
        self, shape: VideoShape, rng: np.random.Generator, *, scale: float | None = None, top: float = -MARGIN
    ) -> None:
        self.shape, self.rng = shape, rng
        scale = scale or min(1.0, (_WORKING_PIXELS / (shape.width * shape.height)) ** 0.5)
        self.unit = shape.height * scale
        self.half = shape.width / shape.height / 2
        width, height = round((2 + 4 * MARGIN) * self.half * self.unit), round((1 + MARGIN - top) * self.unit)
        across = (1 + 2 * MARGIN) * self.half * np.linspace(-1, 1, width, dtype=np.float32)
        down = np.linspace(top, 1 + MARGIN, height, dtype=np.float32)
        self.x, self.y = (np.ascontiguousarray(grid) for grid in np.meshgrid(across, down))
        self.light: Ink = np.zeros((height, width, 3), np.float32)
        self.cover: Field = np.zeros((height, width), np.float32)

    def noise(self, cell: float, octaves: int = 4, keep: float = 0.55, stretch: float = 1.0) -> Field:
        """Fractal noise with `cell` in frame heights."""
        height, width = self.cover.shape
        return fractal(self.rng, (height, width), cell * self.unit, octaves=octaves, keep=keep, stretch=stretch)

    def lay(self, colour: Ink, alpha: Field | float = 1.0) -> None:
        """Paints `colour` (3,) or (h, w, 3) over what is there."""
        mask = np.broadcast_to(np.asarray(alpha, np.float32), self.cover.shape)
        self.light += (
            (colour - self.light) * mask[..., None] if colour.ndim == 1 else mask[..., None] * (colour - self.light)
        )
        self.cover += (1 - self.cover) * mask

    def shine(self, colour: Ink, amount: Field) -> None:
        """Adds light where there is something to carry it."""
        self.light += colour * (amount * self.cover)[..., None]

    def part(self, box: tuple[float, float, float, float], margin: float = 0.03) -> Canvas:
        """A window on the same pixels around (left, upper, right, lower), so that small things cost little."""
        height, width = self.cover.shape
        rows = self._clamped(np.searchsorted(self.y[:, 0], (box[1] - margin, box[3] + margin)), height)
        columns = self._clamped(np.searchsorted(self.x[0], (box[0] - margin, box[2] + margin)), width)
        view = copy.copy(self)
        view.x, view.y, view.light, view.cover = (
            grid[rows, columns] for grid in (self.x, self.y, self.light, self.cover)
        )
        return view

    @staticmethod
    def _clamped(ends: NDArray[np.intp], count: int) -> slice:
        start = int(min(max(0, ends[0]), count - 2))
        return slice(start, max(start + 2, int(ends[1])))

    def around(self, x: float, y: float, radius: float) -> tuple[Canvas, Field]:
        """The part that a `ball` reaches, and the ball in it."""
        view = self.part((x, y, x, y), 2.6 * radius)
        return view, view.ball(x, y, radius)

    def glow(self, colour: Ink, x: float, y: float, radius: float) -> None:
        """Adds a soft light."""
        view, ball = self.around(x, y, radius)
        view.shine(colour, ball)

    def spot(self, colour: Ink, x: float, y: float, radius: float, strength: float = 1.0) -> None:
        """Lays a soft disc over what is there."""
        view, ball = self.around(x, y, radius)
        view.lay(colour, np.clip(ball * strength, 0, 1))

    def ball(self, x: float, y: float, radius: float) -> Field:
        """Bell of 1 at (x, y), 1/e at `radius`."""
        return np.exp(-((self.x - x) ** 2 + (self.y - y) ** 2) / radius**2).astype(np.float32)

    def box(self, left: float, upper: float, right: float, lower: float, soft: float = 0.004) -> Field:
        """1 inside, 0 outside, `soft` wide edges."""
        across = np.minimum(self.x - left, right - self.x) / soft
        down = np.minimum(self.y - upper, lower - self.y) / soft
        return np.clip(np.minimum(across, down) + 0.5, 0, 1).astype(np.float32)

    def defocus(self, radius: float, sparkle: float = 0.0) -> None:
        """A lens' disc of `radius` frame heights; light above 1 spreads as bokeh (`sparkle` raises it first)."""
        pixels = radius * self.unit * (1 + 0.9 * max(0.0, self.half - 0.5))  # a wide frame is a longer lens
        if pixels < 0.6:
            return
        disc = lens_disc(pixels)
        if sparkle:
            bright = np.clip(self.light.max(axis=2) - 0.8, 0, 4)
            self.light *= (1 + sparkle * bright)[..., None]
        self.light = np.asarray(cv2.filter2D(self.light, -1, disc, borderType=cv2.BORDER_REPLICATE), np.float32)
        if self.cover.min() < 1:
            self.cover = np.asarray(cv2.filter2D(self.cover, -1, disc, borderType=cv2.BORDER_REPLICATE), np.float32)

    def vignette(self, strength: float = 0.22) -> None:
        """Darker toward the frame's corners."""
        away = (self.x / self.half) ** 2 * 0.5 + (2 * self.y - 1) ** 2 * 0.5
        self.light *= (1 - strength * np.clip(away, 0, 1.3))[..., None]

    def picture(self, *, opaque: bool, grain: float = 1.6) -> Picture:
        """Developed at the full size: BGR if `opaque`, else premultiplied BGRA."""
        cover = np.clip(self.cover, 1e-4, 1)[..., None]
        shown = develop(self.light if opaque else self.light / cover)
        width = 2 * round((0.5 + MARGIN) * self.shape.width)
        size = (width, round(width * shown.shape[0] / shown.shape[1]))
        shown = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_CUBIC), np.float32)
        if grain:
            tile = self.rng.standard_normal((256, 256), dtype=np.float32) * grain
            tall, wide = -(-size[1] // 256), -(-size[0] // 256)
            shown += np.tile(tile, (tall, wide))[: size[1], : size[0], None]
        if opaque:
            return np.clip(shown, 0, 255).astype(np.uint8)
        alpha = np.clip(cv2.resize(self.cover, size, interpolation=cv2.INTER_LINEAR), 0, 1)[..., None]
        return np.concatenate([np.clip(shown, 0, 255) * alpha, alpha * 255], axis=2).round().astype(np.uint8)


def lens_disc(radius: float) -> Field:
    """A kernel of sum 1: an aperture's image of `radius` pixels, a little brighter at its rim."""
    reach = int(np.ceil(radius))
    away = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1])
    disc = np.clip(radius + 0.5 - away, 0, 1) * (0.85 + 0.3 * np.minimum(1, away / radius) ** 3)
    return np.asarray(disc / disc.sum(), np.float32)


def develop(light: Ink) -> Ink:
    """Linear light -> sRGB 0..255 with a film's shoulder above three quarters."""
    shown = np.power(np.clip(light, 0, None), 1 / 2.2)
    shoulder = 0.72 + 0.28 * np.tanh((shown - 0.72) / 0.36)
    return (255 * np.where(shown > 0.72, shoulder, shown)).astype(np.float32)
