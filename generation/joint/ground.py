"""What stands behind the people in pinned pictures: the maker's own scene, else the screenplay's painted set."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from generation.engine import Frame
from generation.joint.geometry import Canvas
from generation.joint.pictures import laid_over
from generation.plan import Screenplay
from generation.portrait.scene.kinds import MARGIN
from generation.portrait.scene.painting import paint
from generation.shapes import VideoShape

SOFT: Final = 0.02  # of the height: a painted set is blurred by this, so that the model keeps its place, not its brush


def ground_of(screenplay: Screenplay, canvas: Canvas, scene: Frame | None, seed: int) -> Frame:
    """(height, width, 3) uint8 RGB of the canvas, without people; the same arguments give the same pixels."""
    if scene is not None:
        return laid_over(scene, canvas.width, canvas.height)
    layers = paint(screenplay.setting, VideoShape(canvas.width, canvas.height), seed=seed).layers
    whole = layers[0].picture.astype(np.float32)
    for layer in layers[1:]:
        over = layer.picture.astype(np.float32)
        whole = over[..., :3] + whole * (1 - over[..., 3:] / np.float32(255))
    top, left = round(MARGIN * canvas.height), round(MARGIN * canvas.width)
    framed = whole[top : top + canvas.height, left : left + canvas.width]
    soft = cv2.GaussianBlur(framed, (0, 0), SOFT * canvas.height)
    return np.ascontiguousarray(np.clip(soft, 0, 255).astype(np.uint8)[..., ::-1])
