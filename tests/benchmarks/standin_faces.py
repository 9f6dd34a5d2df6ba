"""Six faces to try the engine on: two people of the samples, and what can honestly be made of them.

Packages hold next to no portraits whose licence is clear. So four of the six are stand-ins: the same two photos,
mirrored, with other proportions, skin, hair, a painted beard, or turned by the engine itself. They show how the engine
copes with such features, not how it copes with six people's photos.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

import backend
from generation.perception.face import Floats, wears_glasses
from generation.perception.faces import FaceMeter
from generation.perception.matte import matte
from generation.perception.photos import Photo, read_photo
from generation.portrait.landmarks import LOWER_OUT, UPPER_OUT
from generation.portrait.pose import Pose
from generation.portrait.rig import Rig

SAMPLES: Final = Path(backend.__file__ or "").parent / "samples"
KEPT_PX: Final = 150.0  # between the eyes, as enrolment keeps faces
JAW: Final = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
GROUND: Final = np.array((150.0, 165.0, 185.0), np.float32)  # RGB, behind a face that is drawn anew


class Sitter(msgspec.Struct, frozen=True):
    """A face with what the engine needs of it."""

    name: str
    made_of: str  # "a photo", or what was done to which
    photo: Photo
    alpha: Floats
    points: Floats
    glasses: bool

    def rig(self, u: float) -> Rig:
        return Rig(self.photo, self.alpha, self.points, inter_ocular_px=u, glasses=self.glasses)


def sitters(meter: FaceMeter) -> list[Sitter]:
    """All six; 10 s."""
    grace, eileen = (_kept(name, meter) for name in ("grace.jpg", "eileen.png"))
    made: list[tuple[str, str, Photo]] = [
        ("hat, glasses, closed mouth", "photo of Grace Hopper", grace),
        ("open smile, short hair", "photo of Eileen Collins", eileen),
        (
            "dark skin, glasses",
            "Grace mirrored, skin and light changed",
            _dark(_mirrored(grace), meter, 0.60, hair=0.0),
        ),
        (
            "dark skin, dark hair",
            "Eileen mirrored, skin and hair changed",
            _dark(_mirrored(eileen), meter, 0.74, hair=0.9),
        ),
        ("beard, wide jaw", "Eileen with another jaw, mouth closed, beard painted", _bearded(eileen, meter)),
        ("long hair, turned", "Eileen turned by the engine, hair painted on", _long_haired(eileen, meter)),
    ]
    return [_sitter(name, made_of, photo, meter) for name, made_of, photo in made]


def _kept(name: str, meter: FaceMeter) -> Photo:
    photo = read_photo((SAMPLES / name).read_bytes())
    scale = KEPT_PX / meter.faces(photo)[0].inter_ocular
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def _sitter(name: str, made_of: str, photo: Photo, meter: FaceMeter) -> Sitter:
    face = meter.faces(photo)[0]
    alpha = matte(photo, face, meter.person(photo, face))
    return Sitter(name, made_of, photo, alpha, face.points, wears_glasses(photo, face.points))


def _mirrored(photo: Photo) -> Photo:
    return np.ascontiguousarray(photo[:, ::-1])


def _dark(photo: Photo, meter: FaceMeter, light: float, *, hair: float) -> Photo:
    """Skin at `light` times its lightness and browner, hair nearly black if `hair` is; highlights and cloth stay."""
    face = meter.faces(photo)[0]
    person = matte(photo, face, meter.person(photo, face))
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    places = face.points[[50, 280, 205, 425, 5, 151], :2].round().astype(int)
    tone = np.median([lab[y, x] for x, y in places], axis=0)
    far = np.hypot((lab[..., 1] - tone[1]) / 11, (lab[..., 2] - tone[2]) / 15)
    rows = np.arange(photo.shape[0])[:, None]
    above = np.clip((face.points[152, 1] + 0.8 * face.inter_ocular - rows) / (0.2 * face.inter_ocular), 0, 1)
    skin = np.clip(1.9 - far, 0, 1) * np.clip((lab[..., 0] - 12) / 18, 0, 1) * person * above
    soft = gaussian_filter(skin, 0.012 * face.inter_ocular)[..., None]
    share = np.clip(lab[..., 0] / 100, 0, 1)
    darker = lab.copy()
    darker[..., 0] = 100 * (light * share**1.25 + 0.30 * np.clip(share - 0.78, 0, 1))
    darker[..., 1] = 0.75 * lab[..., 1] + 6
    darker[..., 2] = 0.80 * lab[..., 2] + 7
    hull = cv2.convexHull(face.points[:, :2].round().astype(np.int32))
    inside = cv2.fillConvexPoly(np.zeros(photo.shape[:2], np.uint8), hull, 1).astype(np.float32)
    head = np.clip((face.points[2, 1] - rows) / (0.2 * face.inter_ocular), 0, 1)
    around = hair * person * (1 - gaussian_filter(inside, 0.02 * face.inter_ocular)) * head
    black = lab * np.array((0.36, 0.55, 0.45), np.float32)
    lab = lab + (darker - lab) * soft
    lab = lab + (black - lab) * gaussian_filter(around, 0.01 * face.inter_ocular)[..., None]
    return np.asarray((cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB) * 255).clip(0, 255), np.uint8)


def _bearded(photo: Photo, meter: FaceMeter) -> Photo:
    photo = _redrawn(photo, meter, Pose(jaw=0.0, press=0.35, slack=1.0, lids=-0.3))
    face = meter.faces(photo)[0]
    unit = face.inter_ocular
    chin = face.points[152, :2]
    photo = _moved(photo, face.points[[172, 397], :2], np.array(((0.16, 0.02), (-0.16, 0.02))) * -unit, 0.45 * unit)
    photo = _moved(photo, chin[None], np.array(((0.0, 0.12),)) * unit, 0.5 * unit)
    face = meter.faces(photo)[0]
    flat = face.points[:, :2]
    shape = photo.shape[:2]
    outline = [*flat[list(JAW[2:-2])], *flat[[411, 426, 391, 326, 2, 97, 165, 206, 187]]]
    beard = _filled(shape, np.array(outline)) - _filled(shape, flat[[*UPPER_OUT, *LOWER_OUT[::-1]]])
    beard = gaussian_filter(np.clip(beard, 0, 1), 0.06 * unit)
    return _stranded(photo, 0.86 * beard, unit, np.array((72.0, 54.0, 38.0), np.float32))


def _long_haired(photo: Photo, meter: FaceMeter) -> Photo:
    photo = _redrawn(photo, meter, Pose(jaw=0.0, press=0.1, slack=0.5, yaw=-0.20))
    face = meter.faces(photo)[0]
    unit, flat = face.inter_ocular, face.points[:, :2]
    shape = photo.shape[:2]
    hair = np.zeros(shape, np.float32)
    for ear, out in ((flat[234], -1.0), (flat[454], 1.0)):
        steps = np.array(((0.0, -0.5), (0.62, -0.7), (0.74, 0.6), (0.66, 1.9), (0.1, 2.0), (-0.12, 1.2), (-0.04, 0.4)))
        hair = np.maximum(hair, _filled(shape, ear + steps * (out, 1.0) * unit))
    return _stranded(photo, gaussian_filter(hair, 0.03 * unit), unit, np.array((118.0, 98.0, 66.0), np.float32))


def _redrawn(photo: Photo, meter: FaceMeter, pose: Pose) -> Photo:
    """The engine's own picture of a pose, on a plain ground: a new photo."""
    rig = _sitter("", "", photo, meter).rig(KEPT_PX)
    x0, y0, patch = rig.render(pose)
    drawn = rig.texture.copy()
    drawn[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]] = patch
    rgb = drawn[..., 2::-1] + GROUND * (1 - drawn[..., 3:].astype(np.float32) / 255)
    return np.asarray(rgb.clip(0, 255), np.uint8)


