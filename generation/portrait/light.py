"""The set's light on somebody, worked out once a shot: a gain and a glow for every pixel of their picture.

The key comes from the set's side and falls off around head and body; shadows take the colour of the fill; whoever
stands in front, and what stands before all, keep light away; a bright back spills over edges, a dark one dims them.
What air there is between lens and person lifts the blacks. Grain and vignette are the set's own.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.portrait.place import Place
from generation.portrait.scene.kinds import Light
from generation.shapes import VideoShape

Field = NDArray[np.float32]
Bgra = NDArray[np.uint8]

ONE: Final = 160  # a gain of 1 in eight bits: up to 1.59, in steps finer than the grain
COARSE: Final = 4  # px of the frame, and of a texture, for one of what is smooth
FINE: Final = 2  # the same for edges
MATCH: Final = 0.85  # how far a person takes on the set's light
HARD: Final = 0.46  # of the key: how much brighter its side is, and how much darker the other
FROM_ABOVE: Final = 0.07
HEAD_WIDE_U, HEAD_TALL_U, BODY_WIDE_U = 1.35, 2.0, 3.0  # of the ellipsoids that light falls around
HEAD_ENDS_U: Final = (1.7, 2.7)  # below the eyes, from head to body
SHADE_TINT: Final = 0.25  # how far shadows take the fill's colour, as a power
LOWER: Final = 0.24  # darker at the lower end of a body: light comes from above
LOWER_U: Final = (2.6, 8.0)
OCCLUDED: Final = 0.50  # light kept away by somebody in front
OCCLUSION_U: Final = 0.20  # softness of that shadow
CONTACT: Final = 0.40  # and by what stands before all, right above it
CONTACT_U: Final = 0.7
WRAP: Final = 0.62  # of a bright back's light that spills over an edge
WRAP_U: Final = 0.11  # and how far
DIMMED: Final = 0.30  # of an edge before a black back: what is left there of a photo's own bright wall goes
RIM: Final = 0.30  # of the key along the edges on its side
KEY: Final = (190.0, 215.0, 235.0)  # BGR of that, before the set's warmth
VIGNETTE: Final = 0.10
GRAIN: Final = 1.7  # deviation at full white, of 255


class Around(msgspec.Struct, frozen=True, eq=False):
    """What one person's light depends on beside the set's: all at 1 / COARSE of the frame."""

    behind: NDArray[np.uint8]  # (h, w, 3) BGR
    in_front: Field  # (h, w) 0..1: where somebody stands nearer to the lens
    foreground_y: float | None  # px of the frame


def silhouette(texture: Bgra, eyes: tuple[float, float], scale: float, place: Place, shape: VideoShape) -> Field:
    """(h, w) 0..1 at 1 / COARSE of the frame: who is at rest at `place`; `scale` texture px per frame px."""
    small = shape.width // COARSE, shape.height // COARSE
    step = 1 / (scale * COARSE)
    move = np.array(
        ((step, 0, place.x / COARSE - eyes[0] * step), (0, step, place.y / COARSE - eyes[1] * step)), np.float32
    )
    shown = cv2.warpAffine(texture[..., 3], move, small, flags=cv2.INTER_LINEAR)
    return np.asarray(shown / np.float32(255), np.float32)


def baked(
    texture: Bgra,
    eyes: tuple[float, float],
    u: float,
    place: Place,
    light: Light,
    around: Around,
    *,
    match: float = MATCH,
    face: bool = True,
) -> tuple[Bgra, Bgra]:
    """(height, width, 4) gain, ONE is 1, and what is added to premultiplied BGRA: never any alpha.

    `u` texture px for 6.3 cm, `eyes` px of the texture. `face` False is something without head and shoulders.
    """
    height, width = texture.shape[:2]
    coarse = max(2, width // COARSE), max(2, height // COARSE)
    x = ((np.arange(coarse[0], dtype=np.float32) + 0.5) * (width / coarse[0]) - eyes[0])[None] / u
    y = ((np.arange(coarse[1], dtype=np.float32) + 0.5) * (height / coarse[1]) - eyes[1])[:, None] / u
    half = BODY_WIDE_U if face else max(0.5, width / u / 2)
    gain = match * _falling(x, y, light, half, face=face) + (1 - match)
    placed = _to_texture(_kept_away(light, around, place), (width, height), coarse, eyes, u / place.u, place)
    gain *= placed[..., None]
    behind = _to_texture(around.behind, (width, height), coarse, eyes, u / place.u, place).astype(np.float32)
    fine = max(2, width // FINE), max(2, height // FINE)
    shown = cv2.resize(texture[..., 3], fine, interpolation=cv2.INTER_AREA)
    alpha = np.asarray(shown / np.float32(255), np.float32)
    edge = np.clip(alpha - np.asarray(cv2.GaussianBlur(alpha, (0, 0), WRAP_U * u / FINE)), 0, 1)
    bright = np.asarray(cv2.resize(behind, fine, interpolation=cv2.INTER_LINEAR)) / 255
    luma = bright.mean(2)
    grown = np.asarray(cv2.resize(gain.astype(np.float32), fine, interpolation=cv2.INTER_LINEAR))
    grown *= (1 - 2 * DIMMED * edge * np.clip(1 - 1.6 * luma, 0, 1))[..., None]
    glow = 2 * WRAP * edge[..., None] * bright * luma[..., None] * 255 + _rim(alpha, light, u / FINE) * match
    air = light.air * np.array(light.ambient, np.float32)
    glow = glow + air * alpha[..., None]
    size = (width, height)
    whole: Any = cv2.resize(grown * (ONE * (1 - light.air)), size, interpolation=cv2.INTER_LINEAR)
    whole += _grain((height, width))[..., None]
    added: Any = cv2.resize(glow.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    clear = np.zeros((height, width, 1), np.uint8)
    opaque = np.full((height, width, 1), ONE, np.uint8)
    return (
        np.concatenate([(whole + 0.5).clip(0, 255).astype(np.uint8), opaque], axis=2),
        np.concatenate([added.clip(0, 255).astype(np.uint8), clear], axis=2),
    )


def _falling(x: Field, y: Field, light: Light, body: float, *, face: bool) -> Field:
    """(h, w, 3) of the key around head and body; x and y in u from the eyes."""
    head = np.clip((HEAD_ENDS_U[1] - y) / (HEAD_ENDS_U[1] - HEAD_ENDS_U[0]), 0, 1) if face else np.zeros_like(y)
    head = head * head * (3 - 2 * head)
    across = head * x / HEAD_WIDE_U + (1 - head) * x / body
    across = across / np.sqrt(1 + across * across)
    up = head * np.clip((0.4 - y) / HEAD_TALL_U, -1, 1)
    toward = light.side * across
    lower = np.clip((y - LOWER_U[0]) / (LOWER_U[1] - LOWER_U[0]), 0, 1)
    key = (1 + HARD * toward + FROM_ABOVE * up) * (1 - LOWER * lower)
    fill = np.array(light.ambient, np.float32) + 8
    fill = np.clip((fill / fill.mean()) ** SHADE_TINT, 0.85, 1.18)
    warm = np.array(light.warmth, np.float32)
    share = np.clip(0.5 + 0.7 * toward, 0, 1)[..., None]
    tint = (fill * warm) ** 0.5 * (1 - share) + warm * share
    return np.asarray(light.brightness * key[..., None] * tint, np.float32)


def _kept_away(light: Light, around: Around, place: Place) -> Field:
    """(h, w) at 1 / COARSE of the frame: what is left of the light."""
    rows, columns = around.in_front.shape
    u = place.u / COARSE
    aside = np.array(((1, 0, -0.5 * light.side * OCCLUSION_U * u), (0, 1, 0.3 * OCCLUSION_U * u)), np.float32)
    shadow = cv2.GaussianBlur(cv2.warpAffine(around.in_front, aside, (columns, rows)), (0, 0), OCCLUSION_U * u)
    left = 1 - OCCLUDED * np.asarray(shadow, np.float32)
    y = np.arange(rows, dtype=np.float32)[:, None]
    if around.foreground_y is not None:
        left = left * (1 - CONTACT * np.exp(-np.maximum(0, around.foreground_y / COARSE - y) / (CONTACT_U * u)))
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    return np.asarray(left * (1 - VIGNETTE * np.clip(0.7 * across**2 + 0.6 * down**2, 0, 1.2)), np.float32)


def _to_texture(
    field: Any, size: tuple[int, int], coarse: tuple[int, int], eyes: tuple[float, float], scale: float, place: Place
) -> Field:
    """A field of the frame as the coarse texture sees it."""
    across, down = coarse[0] / size[0], coarse[1] / size[1]
    step_x, step_y = across * scale * COARSE, down * scale * COARSE
    move = np.array(
        (
            (step_x, 0, across * (eyes[0] - scale * place.x)),
            (0, step_y, down * (eyes[1] - scale * place.y)),
        ),
        np.float32,
    )
    moved = cv2.warpAffine(field, move, coarse, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved)


def _rim(alpha: Field, light: Light, u: float) -> Field:
    """(h, w, 3) of the key along the edges on its side."""
    shift = np.array(((1, 0, -light.side * 0.06 * u), (0, 1, 0.04 * u)), np.float32)
    moved = np.asarray(cv2.warpAffine(alpha, shift, (alpha.shape[1], alpha.shape[0])), np.float32)
    edge = np.asarray(cv2.GaussianBlur(np.clip(alpha - moved, 0, 1), (0, 0), 0.03 * u), np.float32)
    shown = edge * alpha * RIM * light.brightness
    return np.asarray(shown[..., None] * np.array(KEY, np.float32) * light.warmth, np.float32)


def _grain(size: tuple[int, int]) -> Field:
    """(height, width) of gain; the same for everybody."""
    tile = np.random.default_rng(7).normal(0, GRAIN / 255 * ONE, (256, 256)).astype(np.float32)
    return np.tile(tile, (-(-size[0] // 256), -(-size[1] // 256)))[: size[0], : size[1]]
