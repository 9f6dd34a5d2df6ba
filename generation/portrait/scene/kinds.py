"""What a painted set hands to the camera: pictures far to near, and the light that people must match."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.portrait.scene.life import STILL, Life

Picture = NDArray[np.uint8]
Gains = tuple[float, float, float]

MARGIN: Final = 0.125  # of the frame, on each of the four sides: room for camera moves and parallax


class Light(msgspec.Struct, frozen=True):
    """How a person in the set is lit.

    `side` -1 (key light from the left of the picture) .. 1 (right). `warmth` are BGR multipliers near 1.
    `brightness` is 1 by day, about .6 at night. `ambient` is the BGR colour 0..255 of the shadows' fill. `air` 0..1 is
    how much of that lies between the lens and a person, in fog the most.
    """

    side: float
    warmth: Gains
    brightness: float
    ambient: Gains
    air: float = 0.03


class Layer(msgspec.Struct, frozen=True, eq=False):
    """(height, width, 3) BGR or (height, width, 4) premultiplied BGRA, uint8; `depth` 0 (far) .. 1 (at the lens).

    Centred on the frame, MARGIN larger on every side: frame (0, 0) lies at MARGIN × frame size.
    """

    picture: Picture
    depth: float


class Scene(msgspec.Struct, frozen=True, eq=False):
    """`layers` far to near, all behind the people; the first is opaque. `foreground` stands before them.

    That is in wide shots and with several people; one that `only_hides` only where a photo's end would show.
    `floor_y` is where the ground meets the back, 0 (top) .. 1 (bottom) of the frame's height.
    """

    name: str
    layers: tuple[Layer, ...]
    foreground: Layer | None
    light: Light
    floor_y: float
    life: Life = STILL
    only_hides: bool = False