def _moved(photo: Photo, places: Floats, shifts: NDArray[Any], reach: float) -> Photo:
    """What lies at `places` (n, 2) goes by `shifts` (n, 2) pixels, the rest along with it, ever less."""
    y, x = np.mgrid[0 : photo.shape[0], 0 : photo.shape[1]].astype(np.float32)
    back_x, back_y = x.copy(), y.copy()
    for (px, py), (dx, dy) in zip(places, shifts, strict=True):
        near = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * reach**2))
        back_x -= np.float32(dx) * near
        back_y -= np.float32(dy) * near
    return np.asarray(cv2.remap(photo, back_x, back_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _filled(shape: tuple[int, ...], outline: NDArray[Any]) -> Floats:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return mask.astype(np.float32)


def _stranded(photo: Photo, where: Floats, unit: float, colour: Floats) -> Photo:
    """Hair of one colour: strands are noise drawn out downwards, and the edge is ragged with them."""
    rng = np.random.default_rng(5)
    strands = gaussian_filter(rng.standard_normal(where.shape), (0.10 * unit, 0.004 * unit))
    locks = gaussian_filter(rng.standard_normal(where.shape), (0.50 * unit, 0.030 * unit))
    noise = 0.6 * strands / strands.std() + locks / locks.std()
    cover = np.clip(where + 0.10 * noise * where * (1 - where) * 4, 0, 1)[..., None]
    grey = gaussian_filter(photo.mean(-1), 0.02 * unit)
    form = np.clip(grey / max(float(np.median(grey[where > 0.5])), 1.0), 0.6, 1.25)
    lit = colour * (form * (1 + 0.28 * noise))[..., None]
    return np.asarray((photo + (lit - photo) * cover).clip(0, 255), np.uint8)
