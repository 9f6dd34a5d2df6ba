"""The camera of a shot: an affine for every moment, small enough that what was painted always fills the frame."""

from __future__ import annotations

import math
from typing import Final

import msgspec

from generation.plan import Camera
from generation.shapes import VideoShape

PUSH: Final = 0.075  # growth over a shot
DRIFT: Final = 0.018  # of a static camera: a picture that does not breathe looks frozen
PAN: Final = 0.035  # of the width, to either side
PAN_ZOOM: Final = 1.08  # room to pan in
HAND: Final = 0.006  # of the width
HAND_ZOOM: Final = 1.03
MOST_ZOOM: Final = 1.11


class View(msgspec.Struct, frozen=True):
    """frame = (scene - centre) x zoom + frame's middle; pixels of the unmoved frame."""

    zoom: float
    x: float
    y: float

    def seen_from(self, depth: float, shape: VideoShape) -> View:
        """The same view on something farther away: depth 0 hardly moves, 1 moves with the people, more even more."""
        share = 0.45 + 0.55 * depth
        middle_x, middle_y = shape.width / 2, shape.height / 2
        return View(
            1 + (self.zoom - 1) * share, middle_x + (self.x - middle_x) * share, middle_y + (self.y - middle_y) * share
        )


def view(camera: Camera, at: float, seconds: float, shape: VideoShape, *, face_y: float) -> View:
    """The view at `at` 0..1 of a shot that lasts `seconds`; zooms close in on the face line `face_y` (px)."""
    ease = at * at * (3 - 2 * at)
    middle_x, middle_y = shape.width / 2, shape.height / 2
    zoom, shift_x, shift_y = 1 + DRIFT * at, 0.0, 0.0
    match camera:
        case "push_in":
            zoom = 1 + PUSH * ease
        case "pull_out":
            zoom = 1 + PUSH * (1 - ease)
        case "pan_left":
            zoom, shift_x = PAN_ZOOM, PAN * shape.width * (1 - 2 * ease)
        case "pan_right":
            zoom, shift_x = PAN_ZOOM, PAN * shape.width * (2 * ease - 1)
        case "handheld":
            now = at * seconds
            zoom = HAND_ZOOM
            shift_x = HAND * shape.width * (math.sin(2.1 * now) + 0.5 * math.sin(5.3 * now + 1))
            shift_y = HAND * shape.width * (math.sin(1.7 * now + 2) + 0.4 * math.sin(4.7 * now))
        case "static":
            pass
    towards_face = (face_y - middle_y) * (1 - 1 / zoom)  # the face line stays where it is while the picture grows
    return View(zoom, middle_x + shift_x, middle_y + towards_face + shift_y)
