"""A picture somebody gave, made the set: cropped to the frame, out of focus, and asked where its light comes from."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.errors import EngineError
from generation.portrait.scene.canvas import Ink, develop, lens_disc
from generation.portrait.scene.kinds import MARGIN, Gains, Layer, Light, Picture, Scene
from generation.shapes import VideoShape

LEAST_PX: Final = 16  # on each side: less is a colour, not a place
KEPT: Final = 0.03  # of the frame on each side that surely is the picture's own; farther out it may be mirrored
WORKING: Final = 0.66  # of the plate's size, at which the lens is out of focus
LENS: Final = 0.0045  # radius of a point's image, of the frame's height: as soft as the painted sets
SPARKLE: Final = 0.5
LOOKED_AT: Final = 192  # px of the longer side while a crop is chosen and light is estimated
MIDDLE: Final = 0.35  # how much a crop from the middle is preferred
DARK_MEAN, BRIGHT_MEAN = 0.10, 0.50  # of a picture at night and by day, 0..1 as shown
DARKEST, BRIGHTEST = 0.56, 1.06  # what that is as Light.brightness
TINT: Final = 0.30  # how far people take on the colour of the light, as a power
GREEN: Final = 0.35  # of that for the share that comes from leaves and lawns, not from the light
GROUND_Y: Final = 0.62
SHADOW_TOP, SHADOW_SOLID = 0.70, 0.84  # of the frame's height: the soft dark foreground
SHADOW: Final = 0.20  # light left there


def pictured(picture: NDArray[np.uint8], shape: VideoShape) -> Scene:
    """The set that `picture`, (height, width, 3) RGB or (height, width) grey, shows: the same every time.

    Raises EngineError for what is no picture or too small to be a place.
    """
    plate = _plate(_checked(picture), shape)
    return Scene(
        name="picture",
        layers=(Layer(plate, 0.15),),
        foreground=Layer(_foreground(plate, shape), 0.9),
        light=_light(plate),
        floor_y=GROUND_Y,
        only_hides=True,
    )


def _checked(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width, 3) BGR."""
    if picture.dtype != np.uint8 or picture.ndim not in {2, 3} or (picture.ndim == 3 and picture.shape[2] != 3):
        raise EngineError(
            "sets",
            f"a scene is (height, width, 3) uint8 RGB or (height, width) grey, not {picture.shape} {picture.dtype}",
        )
    height, width = picture.shape[:2]
    if min(height, width) < LEAST_PX:
        raise EngineError(
            "sets", f"the scene's picture is {width}x{height} px; at least {LEAST_PX} px on each side are needed"
        )
    kind = cv2.COLOR_GRAY2BGR if picture.ndim == 2 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(picture, kind), np.uint8)


