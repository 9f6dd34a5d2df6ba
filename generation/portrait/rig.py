"""A photo that can talk: one face at one size, prepared once, drawn for any pose. CPU, OpenCV."""

from __future__ import annotations

from typing import Any, Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from generation.portrait.eyes import SQUINT, Eye
from generation.portrait.landmarks import BROWS, LIDS, Face, Floats
from generation.portrait.mouth import Mouth
from generation.portrait.muscles import Muscles
from generation.portrait.pose import Pose
from generation.portrait.warp import Box, Sheets

SIDES, ABOVE, BELOW = 4.5, 3.4, 9.0  # u, of the photo kept around the middle between the eyes
FACE_HALF_WIDE, FACE_HALF_TALL = 1.6, 1.8  # u, of the box that moves, around the face's middle
SHARPEN: Final = 0.5  # of what enlarging blurred
RIM_BROWS: Final = 0.35  # share of the brows' travel under glasses, whose rim would follow


class Rig:
    """Read-only once made: threads may share one.

    Texture pixels, x right and y down. `.u` is the inter-ocular distance; `.eyes` the middle between the eyes, `.chin`
    the tip of the chin; `.texture` (height, width, 4) the person at rest, premultiplied BGRA; `.rest` the photo's own
    pose; `.can_blink` is False where no lid can be drawn: blink is then ignored.
    """

    def __init__(
        self,
        photo: NDArray[np.uint8],
        alpha: Floats,
        points: Floats,
        *,
        inter_ocular_px: float,
        glasses: bool,
    ) -> None:
        """Takes a quarter of a second at 150 px.

        `photo` (H, W, 3) RGB; `alpha` (H, W), 1 = person; `points` (468, 3) pixels of the photo, depth smaller =
        nearer; `inter_ocular_px` the wanted distance, not the photo's.
        """
        eyes = points[[33, 133, 362, 263], :2].mean(0)
        native = float(np.linalg.norm(points[[33, 133], :2].mean(0) - points[[263, 362], :2].mean(0)))
        self.u, scale = float(inter_ocular_px), inter_ocular_px / native
        x0, y0, x1, y1 = _kept(eyes, native, photo.shape)
        size = (round((x1 - x0) * scale), round((y1 - y0) * scale))
        colour = _from_inside(photo[y0:y1, x0:x1, ::-1], alpha[y0:y1, x0:x1], native)
        self.texture = _premultiplied(colour, alpha[y0:y1, x0:x1], size, scale)
        self.height, self.width = self.texture.shape[:2]
        ratio = np.array((size[0] / (x1 - x0), size[1] / (y1 - y0), scale), np.float32)
        placed = ((points - (x0 - 0.5, y0 - 0.5, 0)) * ratio - (0.5, 0.5, 0)).astype(np.float32)
        whole = Face(placed, self.u)
        self.eyes = float(whole.eyes[0]), float(whole.eyes[1])
        self.chin = float(whole.chin[0]), float(whole.chin[1])
        self._box = self._face_box(whole)
        bx0, by0, bx1, by1 = self._box
        self._source = np.ascontiguousarray(self.texture[by0:by1, bx0:bx1])
        face = Face((placed - (bx0, by0, 0)).astype(np.float32), self.u)
        self._muscles = Muscles(face, brow_share=RIM_BROWS if glasses else 1.0)
        self._sheets = Sheets(face, (bx1 - bx0, by1 - by0))
        self._mouth = Mouth(face, self._sheets, self._source)
        self._lids = tuple(
            Eye(face, lids, brow[5:], self._source, glasses=glasses) for lids, brow in zip(LIDS, BROWS, strict=True)
        )
        self.rest = self._muscles.rest
        self.can_blink = all(eye.can_close for eye in self._lids)

    def _face_box(self, face: Face) -> Box:
        x, y = (face.flat[10] + face.flat[152]) / 2
        wide, tall = FACE_HALF_WIDE * self.u, FACE_HALF_TALL * self.u
        return (
            max(0, round(x - wide)),
            max(0, round(y - tall)),
            min(self.width, round(x + wide)),
            min(self.height, round(y + tall)),
        )

    def render(self, pose: Pose) -> tuple[int, int, NDArray[np.uint8]]:
        """(x0, y0, patch): all that the pose changes, premultiplied BGRA, to be put at x0, y0 of the texture.

        roll, dx, dy, sway and breath are the camera's and change nothing here. The same pose gives the same pixels.
        """
        if not self.can_blink:
            pose = msgspec.structs.replace(pose, blink=0.0)
        source = self._source
        if max(pose.blink, abs(pose.gaze_x), abs(pose.gaze_y), -pose.lids - SQUINT) > 0.01:
            source = source.copy()
            for eye in self._lids:
                eye.paint(source, blink=pose.blink, narrow=-pose.lids, gaze_x=pose.gaze_x, gaze_y=pose.gaze_y)
        shifts, head = self._muscles.shifts(pose), self._sheets.head(pose)
        whole, *sheets = self._sheets.backward(shifts, head)
        height, width = source.shape[:2]
        frame = self._sheets.sample(source, whole, (0, 0, width, height))
        if max(pose.press, pose.round, pose.slack) > 0.005 or abs(pose.jaw - self.rest.jaw) > 0.005:
            self._mouth.paint(frame, source, shifts, head, (sheets[0], sheets[1]), rounded=pose.round)
        return self._box[0], self._box[1], frame


def _kept(eyes: NDArray[Any], u: float, shape: tuple[int, ...]) -> Box:
    x, y = eyes
    return (
        max(0, int(x - SIDES * u)),
        max(0, int(y - ABOVE * u)),
        min(shape[1], int(np.ceil(x + SIDES * u))),
        min(shape[0], int(np.ceil(y + BELOW * u))),
    )


def _from_inside(bgr: NDArray[np.uint8], alpha: Floats, u: float) -> Floats:
    """Edge pixels hold some of the old background: their colour comes from further inside, else it shows as a halo."""
    hard = (alpha > 0.92).astype(np.float32)
    reach = max(1.0, 0.03 * u)
    weight = np.asarray(cv2.GaussianBlur(hard, (0, 0), reach))[..., None]
    inner = np.asarray(cv2.GaussianBlur(bgr.astype(np.float32) * hard[..., None], (0, 0), reach))
    inner = inner / np.maximum(weight, 1e-3)
    share = np.clip((0.97 - alpha) / 0.3, 0, 1)[..., None] * (weight > 0.01)
    return np.asarray(bgr + (inner - bgr) * share, np.float32)


def _premultiplied(bgr: Floats, alpha: Floats, size: tuple[int, int], scale: float) -> NDArray[np.uint8]:
    """(height, width, 4) at `size`; enlarged pictures are sharpened a little, enlarged edges too."""
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    colour = np.asarray(cv2.resize(bgr, size, interpolation=kind))
    matte = np.asarray(cv2.resize(alpha, size, interpolation=kind))
    if scale > 1.15:
        blurred = np.asarray(cv2.GaussianBlur(colour, (0, 0), 0.55 * scale))
        colour = cv2.addWeighted(colour, 1 + SHARPEN, blurred, -SHARPEN, 0)
    if scale > 1.6:
        matte = np.clip((np.asarray(cv2.GaussianBlur(matte, (0, 0), 0.8 * scale)) - 0.5) * 2.0 + 0.45, 0, 1)
    matte = np.clip(matte, 0, 1)[..., None]
    return np.dstack([np.clip(colour, 0, 255) * matte + 0.5, matte * 255 + 0.5]).clip(0, 255).astype(np.uint8)