def _plate(bgr: NDArray[np.uint8], shape: VideoShape) -> Picture:
    """MARGIN larger than the frame on every side; where the picture ends before that it is mirrored."""
    height, width = bgr.shape[:2]
    wide, tall = (1 + 2 * KEPT) * shape.width, (1 + 2 * KEPT) * shape.height
    scale = max(wide / width, tall / height)
    seen = (min(1.0, wide / scale / width), min(1.0, tall / scale / height))  # of the picture, across and down
    left, top = _crop(bgr, seen)
    columns, rows = 2 * round((0.5 + MARGIN) * shape.width), 2 * round((0.5 + MARGIN) * shape.height)
    work = max(1, round(columns * WORKING)), max(1, round(rows * WORKING))
    step = work[0] / columns
    middle = ((left + seen[0] / 2) * width, (top + seen[1] / 2) * height)
    half = columns / scale / 2, rows / scale / 2
    box = [int(middle[0] - half[0]), int(middle[1] - half[1]), int(middle[0] + half[0]), int(middle[1] + half[1])]
    x0, y0, x1, y1 = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    part = bgr[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    zoom = scale * step
    size = (max(1, round(part.shape[1] * zoom)), max(1, round(part.shape[0] * zoom)))
    scaled = cv2.resize(part, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
    move = np.array(((1, 0, work[0] / 2 - (middle[0] - x0) * zoom), (0, 1, work[1] / 2 - (middle[1] - y0) * zoom)))
    whole = cv2.warpAffine(scaled, move, work, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    soft = _defocused(np.asarray(whole, np.uint8), LENS * shape.height * step)
    return np.asarray(cv2.resize(soft, (columns, rows), interpolation=cv2.INTER_CUBIC), np.uint8)


def _crop(bgr: NDArray[np.uint8], seen: tuple[float, float]) -> tuple[float, float]:
    """Left and top, both of the picture, of the part `seen` large that holds most of what draws the eye."""
    height, width = bgr.shape[:2]
    shrink = min(1.0, LOOKED_AT / max(height, width))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    lab: Any = cv2.cvtColor(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2LAB).astype(np.float32)
    rare = np.abs(lab - lab.mean((0, 1))).sum(2)
    detail = np.abs(lab[..., 0] - cv2.GaussianBlur(lab[..., 0], (0, 0), 2))
    interest = rare / (rare.mean() + 1) + detail / (detail.mean() + 1)
    return _best(interest.sum(0), seen[0]), _best(interest.sum(1), seen[1])


def _best(along: NDArray[np.float32], share: float) -> float:
    """Where, 0..1, a window of `share` begins that holds the most, rather in the middle."""
    count = len(along)
    window = max(1, min(count, round(share * count)))
    if window == count:
        return (1 - share) / 2
    total = np.concatenate([[0.0], np.cumsum(along, dtype=np.float64)])
    held = (total[window:] - total[:-window]) / max(1e-6, float(total[-1]))
    off = np.linspace(-1, 1, len(held))
    return float(np.clip(np.argmax(held * (1 - MIDDLE * off * off)) / count, 0, 1 - share))


def _defocused(bgr: NDArray[np.uint8], radius: float) -> Picture:
    """As a lens sees what is not in its focus: in linear light, so that bright points become discs."""
    light = _linear(bgr)
    light *= (1 + SPARKLE * np.clip(light.max(2) - 0.85, 0, 1) * 6)[..., None]
    soft = cv2.filter2D(light, -1, lens_disc(max(0.6, radius)), borderType=cv2.BORDER_REFLECT)
    return np.clip(develop(np.asarray(soft, np.float32)), 0, 255).astype(np.uint8)


def _linear(bgr: NDArray[np.uint8]) -> Ink:
    table = (np.arange(256, dtype=np.float32) / 255) ** 2.2
    return np.asarray(table[bgr], np.float32)


def _light(plate: Picture) -> Light:
    """Brightness from how bright it is, warmth from the colour of its bright parts, the side from its brighter half."""
    columns = 96
    rows = max(8, round(columns * plate.shape[0] / plate.shape[1]))
    small = np.asarray(cv2.resize(plate, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    light = _linear(small)
    shown = float(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).mean()) / 255
    day = float(np.clip((shown - DARK_MEAN) / (BRIGHT_MEAN - DARK_MEAN), 0, 1))
    upper = light[: round(0.75 * rows)].mean(2)
    weight = np.linspace(-1, 1, columns)
    lean = float((upper.mean(0) * weight).sum() / max(1e-4, float((upper.mean(0) * np.abs(weight)).sum())))
    dark = small.reshape(-1, 3)[_between(light, 0.0, 0.3)].mean(0)
    return Light(
        side=round(float(np.clip(2.2 * lean, -0.9, 0.9)), 3),
        warmth=_warmth(light.reshape(-1, 3)[_between(light, 0.5, 1.0)].mean(0)),
        brightness=round(DARKEST + (BRIGHTEST - DARKEST) * day, 3),
        ambient=(float(dark[0]), float(dark[1]), float(dark[2])),
    )


def _between(light: Ink, low: float, high: float) -> NDArray[np.intp]:
    """Which pixels lie between two shares of all, from the darkest up."""
    order = np.argsort(light.mean(2).ravel(), kind="stable")
    return order[int(low * len(order)) : max(int(high * len(order)), int(low * len(order)) + 1)]


def _warmth(bgr: Ink) -> Gains:
    tint = np.clip((bgr + 0.02) / (float(bgr.mean()) + 0.02), 0.25, 4.0)
    green = tint[1] / np.sqrt(tint[0] * tint[2])
    tint = np.array((tint[0], np.sqrt(tint[0] * tint[2]) * green**GREEN, tint[2])) ** TINT
    tint = np.clip(tint / tint.mean(), 0.8, 1.22)
    return float(tint[0]), float(tint[1]), float(tint[2])


def _foreground(plate: Picture, shape: VideoShape) -> Picture:
    """Something dark before the lens in the place's own colours, far too close to be sharp: premultiplied BGRA."""
    rows, columns = plate.shape[:2]
    tiny = cv2.resize(
        plate[rows // 2 :][::-1], (max(2, columns // 16), max(2, rows // 16)), interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(tiny, (0, 0), 4)
    body = np.asarray(cv2.resize(soft, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32) * SHADOW
    y = np.arange(rows, dtype=np.float32) / shape.height - MARGIN
    share = np.clip((y - SHADOW_TOP) / (SHADOW_SOLID - SHADOW_TOP), 0, 1)
    alpha = np.broadcast_to((share * share * (3 - 2 * share))[:, None, None], (rows, columns, 1))
    return np.concatenate([body * alpha, alpha * 255], axis=2).round().clip(0, 255).astype(np.uint8)
